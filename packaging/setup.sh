#!/usr/bin/env bash
# Installs what a build needs: Debian (or Ubuntu) packages, and LibTorch into the user's cache, where all clones share it.
# Twice in a row does nothing the second time. Prints the LibTorch folder as its last line.
#   DEPTHSCOPE_LIBTORCH=dir   use this LibTorch instead of downloading one
set -euo pipefail

packages=(
    build-essential cmake ninja-build pkg-config ccache git
    qt6-base-dev qt6-base-dev-tools qt6-svg-dev libqt6opengl6-dev qt6-qpa-plugins
    libimgui-dev libgl1-mesa-dev libgl1-mesa-dri
    libsqlite3-dev nlohmann-json3-dev libpcre2-dev libicu-dev libsentencepiece-dev
    fonts-inter fonts-jetbrains-mono fonts-noto-core fonts-noto-color-emoji fonts-droid-fallback
    xvfb xauth python3 python3-pip unzip
)
torch_version=2.11.0
wheels=(torch==$torch_version nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)

say() { echo "setup: $*" >&2; }

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${#missing[@]} packages: ${missing[*]}"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

if [ -n "${DEPTHSCOPE_LIBTORCH:-}" ]; then
    [ -e "$DEPTHSCOPE_LIBTORCH/lib/libtorch_cpu.so" ] ||
        { say "DEPTHSCOPE_LIBTORCH=$DEPTHSCOPE_LIBTORCH has no lib/libtorch_cpu.so"; exit 1; }
    say "LibTorch: $DEPTHSCOPE_LIBTORCH (yours)"
    echo "$DEPTHSCOPE_LIBTORCH"
    exit 0
fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/depthscope"
libtorch="$cache/libtorch-$torch_version/torch"
if [ ! -e "$libtorch/.complete" ]; then
    mkdir -p "$cache"
    # Two clones may start at once: the second waits here and then finds the work done.
    exec 9>"$cache/setup.lock"
    flock 9
fi
if [ ! -e "$libtorch/.complete" ]; then
    say "downloading LibTorch $torch_version (560 MB, once for all clones) into $cache"
    rm -rf "$cache/wheels" "$cache/unpack"
    mkdir -p "$cache/wheels" "$cache/unpack"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.11 --implementation cp \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        --dest "$cache/wheels" "${wheels[@]}" >&2
    say "unpacking"
    unzip -q "$cache"/wheels/torch-"$torch_version"-*.whl 'torch/lib/*' 'torch/include/*' 'torch/share/*' \
        -d "$cache/unpack"
    for wheel in "$cache"/wheels/nvidia_cuda_*.whl; do
        unzip -q -o "$wheel" 'nvidia/*' -d "$cache/unpack"
    done
    touch "$cache/unpack/torch/.complete"
    rm -rf "$cache/libtorch-$torch_version" "$cache/wheels"
    mv "$cache/unpack" "$cache/libtorch-$torch_version"
fi
say "LibTorch: $libtorch"
echo "$libtorch"
