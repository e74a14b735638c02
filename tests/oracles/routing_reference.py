#!/usr/bin/env python3
"""A second reading of MORE, Llama, recursive and Mixture-of-Recursions models: float64 numpy, written from the papers and
the official implementations' description alone (arXiv 2507.10524 v3, sections 2.2, 2.3 and appendix; the MORE repository),
without a look at the engine. `routing_models.py` makes random model folders, `routing_sweep.py` compares the program.

What those leave open is as docs/cli.md and docs/models.md say: capacities are exact fractions; a threshold is compared with
sigmoid(logit), and recursion 1 is for everyone; sharing lets later recursions read the first one's keys and values, hybrid
replaces those of the tokens that the recursion runs. The auxiliary loss is that of the router which learns by it, the
balance its formula under any balancing, z is 0 where it is off.
"""
import json
import math
import pathlib
import struct
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

ATTENTION = ("q", "k", "v", "o")
FEED_FORWARD = ("gate", "up", "down")


def read_weights(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    body = raw[8 + size:]
    return {name: np.frombuffer(body[entry["data_offsets"][0]:entry["data_offsets"][1]], "<f4").reshape(entry["shape"]).astype(np.float64)
            for name, entry in header.items()}


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_sum_exp(x):
    top = x.max(-1, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(-1, keepdims=True)))[..., 0]


def swiglu(x, gate, up, down):
    g = x @ gate.T
    return (g * sigmoid(g) * (x @ up.T)) @ down.T


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)))


def binary_cross_entropy(logits, targets):
    return np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))


def rotate(x, positions, theta):
    """Rotate-half rotary embedding of x[T][heads][hd]."""
    half = x.shape[-1] // 2
    angle = positions[:, None] * theta ** (-np.arange(half) / half)
    cos, sin = (np.concatenate([f(angle), f(angle)], -1)[:, None, :] for f in (np.cos, np.sin))
    return x * cos + np.concatenate([-x[..., half:], x[..., :half]], -1) * sin


@dataclass
class Ask:
    """What one pass is asked for: a rule (topk, threshold, aux, token, fixed, forced), its number, and the limits."""
    rule: str = "model"
    tau: float = 0.5
    depth: int = 0
    capacity: list | None = None
    max_depth: int = 0
    kv: str = "model"
    forced: list | None = None


@dataclass
class Answer:
    logits: np.ndarray = None
    depth: list = None
    scores: list = field(default_factory=list)
    experts: list = field(default_factory=list)
    selected: list = field(default_factory=list)
    aux: float = 0.0
    balance: float = 0.0
    z: float = 0.0
    aux_steps: list = field(default_factory=list)
    z_steps: list = field(default_factory=list)
    entries: int = 0
    full_entries: int = 0
    flops: float = 0.0
    margin: float = math.inf
    head_margin: float = math.inf

    def nll(self, ids):
        return float(np.mean(log_sum_exp(self.logits[:-1]) - self.logits[np.arange(len(ids) - 1), ids[1:]])) if len(ids) > 1 else None


