#!/usr/bin/env bash
# Installs what is missing, builds, and opens Depthscope on its demo model. Without a display it runs the same
# demo under Xvfb and says where the pictures are. Arguments go to the program.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "run: $*"; }

say "checking dependencies"
libtorch=$(packaging/setup.sh)
say "building (the first build takes about half an hour on two cores)"
cmake --preset default -DDEPTHSCOPE_LIBTORCH="$libtorch" -DDEPTHSCOPE_TESTS=OFF >/dev/null
cmake --build --preset default -- --quiet depthscope depthscope_cli depthscope_engine

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "opening Depthscope"
    exec build/bin/depthscope --demo "$@"
fi
pictures="${TMPDIR:-/tmp}/depthscope-demo"
mkdir -p "$pictures"
say "no display: running the demo under Xvfb"
for theme in light dark; do
    LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s '-screen 0 1920x1200x24' \
        build/bin/depthscope --demo --theme "$theme" --screenshot "$pictures/$theme.png" "$@"
done
say "pictures saved: $pictures/light.png and $pictures/dark.png"
