#!/usr/bin/env bash
# Makes the recordings of the welcome anew that are in resources/examples. Needs a build (packaging/run.sh), no display. The same
# seeds give the same recordings, but for times. The other two examples are resources/demo.depthscope and prediction.depthscope,
# saved from the window: they stay as they are, because tests refer to them.
set -euo pipefail
cd "$(dirname "$0")/.."

made="$(mktemp -d)"
trap 'rm -rf "$made"' EXIT

# A text whose every token has a known difficulty, under token-choice, with both references: SAVED / LOST is whole.
cat > "$made/exercises.json" <<JSON
[{"model": "demo-mor-token"}, {"wait": "idle"},
 {"action": "file.graded"}, {"set": "graded.length", "to": 1200}, {"set": "graded.seed", "to": "3"},
 {"action": "graded.make"}, {"wait": "idle", "seconds": 120}, {"save": "$made/exercises.depthscope"}]
JSON
QT_QPA_PLATFORM=offscreen build/bin/depthscope --script "$made/exercises.json"

# A generation, step by step, by a model with recursive experts.
build/bin/depthscope-cli generate resources/models/more-shakespeare --text $'ROMEO:\nWhat light ' --tokens 96 --seed 4 \
    --record "$made/experts.depthscope" >/dev/null

mkdir -p resources/examples
mv "$made"/*.depthscope resources/examples/
ls -l resources/examples
