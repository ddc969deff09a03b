#!/bin/bash
# Records what the verifier of each kernel has to do for the scheduler's programs, in tests/Kernel.Tests/verifier.json. A test
# compares with it. Run it when a change of the programs is meant to cost more, and look at the difference before committing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
record=tests/Kernel.Tests/verifier.json
kernels=("$@")
[[ $# -gt 0 ]] || mapfile -t kernels < <(vm/kernels | awk '$3 == "yes" { print $1 }')
for series in "${kernels[@]}"; do
    echo "  VERIFY   $series"
    # Debian's 7.1 and 7.2 refuse every such program (docs/testing.md): what cannot be loaded has no figures.
    if ! found=$(vm/run --kernel "$series" --quiet --add artifacts/bin/coxswain-guest -- coxswain-guest verifier); then
        echo "  REFUSED  $series: not recorded" >&2
        continue
    fi
    python3 - "$record" "$series" "$found" <<'PYTHON'
import json, os, sys

path, series, found = sys.argv[1:]
try:
    with open(path) as file:
        record = json.load(file)
except FileNotFoundError:
    record = {}
record[series] = json.loads(found)["programs"]
order = sorted(record, key=lambda name: [int(part) for part in name.split(".")])
lines = []
for name in order:
    programs = ",\n".join(f"    {json.dumps(p)}: {json.dumps(c)}" for p, c in sorted(record[name].items()))
    lines.append(f"  {json.dumps(name)}: {{\n{programs}\n  }}")
with open(path + ".new", "w") as file:
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
os.replace(path + ".new", path)
PYTHON
done
