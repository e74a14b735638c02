#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""llama.cpp beside `depthscope-cli bench llama`: decoding and prefill of one shape, on one machine, in turns.

Writes GGUF files of the shape of SmolLM-135M with random weights (f32; bf16 with norms in f32) and prints a Markdown table. Ours runs before
and after every round of llama.cpp, so that a drift of the machine falls on both. Needs a virtual environment with llama-cpp-python, gguf and
numpy, and a machine with nothing else to do.

    python3 tests/oracles/llama_cpp_bench.py --cli build/bin/depthscope-cli --rounds 2
"""
import argparse
import ctypes
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import gguf
import llama_cpp
import numpy

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD, FFN, VOCABULARY = 30, 576, 9, 3, 64, 1536, 49152
PROMPT, DECODED, PREFILLED, REPEATS = 8, 48, 512, 3  # as engine/session/model_bench_job.cpp
TYPES = {"bf16": gguf.GGMLQuantizationType.BF16, "f32": gguf.GGMLQuantizationType.F32}
KEEP = []  # the log callback must outlive its use


def write_model(path, kind):
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32 if kind == "f32" else gguf.LlamaFileType.MOSTLY_BF16)
    writer.add_tokenizer_model("no_vocab")
    rng = numpy.random.default_rng(1)

    def matrix(name, rows, columns):
        values = rng.standard_normal((rows, columns), dtype=numpy.float32) * numpy.float32(0.04)
        writer.add_tensor(name, gguf.quants.quantize(values, TYPES[kind]), raw_dtype=TYPES[kind])

    matrix("token_embd.weight", VOCABULARY, WIDTH)  # no output.weight: tied
    writer.add_tensor("output_norm.weight", numpy.ones(WIDTH, dtype=numpy.float32))
    for layer in range(LAYERS):
        prefix = f"blk.{layer}."
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{prefix}{norm}.weight", numpy.ones(WIDTH, dtype=numpy.float32))
        for name, rows, columns in (("attn_q", HEADS * HEAD, WIDTH), ("attn_k", KV_HEADS * HEAD, WIDTH), ("attn_v", KV_HEADS * HEAD, WIDTH),
                                    ("attn_output", WIDTH, HEADS * HEAD), ("ffn_gate", FFN, WIDTH), ("ffn_up", FFN, WIDTH), ("ffn_down", WIDTH, FFN)):
            matrix(f"{prefix}{name}.weight", rows, columns)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Model:
    """A loaded GGUF file and one context, through the C interface."""

    def __init__(self, path, threads):
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx, context.n_batch, context.n_ubatch = 1024, 512, 512
        context.n_threads = context.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, context) if self.model else None
        if not self.context:
            raise SystemExit(f"{path}: llama.cpp does not load it; see its log with --verbose")

    def clear(self):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)

    def run(self, ids):
        """Appends `ids`; returns when the logits of the last one are there."""
        tokens = (llama_cpp.llama_token * len(ids))(*ids)  # the batch only points to it
        batch = llama_cpp.llama_batch_get_one(tokens, len(ids))
        if llama_cpp.llama_decode(self.context, batch) != 0:
            raise SystemExit("llama_decode failed")
        llama_cpp.llama_synchronize(self.context)
        return llama_cpp.llama_get_logits_ith(self.context, -1)

    def close(self):
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


def some_ids(count):
    return [(i * 7919 + 13) % VOCABULARY for i in range(count)]


def decode_rate(model, tokens):
    model.clear()
    model.run(some_ids(PROMPT))
    start = time.perf_counter()
    for i in range(tokens):
        model.run([i])
    return tokens / (time.perf_counter() - start)


def prefill_rate(model):
    model.clear()
    start = time.perf_counter()
    logits = model.run(some_ids(PREFILLED))
    rate = PREFILLED / (time.perf_counter() - start)
    spread = float(numpy.ctypeslib.as_array(logits, shape=(VOCABULARY,)).std())
    if not spread > 0:  # also when it is not a number
        raise SystemExit(f"llama.cpp: logits with a spread of {spread}")
    return rate


def theirs(folder, threads):
    """{case: tokens a second}, medians; cases are named as ours are."""
    rates = {}
    for kind in TYPES:
        model = Model(folder / f"{kind}.gguf", threads)
        decode_rate(model, 4)
        rates[f"decode {kind}"] = statistics.median(decode_rate(model, DECODED) for _ in range(REPEATS))
        rates[f"prefill {PREFILLED} {kind}"] = statistics.median(prefill_rate(model) for _ in range(REPEATS))
        model.close()
    return rates


def ours(cli, threads):
    """({case: tokens a second}, {what: the machine's limit})."""
    command = [str(cli), "bench", "llama", "--json", "--device", "cpu", "--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    rates, limits = {}, {}
    for row in answer["results"]:
        if "tokens_per_second" in row:
            rates[row["case"].split(", ", 1)[1]] = row["tokens_per_second"]
        else:
            limits[f"{row['case']}, {row['unit']}"] = row["value"]
    return rates, limits


class Others:
    """Cores that other programs, and other guests of the host (steal), took while each of the parts ran."""

    def __init__(self):
        self.parts = []

    @staticmethod
    def now():
        ticks = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        hertz = os.sysconf("SC_CLK_TCK")
        return time.perf_counter(), (sum(ticks) - ticks[3] - ticks[4]) / hertz - sum(os.times()[:4])

    def during(self, part):
        before = self.now()
        result = part()
        seconds, cores = (b - a for a, b in zip(before, self.now()))
        self.parts.append(max(0.0, cores / seconds))
        return result


def cells(values, form="{:.1f}"):
    return ", ".join(form.format(value) for value in values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1, help="runs of llama.cpp, each between two of ours")
    parser.add_argument("--verbose", action="store_true", help="the log of llama.cpp")
    options = parser.parse_args()
    if not options.verbose:
        KEEP.append(llama_cpp.llama_log_callback(lambda level, text, data: None))
        llama_cpp.llama_log_set(KEEP[0], ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for kind in TYPES:
            write_model(folder / f"{kind}.gguf", kind)
        others = Others()
        mine, their = [others.during(lambda: ours(options.cli, options.threads))], []
        for _ in range(options.rounds):
            their.append(others.during(lambda: theirs(folder, options.threads)))
            mine.append(others.during(lambda: ours(options.cli, options.threads)))
    print(f"llama-cpp-python {llama_cpp.__version__}, {options.threads} threads; other programs took {cells(others.parts, '{:.2f}')} cores in turn")
    print(f"llama.cpp: {llama_cpp.llama_print_system_info().decode().strip()}\n")
    print("| case | llama.cpp tok/s | ours tok/s, before and after | ours / llama.cpp |\n|---|---|---|---|")
    for case in their[0]:
        a, b = [rates[case] for rates in their], [rates[case] for rates, _ in mine]
        pairs = [(b[i] + b[i + 1]) / 2 / a[i] for i in range(len(a))]
        print(f"| {case} | {cells(a)} | {cells(b)} | {cells(pairs, '{:.2f}')} |")
    for limit in mine[0][1]:
        print(f"| {limit} | | {cells([limits[limit] for _, limits in mine])} | |")


if __name__ == "__main__":
    main()
