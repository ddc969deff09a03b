#!/bin/bash
# Builds and runs the tests and ends with one line: 'N passed, N failed, N skipped'.
# Exit 0 only if something ran, nothing failed and nothing was skipped.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: build/test.sh [SUITE]...     (without an argument all but kernel-all and pods)

  unit      the core and the MCP server, on this machine, in seconds
  samples   a user's own policy, built against the package
  bench     what the dispatch loop costs, beside the stored figures
  vm        vm/run and its contract
  kernel    the scheduler on real kernels in a virtual machine: the newest, and on the oldest and 6.18 what may differ between them
  kernel-all     all of it on all three, what measures too: hours in an emulated machine
  pods      pods of a real containerd on the newest kernel
  demo      the demo, and what it promises
  people    top in a terminal, metrics through promtool, the report in a browser
  clients   foreign MCP clients (from npm) against the real server
  series    the scheduler on the kernels between those three: that it loads, carries load, and nobody waits for a stopped user space
TEXT
}
case ${1:-} in -h | --help) usage; exit ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
suites=("$@")
[[ $# -gt 0 ]] || suites=(unit samples bench vm kernel demo people clients series)
passed=0 failed=0 skipped=0
failures=()
logs=artifacts/test-logs
mkdir -p "$logs"

# What hangs on functions, flags and habits of the kernel that changed between releases: attaching, moving tasks between
# queues, CPUs that come and go, user space that is away, tracepoints, and what a client sees.
differing=(
    Chooses_the_kernel_functions Carries_load_without_error Another_policy_carries_load A_hundred_thousand_wrong_verdicts Survives_a_stopped_user_space
    A_killed_process No_task_is_lost Thirty_attachments Attaching_beside A_CPU_can_be_away A_directive Who_loses_its_CPU
    Tasks_that_may_not_migrate A_thousand_threads CPUs_that_come_and_go_only
    The_server_ends_in_an_orderly_way Doctor_finds_nothing_wrong Verifying_the_programs A_process_that_executes
)

# Of these, what hangs on what came between the oldest and 6.18: cgroup_set_bandwidth, and the functions' newer variants.
since_oldest=(
    Chooses_the_kernel_functions Carries_load_without_error Another_policy_carries_load Survives_a_stopped_user_space A_killed_process A_CPU_can_be_away
    Attaching_beside Tasks_that_may_not_migrate
    A_directive Doctor_finds_nothing_wrong Verifying_the_programs
)

# And on every kernel between these three. Continuous integration ends what takes longer than ninety minutes: where the rest
# took so long, this is left for the next run, which says so.
between=(6.17 6.19 7.0)
on_each=(Chooses_the_kernel_functions Carries_load_without_error Survives_a_stopped_user_space A_directive Verifying_the_programs)
SERIES_BEFORE_S=4200

count() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

# An hour of output ends with what has to be read: which tests failed, and the first lines of why.
remember() {
    local line
    while IFS= read -r line; do failures+=("$line"); done
}

complain() {
    echo "$*" >&2
    failures+=("$*")
}

# A run that crashed, or that ran nothing, is a failure whatever it printed. Sets total, bad and skips.
run_xunit() {
    local project=$1 log=$2 summary code limit=15m
    shift 2
    # A test that hangs is a failure, not a run without end. All of it on three kernels takes hours.
    [[ $project != Kernel.Tests ]] || limit=100m
    [[ $suite != kernel-all ]] || limit=200m
    timeout --kill-after=30s "$limit" "artifacts/bin/Coxswain.$project/release_linux-x64/Coxswain.$project" -noColor -reporter verbose "$@" 2>&1 | tee "$log" |
        grep -vE '^(xUnit.net| *(Discovering|Discovered|Starting|Finished):)|\[(STARTING|FINISHED)\]'
    code=${PIPESTATUS[0]} total=0 bad=1 skips=0
    summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
    if [[ $summary =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
        total=${BASH_REMATCH[1]} bad=$((BASH_REMATCH[2] + BASH_REMATCH[3])) skips=${BASH_REMATCH[4]}
        [[ $code -eq 0 || $bad -gt 0 ]] || bad=1
        [[ $total -gt 0 ]] || bad=1
    else
        complain "$project ended with code $code and without a summary"
    fi
    remember < <(awk -v limit=6 '/ \[FAIL\]$/ { left = limit } left > 0 { print substr($0, 1, 300); left-- }' "$log")
}

xunit() {
    local project=$1 log=$logs/$1.log lost=() total bad skips
    shift
    [[ $suite != series ]] || log=$logs/$project-series.log
    echo "== $project"
    # As released: what they test has been compiled that way already.
    dotnet build "tests/$project/Coxswain.$project.csproj" -c Release -v quiet --nologo || { complain "$project does not build"; count 0 1 0; return; }
    run_xunit "$project" "$log" "$@"
    # An emulator with several threads may execute a breakpoint that the kernel has just removed while it patched its own
    # code ("Oops: int3"): the guest is dead, and no test of the class can run. That says nothing of what is tested. Only
    # the tests that tell of such a death are run again; whatever else failed has failed.
    mapfile -t lost < <(awk '/ \[FAIL\]$/ { name = $1; sub(/\(.*/, "", name); told = 0 }
        /Oops: int3/ && name && !told { print name; told = 1 }' "$log")
    if [[ ${#lost[@]} -gt 0 ]]; then
        echo "the emulator failed a guest (Oops: int3): ${#lost[@]} tests are run again" >&2
        count $((total - bad - skips)) $((bad - ${#lost[@]})) "$skips"
        local again=()
        mapfile -t lost < <(printf '%s\n' "${lost[@]}" | sort -u)
        for method in "${lost[@]}"; do again+=(-method "$method"); done
        run_xunit "$project" "${log%.log}-again.log" "${again[@]}"
    fi
    count $((total > bad + skips ? total - bad - skips : 0)) "$bad" "$skips"
    echo "slowest of $project, in seconds:"
    slowest "$log"
}

# Programs that print 'N passed, N failed' themselves.
script() {
    local log=$logs/$(basename "$(dirname "$1")")-$(basename "$1").log code
    echo "== $*"
    "$@" 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    if [[ $(tail -n 1 "$log") =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" 0
        [[ $code -eq 0 || ${BASH_REMATCH[2]} -gt 0 ]] || count 0 1 0
    else
        complain "$1 ended with code $code and without a summary"
        count 0 1 0
    fi
    remember < <(grep -A 3 '^FAIL' "$log" | cut -c 1-300)
}

# Where the time went, so that whoever shortens a suite need not guess.
slowest() {
    sed -nE 's/^ *Coxswain\.(.*) \[FINISHED\] Time: ([0-9.]+)s.*/\2 \1/p' "$1" | sort -rn | head -n 8 | sed 's/^/    /'
}

took=()
for suite in "${suites[@]}"; do
    began=$SECONDS
    case $suite in
        unit)
            xunit Core.Tests
            # The tests of the process run the executable that users get, not the one for JIT.
            COXSWAIN_BINARY=$root/artifacts/bin/coxswain xunit Mcp.Tests
            ;;
        samples) script samples/test ;;
        bench) script build/bench.sh --quick --baseline tests/Benchmarks/baseline.json ;;
        vm) script vm/selftest ;;
        kernel-all) xunit Kernel.Tests -method- '*.Pods.PodTests.*' ;;
        pods)
            build/containerd.sh || { complain "build/containerd.sh failed"; count 0 1 0; continue; }
            xunit Kernel.Tests -method '*.Pods.PodTests.*'
            ;;
        kernel)
            methods=(-trait- 'measured=yes' -method '*.Kernels.On_newest.*' -method '*.Boots.*' -method '*.On_6_1.*' -method '*.On_6_12.*' -method '*.On_7_1.*' -method '*.WantedKernelsTests.*')
            for test in "${differing[@]}"; do methods+=(-method "*.On_oldest.$test*"); done
            for test in "${since_oldest[@]}"; do methods+=(-method "*.On_6_18.$test*"); done
            xunit Kernel.Tests "${methods[@]}"
            ;;
        demo) script tests/Demo/run ;;
        people) script tests/People/run ;;
        clients) script tests/Clients/run ;;
        series)
            if [[ $# -eq 0 && $SECONDS -gt $SERIES_BEFORE_S ]]; then
                echo "series: left out, as the rest took $SECONDS s: run \`build/test.sh series\`"
                continue
            fi
            methods=(-trait- 'measured=yes')
            for kernel in "${between[@]}"; do
                for test in "${on_each[@]}"; do methods+=(-method "*.On_${kernel/./_}.$test*"); done
            done
            COXSWAIN_KERNELS="${between[*]}" xunit Kernel.Tests "${methods[@]}"
            ;;
        *) usage >&2; exit 2 ;;
    esac
    took+=("$suite $((SECONDS - began)) s")
done

echo
printf -v line ', %s' "${took[@]}"
echo "took: ${line:2}"
[[ ${#failures[@]} -eq 0 ]] || printf '%s\n' "${failures[@]}" ''
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $skipped -eq 0 && $passed -gt 0 ]]
