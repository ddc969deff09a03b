#!/bin/bash
# Installs the Debian packages that building, testing and the demo need; does nothing when all are there.
# The machine's own apt sources stay as they are: backports come through an index of their own (vm/lib/private-apt).
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: build/deps.sh [--list]

Installs what is missing (as root, or through sudo) on Debian 12 and 13. Exit 0: all there; 1: something is missing and
could not be installed, and standard error says what, and what to do.

  --list   print every package needed, with its state, and change nothing
TEXT
}
say() { echo "deps: $*" >&2; }
die() { say "$@"; exit 1; }

mode=install
case ${1:-} in
    '') ;;
    --list) mode=list ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
esac
[[ $# -le 1 ]] || { usage >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") || codename=unknown
case $codename in
    bookworm) llvm=16 newer=backports ;; # 14, the default, lacks BPF features the scheduler uses
    *) llvm=19 newer=main ;;
esac

# One line per package: name, oldest version that will do (- for any), suite, the command that shows it is there without
# the package (- for a look into dpkg only), and what it is for.
needs() {
    cat <<TABLE
clang-$llvm        -      main    clang-$llvm       compiles the BPF programs
llvm-$llvm         -      main    llvm-strip-$llvm  strips their debug information
libbpf-dev         1:1.4  $newer  -                 loads them
libelf-dev         -      main    -                 needed by libbpf
zlib1g-dev         -      main    -                 needed by libelf and the .NET native compiler
gcc                -      main    gcc               builds the native library
make               -      main    make              runs the build
qemu-system-x86    1:10   $newer  -                 runs kernels for tests and the demo
busybox-static     -      main    -                 is the guest's user land
zstd               -      main    zstd              unpacks kernels, which saves 1.5 s of each boot
python3            3.11   main    -                 runs vm/run
stress-ng          -      main    stress-ng         load for tests and benchmarks
rt-tests           -      main    cyclictest        cyclictest and hackbench
sysbench           -      main    sysbench          load for benchmarks
linux-perf         -      main    perf              perf bench, for benchmarks
nodejs             -      main    node              runs the MCP clients of the tests
npm                -      main    npm               fetches them
tmux               -      main    tmux              is the terminal that top is tried in
prometheus         -      main    promtool          reads the metrics as Prometheus does
chromium           -      main    chromium          opens the report
systemd            -      main    systemctl         starts the daemon by its units in a guest
util-linux         -      main    nsenter           looks at what it started
TABLE
}

declare -A installed=()
# shellcheck disable=SC2016 # for dpkg-query to expand
format='${Package} ${db:Status-Abbrev}${Version}\n'
if command -v dpkg-query >/dev/null; then
    while read -r name version; do
        [[ -n $version ]] && installed[$name]=$version
    done < <(needs | awk '{ print $1 }' |
        xargs dpkg-query --show --showformat "$format" 2>/dev/null | awk '$2 == "ii" { print $1, $3 }')
fi

# Prints nothing if the package's state is good, else why not.
lack() {
    local name=$1 least=$2 command=$3 have=${installed[$1]:-}
    if [[ -z $have ]]; then
        [[ $command != - ]] && command -v "$command" >/dev/null && return
        echo missing
    elif [[ $least != - ]] && dpkg --compare-versions "$have" lt "$least"; then
        echo "too old"
    fi
}

from_main=() from_backports=() missing=()
while read -r name least suite command purpose; do
    state=$(lack "$name" "$least" "$command")
    wanted=$name
    [[ $least == - ]] || wanted="$name (>= $least)"
    if [[ $mode == list ]]; then
        have=${installed[$name]:-${state:+-}}
        printf '%-26s %-9s %-32s %s\n' "$wanted" "${state:-ok}" "${have:-not from Debian}" "$purpose"
    fi
    [[ -n $state ]] || continue
    missing+=("$wanted")
    if [[ $suite == backports ]]; then from_backports+=("$name"); else from_main+=("$name"); fi
done < <(needs)

dotnet_ok=no
if command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -qE '^[1-9][0-9]+\.'; then dotnet_ok=yes; fi
need_dotnet="the .NET SDK 10 or newer is not on PATH, and Debian does not have it;
deps: install it from Microsoft (https://dot.net/download), then call this again"
if [[ $mode == list ]]; then
    state=ok
    [[ $dotnet_ok == yes ]] || state=missing
    printf '%-26s %-9s %-32s %s\n' "dotnet SDK (>= 10)" $state "not from Debian" "builds and runs everything in C#"
    [[ ${#missing[@]} -eq 0 && $dotnet_ok == yes ]]
    exit
fi

if [[ ${#missing[@]} -gt 0 ]]; then
    list=$(printf '%s, ' "${missing[@]}")
    say "missing: ${list%, }"
    case $codename in
        bookworm | trixie) ;;
        *) die "this script installs on Debian 12 and 13; here, install these by your own means" ;;
    esac
    as_root=()
    if [[ $EUID -ne 0 ]]; then
        # Without a terminal sudo must not wait for a password nobody can type.
        if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
            say "installing them through sudo"
            as_root=(sudo)
        else
            die "installing them needs root; an administrator must run: $root/build/deps.sh"
        fi
    fi

    suites=own
    [[ ${#from_backports[@]} -eq 0 ]] || suites=own,$codename-backports
    index=$(mktemp -d)
    trap '"${as_root[@]}" rm -rf "$index"' EXIT
    apt() {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$root/vm/lib/private-apt" "$index" "$suites" apt-get -q -y \
            -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" >"$index/log" 2>&1 || {
            tail -n 20 "$index/log" >&2
            die "apt-get $* failed; its last lines are above"
        }
    }
    say "fetching Debian's index"
    apt update
    install() {
        local unwanted
        apt --simulate install --no-install-recommends "$@"
        # busybox-static takes the place of busybox and does its work; nothing else may go.
        unwanted=$(awk '$1 == "Remv" && $2 != "busybox" { print $2 }' "$index/log")
        [[ -z $unwanted ]] || die "apt would remove packages, so nothing was done: ${unwanted//$'\n'/, }"
        apt install --no-install-recommends "$@"
    }
    # Main first: what is there already does not come from backports as somebody's dependency (libelf-dev of 0.192 has a
    # static library that does not link).
    if [[ ${#from_main[@]} -gt 0 ]]; then
        say "installing: ${from_main[*]}"
        install "${from_main[@]}"
    fi
    if [[ ${#from_backports[@]} -gt 0 ]]; then
        say "installing from $codename-backports: ${from_backports[*]}"
        install -t "$codename-backports" "${from_backports[@]}"
    fi
fi
[[ $dotnet_ok == yes ]] || die "$need_dotnet"
