#!/usr/bin/env python3
"""Tiny Llama models of Hugging Face `transformers` with the fields that models vary in, for tst_llama_variants: random
weights, config.json in old and new spelling, logits. Needs `pip install torch transformers safetensors`.

    python3 tests/oracles/llama_variants.py tests/fixtures
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}

# Name, constructor fields, and what config.json says instead of the library's own spelling.
VARIANTS = [
    ("llama_biased", {"head_dim": 6, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": False,
                      "rope_parameters": {"rope_type": "linear", "factor": 2.5, "rope_theta": 500.0}},
     {"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 2.5}, "torch_dtype": "float32"}),
    ("llama_scaled", {"head_dim": 16, "tie_word_embeddings": True, "attention_bias": True,
                      "rope_parameters": {**LLAMA3, "rope_theta": 100.0}}, None),
    ("llama_scaled_old", {"tie_word_embeddings": False, "num_key_value_heads": 4,
                          "rope_parameters": {**LLAMA3, "low_freq_factor": 1.5, "rope_theta": 1000.0}},
     {"rope_theta": 1000.0, "rope_scaling": {**LLAMA3, "low_freq_factor": 1.5}, "torch_dtype": "float16"}),
]


def main():
    out = pathlib.Path(sys.argv[1])
    for seed, (name, fields, spelled) in enumerate(VARIANTS):
        torch.manual_seed(seed)
        config = LlamaConfig(**{"vocab_size": 61, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
                                "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "attn_implementation": "eager",
                                **fields})
        model = LlamaForCausalLM(config).float().eval()
        for parameter in model.parameters():
            parameter.data = torch.randn_like(parameter) * 0.15 + (1.0 if parameter.dim() == 1 and parameter.mean() > 0.5 else 0.0)
        model.tie_weights()
        ids = torch.randint(0, 61, (2, 40))
        with torch.no_grad():
            logits = model(ids).logits
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        written = json.loads(config.to_json_string(use_diff=False))
        keep = {key: written[key] for key in ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                                              "num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "hidden_act",
                                              "attention_bias", "mlp_bias", "tie_word_embeddings", "head_dim", "model_type")}
        keep |= {"rope_parameters": written["rope_parameters"], "dtype": "float32"} if spelled is None else spelled
        if "head_dim" not in fields:
            del keep["head_dim"]
        (folder / "config.json").write_text(json.dumps(keep, indent=1) + "\n")
        weights = {key: value.contiguous() for key, value in model.state_dict().items() if key != "lm_head.weight" or not config.tie_word_embeddings}
        save_file(weights, str(folder / "model.safetensors"))
        (folder / "model.safetensors").chmod(0o644)
        rounded = [[[round(float(v), 6) for v in token] for token in row[::4]] for row in logits]
        answer = {"ids": ids.tolist(), "stride": 4, "logits": rounded, "parameters": sum(p.numel() for p in model.parameters())}
        (folder / "expected.json").write_text(json.dumps(answer, separators=(",", ":")) + "\n")
        print(name, answer["parameters"], float(logits.abs().max()))


if __name__ == "__main__":
    main()
