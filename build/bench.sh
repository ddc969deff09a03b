#!/bin/bash
# Builds and runs the benchmarks.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: [ON=vm|host|none] [KERNEL=newest] [CPUS=2] [CLOCK=instructions|host] [SCHEDULER=COMMAND]
       build/bench.sh [--quick] [OPTIONS of Coxswain.Benchmarks]

First workloads under several schedulers, in a virtual machine (ON=vm), on this machine (ON=host: root and sched_ext), or not at all
(ON=none, so that only what the dispatch loop costs is measured); then what is measured on this machine. SCHEDULER is another sched_ext
scheduler to measure beside them. Without ON: none if --baseline is among the options, else vm. A virtual machine that has to be
emulated, as there is no KVM, has a clock that counts instructions, so that figures are almost the same each time, unless CLOCK is host.
TEXT
}
die() { echo "bench: $*" >&2; exit 1; }
case ${1:-} in -h | --help) usage; exit ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
make --no-print-directory -s -C tests/Benchmarks
dotnet build tests/Benchmarks -c Release -v quiet --nologo

quick=()
[[ " $* " != *" --quick "* ]] || quick=(--quick)
[[ " $* " != *" --baseline "* ]] || ON=${ON:-none}
programs=(artifacts/bin/{coxswain,coxswain-guest} artifacts/workloads/cox-{chain,hog,wake,pipe,build,spawn})
case ${ON:=vm} in
    vm)
        run=(vm/run --kernel "${KERNEL:-newest}" --cpus "${CPUS:-2}" --timeout "${TIMEOUT:-14400}" --quiet --memory 4096 --add "$(command -v hackbench)")
        for program in "${programs[@]:1}"; do # coxswain itself is in every guest
            run+=(--add "$program")
        done
        [[ -z ${SCHEDULER:-} ]] || run+=(--add "${SCHEDULER%% *}")
        case ${CLOCK:=instructions} in
            instructions) run+=(--icount emulated) ;;
            host) ;;
            *) usage >&2; exit 2 ;;
        esac
        run+=(--)
        ;;
    host)
        [[ -d /sys/kernel/sched_ext ]] || die "this machine's kernel ($(uname -r)) has no sched_ext: leave ON=host away to use a virtual machine"
        [[ $EUID -eq 0 ]] || die "loading a scheduler needs root: sudo make bench ON=host"
        run=(env "PATH=$root/artifacts/bin:$root/artifacts/workloads:$PATH")
        ;;
    none) run=() ;;
    *) usage >&2; exit 2 ;;
esac

samples=()
if [[ $ON != none ]]; then
    for program in "${programs[@]}"; do
        [[ -x $program ]] || die "$program is not there: \`make bench\` builds it"
    done
    file=artifacts/bench.samples
    "${run[@]}" coxswain-guest bench "${quick[@]}" ${SCHEDULER:+--scheduler "$SCHEDULER"} >"$file.new" || die "the workloads did not run to their end, see above"
    tr -d '\r' <"$file.new" >"$file"
    rm "$file.new"
    samples=(--samples "$file")
fi
exec artifacts/bin/Coxswain.Benchmarks/release_linux-x64/Coxswain.Benchmarks "${samples[@]}" "$@"
