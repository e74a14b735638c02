#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A video transformer written anew with numpy in float64: the fixtures video_dit and
video_dit_latte.

    python3 tests/oracles/video_reference.py

needs numpy. All tokens of a clip run together under a dense mask, complex numbers turn the rotary
pairs, and modulation is chosen per token: nothing is shared with the engine's way of running one
side after the other.
"""
import json
import math
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).resolve().parents[1] / "fixtures"


def write_safetensors(path, tensors):
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for name, value in tensors.items():
        data = np.ascontiguousarray(value, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape),
                        "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        blobs.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def shapes(c):
    d, p, m = c["hidden_size"], 3 * c["patch_frames"] * c["patch_height"] * c["patch_width"], c["mlp_ratio"]
    out = {"patch.weight": (d, p), "patch.bias": (d,), "time.0.weight": (d, 256), "time.0.bias": (d,),
           "time.2.weight": (d, d), "time.2.bias": (d,), "labels.weight": (c["classes"] + 1, d)}
    if c["modulation"] == "single":
        out |= {"modulation.weight": (6 * d, d), "modulation.bias": (6 * d,)}
    for i in range(c["entry_blocks"]):
        b = f"entry.{i}."
        if c["modulation"] == "single":
            out[b + "modulation.table"] = (6, d)
        else:
            out |= {b + "modulation.weight": (6 * d, d), b + "modulation.bias": (6 * d,)}
        out |= {b + "attention.qkv.weight": (3 * d, d), b + "attention.qkv.bias": (3 * d,),
                b + "attention.out.weight": (d, d), b + "attention.out.bias": (d,)}
        if c["qk_norm"]:
            e = d // c["num_attention_heads"]
            out |= {b + "attention.query_norm.weight": (e,), b + "attention.key_norm.weight": (e,)}
        out |= {b + "mlp.up.weight": (m * d, d), b + "mlp.up.bias": (m * d,),
                b + "mlp.down.weight": (d, m * d), b + "mlp.down.bias": (d,)}
    out |= {"head.modulation.weight": (2 * d, d), "head.modulation.bias": (2 * d,),
            "head.out.weight": (p, d), "head.out.bias": (p,)}
    return out


def silu(x):
    return x / (1 + np.exp(-x))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def norm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)


def sincos(position, width):
    out = np.zeros(width)
    for i in range(width // 2):
        angle = position / 10000 ** (i / (width // 2))
        out[i], out[width // 2 + i] = math.sin(angle), math.cos(angle)
    return out


def time_wave(t):
    half = 128
    angles = 1000 * t * np.exp(-math.log(10000) * np.arange(half) / half)
    return np.concatenate([np.cos(angles), np.sin(angles)])


def turn(x, place, e):
    """Half i turns with half i + e/2; axes take e/2 - 2 (e/6), e/6, e/6 of the pairs."""
    pairs = e // 2
    parts = [pairs - 2 * (pairs // 3), pairs // 3, pairs // 3]
    angles = np.concatenate([position / 10000.0 ** (np.arange(n) / n) for position, n in zip(place, parts)])
    z = (x[:pairs] + 1j * x[pairs:]) * np.exp(1j * angles)
    return np.concatenate([z.real, z.imag])


def forward(c, w, patches, places, clean, t, label):
    """patches [N, P] of one clip, places (t, h, w) of each, clean [N] bool."""
    d, h = c["hidden_size"], c["num_attention_heads"]
    e = d // h
    x = patches @ w["patch.weight"].T + w["patch.bias"]
    latte = c["attention"] == "factorised"
    for i, (f, row, column) in enumerate(places):
        x[i] += np.concatenate([sincos(row, d // 2), sincos(column, d // 2)])
        if not latte:
            x[i] += sincos(f, d)

    def condition(level):
        hidden = silu(time_wave(level) @ w["time.0.weight"].T + w["time.0.bias"])
        return hidden @ w["time.2.weight"].T + w["time.2.bias"] + w["labels.weight"][label]

    sets = {True: condition(0.0), False: condition(t)}
    for i in range(c["entry_blocks"]):
        b = f"entry.{i}."
        if latte and i == 1:
            for n, (f, _, _) in enumerate(places):
                x[n] += sincos(f, d)
        vectors = {}
        for kind, cond in sets.items():
            if c["modulation"] == "single":
                made = silu(cond) @ w["modulation.weight"].T + w["modulation.bias"]
                vectors[kind] = made.reshape(6, d) + w[b + "modulation.table"]
            else:
                made = silu(cond) @ w[b + "modulation.weight"].T + w[b + "modulation.bias"]
                vectors[kind] = made.reshape(6, d)
        v = np.stack([vectors[bool(k)] for k in clean])  # [N, 6, d]
        hidden = norm(x) * (1 + v[:, 1]) + v[:, 0]
        qkv = (hidden @ w[b + "attention.qkv.weight"].T + w[b + "attention.qkv.bias"]).reshape(len(x), 3, h, e)
        mixed = np.zeros((len(x), h, e))
        for head in range(h):
            q, k = qkv[:, 0, head].copy(), qkv[:, 1, head].copy()
            if c["qk_norm"]:
                q *= w[b + "attention.query_norm.weight"] / np.sqrt((q ** 2).mean(-1, keepdims=True) + 1e-6)
                k *= w[b + "attention.key_norm.weight"] / np.sqrt((k ** 2).mean(-1, keepdims=True) + 1e-6)
            if c["positions"] != "sincos":
                q = np.stack([turn(row, place, e) for row, place in zip(q, places)])
                k = np.stack([turn(row, place, e) for row, place in zip(k, places)])
            for n in range(len(x)):
                weights = np.zeros(len(x))
                for s in range(len(x)):
                    seen = not clean[n] or clean[s]
                    if latte and i % 2 == 0:
                        seen = seen and places[n][0] == places[s][0]
                    elif latte:
                        seen = seen and places[n][1:] == places[s][1:]
                    weights[s] = math.exp(q[n] @ k[s] / math.sqrt(e)) if seen else 0
                mixed[n, head] = weights @ qkv[:, 2, head] / weights.sum()
        x = x + v[:, 2] * (mixed.reshape(len(x), d) @ w[b + "attention.out.weight"].T + w[b + "attention.out.bias"])
        hidden = norm(x) * (1 + v[:, 4]) + v[:, 3]
        hidden = gelu(hidden @ w[b + "mlp.up.weight"].T + w[b + "mlp.up.bias"])
        x = x + v[:, 5] * (hidden @ w[b + "mlp.down.weight"].T + w[b + "mlp.down.bias"])
    shift, scale = np.split(silu(sets[False]) @ w["head.modulation.weight"].T + w["head.modulation.bias"], 2)
    out = (norm(x) * (1 + scale) + shift) @ w["head.out.weight"].T + w["head.out.bias"]
    return out[~np.array(clean)]


def make(name, changes):
    c = {"model_type": "video_dit", "clip_frames": 6, "clip_height": 8, "clip_width": 4, "patch_frames": 2,
         "patch_height": 4, "patch_width": 2, "context_frames": 2, "classes": 3, "hidden_size": 24,
         "num_attention_heads": 2, "mlp_ratio": 2, "entry_blocks": 2, "exit_blocks": 0, "positions": "both",
         "attention": "joint", "modulation": "block", "qk_norm": False, "prediction": "x0", "residual": False}
    c |= changes
    random = np.random.default_rng(7)
    w = {key: (random.standard_normal(shape) * (0.3 if len(shape) > 1 else 0.2)).astype("<f4").astype(np.float64)
         for key, shape in shapes(c).items()}
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(c, indent=1) + "\n")
    write_safetensors(folder / "model.safetensors", w)
    places = [(f, row, column) for f in range(3) for row in range(2) for column in range(2)]
    patches = random.standard_normal((2, len(places), 3 * 2 * 4 * 2)).astype("<f4").astype(np.float64)
    t, labels = [0.7, 0.25], [1, 3]
    clean = [f == 0 for f, _, _ in places]
    out = [forward(c, w, patches[k], places, clean, t[k], labels[k]) for k in range(2)]
    alone = [forward(c, w, patches[k], places, [False] * len(places), t[k], labels[k]) for k in range(2)]
    answers = {"patches": patches.tolist(), "t": t, "labels": labels, "predicted": np.stack(out).tolist(),
               "without_context": np.stack(alone).tolist()}
    text = json.dumps(json.loads(json.dumps(answers), parse_float=lambda s: round(float(s), 9)))
    (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    make("video_dit", {})
    make("video_dit_latte", {"attention": "factorised", "modulation": "single", "qk_norm": True, "entry_blocks": 3})
