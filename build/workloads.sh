#!/bin/bash
# Runs workloads under several schedulers and prints what was measured, a line of JSON for each figure, as they come.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: [ON=vm|host] [KERNEL=newest] [CPUS="2"] [CLOCK=instructions|host] [SCHEDULER=COMMAND] build/workloads.sh [OPTIONS of coxswain-guest bench]

In a virtual machine (ON=vm), or on this machine (ON=host: root and sched_ext). SCHEDULER is another sched_ext scheduler to measure
beside the others: a program of this machine and its arguments. A virtual machine that has to be emulated, as there is no KVM, has a
clock that counts instructions, so that figures are almost the same each time, unless CLOCK is host. CPUS may name several numbers, such
as "2 4 8 16": one virtual machine each, with all that is asked for in the first, and in the others what depends on CPUs, with their number
in its name; not with --quick.
TEXT
}
die() { echo "workloads: $*" >&2; exit 1; }
case ${1:-} in -h | --help) usage; exit ;; esac

foreign=()
if [[ -n ${SCHEDULER:-} ]]; then
    read -r name arguments <<<"$SCHEDULER"
    path=$(command -v "$name") || die "SCHEDULER: '$name' is no program of this machine"
    path=$(realpath -s "$path")
    foreign=(--scheduler "$path${arguments:+ $arguments}")
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
quick=
[[ " $* " != *" --quick "* ]] || quick=yes
programs=(artifacts/bin/{coxswain,coxswain-guest} artifacts/workloads/cox-{chain,hog,wake,pipe,build,spawn})
for program in "${programs[@]}"; do
    [[ -x $program ]] || die "$program is not there: \`make bench\` builds it"
done
# Debian's, which not every machine has: the benchmark does without those that it does not find. A quick run takes only the first.
tools=(hackbench)
[[ -n $quick && " $* " != *" --scenarios "* ]] || tools+=(cyclictest stress-ng sysbench perf)
for tool in "${tools[@]}"; do
    ! tool=$(command -v "$tool") || programs+=("$tool")
done

# What depends on the number of CPUs, under the schedulers that matter there.
per_cpus=(--name-cpus --scenarios "chain,hackbench,pipe,scale_1000" --schedulers "eevdf,coxswain_kernel,coxswain_assist,coxswain_assist_intent")

case ${ON:=vm} in
    vm)
        read -r -a counts <<<"${CPUS:-2}"
        [[ ${#counts[@]} -eq 1 || -z $quick ]] || die "several numbers of CPUs ($CPUS) take long: not with --quick"
        run=(vm/run --kernel "${KERNEL:-newest}" --timeout "${TIMEOUT:-28800}" --quiet)
        # 20,000 threads are more than the kernel allows a machine with less.
        [[ -n $quick ]] || run+=(--memory 4096)
        case ${CLOCK:=instructions} in
            instructions) run+=(--icount emulated) ;;
            host) ;;
            *) usage >&2; exit 2 ;;
        esac
        for program in "${programs[@]:1}"; do # coxswain itself is in every guest
            run+=(--add "$program")
        done
        if [[ ${#foreign[@]} -gt 0 ]]; then
            # There it is on PATH, wherever it is here.
            [[ " ${programs[*]} " == *" ${path#"$root/"} "* ]] || run+=(--add "$path")
            foreign=(--scheduler "${path##*/}${arguments:+ $arguments}")
        fi
        for count in "${counts[@]}"; do
            if [[ $count == "${counts[0]}" ]]; then
                "${run[@]}" --cpus "$count" -- coxswain-guest bench "${foreign[@]}" "$@"
            else
                echo "workloads: now with $count CPUs" >&2
                # The machine has been told of.
                "${run[@]}" --cpus "$count" -- coxswain-guest bench "${per_cpus[@]}" "${foreign[@]}" | grep --line-buffered -v '^{"kernel"'
            fi
        done
        ;;
    host)
        [[ -d /sys/kernel/sched_ext ]] || die "this machine's kernel ($(uname -r)) has no sched_ext: leave ON=host away to use a virtual machine"
        [[ $EUID -eq 0 ]] || die "loading a scheduler needs root: sudo make bench ON=host"
        PATH=$root/artifacts/bin:$root/artifacts/workloads:$PATH exec coxswain-guest bench "${foreign[@]}" "$@"
        ;;
    *) usage >&2; exit 2 ;;
esac
