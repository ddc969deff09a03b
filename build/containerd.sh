#!/bin/bash
# Leaves a tree in artifacts/containerd that makes a guest a node with containerd: the runtime as Debian builds it, and its store
# with an image of the test workloads. The packages are unpacked, not installed: this machine may run another runtime.
set -euo pipefail

usage() { sed -n '2,3s/^# \{0,1\}//p' "$0"; echo "usage: build/containerd.sh      (after \`make workloads\`)"; }
case ${1:-} in '') ;; -h | --help) usage; exit ;; *) usage >&2; exit 2 ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/artifacts/containerd
image=$root/artifacts/image.tar
cache=${COXSWAIN_CACHE:-$HOME/.cache/coxswain}/containerd
programs=("$root"/artifacts/workloads/{cox-chain,cox-hog,cox-mt,cox-spawn,cox-storm})
for program in "${programs[@]}" /bin/busybox; do
    [[ -x $program ]] || { echo "containerd: $program is missing: run \`make deps workloads\`" >&2; exit 1; }
done

# crun needs a third of the time that runc does to start a container on an emulated CPU.
runtime=(containerd containerd-shim-runc-v2 crun)
if [[ ! -x $cache/bin/crun ]]; then
    index=$(mktemp -d)
    trap 'rm -rf "$index"' EXIT
    mkdir -p "$index/packages" "$index/tree" "$cache"
    echo "  FETCH    containerd" >&2
    "$root/vm/lib/private-apt" "$index" own apt-get -q -y update >"$index/log" 2>&1 &&
        (cd "$index/packages" && "$root/vm/lib/private-apt" "$index" own apt-get -q -y download containerd crun libseccomp2 libyajl2 >>"$index/log" 2>&1) || {
        tail -n 20 "$index/log" >&2
        echo "containerd: its packages could not be fetched; apt-get's last lines are above" >&2
        exit 1
    }
    for package in "$index"/packages/*.deb; do dpkg-deb -x "$package" "$index/tree"; done
    rm -rf "$cache/bin.new" "$cache/bin"
    mkdir "$cache/bin.new"
    for name in "${runtime[@]}" ctr; do
        found=$(find "$index/tree/usr" -path "*bin/$name" -type f)
        cp "$found" "$cache/bin.new/"
    done
    find "$index/tree" -name 'libseccomp.so.2.*' -exec cp {} "$cache/bin.new/libseccomp.so.2" \;
    find "$index/tree" -name 'libyajl.so.2.*' -exec cp {} "$cache/bin.new/libyajl.so.2" \;
    mv "$cache/bin.new" "$cache/bin"
fi

# Nothing to do while nothing it is made of has changed.
if [[ -e $out/etc/made ]]; then
    newer=no
    for source in "${programs[@]}" "$0" "$cache/bin/crun"; do [[ $source -nt $out/etc/made ]] && newer=yes; done
    [[ $newer == yes ]] || exit 0
fi

echo "  IMAGE    containerd" >&2
rm -rf "$out"
mkdir -p "$out/bin" "$out/lib" "$out/etc"
work=$(mktemp -d)
trap 'rm -rf "$work" "${index:-}"' EXIT
mkdir -p "$work"/layer/{bin,etc,tmp,run,proc,sys,dev} "$work/image" "$work/prepare"
for name in "${runtime[@]}"; do cp "$cache/bin/$name" "$out/bin/"; done
cp "$cache"/bin/lib*.so.2 "$out/lib/"

cp /bin/busybox "$work/layer/bin/"
for applet in sh sleep true; do ln -s busybox "$work/layer/bin/$applet"; done
# Each container gets a copy of it all.
for program in "${programs[@]}"; do strip -o "$work/layer/bin/${program##*/}" "$program"; done
echo root:x:0:0:root:/:/bin/sh >"$work/layer/etc/passwd"
tar -C "$work/layer" --sort=name --owner=0 --group=0 --mtime=@0 -cf "$work/image/layer.tar" .
digest=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
# A pod's first process runs what the image says; containers say what they run themselves.
cat >"$work/image/config.json" <<JSON
{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sleep","2147483647"],"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:$digest"]}}
JSON
echo '[{"Config":"config.json","RepoTags":["localhost/cox-pod:1"],"Layers":["layer.tar"]}]' >"$work/image/manifest.json"
tar -C "$work/image" -cf "$image" manifest.json config.json layer.tar

# What is left out is not needed for pods, and each plugin that starts takes its time.
cat >"$out/etc/config.toml" <<'TOML'
version = 2
root = "/opt/containerd/store"
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.overlayfs", "io.containerd.snapshotter.v1.zfs",
]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/cox-pod:1"
  disable_apparmor = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "/opt/containerd/bin/crun"
TOML

cat >"$out/bin/cox-node" <<'SH'
#!/bin/sh
# Runs containerd in the foreground and says `ready` when it answers.
export PATH=/opt/containerd/bin:$PATH LD_LIBRARY_PATH=/opt/containerd/lib
mkdir -p /run/containerd
[ -e /etc/resolv.conf ] || : >/etc/resolv.conf # each pod gets a copy
containerd --config /opt/containerd/etc/config.toml >/run/containerd.log 2>&1 &
runtime=$!
until grep -q 'containerd successfully booted' /run/containerd.log; do
    kill -0 $runtime 2>/dev/null || { cat /run/containerd.log >&2; exit 1; }
    usleep 50000
done
echo ready
wait $runtime
SH
chmod +x "$out/bin/cox-node"

# The image is put into containerd's store once, here, and not in each guest again: that takes longer there than all else.
cat >"$work/prepare/store" <<'SH'
set -e
/opt/containerd/bin/cox-node >/run/node &
until grep -q ready /run/node; do kill -0 $!; usleep 100000; done
/prepare/ctr --namespace k8s.io images import --snapshotter native /prepare/image.tar >&2
kill "$(pidof containerd)"
wait || true
tar -C /opt/containerd -cz store | base64
SH
cp "$cache/bin/ctr" "$image" "$work/prepare/"
"$root/vm/run" --kernel newest --timeout 300 --quiet --add "$out:/opt/containerd" --add "$work/prepare:/prepare" -- sh /prepare/store \
    >"$work/store" 2>"$work/log" || { cat "$work/log" >&2; echo "containerd: its store could not be made in a guest; see above" >&2; exit 1; }
tr -d '\r' <"$work/store" | base64 -d | tar -C "$out" --no-same-owner -xz
touch "$out/etc/made"
