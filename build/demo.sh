#!/bin/bash
# Runs the demo in a virtual machine, or on this machine when asked to, and leaves artifacts/demo.json.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: [ON=vm|host] [KERNEL=newest] [CPUS=2] build/demo.sh [DEMO OPTIONS]

  ON=vm     (default) boots the kernel KERNEL with CPUS CPUs, and starts containerd there; this machine's scheduler is not touched
  ON=host   loads the scheduler into the kernel of this machine: needs root and sched_ext. The services run as pods if a
            containerd runs here, with its `ctr`, and no kubelet, which would end pods that it does not know; else in cgroups

DEMO OPTIONS go to `coxswain-guest demo`: --samples N, --strict, --verbose, ... Its exit code is passed on: 0, it ran and
did what was asked; 1, it did not; 3, with --strict, the figures are not as expected; 125, the virtual machine failed.
TEXT
}
die() { echo "demo: $*" >&2; exit 1; }
case ${1:-} in -h | --help) usage; exit ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
result=$root/artifacts/demo.json
programs=("$root"/artifacts/bin/{coxswain,coxswain-guest} "$root"/artifacts/workloads/{cox-chain,cox-hog})
for program in "${programs[@]}"; do
    [[ -x $program ]] || die "${program#"$root"/} is not there: run \`make build\` first (\`make demo\` does)"
done

case ${ON:-vm} in
    vm)
        [[ -e $root/artifacts/containerd/etc/made ]] || die "artifacts/containerd is not there: run \`build/containerd.sh\` first (\`make demo\` does)"
        # coxswain itself is in every guest, and the workloads are in the pods' image.
        run=("$root/vm/run" --kernel "${KERNEL:-newest}" --cpus "${CPUS:-2}" --timeout "${TIMEOUT:-900}" --quiet
            --add "${programs[1]}" --add "$root/artifacts/containerd:/opt/containerd" --)
        options=(--node pods --runtime /opt/containerd/bin/cox-node --keep-pods)
        ;;
    host)
        [[ -d /sys/kernel/sched_ext ]] || die "this machine's kernel ($(uname -r)) has no sched_ext: leave ON=host away to use a virtual machine"
        [[ $EUID -eq 0 ]] || die "loading a scheduler needs root: sudo make demo ON=host"
        run=(env "PATH=$root/artifacts/bin:$root/artifacts/workloads:$PATH")
        options=(--node cgroups)
        if [[ ! -S /run/containerd/containerd.sock ]]; then
            echo "no containerd runs here: plain cgroups take the place of pods"
        elif pidof -q kubelet; then
            echo "a kubelet runs here, and would end pods that it does not know: plain cgroups take their place"
        elif ! ctr --namespace k8s.io images import "$root/artifacts/image.tar" >/dev/null; then
            echo "the image of the pods could not be imported, see above: plain cgroups take their place"
        else
            options=(--node auto)
        fi
        ;;
    *) usage >&2; exit 2 ;;
esac

# An old result must not pass for that of a run that failed.
rm -f "$result" "$result.new"
code=0
"${run[@]}" coxswain-guest demo "${options[@]}" --json - "$@" |
    awk -v file="$result.new" '{ sub(/\r$/, "") } sub(/^demo\.json: /, "") { print > file; next } { print; fflush() }' || code=$?
if [[ -s $result.new ]]; then
    mv "$result.new" "$result"
    echo "written: ${result#"$root"/}"
elif [[ $code -eq 0 ]]; then
    die "the demo ended without a result"
fi
exit "$code"
