#!/usr/bin/env python3
"""Weight files as PyTorch writes them, for tst_torch_archive. Needs `pip install torch safetensors`.

    python3 tests/oracles/torch_files.py tests/fixtures/weights
"""
import collections
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    base = torch.randn(4, 3)
    module = torch.nn.Linear(3, 2)
    state = collections.OrderedDict(
        whole=base, transposed=base.t(), rows=base[1:3], column=base[:, 1], tied=base,
        half=torch.randn(2, 2).half(), brain=torch.randn(5).bfloat16(), double=torch.randn(2).double(),
        whole_numbers=torch.arange(-3, 3), bytes=torch.tensor([0, 255], dtype=torch.uint8), scalar=torch.tensor(2.5),
        empty=torch.zeros(0, 4), parameter=torch.nn.Parameter(torch.randn(3)))
    state.update({f"linear.{name}": value for name, value in module.state_dict().items()})
    torch.save(state, out / "state.bin")
    torch.save(state, out / "protocol4.bin", pickle_protocol=4)
    torch.save(module.state_dict(), out / "module.bin")
    torch.save({"epoch": 3, "lr": 0.1, "name": "x", "done": [True, None, (1, 2, 3, 4)], "state_dict": module.state_dict()}, out / "wrapped.pt")
    torch.save(module.state_dict(), out / "old.bin", _use_new_zipfile_serialization=False)
    torch.save(module, out / "program.pt")
    torch.save({"expanded": torch.ones(1, 1).expand(100, 100)}, out / "expanded.bin")
    llama = load_file(str(out.parent / "llama_gqa" / "model.safetensors"))
    llama["lm_head.weight"] = llama["model.embed_tokens.weight"]
    torch.save(llama, out / "llama_gqa.bin")
    save_file({name: value.detach().clone().contiguous() for name, value in state.items()}, str(out / "expected.safetensors"))


if __name__ == "__main__":
    main()
