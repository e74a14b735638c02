#!/usr/bin/env python3
"""Files of torch.save with all that a state dictionary may hold beside plain tensors, for tst_weight_kinds.

Each holds `weight`, `bias` and one odd thing, `odd`. kinds.json says what that is to its reader: a tensor
("read": its numbers), a tensor that cannot be read ("unreadable"), or no tensor at all ("other").
Needs `pip install torch`.

    python3 tests/oracles/torch_kinds.py tests/fixtures/weights/kinds
"""
import collections
import json
import pathlib
import sys

import torch

WEIGHT = torch.arange(6, dtype=torch.float32).view(2, 3) / 4
BIAS = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float16)
ONES = torch.ones(4)


def noted(tensor):
    tensor.note = 1
    return tensor


def readable():
    row = torch.tensor([1.5, -2.0, 0.25])
    return {
        "parameter": torch.nn.Parameter(row.clone()),
        "parameter_with_attribute": noted(torch.nn.Parameter(row.clone())),
        "tensor_with_attribute": noted(row.clone()),
        "buffer": torch.nn.Buffer(row.clone()),
        "needs_gradient": row.clone().requires_grad_(),
        "expanded_scalar": torch.full((1,), 0.7).expand(5),
        "expanded_rows": row[None].expand(4, 3),
        "expanded_columns": row[:, None].expand(3, 2),
        "stepped": torch.arange(8, dtype=torch.float32)[1::3],
        "turned": WEIGHT.t(),
        "tied": WEIGHT,
        "f64": row.double(),
        "bf16": row.bfloat16(),
        "i16": torch.tensor([-3, 7], dtype=torch.int16),
        "bool": torch.tensor([True, False]),
        "empty": torch.zeros(0, 4),
        "scalar": torch.tensor(2.5),
    }


def unreadable():
    eye = torch.eye(3)
    kinds = {
        name: ONES.to(getattr(torch, name))
        for name in ("complex32", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
                     "float8_e5m2fnuz", "float8_e8m0fnu", "uint16", "uint32", "uint64")
    }
    return kinds | {
        "float4": ONES.to(torch.uint8).view(torch.float4_e2m1fn_x2),
        "qint8": torch.quantize_per_tensor(ONES, 0.1, 0, torch.qint8),
        "quint8": torch.quantize_per_tensor(ONES, 0.1, 0, torch.quint8),
        "qint32": torch.quantize_per_tensor(ONES, 0.1, 0, torch.qint32),
        "by_channel": torch.quantize_per_channel(torch.ones(2, 4), torch.ones(2), torch.zeros(2), 0, torch.qint8),
        "sparse": eye.to_sparse(),
        "sparse_rows": eye.to_sparse_csr(),
        "meta": torch.empty(3, device="meta"),
        "conjugated": ONES.to(torch.complex64).conj(),
        "negated": ONES.to(torch.complex64).conj().imag,
        "float8_with_attribute": noted(ONES.to(torch.float8_e4m3fn)),
    }


def other():
    return {
        "int": 3, "long": 1 << 80, "negative_long": -(1 << 70), "float": 1.5, "text": "x", "none": None, "truth": True,
        "list": [ONES], "tuple": (1, 2, 3, 4), "map": {"a": ONES}, "ordered": collections.OrderedDict(a=ONES),
        "counter": collections.Counter("aab"), "size": torch.Size([2, 3]), "dtype": torch.float16,
        "device": torch.device("cpu"), "bytes": b"abc\xff", "bytearray": bytearray(b"abc"), "set": {1, 2},
        "complex": 1 + 2j, "storage": torch.zeros(2).untyped_storage(),
    }


def numbers(tensor):
    return {"shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch."),
            "values": tensor.detach().double().flatten().tolist()}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    kinds = {"weight": numbers(WEIGHT), "bias": numbers(BIAS), "files": {}}
    for kind, group in (("read", readable()), ("unreadable", unreadable()), ("other", other())):
        for name, odd in group.items():
            torch.save(collections.OrderedDict(weight=WEIGHT, bias=BIAS, odd=odd), out / f"{name}.bin")
            kinds["files"][name] = numbers(odd) if kind == "read" else kind
    (out / "kinds.json").write_text(json.dumps(kinds) + "\n")


if __name__ == "__main__":
    main()
