#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) on FILES, or on the sources changed since a commit:
#   packaging/tidy.sh FILE..      packaging/tidy.sh --since main~5
# Debian's clang-tidy-16 (CLANG_TIDY names another; 14 cannot read the ranges of GCC 12). It reads the compile commands of build/ without GCC's precompiled headers, which clang cannot read; the build must be finished, for the generated sources.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --since ]; then
  mapfile -t files < <(git diff --name-only --diff-filter=d "${2:?--since needs a commit}" -- '*.cpp')
else
  files=("$@")
fi
[ ${#files[@]} -gt 0 ] || { echo "usage: packaging/tidy.sh FILE.. | --since COMMIT" >&2; exit 2; }
[ -e build/compile_commands.json ] || { echo "build/compile_commands.json not found: run cmake --preset default" >&2; exit 2; }
mkdir -p build/tidy
sed -E 's/ -Winvalid-pch//g; s/ -include [^ ]*cmake_pch\.hxx//g' build/compile_commands.json > build/tidy/compile_commands.json
failed=0
for file in "${files[@]}"; do
  "${CLANG_TIDY:-clang-tidy-16}" -p build/tidy --quiet "$file" 2>/dev/null || failed=1
done
exit $failed
