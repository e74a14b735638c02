"""Random tiny model folders for `routing_sweep.py`, in the layouts that the official programs write: Llama, recursive baseline,
Mixture-of-Recursions (expert-choice, token-choice), MORE and its baseline; and two models whose weights come from their
tensors' names alone, so that golden values can be written down. Every maker takes the new folder and a seed.
"""
import json
import math
import struct

import numpy as np

from routing_reference import ATTENTION, FEED_FORWARD


def save(folder, config, side, weights):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    if side:
        (folder / "mor_config.json").write_text(json.dumps(side, indent=1))
    header, at = {}, 0
    for name, value in weights.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + value.size * 4]}
        at += value.size * 4
    head = json.dumps(header).encode()
    body = b"".join(value.astype("<f4").tobytes() for value in weights.values())
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + body)


class Draw:
    """Random tensors: gains about 1, embeddings about 0.7, everything else scaled by its inputs."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def matrix(self, out, inner, scale=1.0):
        return self.rng.normal(0, scale / math.sqrt(inner), (out, inner))

    def gain(self, width):
        return 1 + 0.2 * self.rng.normal(size=width)

    def attention(self, name, width, heads, kv_heads, hd):
        shapes = {"q": (heads * hd, width), "k": (kv_heads * hd, width), "v": (kv_heads * hd, width), "o": (width, heads * hd)}
        return {f"{name}{part}_proj.weight": self.matrix(*shapes[part], 1.4) for part in ATTENTION}

    def feed(self, name, width, inner):
        shapes = {"gate": (inner, width), "up": (inner, width), "down": (width, inner)}
        return {f"{name}{part}_proj.weight": self.matrix(*shapes[part], 1.4) for part in FEED_FORWARD}

    def layer(self, c):
        hd = c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
        return {**self.attention("self_attn.", c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"], hd),
                **self.feed("mlp.", c["hidden_size"], c["intermediate_size"]),
                "input_layernorm.weight": self.gain(c["hidden_size"]), "post_attention_layernorm.weight": self.gain(c["hidden_size"])}


def llama_config(**changes):
    c = {"model_type": "llama", "vocab_size": 61, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4,
         "num_key_value_heads": 2, "max_position_embeddings": 64, "rope_theta": 10000.0, "rms_norm_eps": 1e-5, "tie_word_embeddings": True}
    return {**c, **changes}


def under(prefix, tensors):
    return {prefix + name: value for name, value in tensors.items()}


def frame(draw, c, layers):
    """Embedding, layers, norm, and a head of its own where it is not tied."""
    weights = {"model.embed_tokens.weight": draw.rng.normal(0, 0.7, (c["vocab_size"], c["hidden_size"])), **layers,
               "model.norm.weight": draw.gain(c["hidden_size"])}
    if not c["tie_word_embeddings"]:
        weights["lm_head.weight"] = draw.matrix(c["vocab_size"], c["hidden_size"])
    return weights


def llama(folder, seed, **changes):
    draw, c = Draw(seed), llama_config(**changes)
    save(folder, c, None, frame(draw, c, {k: v for l in range(c["num_hidden_layers"]) for k, v in under(f"model.layers.{l}.", draw.layer(c)).items()}))


def recursive(folder, seed, sharing, recursions, layers, share=False, **changes):
    """The official writer keeps every unrolled layer, and its `num_hidden_layers` may count those that were dropped."""
    draw, c = Draw(seed), llama_config(num_hidden_layers=layers, **changes)
    middle = 2 * sharing.startswith("middle")
    block = (layers - middle) // recursions
    slots, weights = {}, {}
    for l in range(block * recursions + middle):
        inside = l - middle // 2
        slot = inside // recursions if sharing.endswith("sequence") else inside % block
        slot = ("end", l) if middle and l in (0, block * recursions + 1) else slot
        slots.setdefault(slot, draw.layer(c))
        weights |= under(f"model.layers.{l}.", slots[slot])
    side = {"mor": {"enable": False}, "recursive": {"enable": True, "num_recursion": recursions, "sharing": sharing},
            "kv_sharing": {"enable": share, "num_recursion": recursions, "sharing": sharing, "update_cache": False}}
    save(folder, c, side, frame(draw, c, weights))


def router(draw, kind, width, out, wide=2, spread=1.0):
    hidden = wide * width if kind == "wide_mlp" else 2 * width
    if kind == "linear":
        return {"weight": draw.matrix(out, width, 1.3 * spread)}
    return {"0.weight": draw.matrix(hidden, width, 2), "2.weight": draw.matrix(out, hidden, 2.5 * spread)}


def mor(folder, seed, kind="expert", recursions=3, block=2, middle=True, router_type="linear", wide=None, func="sigmoid", alpha=0.1, spread=1.0, temp=1.0,
        gating="weighted", capacity=None, sampling="aux_loss", balancing="loss", z_loss=False, kv="recursion", untied=False, aliases=True, **changes):
    draw, first = Draw(seed), int(middle)
    c = llama_config(num_hidden_layers=block * recursions + 2 * middle, **changes)
    options = {"enable": True, "type": kind, "router_type": router_type, "temp": temp, "z_loss": z_loss, "z_coeff": 0.001, "rand_router": False,
               kind: {"router_func": func, "alpha": alpha, "gating": gating, "coeff": 0.01,
                      **({"sampling": sampling, "cap_warmup_step": 0} if kind == "expert" else {"balancing": balancing, "u": 0.001})}}
    options |= {} if capacity is None else {"capacity": capacity}
    options |= {} if wide is None else {"wide_factor": wide}
    sharing = "middle_cycle" if middle else "cycle"
    side = {"mor": options, "recursive": {"enable": True, "num_recursion": recursions, "sharing": sharing},
            "kv_sharing": {"enable": kv != "recursion", "num_recursion": recursions, "sharing": sharing, "update_cache": kv == "hybrid"}}
    shared, weights = [draw.layer(c) for _ in range(block)], {}
    end = 2 if kind == "token" else recursions + 1
    for l in (0, end) if middle else ():
        weights |= under(f"model.layers.{l}.", draw.layer(c))
    for r in range(recursions):
        for j, layer in enumerate(shared):
            if untied and r:
                layer = {**layer, **{k: v for k, v in draw.layer(c).items() if "self_attn" in k}}
            if aliases or r == 0:
                weights |= under(f"model.layers.{first}.block_list.{r}.{j}." if kind == "token" else f"model.layers.{first + r}.block.{j}.", layer)
        if kind == "expert":
            weights |= under(f"model.layers.{first + r}.mor_router.router.", router(draw, router_type, c["hidden_size"], 1, wide or 2, spread))
            if sampling == "aux_router":
                weights |= under(f"model.layers.{first + r}.mlp_router.router.", router(draw, router_type, c["hidden_size"], 1, wide or 2, spread))
    if kind == "token":
        weights |= under(f"model.layers.{first}.mor_router.router.", router(draw, router_type, c["hidden_size"], recursions, wide or 2, spread))
        if balancing == "loss_free":
            weights[f"model.layers.{first}.router_bias"] = draw.rng.normal(0, 0.2 * alpha, recursions)
    save(folder, c, side, frame(draw, c, weights))


def more(folder, seed, baseline=False, experts=4, top=2, recursions=3, heads=4, kv_heads=4, width=32, inner=40, layers=2, context=48, buffers=False):
    draw = Draw(seed)
    c = {"model_type": "more_baseline" if baseline else "more", "vocab_size": 65, "n_embd": width, "n_head": heads, "n_kv_head": kv_heads,
         "n_layer": layers, "block_size": context, "num_experts": experts, "top_k": top, "n_recursions": recursions, "intermediate_size": inner,
         "dropout": 0.0, "bias": False, "rope_theta": 10000.0}
    hd = width // heads
    weights = {"tok_emb.weight": draw.rng.normal(0, 0.7, (65, width)), "final_norm.weight": draw.gain(width)}
    for l in range(layers):
        b = f"blocks.{l}."
        weights |= {b + "attn_norm.weight": draw.gain(width), **draw.attention(b + "attn.", width, heads, kv_heads, hd)}
        if buffers:
            weights |= {b + "attn.cos_cached": np.ones((context, hd)), b + "attn.sin_cached": np.zeros((context, hd))}
        if baseline:
            weights |= {b + "ffn_norm.weight": draw.gain(width), **draw.feed(b + "ffn.", width, inner)}
            continue
        weights |= {b + "more_norm.weight": draw.gain(width), b + "more.router.weight": draw.matrix(experts, width, 1.5)}
        for e in range(experts):
            x = f"{b}more.experts.{e}."
            weights |= {**draw.attention(x + "tiny_attn.", width, heads, kv_heads, hd), **draw.feed(x + "ffn.", width, inner),
                        **{f"{x}{n}.weight": draw.gain(width) for n in ("tiny_attn_norm", "ffn_norm", "out_norm")},
                        x + "step_embedding": draw.rng.normal(0, 0.5, (recursions, width))}
    if buffers:
        weights["lm_head.weight"] = weights["tok_emb.weight"]
    save(folder, c, None, weights)


def portable(name, shape):
    """Weights that any program can make from a tensor's name: FNV-1a seeds splitmix64."""
    state, mask = 0xCBF29CE484222325, (1 << 64) - 1
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & mask
    base, scale = (1.0, 0.1) if "norm" in name else (0.0, 0.35)
    values = []
    for _ in range(math.prod(shape)):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        values.append(base + scale * (2 * (((z ^ (z >> 31)) >> 11) * 2.0 ** -53) - 1))
    return np.float32(values).astype(np.float64).reshape(shape)


