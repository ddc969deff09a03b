#!/bin/bash
# What the garbage collector's settings cost in pauses and memory, for the garbage of tool calls:
# build/gc.sh [RUNS [OPTIONS of coxswain-guest collections]]
# Each figure is the median of RUNS (5 by default). Numbers of the runtime's variables are hexadecimal, without 0x.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=artifacts/bin/coxswain-guest
[[ -x $program ]] || { echo "$program is not there: \`make build workloads $program\` makes it" >&2; exit 1; }
fields=(collections full_collections paused_ms longest_pause_ms rss_mb rss_peak_mb)
measure() {
    local name=$1 field
    shift
    local -a runs=()
    for ((i = 0; i < ${RUNS:-5}; i++)); do runs+=("$(env "$@" "$program" collections "${options[@]}")"); done
    printf '%-30s' "$name"
    for field in "${fields[@]}"; do
        printf '%18s' "$(printf '%s\n' "${runs[@]}" | grep -oE "\"$field\":[0-9.]+" | cut -d: -f2 | sort -n | sed -n "$(((${#runs[@]} + 1) / 2))p")"
    done
    echo
}
RUNS=${1:-5}
options=("${@:2}")
printf '%-30s' setting; printf '%18s' "${fields[@]}"; echo
measure 'not concurrent' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=0
measure 'concurrent' DOTNET_gcConcurrent=1 DOTNET_GCHeapHardLimit=0
measure 'conserve memory 5' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=0 DOTNET_GCConserveMemory=5
measure 'conserve memory 9' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=0 DOTNET_GCConserveMemory=9
measure 'hard limit 64 MB' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=4000000
measure 'as shipped: limit 256 MB' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=10000000
measure 'first generation 64 MB' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=0 DOTNET_GCgen0size=4000000
measure 'first generation 4 MB' DOTNET_gcConcurrent=0 DOTNET_GCHeapHardLimit=0 DOTNET_GCgen0size=400000
