#!/usr/bin/env bash
# Builds the engine for a machine with an NVIDIA GPU, checks it there against the CPU, and measures it: one table at the end, in under
# six minutes of the GPU's time. The machine needs nvcc, CMake, g++, make and Python with torch (for LibTorch), no network.
#
#   packaging/gpu_check.sh --pack FILE.tar     on any machine with the packages of setup.sh: what the build needs besides, as an archive
#   packaging/gpu_check.sh [--deps FILE.tar] [--out DIR] [--quick]     on the machine with the GPU; --quick leaves out training
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "gpu_check: $*" >&2; }
fail() { say "$*"; exit 1; }

deps= out="${TMPDIR:-/tmp}/depthscope-gpu-check" quick=
while [ $# -gt 0 ]; do
    case "$1" in
    --pack)
        tar -cf "${2:?--pack needs a file}" -C /usr include/nlohmann include/CLI include/fmt share/cmake/nlohmann_json share/cmake/CLI11
        say "packed: $2"
        exit ;;
    --deps) deps=${2:?--deps needs a file}; shift 2 ;;
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    --quick) quick=yes; shift ;;
    *) fail "unknown option $1, valid: --pack, --deps, --out, --quick" ;;
    esac
done

command -v nvcc >/dev/null || fail "nvcc not found: put CUDA's bin folder into PATH"
mkdir -p "$out"
prefix=/usr
if [ -n "$deps" ]; then
    prefix="$out/deps"
    mkdir -p "$prefix" && tar -xf "$deps" -C "$prefix"
fi
libtorch=${DEPTHSCOPE_LIBTORCH:-$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')}
say "building with $libtorch"
cmake --preset engine-cuda -DDEPTHSCOPE_LIBTORCH="$libtorch" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_FLAGS="-isystem $prefix/include" >"$out/configure.log" 2>&1 || fail "cannot configure, see $out/configure.log"
cmake --build --preset engine-cuda -- -j"$(nproc)" >"$out/build.log" 2>&1 || fail "cannot build, see $out/build.log"
cli=$PWD/build-engine-cuda/bin/depthscope-cli
start=$SECONDS

"$cli" info --json >"$out/info.json"
"$cli" selftest --device cuda | tee "$out/selftest.txt" >&2 || fail "selftest: an operator or a model differs, see above"

say "the same greedy tokens and depths as on the CPU"
for model in resources/models/*/; do
    case "$model" in *dit* | *ae*) continue ;; esac
    for device in cpu cuda; do
        "$cli" generate "$model" --ids 1,2,3,4,5 --tokens 48 --temperature 0 --device $device --dtype float32 --json \
            >"$out/$(basename "$model").$device.json"
    done
done

say "measuring"
suites="generate live trace llama mor more"
[ -n "$quick" ] || suites="$suites train"
for suite in $suites; do
    say "bench $suite"
    timeout 120 "$cli" bench "$suite" --device cuda --json >"$out/bench.$suite.json" 2>"$out/bench.$suite.log" ||
        say "bench $suite: stopped, see $out/bench.$suite.log"
done
for model in demo-mor-expert demo-vanilla more-shakespeare more-baseline-shakespeare; do
    timeout 60 "$cli" bench generate "resources/models/$model" --device cuda --json >"$out/bench.generate-$model.json" || true
done
say "$((SECONDS - start)) s on the GPU"
python3 packaging/gpu_table.py "$out"
