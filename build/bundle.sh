#!/bin/bash
# Makes the bundle that desktop clients install (.mcpb): deploy/mcpb/manifest.json and the program, in a ZIP.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: build/bundle.sh [--output FILE] [--binary FILE] [--url URL]

  --output  where to (artifacts/coxswain.mcpb)
  --binary  the program to put into it (artifacts/bin/coxswain)
  --url     where the bundle will be downloaded from: then server.json beside it is deploy/server.json with the bundle as its
            package, to be given to the registry
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
output=$root/artifacts/coxswain.mcpb binary=$root/artifacts/bin/coxswain url=
while [[ $# -gt 0 ]]; do
    case $1 in
        --output | --binary | --url) [[ $# -gt 1 ]] || { usage >&2; exit 2; }; printf -v "${1#--}" %s "$2"; shift 2 ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
done
[[ -x $binary ]] || { echo "$binary is not there: run \`make build\`" >&2; exit 1; }

mkdir -p "$(dirname "$output")"
python3 - "$root/deploy" "$binary" "$output" "$url" <<'PYTHON'
import hashlib, json, pathlib, sys, zipfile

deploy, binary, output = map(pathlib.Path, sys.argv[1:4])
url = sys.argv[4]


def add(bundle, name, content, mode):
    # The same files make the same bundle, whenever they were built: its digest is published.
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    bundle.writestr(entry, content)


manifest = (deploy / "mcpb/manifest.json").read_bytes()
part = output.with_name(output.name + ".tmp")
with zipfile.ZipFile(part, "w") as bundle:
    add(bundle, "manifest.json", manifest, 0o644)
    add(bundle, json.loads(manifest)["server"]["entry_point"], binary.read_bytes(), 0o755)
part.rename(output)
if url:
    server = json.loads((deploy / "server.json").read_text())
    server["packages"] = [{
        "registryType": "mcpb", "identifier": url, "fileSha256": hashlib.sha256(output.read_bytes()).hexdigest(), "transport": {"type": "stdio"},
    }]
    (output.parent / "server.json").write_text(json.dumps(server, indent=2) + "\n")
PYTHON
echo "$output: $(stat -c %s "$output") bytes"