def golden_more(folder):
    c = {"model_type": "more", "vocab_size": 11, "n_embd": 8, "n_head": 2, "n_kv_head": 2, "n_layer": 2, "block_size": 16, "num_experts": 3,
         "top_k": 2, "n_recursions": 2, "intermediate_size": 16, "dropout": 0.0, "bias": False, "rope_theta": 10000.0}
    square, feed = (8, 8), {"gate": (16, 8), "up": (16, 8), "down": (8, 16)}
    shapes = {"tok_emb.weight": (11, 8), "final_norm.weight": (8,)}
    for b in ("blocks.0.", "blocks.1."):
        shapes |= {b + "attn_norm.weight": (8,), b + "more_norm.weight": (8,), b + "more.router.weight": (3, 8)}
        shapes |= {f"{b}attn.{part}_proj.weight": square for part in ATTENTION}
        for x in (f"{b}more.experts.{e}." for e in range(3)):
            shapes |= {f"{x}tiny_attn.{part}_proj.weight": square for part in ATTENTION}
            shapes |= {f"{x}ffn.{part}_proj.weight": feed[part] for part in FEED_FORWARD}
            shapes |= {**{f"{x}{n}.weight": (8,) for n in ("tiny_attn_norm", "ffn_norm", "out_norm")}, x + "step_embedding": (2, 8)}
    save(folder, c, None, {name: portable(name, shape) for name, shape in shapes.items()})


