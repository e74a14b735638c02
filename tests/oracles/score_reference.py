#!/usr/bin/env python3
"""Recomputes what `depthscope-cli score` says of a text, window by window from `run --json` of the same tokens and from the
formulas of the Mixture-of-Recursions paper (sections 3.1 and 4, arXiv 2507.10524 v3). Needs nothing but Python.

    python3 tests/oracles/score_reference.py build/bin/depthscope-cli TEXT MODEL..

Exits 1 if a figure differs by more than 1e-5 of its size.
"""
import json
import math
import subprocess
import sys


def ask(program, command, model, *words):
    call = [program, command, model, *words, "--json", *(() if command == "tokenizer" else ("--threads", "1", "--device", "cpu"))]
    return json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)


def encode(program, model, text):
    done = subprocess.run([program, "tokenizer", "encode", model, "--text-file", text, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def expected(program, model, text, about):
    encoded = encode(program, model, text)
    ids, ranges, context = encoded["ids"], encoded["ranges"], about["context"]
    windows = [(at, ids[at:at + context]) for at in range(0, len(ids), context)]
    runs = [ask(program, "run", model, "--ids", ",".join(map(str, window))) for _, window in windows]
    predicted = sum(len(window) - 1 for _, window in windows)
    nats = sum(run["nll"] * (len(window) - 1) for run, (_, window) in zip(runs, windows) if len(window) > 1)
    depths = [run["depth"] for run in runs]
    answer = {"tokens": predicted, "nll": nats / predicted, "perplexity": math.exp(nats / predicted), "bits_per_character": nats / predicted / math.log(2) * len(ids) / ranges[-1][1],
              "mean_depth": sum(map(sum, depths)) / len(ids), "flops_per_token": sum(run["cost"]["flops"] for run in runs) / len(ids),
              "decision_accuracy": None, "dead_token_ratio": None, "max_vio": None, "entropy": None}
    recursions = about["recursions"]
    if about["router"] == "expert":
        shares = []
        for run in runs:
            for r, row in enumerate(run["scores"]):
                agree = [(score >= 0.5) == (depth > r) for score, depth in zip(row, run["depth"]) if score is not None]
                shares.append(sum(agree) / len(agree))
        answer["decision_accuracy"] = sum(shares) / len(shares)
    full = [depth for depth in depths if len(depth) == context]
    if recursions > 1 and full:
        answer["dead_token_ratio"] = sum(all(depth[t] < recursions for depth in full) for t in range(context)) / context
    if about["router"] == "token":
        load = [sum(depth.count(n + 1) for depth in depths) / len(ids) for n in range(recursions)]
        answer["max_vio"] = (max(load) - 1 / recursions) * recursions
        answer["entropy"] = -sum(share * math.log(share + 1e-10) for share in load)
    return answer


def main():
    program, text, *models = sys.argv[1:]
    differences = 0
    for model in models:
        about, got = ask(program, "inspect", model), ask(program, "score", model, "--text-file", text)
        print(f"{about['name']}\n{'':20}{'score':>20}{'recomputed':>20}")
        for key, value in expected(program, model, text, about).items():
            same = got[key] == value or None not in (got[key], value) and abs(got[key] - value) <= 1e-5 * abs(value)
            differences += not same
            print(f"{key:20}{str(got[key]):>20}{str(value):>20}{'' if same else '  DIFFERS'}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
