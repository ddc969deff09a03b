#!/bin/bash
# Builds and runs the benchmarks: build/bench.sh [OPTIONS of Coxswain.Benchmarks]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
make --no-print-directory -s -C tests/Benchmarks
dotnet build tests/Benchmarks -c Release -v quiet --nologo
exec artifacts/bin/Coxswain.Benchmarks/release_linux-x64/Coxswain.Benchmarks "$@"
