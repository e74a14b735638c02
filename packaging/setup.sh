#!/usr/bin/env bash
# Installs what a build needs: Debian (or Ubuntu) packages, and LibTorch into the user's cache, where all clones share it.
# Twice in a row does nothing the second time. Prints the LibTorch folder as its last line.
#   DEPTHSCOPE_LIBTORCH=dir   use this LibTorch instead of downloading one
#   DEPTHSCOPE_CUDA=yes|no    fetch CUDA's libraries (2.1 GB) too; else only where an NVIDIA driver is found
set -euo pipefail

packages=(
    build-essential cmake ninja-build pkg-config ccache git
    qt6-base-dev qt6-base-dev-tools qt6-svg-dev libqt6opengl6-dev qt6-qpa-plugins qt6-multimedia-dev
    libimgui-dev libgl1-mesa-dev libgl1-mesa-dri
    libsqlite3-dev nlohmann-json3-dev libcli11-dev libfmt-dev libonig-dev libicu-dev libsentencepiece-dev
    libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev ffmpeg
    fonts-inter fonts-jetbrains-mono fonts-noto-core fonts-noto-color-emoji fonts-droid-fallback
    xvfb xauth python3 python3-pip unzip
)
torch_version=2.11.0
wheels=(torch==$torch_version nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
# What libtorch_cuda.so needs besides: the versions that this torch asks for.
cuda_wheels=(
    nvidia-cublas==13.1.0.3 nvidia-cuda-nvrtc==13.0.88 nvidia-cudnn-cu13==9.19.0.56 nvidia-cufft==12.0.0.61
    nvidia-cufile==1.15.1.6 nvidia-curand==10.4.0.35 nvidia-cusolver==12.0.4.66 nvidia-cusparse==12.6.3.3
    nvidia-cusparselt-cu13==0.8.0 nvidia-nccl-cu13==2.28.9 nvidia-nvjitlink==13.0.88 nvidia-nvshmem-cu13==3.4.5
)

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
        { say "DEPTHSCOPE_LIBTORCH=$DEPTHSCOPE_LIBTORCH does not contain lib/libtorch_cpu.so"; exit 1; }
    say "LibTorch: $DEPTHSCOPE_LIBTORCH (from DEPTHSCOPE_LIBTORCH)"
    echo "$DEPTHSCOPE_LIBTORCH"
    exit 0
fi

# download FOLDER WHEEL..
download() {
    local folder=$1
    shift
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.11 --implementation cp \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux_2_18_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        --dest "$folder" "$@" >&2
}

wants_cuda() {
    case "${DEPTHSCOPE_CUDA:-}" in
    yes) true ;;
    no) false ;;
    *) [ -e /proc/driver/nvidia/version ] || ldconfig -p | grep -q 'libcuda\.so\.1' ;;
    esac
}

cache="${XDG_CACHE_HOME:-$HOME/.cache}/depthscope"
libtorch="$cache/libtorch-$torch_version/torch"
cuda="$libtorch/.cuda-complete"
if [ ! -e "$libtorch/.complete" ] || { wants_cuda && [ ! -e "$cuda" ]; }; then
    mkdir -p "$cache"
    # Two clones may start at once: the second waits here and then finds the work done.
    exec 9>"$cache/setup.lock"
    flock 9
fi
if [ ! -e "$libtorch/.complete" ]; then
    say "downloading LibTorch $torch_version (560 MB, once for all clones) into $cache"
    rm -rf "$cache/wheels" "$cache/unpack"
    mkdir -p "$cache/wheels" "$cache/unpack"
    download "$cache/wheels" "${wheels[@]}"
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
if wants_cuda && [ ! -e "$cuda" ]; then
    say "downloading CUDA's libraries (2.1 GB, once for all clones) into $cache"
    rm -rf "$cache/wheels"
    mkdir -p "$cache/wheels"
    download "$cache/wheels" "${cuda_wheels[@]}"
    say "unpacking"
    for wheel in "$cache"/wheels/nvidia_*.whl; do
        unzip -q -o "$wheel" 'nvidia/*' -d "$cache/libtorch-$torch_version"
    done
    rm -rf "$cache/wheels"
    touch "$cuda"
fi
say "LibTorch: $libtorch"
echo "$libtorch"
