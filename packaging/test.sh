#!/usr/bin/env bash
# Builds everything and runs every test. Needs no display and, after the first time, no network.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "test: $*"; }

start=$SECONDS
say "checking dependencies"
libtorch=$(packaging/setup.sh)
say "building (the first build takes about half an hour on two cores)"
cmake --preset default -DDEPTHSCOPE_LIBTORCH="$libtorch" >build-configure.log 2>&1 ||
    { cat build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset default -- --quiet
say "built after $((SECONDS - start)) s"

export OMP_WAIT_POLICY=passive
say "running the tests that need no display"
ctest --test-dir build --output-on-failure --no-tests=error -LE 'gl|slow' -j2
say "running the window tests under Xvfb"
LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s '-screen 0 1920x1200x24' \
    ctest --test-dir build --output-on-failure --no-tests=error -L gl -j1
say "done after $((SECONDS - start)) s"
