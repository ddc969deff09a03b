#!/bin/bash
# Compiles executables ahead of time, all that are named at once: build/publish.sh artifacts/bin/NAME...
set -euo pipefail

declare -A projects=([coxswain]=src/Mcp/Coxswain.Mcp.csproj [coxswain-guest]=tests/Guest/Coxswain.Guest.csproj)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# NativeAOT links with clang; the one that also compiles the BPF programs.
clang=clang
for version in 16 17 18 19 20 21; do
    [[ ! -x /usr/bin/clang-$version ]] || clang=/usr/bin/clang-$version
done
wanted=
for executable in "$@"; do
    echo "  AOT      ${executable##*/}"
    wanted+=%3B$root/${projects[${executable##*/}]}
done
# What `dotnet publish` says to MSBuild, which takes one project only.
dotnet msbuild build/executables.proj -restore -target:Publish -maxCpuCount -verbosity:quiet -nologo \
    -property:Executables="${wanted#%3B}" -property:Configuration=Release -property:_IsPublishing=true -property:CppCompilerAndLinker="$clang"
mkdir -p artifacts/bin
for executable in "$@"; do
    project=${projects[${executable##*/}]}
    cp "artifacts/publish/$(basename "$project" .csproj)/release_linux-x64/${executable##*/}" "$executable.tmp"
    mv "$executable.tmp" "$executable"
done
