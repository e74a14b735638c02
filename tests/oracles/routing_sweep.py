#!/usr/bin/env python3
"""Runs `depthscope-cli` over random tiny models of every family and option and compares it with `routing_reference.py`: logits,
depths, scores, experts, losses, KV bytes, FLOPs, greedy tokens with and without a cache, parameters, refusals. Needs numpy.

    python3 tests/oracles/routing_sweep.py build/bin/depthscope-cli tests/fixtures [--only PART] [--keep DIR]

First the reference itself is held against the fixtures (official answers) and golden values. What float32 may decide the
other way is left out and counted: passes and generations with a routing decision or a greedy token closer than 1e-5. The
folder of a model that differs is kept in DIR. Exits 1 on any difference.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

import routing_models as models
from routing_reference import Ask, Fraction, Reference

NEAR = 1e-5
ABSOLUTE, RELATIVE = 2e-4, 2e-5
GOLDEN = [1, 4, 7, 2, 9, 0, 3, 8, 5]


class Sweep:
    def __init__(self, program, keep, only):
        self.program, self.keep, self.only = program, keep, only
        self.counts = collections.defaultdict(collections.Counter)
        self.part, self.work = "", pathlib.Path(tempfile.mkdtemp(prefix="routing-"))

    # -- asking and comparing ----------------------------------------------------------------------------------------

    def ask(self, command, folder, *words):
        call = [self.program, command, str(folder), *words, "--json", "--threads", "1", "--device", "cpu"]
        done = subprocess.run(call, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        self.counts[self.part]["calls"] += 1
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else None, done.stderr.strip(), " ".join(call[1:-4])

    def check(self, what, ours, theirs, call="", exact=True):
        """Counts a comparison; says what differs and keeps the model."""
        self.counts[self.part]["comparisons"] += 1
        if ours == theirs if exact else close(ours, theirs):
            return
        self.counts[self.part]["differences"] += 1
        print(f"DIFFERS {self.part}: {what}\n  depthscope-cli {call}\n  reference {brief(theirs)}\n  program   {brief(ours)}")
        if self.keep and call:
            folder = pathlib.Path(call.split()[1])
            shutil.copytree(folder, self.keep / folder.name, dirs_exist_ok=True)

    def compare_run(self, model, ids, ask, words):
        code, got, complaint, call = self.ask("run", model.folder, "--ids", ",".join(map(str, ids)), "--logits", "--losses", *words)
        if code:
            return self.check(f"exit code {code}: {complaint}", code, 0, call)
        if ask.rule == "random":
            ask = Ask("forced", forced=got["depth"], kv=ask.kv)
        want = model.run(np.asarray(ids), ask)
        if want.margin < NEAR:
            self.counts[self.part]["near"] += 1
            return
        self.check("tokens", got["tokens"], list(ids), call)
        self.check("depth", got["depth"], want.depth, call)
        if ask.rule != "forced":
            rule = model.rule_of(ask)
            self.check("routing", got["routing"], rule, call)
            self.check("causal", got["causal"], rule != "topk", call)
        self.check("scores", got["scores"], want.scores, call, exact=False)
        self.check("logits", got["logits"], want.logits.tolist(), call, exact=False)
        self.check("nll", got["nll"], want.nll(ids), call, exact=False)
        self.check("experts", [e["index"] for e in got["experts"]], [e["index"] for e in want.experts], call)
        self.check("weights", [e["weight"] for e in got["experts"]], [e["weight"] for e in want.experts], call, exact=False)
        self.check("lm", got["losses"]["lm"], want.nll(ids) or 0.0, call, exact=False)
        for loss in ("aux", "balance", "z"):
            self.check(loss, got["losses"][loss], getattr(want, loss), call, exact=False)
        row = 2 * model.kv_heads * model.head_dim * 4
        self.check("kv_bytes", got["cost"]["kv_bytes"], want.entries * row, call)
        self.check("full_kv_bytes", got["cost"]["full_kv_bytes"], want.full_entries * row, call)
        self.check("flops", got["cost"]["flops"], want.flops, call)
        self.check("parameters", got["model"]["parameters"], distinct_parameters(model), call)

    def compare_generation(self, model, prompt, count, ask, words):
        cached, plain = (self.ask("generate", model.folder, "--ids", ",".join(map(str, prompt)), "--tokens", str(count),
                                  "--temperature", "0", *words, *more) for more in ((), ("--no-cache",)))
        for code, got, complaint, call in (cached, plain):
            if code:
                return self.check(f"exit code {code}: {complaint}", code, 0, call)
        want, margin = model.continue_greedily(prompt, count, ask)
        whole = [*prompt, *want]
        inside = not model.more or len(whole) <= model.context
        final = model.run(np.asarray(whole if inside else whole[-model.context:]), ask)
        if min(margin, final.margin) < NEAR:
            self.counts[self.part]["near"] += 1
            return
        for code, got, complaint, call in (cached, plain):
            self.check("prompt", got["prompt"], list(prompt), call)
            self.check("tokens", got["tokens"], want, call)
            if inside or model.more:
                self.check("depth", got["depth"], final.depth[len(prompt):] if inside else [final.depth[-1]] * count, call)
            self.check("causal", got["causal"], True, call)
        if inside:
            row = 2 * model.kv_heads * model.head_dim * 4
            self.check("kv_bytes", cached[1]["kv_bytes"], final.entries * row, cached[3])
            self.check("full_kv_bytes", cached[1]["full_kv_bytes"], final.full_entries * row, cached[3])
        self.check("kv_bytes without cache", plain[1]["kv_bytes"], 0, plain[3])

    def refuse(self, model, command, words, code=2):
        got, _, complaint, call = self.ask(command, model.folder, "--ids", "1,2,3,4", *words)
        self.check(f"exit code, it says: {complaint[:80]}", got, code, call)

    def inspect(self, model):
        code, got, complaint, call = self.ask("inspect", model.folder)
        if code:
            return self.check(f"exit code {code}: {complaint}", code, 0, call)
        want = {"parameters": distinct_parameters(model), "layers": model.layers, "recursions": model.recursions, "block_layers": model.block_layers,
                "context": model.context, "vocabulary": model.config["vocab_size"],
                "router": None if not model.mor else "token" if model.token else "expert", "shared_slots": model.slots()}
        for key, value in want.items():
            self.check(f"inspect {key}", got[key], value, call)
        self.check("inspect parts", sum(p["parameters"] for p in got["parts"]), got["parameters"], call)

    # -- parts -------------------------------------------------------------------------------------------------------

    def new(self, make, name, *arguments, **options):
        folder = self.work / name
        make(folder, *arguments, **options)
        model = Reference(folder)
        model.folder = folder
        self.counts[self.part]["models"] += 1
        return model

    def everything(self, model, rules, seed, sample=None, length=21):
        """One model as trained with a long, a short and a single-token prompt, then under all its rules or some drawn ones."""
        rng = np.random.default_rng(seed)
        ids = rng.integers(0, model.config["vocab_size"], length).tolist()
        for size in (length, 5, 1):
            self.compare_run(model, ids[:size], Ask(), [])
        chosen = rules if sample is None else [rules[i] for i in rng.permutation(len(rules))[:sample]]
        for ask, words in chosen:
            self.compare_run(model, ids, ask, words)
        self.inspect(model)

    def run(self, part, work):
        if not self.only or self.only == part:
            self.part, start = part, time.monotonic()
            work(self)
            self.counts[part]["seconds"] = round(time.monotonic() - start)
            print(f"{part}: {dict(self.counts[part])}", flush=True)


def close(ours, theirs):
    """Nested lists of numbers and nulls."""
    if isinstance(theirs, (list, tuple)):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(close(a, b) for a, b in zip(ours, theirs))
    if ours is None or theirs is None:
        return ours is theirs
    return math.isfinite(ours) and abs(ours - theirs) <= ABSOLUTE + RELATIVE * abs(theirs)


def brief(value):
    text = json.dumps(value, default=float)
    return text if len(text) < 300 else text[:300] + " .."


def distinct_parameters(model):
    """Each tensor once: shared layers and a tied head do not count twice; rotary tables and the loss-free bias, which no
    gradient moves, not at all."""
    seen = {(value.shape, value.tobytes()) for name, value in model.w.items() if not name.endswith(("_cached", "router_bias"))}
    return sum(math.prod(shape) for shape, _ in seen)


def ratios(text):
    return [Fraction(x) for x in text.split(",")]


# -- what is asked of each family --------------------------------------------------------------------------------------

def fixed_rules(model, policies=()):
    rules = [(Ask("fixed", depth=n), ["--routing", f"fixed:{n}"]) for n in range(1, model.recursions + 1)]
    rules += [(Ask(max_depth=n), ["--max-depth", str(n)]) for n in (1, model.recursions + 1)]
    less = max(1, model.recursions - 1)
    for policy in policies:
        rules += [(Ask(kv=policy), ["--kv", policy]), (Ask("fixed", depth=less, kv=policy), ["--kv", policy, "--routing", f"fixed:{less}"])]
    return rules


def expert_rules(model):
    caps = {2: ["1,1/2", "0.9,0.35", "1,0"], 3: ["1,2/3,1/3", "1,0.5,0.5", "0.8,0.55,0.1"], 4: ["1,3/4,1/2,1/4", "1,1,0.3,0.3", "3/5,1/2,1/7,0"]}
    full = model.capacity[0] == 1
    rules = fixed_rules(model, ("recursion", "share", "hybrid") if full else ("recursion",))
    rules += [(Ask("topk"), ["--routing", "topk"]), (Ask("threshold"), ["--routing", "threshold"]), (Ask("random"), ["--routing", "random"]),
              (Ask("threshold", tau=0.4), ["--routing", "threshold:0.4"]),
              (Ask("threshold", tau=0.55, max_depth=2), ["--routing", "threshold:0.55", "--max-depth", "2"])]
    for text in caps[model.recursions]:
        if model.policy_of(Ask()) == "recursion" or ratios(text)[0] == 1:
            rules.append((Ask("topk", capacity=ratios(text)), ["--routing", "topk", "--capacity", text]))
    text = caps[model.recursions][0]
    for policy in ("share", "hybrid"):
        rules.append((Ask(capacity=ratios(text), kv=policy), ["--capacity", text, "--kv", policy]))
        if full:
            rules.append((Ask("threshold", kv=policy), ["--routing", "threshold", "--kv", policy]))
    if model.options.get("sampling") == "aux_router":
        rules += [(Ask("aux"), ["--routing", "aux"]), (Ask("aux", max_depth=2), ["--routing", "aux", "--max-depth", "2"])]
        if full:
            rules.append((Ask("aux", kv="share"), ["--routing", "aux", "--kv", "share"]))
    return rules


def token_rules(model):
    rules = fixed_rules(model, ("recursion", "share"))
    return rules + [(Ask("token"), ["--routing", "token"]), (Ask("random"), ["--routing", "random"]),
                    (Ask("token", max_depth=2, kv="share"), ["--routing", "token", "--max-depth", "2", "--kv", "share"])]


def reference(sweep, fixtures):
    """The reference against official answers and golden values; then the program on the same golden models."""
    for folder in sorted(p for p in fixtures.iterdir() if (p / "expected.json").exists()):
        expected, config = json.loads((folder / "expected.json").read_text()), json.loads((folder / "config.json").read_text())
        if config.get("attention_bias") or config.get("rope_parameters", {}).get("rope_type", "default") != "default" or "stride" in expected:
            continue
        model = Reference(folder)
        sweep.counts[sweep.part]["models"] += 1
        answers = [model.run(np.asarray(ids)) for ids in expected["ids"]]
        for b, answer in enumerate(answers):
            sweep.check(f"{folder.name} logits", answer.logits.tolist(), expected["logits"][b], exact=False)
            if expected.get("depth"):
                sweep.check(f"{folder.name} depth", answer.depth, expected["depth"][b])
            if expected.get("selected"):
                sweep.check(f"{folder.name} selected", answer.selected, [rows[b] for rows in expected["selected"]])
            for layer, route in zip(answer.experts, expected.get("routes", [])):
                sweep.check(f"{folder.name} experts", layer["index"], route["experts"][b])
                sweep.check(f"{folder.name} weights", layer["weight"], route["weights"][b], exact=False)
        if "train" in expected:
            length = len(expected["ids"][0])
            mean = {"loss": np.mean([a.nll(ids) * (length - 1) / length for a, ids in zip(answers, expected["ids"])]),
                    "sampling_loss": np.mean([a.aux for a in answers]), "balancing_loss": answers[0].balance, "router_z_loss": np.mean([a.z for a in answers])}
            for key, value in mean.items():
                sweep.check(f"{folder.name} {key}", float(value), expected["train"][key], exact=False)
        if "greedy" in expected:
            sweep.check(f"{folder.name} greedy", model.continue_greedily(expected["greedy"]["prompt"], len(expected["greedy"]["tokens"]), Ask())[0],
                        expected["greedy"]["tokens"])
    more = sweep.new(models.golden_more, "golden-more")
    answer = more.run(np.asarray(GOLDEN[:6]))
    sweep.check("F1 logits", answer.logits[0, :4].tolist(), [-0.268879, 0.729208, -0.399024, -0.572138], exact=False)
    sweep.check("F1 routes", answer.experts[1]["index"], [[1, 0], [2, 1], [2, 1], [2, 0], [0, 2], [2, 1]])
    expert = sweep.new(models.golden_mor, "golden-expert")
    for ask, depth, last in ((Ask(), [1, 3, 1, 3, 2, 2, 3, 2, 1], [-0.178046, -0.135720, -0.950174, -0.086516]),
                             (Ask(kv="share"), [1, 3, 1, 3, 2, 2, 3, 2, 1], [-0.179496, -0.137208, -0.945241, -0.083436]),
                             (Ask("threshold"), [1, 3, 1, 3, 1, 3, 3, 2, 1], [-0.176332, -0.136894, -0.954704, -0.089847])):
        answer = expert.run(np.asarray(GOLDEN), ask)
        sweep.check("F2 depth", answer.depth, depth)
        sweep.check("F2 logits", answer.logits[8, :4].tolist(), last, exact=False)
    sweep.check("F2 losses", expert.run(np.asarray(GOLDEN)).aux_steps, [0.809558104, 0.654211003, 0.618031851], exact=False)
    tokens = []
    for func, alpha, balance, last in (("softmax", 1.0, 1.008996722, [-0.156711, 0.108911, -0.811853, -0.002440]),
                                       ("sigmoid", 0.1, 0.156256361, [-0.171601, -0.106448, -0.935314, -0.074200])):
        tokens.append(sweep.new(models.golden_mor, f"golden-token-{func}", "token", func, alpha))
        answer = tokens[-1].run(np.asarray(GOLDEN))
        sweep.check("F2 token", [answer.depth, answer.logits[8, :4].tolist(), answer.balance, answer.z],
                    [[1, 3, 1, 3, 2, 2, 1, 1, 2], last, balance, 1.392017582], exact=False)
    sweep.compare_run(more, GOLDEN[:6], Ask(), [])
    for model, rules in ((expert, expert_rules(expert)), *((model, token_rules(model)) for model in tokens)):
        for ask, words in rules:
            sweep.compare_run(model, GOLDEN, ask, words)


# -- families: seeds are list positions --------------------------------------------------------------------------------

MORE = [{}, {"experts": 1, "top": 1}, {"experts": 2, "top": 2, "kv_heads": 2}, {"experts": 3, "top": 1, "recursions": 1},
        {"experts": 5, "top": 3, "kv_heads": 1, "recursions": 2}, {"experts": 6, "top": 2, "recursions": 4, "layers": 1, "buffers": True},
        {"experts": 4, "top": 3, "width": 24, "heads": 6, "kv_heads": 3, "inner": 17}, {"experts": 6, "top": 3, "heads": 2, "kv_heads": 1, "layers": 3},
        {"baseline": True}, {"baseline": True, "kv_heads": 1, "layers": 3}]
LLAMA = [{}, {"num_key_value_heads": 1, "head_dim": 6}, {"num_key_value_heads": 4, "tie_word_embeddings": False},
         {"head_dim": 16, "rope_theta": 500.0, "rms_norm_eps": 1e-6, "tie_word_embeddings": False},
         {"hidden_size": 36, "num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 10, "num_hidden_layers": 1, "intermediate_size": 7}]
RECURSIVE = [("cycle", 2, 4, {}), ("cycle", 3, 7, {"num_key_value_heads": 1}), ("sequence", 3, 6, {}), ("sequence", 2, 5, {"tie_word_embeddings": False}),
             ("middle_cycle", 3, 8, {"head_dim": 12}), ("middle_cycle", 2, 7, {"tie_word_embeddings": False}), ("middle_cycle", 4, 6, {"share": True}),
             ("middle_sequence", 3, 8, {}), ("middle_sequence", 2, 5, {"share": True}), ("sequence", 4, 8, {"share": True}), ("cycle", 4, 4, {"share": True})]
EXPERT = [{}, {"recursions": 2, "middle": False, "router_type": "mlp"}, {"untied": True}, {"recursions": 4, "block": 1, "router_type": "wide_mlp", "spread": 0.3},
          {"router_type": "wide_mlp", "wide": 4, "func": "tanh"}, {"func": "identity", "spread": 0.1}, {"func": "tanh", "middle": False, "alpha": 0.5},
          {"gating": "additive", "block": 1}, {"alpha": 1.0, "temp": 2.5}, {"capacity": "1.0,0.5,0.29", "z_loss": True},
          {"capacity": "0.75,0.75,0.2", "middle": False, "spread": 0.3}, {"sampling": "aux_router", "z_loss": True}, {"sampling": "aux_router", "recursions": 2, "router_type": "mlp", "spread": 0.3},
          {"sampling": "none"}, {"tie_word_embeddings": False, "num_key_value_heads": 1}, {"kv": "share"}, {"kv": "hybrid", "recursions": 2},
          {"kv": "share", "recursions": 4, "block": 1, "middle": False, "router_type": "mlp"}, {"kv": "share", "untied": True}, {"kv": "hybrid", "untied": True},
          {"aliases": False, "recursions": 2, "block": 3}, {"head_dim": 10, "num_key_value_heads": 4, "rope_theta": 300.0, "temp": 0.5},
          {"kv": "hybrid", "recursions": 4, "block": 2, "gating": "additive", "alpha": 0.3, "spread": 0.1}]
TOKEN = [{"func": "softmax", "alpha": 1.0}, {}, {"func": "softmax", "alpha": 1.0, "middle": False, "z_loss": True},
         {"recursions": 2, "balancing": "loss_free", "router_type": "mlp"}, {"func": "softmax", "alpha": 0.5, "recursions": 4, "block": 1, "balancing": "loss_free"},
         {"kv": "share", "func": "softmax", "alpha": 1.0}, {"kv": "share", "middle": False, "recursions": 4, "block": 1}, {"gating": "additive", "z_loss": True, "temp": 2.0},
         {"untied": True, "router_type": "wide_mlp", "wide": 4, "tie_word_embeddings": False}, {"kv": "share", "untied": True, "num_key_value_heads": 1},
         {"aliases": False, "balancing": "none", "head_dim": 6}]


def more(sweep):
    for seed, options in enumerate(MORE):
        model = sweep.new(models.more, f"more-{seed}", seed, **options)
        sweep.everything(model, fixed_rules(model), seed, 3)


def llama(sweep):
    for seed, options in enumerate(LLAMA):
        model = sweep.new(models.llama, f"llama-{seed}", seed, **options)
        sweep.everything(model, fixed_rules(model), seed, 2)


def recursive(sweep):
    for seed, (sharing, recursions, layers, options) in enumerate(RECURSIVE):
        model = sweep.new(models.recursive, f"recursive-{seed}", seed, sharing, recursions, layers, **options)
        sweep.everything(model, fixed_rules(model, ("recursion", "share")), seed, 5)


def expert(sweep):
    for seed, options in enumerate(EXPERT):
        model = sweep.new(models.mor, f"expert-{seed}", seed, **options)
        sweep.everything(model, expert_rules(model), seed, None if seed in (3, 11) else 6)


def token(sweep):
    for seed, options in enumerate(TOKEN):
        model = sweep.new(models.mor, f"token-{seed}", seed, "token", **options)
        sweep.everything(model, token_rules(model), seed, None if seed == 4 else 6)


def generation(sweep):
    """Greedy tokens: cached, uncached and recomputed; from one token on, and past the end of the context."""
    plain, short = (Ask(), []), {"max_position_embeddings": 12}
    expert, every = (Ask("threshold"), []), [(Ask("threshold", kv=kv), ["--kv", kv]) for kv in ("recursion", "share", "hybrid")]
    jobs = [(models.llama, (), {}, [plain]), (models.llama, (), {**short, "num_key_value_heads": 1}, [plain]),
            (models.more, (), {"kv_heads": 2}, [plain, (Ask("fixed", depth=2), ["--routing", "fixed:2"])]), (models.more, (), {"context": 12}, [plain]),
            (models.more, (), {"baseline": True}, [plain]), (models.more, (), {"baseline": True, "context": 9}, [plain]),
            (models.recursive, ("middle_cycle", 3, 8), {}, [plain, (Ask(kv="share"), ["--kv", "share"])]),
            (models.recursive, ("sequence", 2, 4), {}, [plain, (Ask(kv="share"), ["--kv", "share"])]),
            (models.recursive, ("middle_sequence", 2, 6), {"share": True}, [plain]), (models.recursive, ("cycle", 3, 6), short, [plain]),
            (models.mor, (), {}, [*every, (Ask("fixed", depth=2), ["--routing", "fixed:2"]), (Ask("threshold", tau=0.4), ["--routing", "threshold:0.4"])]),
            (models.mor, (), {"middle": False, "recursions": 4, "block": 1, "router_type": "mlp"}, every), (models.mor, (), {"untied": True, **short}, every),
            (models.mor, (), {"sampling": "aux_router"}, [(Ask("aux"), ["--routing", "aux"]), (Ask("aux", kv="hybrid"), ["--routing", "aux", "--kv", "hybrid"])]),
            (models.mor, (), {"kv": "share", "func": "tanh"}, [expert]), (models.mor, (), {"kv": "hybrid", "gating": "additive"}, [expert]),
            (models.mor, ("token",), {"func": "softmax", "alpha": 1.0}, [plain, (Ask(kv="share"), ["--kv", "share"])]),
            (models.mor, ("token",), {"middle": False, "balancing": "loss_free", **short}, [plain, (Ask(kv="share", max_depth=2), ["--kv", "share", "--max-depth", "2"])])]
    for seed, (make, arguments, options, rules) in enumerate(jobs):
        model = sweep.new(make, f"generation-{seed}", 100 + seed, *arguments, **options)
        for i, (ask, words) in enumerate(rules):
            prompt = np.random.default_rng(seed).integers(0, model.config["vocab_size"], 1 if (seed + i) % 3 == 0 else 6).tolist()
            sweep.compare_generation(model, prompt, 14, ask, words)


def refusals(sweep):
    """A rule or policy that the model cannot do is exit 2, in every command."""
    families = [(sweep.new(models.llama, "refuses-llama", 1), [], ["recursion"]), (sweep.new(models.more, "refuses-more", 1), [], ["recursion"]),
                (sweep.new(models.more, "refuses-baseline", 1, baseline=True), [], ["recursion"]),
                (sweep.new(models.recursive, "refuses-recursive", 1, "cycle", 2, 4), [], ["recursion", "share"]),
                (sweep.new(models.mor, "refuses-expert", 1), ["topk", "threshold", "random"], ["recursion", "share", "hybrid"]),
                (sweep.new(models.mor, "refuses-aux", 1, sampling="aux_router"), ["topk", "threshold", "random", "aux"], ["recursion", "share", "hybrid"]),
                (sweep.new(models.mor, "refuses-token", 1, "token"), ["token", "random"], ["recursion", "share"])]
    for model, rules, policies in families:
        for rule in ("topk", "threshold", "threshold:0.4", "token", "random", "aux", f"fixed:{model.recursions + 1}", "fixed:0", "sometimes"):
            if rule.split(":")[0] not in rules:
                sweep.refuse(model, "run", ["--routing", rule])
        for policy in {"share", "hybrid", "all"} - set(policies):
            sweep.refuse(model, "run", ["--kv", policy])
        for rule in {"topk", "random"} & set(rules):
            sweep.refuse(model, "generate", ["--tokens", "2", "--routing", rule])
    sweep.refuse(families[4][0], "run", ["--kv", "share", "--capacity", "0.9,0.5,0.2"])
    sweep.refuse(families[4][0], "run", ["--capacity", "1,1/3,1/2"], 3)
    sweep.refuse(families[4][0], "run", ["--capacity", "1,1/2"], 3)


PARTS = {"llama": llama, "more": more, "recursive": recursive, "expert": expert, "token": token, "generation": generation, "refusals": refusals}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("fixtures", type=pathlib.Path)
    parser.add_argument("--only", choices=["reference", *PARTS])
    parser.add_argument("--keep", type=pathlib.Path)
    words = parser.parse_args()
    sweep = Sweep(words.program, words.keep, words.only)
    sweep.run("reference", lambda s: reference(s, words.fixtures))
    for part, work in PARTS.items():
        sweep.run(part, work)
    shutil.rmtree(sweep.work)
    columns = ("models", "calls", "comparisons", "near", "differences", "seconds")
    print("\n" + "".join(f"{name:>13}" for name in ("part", *columns)))
    total = collections.Counter()
    for part, counts in sweep.counts.items():
        print(f"{part:>13}" + "".join(f"{counts[c]:>13}" for c in columns))
        total.update(counts)
    print(f"{'all':>13}" + "".join(f"{total[c]:>13}" for c in columns))
    sys.exit(1 if total["differences"] else 0)


if __name__ == "__main__":
    main()