class Reference:
    def __init__(self, folder, weights=None):
        folder = pathlib.Path(folder)
        self.config = json.loads((folder / "config.json").read_text())
        side = folder / "mor_config.json"
        self.side = json.loads(side.read_text()) if side.exists() else {}
        self.w = read_weights(folder / "model.safetensors") if weights is None else weights
        c = self.config
        self.more = c["model_type"].startswith("more")
        mor = self.side.get("mor", {})
        self.mor = mor if mor.get("enable") else None
        self.recursive = self.side.get("recursive", {}).get("enable", False)
        self.width = c["n_embd" if self.more else "hidden_size"]
        self.heads = c["n_head" if self.more else "num_attention_heads"]
        self.kv_heads = c["n_kv_head"] if self.more else c.get("num_key_value_heads", self.heads)
        self.head_dim = c.get("head_dim", self.width // self.heads)
        self.eps = 1e-6 if self.more else c.get("rms_norm_eps", 1e-5)
        self.theta = c.get("rope_parameters", c).get("rope_theta", 10000.0)
        self.inner = c["intermediate_size"]
        self.context = c["block_size" if self.more else "max_position_embeddings"]
        self.sharing = self.side["recursive"]["sharing"] if self.recursive else ""
        self.middle = self.sharing.startswith("middle")
        self.recursions = self.side["recursive"]["num_recursion"] if self.recursive else c.get("n_recursions", 1)
        if c["model_type"] == "more_baseline":
            self.recursions = 1
        layers = c["n_layer" if self.more else "num_hidden_layers"]
        self.block_layers = (layers - 2 * self.middle) // self.recursions if self.recursive else 0
        self.layers = self.block_layers * self.recursions + 2 * self.middle if self.recursive else layers
        if self.mor:
            self.token = mor["type"] == "token"
            self.options = mor[mor["type"]]
            text = mor.get("capacity")
            self.capacity = ([Fraction(c).limit_denominator(10000) for c in text.split(",")] if text else
                             [Fraction(self.recursions - r, self.recursions) for r in range(self.recursions)])

    # -- layers ------------------------------------------------------------------------------------------------------

    def norm(self, x, name):
        return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + self.eps) * self.w[name]

    def linear(self, answer, x, name):
        answer.flops += 2.0 * self.w[name].size * len(x)
        return x @ self.w[name].T

    def layer(self, answer, x, positions, name, memory=None, refresh=False):
        """One pre-norm layer for the rows at `positions`. `memory` holds another recursion's keys and values of all positions:
        they are read instead of the layer's own, with `refresh` after the own ones took their places."""
        n = self.norm(x, name + "input_layernorm.weight")
        x, own = self.attend(answer, x, n, positions, name + "self_attn.", memory, refresh)
        n = self.norm(x, name + "post_attention_layernorm.weight")
        return x + self.feed(answer, n, name + "mlp."), own

    def feed(self, answer, n, name):
        answer.flops += 2.0 * 3 * self.width * self.inner * len(n)
        return swiglu(n, *(self.w[f"{name}{part}_proj.weight"] for part in FEED_FORWARD))

    def attend(self, answer, x, n, positions, name, memory=None, refresh=False):
        positions = np.asarray(positions)
        q = rotate(self.linear(answer, n, name + "q_proj.weight").reshape(len(n), self.heads, -1), positions, self.theta)
        own = None
        if memory is None or refresh:
            k = self.linear(answer, n, name + "k_proj.weight").reshape(len(n), self.kv_heads, -1)
            v = self.linear(answer, n, name + "v_proj.weight").reshape(len(n), self.kv_heads, -1)
            own = rotate(k, positions, self.theta), v
        keys, values, at = (*own, positions) if memory is None else (memory[0].copy(), memory[1].copy(), np.arange(len(memory[0])))
        if memory is not None and refresh:
            keys[positions], values[positions] = own
        repeat = self.heads // self.kv_heads
        scores = np.einsum("qhd,khd->hqk", q, keys.repeat(repeat, 1)) / math.sqrt(self.head_dim)
        seen = at[None, :] <= positions[:, None]
        answer.flops += 4.0 * self.heads * self.head_dim * seen.sum()
        mixed = np.einsum("hqk,khd->qhd", softmax(np.where(seen, scores, -np.inf)), values.repeat(repeat, 1))
        return x + self.linear(answer, mixed.reshape(len(n), -1), name + "o_proj.weight"), own

    def router(self, answer, x, name):
        x = x / self.mor.get("temp", 1.0)
        if name + ".weight" in self.w:
            return self.linear(answer, x, name + ".weight")
        return self.linear(answer, gelu(self.linear(answer, x, name + ".0.weight")), name + ".2.weight")

    def slots(self):
        """The storage slot of every unrolled layer."""
        if not self.recursive:
            return list(range(self.layers))
        inner = [i // self.recursions if self.sharing.endswith("sequence") else i % self.block_layers for i in range(self.block_layers * self.recursions)]
        return [0, *(1 + i for i in inner), self.block_layers + 1] if self.middle else inner

    # -- passes ------------------------------------------------------------------------------------------------------

    def rule_of(self, ask):
        if ask.rule != "model":
            return ask.rule
        return "fixed" if not self.mor else "token" if self.token else "topk"

    def policy_of(self, ask):
        if ask.kv != "model":
            return ask.kv
        kv = self.side.get("kv_sharing", {})
        return ("hybrid" if kv.get("update_cache") else "share") if kv.get("enable") else "recursion"

    def run(self, ids, ask=Ask()):
        answer = Answer()
        everyone = np.arange(len(ids))
        steps = self.recursions
        if self.rule_of(ask) == "fixed" and ask.depth:
            steps = min(steps, ask.depth)
        steps = min(steps, ask.max_depth or steps)
        answer.full_entries = self.layers * len(ids)
        answer.depth = [steps] * len(ids)
        if self.more:
            x = self.run_more(answer, self.w["tok_emb.weight"][ids], steps)
            x, head = self.norm(x, "final_norm.weight"), "tok_emb.weight"
        else:
            x = self.w["model.embed_tokens.weight"][ids]
            if self.mor:
                x = self.run_mor(answer, x, ask, steps)
            elif self.recursive:
                x = self.run_recursive(answer, x, everyone, ask, steps)
            else:
                for l in range(self.layers):
                    x, _ = self.layer(answer, x, everyone, f"model.layers.{l}.")
                answer.entries = answer.full_entries
            head = "lm_head.weight" if "lm_head.weight" in self.w else "model.embed_tokens.weight"
            x = self.norm(x, "model.norm.weight")
        answer.logits = self.linear(answer, x, head)
        top = np.sort(answer.logits[-1])
        answer.head_margin = top[-1] - top[-2]
        return answer

    def run_more(self, answer, x, steps):
        everyone = np.arange(len(x))
        answer.entries = answer.full_entries
        for l in range(self.layers):
            b = f"blocks.{l}."
            x, _ = self.attend(answer, x, self.norm(x, b + "attn_norm.weight"), everyone, b + "attn.")
            if self.config["model_type"] == "more_baseline":
                x = x + self.feed(answer, self.norm(x, b + "ffn_norm.weight"), b + "ffn.")
                continue
            h = self.norm(x, b + "more_norm.weight")
            p = softmax(self.linear(answer, h, b + "more.router.weight"))
            count = self.config["top_k"]
            order = np.argsort(-p, -1, kind="stable")[:, :count]
            ranked = -np.sort(-p, -1)[:, :count + 1]
            if ranked.shape[1] > 1:
                answer.margin = min(answer.margin, float(-np.diff(ranked).max()))
            weight = np.take_along_axis(p, order, -1)
            weight = weight / weight.sum(-1, keepdims=True)
            answer.experts.append({"layer": l, "index": order.tolist(), "weight": weight.tolist()})
            y = np.zeros_like(x)
            for e in range(p.shape[1]):
                rows, slots = np.nonzero(order == e)
                if len(rows):
                    y[rows] += weight[rows, slots][:, None] * self.expert(answer, h[rows], f"{b}more.experts.{e}.", steps)
            x = x + y
        return x

    def expert(self, answer, z, name, steps):
        for s in range(steps):
            z = z + self.w[name + "step_embedding"][s]
            # One token alone: attention is the value of its own head group.
            v = self.linear(answer, self.norm(z, name + "tiny_attn_norm.weight"), name + "tiny_attn.v_proj.weight")
            v = v.reshape(len(z), self.kv_heads, -1).repeat(self.heads // self.kv_heads, 1).reshape(len(z), -1)
            z = z + self.linear(answer, v, name + "tiny_attn.o_proj.weight")
            z = z + self.feed(answer, self.norm(z, name + "ffn_norm.weight"), name + "ffn.")
        return self.norm(z, name + "out_norm.weight")

    def run_recursive(self, answer, x, everyone, ask, steps):
        """The unrolled stack; a lower depth leaves out the last visits of every shared layer."""
        sequence, memory = self.sharing.endswith("sequence"), {}
        for l in range(self.layers):
            inside = l - self.middle
            unique = self.middle and l in (0, self.layers - 1)
            slot = -1 if unique else inside // self.recursions if sequence else inside % self.block_layers
            visit = 0 if unique else inside % self.recursions if sequence else inside // self.block_layers
            if visit >= steps:
                continue
            shared = self.policy_of(ask) == "share" and visit > 0
            x, own = self.layer(answer, x, everyone, f"model.layers.{l}.", memory.get(slot) if shared else None)
            if not unique and visit == 0:
                memory[slot] = own
            answer.entries += 0 if shared else len(x)
        return x

    def run_mor(self, answer, x, ask, steps):
        everyone, first = np.arange(len(x)), int(self.middle)
        if self.middle:
            x, _ = self.layer(answer, x, everyone, "model.layers.0.")
            answer.entries += len(x)
        memory = {}

        def block(rows, positions, r):
            policy = self.policy_of(ask) if r else "recursion"
            for j in range(self.block_layers):
                names = [f"model.layers.{first}.block_list.{i}.{j}." if self.token else f"model.layers.{first + i}.block.{j}." for i in (r, 0)]
                name = names[0] if names[0] + "input_layernorm.weight" in self.w else names[1]
                rows, own = self.layer(answer, rows, positions, name, None if policy == "recursion" else memory[j], policy == "hybrid")
                if r == 0:
                    memory[j] = own
                answer.entries += 0 if policy == "share" else len(rows)
            return rows

        x = (self.choose_destinations if self.token else self.choose_tokens)(answer, x, ask, steps, block)
        if self.middle:
            x, _ = self.layer(answer, x, everyone, f"model.layers.{2 if self.token else self.recursions + 1}.")
            answer.entries += len(x)
        return x

    def choose_tokens(self, answer, x, ask, steps, block):
        """Expert-choice: every recursion chooses among those of the one before."""
        rule, active, first = self.rule_of(ask), np.arange(len(x)), int(self.middle)
        capacity = ask.capacity or self.capacity
        answer.depth = [0] * len(x)
        x = x.copy()
        for r in range(steps):
            name = f"model.layers.{first + r}."
            logit = self.router(answer, x[active], name + "mor_router.router")[:, 0]
            function = self.options["router_func"]
            score = {"sigmoid": sigmoid, "tanh": np.tanh}.get(function, lambda v: v)(logit)
            gate = score if function == "identity" else self.options["alpha"] * score
            second = self.router(Answer(), x[active], name + "mlp_router.router")[:, 0] if self.options.get("sampling") == "aux_router" else logit
            if rule == "topk":
                keep = min(len(active), max(1, math.floor(capacity[r] * len(x))))
                order = np.argsort(-gate, kind="stable")
                if keep < len(active):
                    answer.margin = min(answer.margin, abs(score[order[keep - 1]] - score[order[keep]]))
                chosen = np.sort(order[:keep])
            elif rule == "forced":
                chosen = np.nonzero(np.asarray(ask.forced)[active] > r)[0]
            elif rule in ("threshold", "aux") and r > 0:
                certainty = sigmoid(second if rule == "aux" else logit)
                tau = ask.tau if rule == "threshold" else 0.5
                answer.margin = min([answer.margin, *np.abs(certainty - tau)])
                chosen = np.nonzero(certainty > tau)[0]
            else:
                chosen = np.arange(len(active))
            target = np.zeros(len(active))
            target[chosen] = 1
            if len(active):
                answer.aux_steps.append(float(np.mean(binary_cross_entropy(second, target))))
                answer.z_steps.append(float(np.mean(logit ** 2)))
            row = [None] * len(x)
            for t, s in zip(active, score):
                row[t] = float(s)
            answer.scores.append(row)
            active, gate = active[chosen], gate[chosen]
            answer.selected.append(active.tolist())
            for t in active:
                answer.depth[t] += 1
            if not len(active):
                continue
            h = block(x[active], active, r)
            x[active] += h * (gate[:, None] if self.options["gating"] == "weighted" else 1)
        answer.scores += [[None] * len(x) for _ in range(self.recursions - steps)]
        answer.aux = sum(answer.aux_steps)
        answer.z = sum(answer.z_steps) if self.mor.get("z_loss") else 0.0
        return x

    def choose_destinations(self, answer, x, ask, steps, block):
        """Token-choice: one decision for each token before the first recursion."""
        rule, start = self.rule_of(ask), x.copy()
        u = self.router(answer, x, f"model.layers.{int(self.middle)}.mor_router.router")
        share = softmax(u) if self.options["router_func"] == "softmax" else sigmoid(u)
        p = self.options["alpha"] * share
        rank = p + self.w.get(f"model.layers.{int(self.middle)}.router_bias", 0.0)
        choice = rank.argmax(-1)
        if rule == "token":
            ranked = np.sort(rank, -1)
            answer.margin = float((ranked[:, -1] - ranked[:, -2]).min()) if self.recursions > 1 else math.inf
        elif rule == "forced":
            choice = np.asarray(ask.forced) - 1
        else:
            choice = np.full(len(x), steps - 1)
        choice = np.minimum(choice, steps - 1)
        answer.depth = (choice + 1).tolist()
        answer.scores = share.T.tolist()
        load = np.bincount(choice, minlength=self.recursions) / len(x)
        answer.balance = float((p.mean(0) * load * self.recursions).sum())
        answer.z_steps = [float(np.mean(log_sum_exp(u) ** 2))]
        answer.z = answer.z_steps[0] if self.mor.get("z_loss") else 0.0
        out = start.copy()
        for r in range(steps):
            active = np.nonzero(choice >= r)[0]
            if not len(active):
                break
            x[active] = block(x[active], active, r)
            ends = np.nonzero(choice == r)[0]
            weight = p[ends, r][:, None] if self.options["gating"] == "weighted" else 1
            out[ends] = start[ends] + weight * x[ends]
        return out

    def continue_greedily(self, prompt, count, ask):
        """Tokens by whole passes; MORE sees at most its context. Also the smallest margin on the way."""
        ids, margin = list(prompt), math.inf
        for _ in range(count):
            answer = self.run(np.asarray(ids[-self.context:] if self.more else ids), ask)
            margin = min(margin, answer.margin, answer.head_margin)
            ids.append(int(answer.logits[-1].argmax()))
        return ids[len(prompt):], margin