def golden_mor(folder, kind="expert", func="sigmoid", alpha=0.1):
    c = llama_config(vocab_size=11, hidden_size=8, intermediate_size=12, num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=8)
    shapes = {**{f"self_attn.{part}_proj.weight": (4 if part in "kv" else 8, 8) for part in ATTENTION},
              "mlp.gate_proj.weight": (12, 8), "mlp.up_proj.weight": (12, 8), "mlp.down_proj.weight": (8, 12),
              "input_layernorm.weight": (8,), "post_attention_layernorm.weight": (8,)}
    names = {"0": "first", "2" if kind == "token" else "4": "last"}
    names |= {f"1.block_list.{r}.{j}" if kind == "token" else f"{1 + r}.block.{j}": f"blk{j}" for r in range(3) for j in range(2)}
    weights = {f"model.layers.{ours}.{part}": portable(f"m.{theirs}.{part}", shape) for ours, theirs in names.items() for part, shape in shapes.items()}
    if kind == "token":
        weights["model.layers.1.mor_router.router.weight"] = portable("m.trouter_5.weight", (3, 8))
    else:
        weights |= {f"model.layers.{1 + r}.mor_router.router.weight": portable(f"m.router{r}.weight", (1, 8)) for r in range(3)}
    weights |= {"model.embed_tokens.weight": portable("m.embed_tokens.weight", (11, 8)), "model.norm.weight": portable("m.norm.weight", (8,))}
    side = {"mor": {"enable": True, "type": kind, "router_type": "linear", "z_loss": True, kind: {"router_func": func, "alpha": alpha, "gating": "weighted"}},
            "recursive": {"enable": True, "num_recursion": 3, "sharing": "middle_cycle"}}
    save(folder, c, side, weights)
