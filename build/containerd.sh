#!/bin/bash
# Leaves a tree in artifacts/containerd that makes a guest a node with containerd: the runtime as Debian builds it, and an
# image of the test workloads. The packages are unpacked, not installed: this machine may run another runtime.
set -euo pipefail

usage() { sed -n '2,3s/^# \{0,1\}//p' "$0"; echo "usage: build/containerd.sh      (after \`make workloads\`)"; }
case ${1:-} in '') ;; -h | --help) usage; exit ;; *) usage >&2; exit 2 ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/artifacts/containerd
cache=${COXSWAIN_CACHE:-$HOME/.cache/coxswain}/containerd
programs=("$root"/artifacts/workloads/{cox-hog,cox-mt,cox-spawn,cox-storm})
for program in "${programs[@]}" /bin/busybox; do
    [[ -x $program ]] || { echo "containerd: $program is missing: run \`make deps workloads\`" >&2; exit 1; }
done

runtime=(containerd containerd-shim-runc-v2 ctr runc)
if [[ ! -x $cache/bin/runc ]]; then
    index=$(mktemp -d)
    trap 'rm -rf "$index"' EXIT
    mkdir -p "$index/packages" "$index/tree" "$cache"
    echo "  FETCH    containerd" >&2
    "$root/vm/lib/private-apt" "$index" own apt-get -q -y update >"$index/log" 2>&1 &&
        (cd "$index/packages" && "$root/vm/lib/private-apt" "$index" own apt-get -q -y download containerd runc libseccomp2 >>"$index/log" 2>&1) || {
        tail -n 20 "$index/log" >&2
        echo "containerd: its packages could not be fetched; apt-get's last lines are above" >&2
        exit 1
    }
    for package in "$index"/packages/*.deb; do dpkg-deb -x "$package" "$index/tree"; done
    rm -rf "$cache/bin.new" "$cache/bin"
    mkdir "$cache/bin.new"
    for name in "${runtime[@]}"; do
        found=$(find "$index/tree/usr/bin" "$index/tree/usr/sbin" -name "$name" -type f)
        cp "$found" "$cache/bin.new/"
    done
    find "$index/tree" -name 'libseccomp.so.2.*' -exec cp {} "$cache/bin.new/libseccomp.so.2" \;
    mv "$cache/bin.new" "$cache/bin"
fi

# Nothing to do while nothing it is made of has changed.
if [[ -e $out/etc/image.tar ]]; then
    newer=no
    for source in "${programs[@]}" "$0" "$cache/bin/runc"; do [[ $source -nt $out/etc/image.tar ]] && newer=yes; done
    [[ $newer == yes ]] || exit 0
fi

echo "  IMAGE    containerd" >&2
rm -rf "$out"
mkdir -p "$out/bin" "$out/lib" "$out/etc" "$out/layer/bin" "$out/image"
for name in "${runtime[@]}"; do cp "$cache/bin/$name" "$out/bin/"; done
cp "$cache/bin/libseccomp.so.2" "$out/lib/"

cp /bin/busybox "$out/layer/bin/"
for applet in sh sleep true; do ln -s busybox "$out/layer/bin/$applet"; done
cp "${programs[@]}" "$out/layer/bin/"
mkdir -p "$out"/layer/{etc,tmp,proc,sys,dev}
echo root:x:0:0:root:/:/bin/sh >"$out/layer/etc/passwd"
tar -C "$out/layer" --sort=name --owner=0 --group=0 --mtime=@0 -cf "$out/image/layer.tar" .
digest=$(sha256sum "$out/image/layer.tar" | cut -d' ' -f1)
# A pod's first process runs what the image says; containers say what they run themselves.
cat >"$out/image/config.json" <<JSON
{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sleep","2147483647"],"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:$digest"]}}
JSON
echo '[{"Config":"config.json","RepoTags":["localhost/cox-pod:1"],"Layers":["layer.tar"]}]' >"$out/image/manifest.json"

cat >"$out/etc/config.toml" <<'TOML'
version = 2
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/cox-pod:1"
  disable_apparmor = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
TOML

cat >"$out/bin/cox-node" <<'SH'
#!/bin/sh
# Runs containerd in the foreground and says `ready` when it has the image.
export PATH=/opt/containerd/bin:$PATH LD_LIBRARY_PATH=/opt/containerd/lib
mkdir -p /run/containerd
[ -e /etc/resolv.conf ] || : >/etc/resolv.conf # each pod gets a copy
containerd --config /opt/containerd/etc/config.toml >/run/containerd.log 2>&1 &
runtime=$!
until ctr --connect-timeout 2s version >/dev/null 2>&1; do
    kill -0 $runtime 2>/dev/null || { cat /run/containerd.log >&2; exit 1; }
    usleep 300000
done
ctr --namespace k8s.io images import --snapshotter native /opt/containerd/etc/image.tar >/run/import.log 2>&1 || { cat /run/import.log /run/containerd.log >&2; exit 1; }
echo ready
wait $runtime
SH
chmod +x "$out/bin/cox-node"
tar -C "$out/image" -cf "$out/etc/image.tar" manifest.json config.json layer.tar
rm -rf "$out/layer" "$out/image"
