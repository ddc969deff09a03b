#!/bin/bash
# Builds and runs the benchmarks.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: [ON=vm|host|none] [KERNEL=newest] [CPUS="2"] [CLOCK=instructions|host] [SCHEDULER=COMMAND]
       build/bench.sh [--quick] [OPTIONS of Coxswain.Benchmarks]

First workloads under several schedulers (`build/workloads.sh --help` explains the variables), in a virtual machine (ON=vm), on this machine
(ON=host: root and sched_ext), or not at all (ON=none, so that only what the dispatch loop costs is measured); then what is measured on this
machine. Without ON: none if --baseline is among the options, else vm. Figures of a run that was ended early are in
artifacts/bench.samples.new, which Coxswain.Benchmarks --samples takes as well.
TEXT
}
die() { echo "bench: $*" >&2; exit 1; }
case ${1:-} in -h | --help) usage; exit ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
make --no-print-directory -s -C tests/Benchmarks
dotnet build tests/Benchmarks -c Release -v quiet --nologo

began=$EPOCHREALTIME
quick=()
[[ " $* " != *" --quick "* ]] || quick=(--quick)
[[ " $* " != *" --baseline "* ]] || ON=${ON:-none}
samples=()
if [[ ${ON:=vm} != none ]]; then
    file=artifacts/bench.samples
    ON=$ON build/workloads.sh "${quick[@]}" >"$file.new" || die "the workloads did not run to their end, see above; what they said until then is in $file.new"
    tr -d '\r' <"$file.new" >"$file"
    rm "$file.new"
    samples=(--samples "$file")
fi
exec artifacts/bin/Coxswain.Benchmarks/release_linux-x64/Coxswain.Benchmarks "${samples[@]}" --began "$began" "$@"
