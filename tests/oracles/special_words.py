#!/usr/bin/env python3
"""What stands beside a tokenizer.model, and the ids that transformers makes of it, for tst_special_words.

Writes cases.json beside the tokenizer.model of the folder. The reference is the slow LlamaTokenizer of
transformers 4.57, and the sentencepiece package where nothing stands beside the model. Decoded texts are written by
hand, as the tokenizers library has them: the slow tokenizer puts spaces between words.
Needs `pip install transformers==4.57.1 sentencepiece protobuf`.

    python3 tests/oracles/special_words.py tests/fixtures/tokenizer/words
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import sentencepiece
import transformers

SINGLE = ["<|im_end|>", "hi <|im_end|> you", "<|im_start|>you<|im_end|>", "a<|im_end|>"]
TEXTS = SINGLE + ["<|im_end|><|im_end|>", "<|im_start|>user\nhello<|im_end|>\n<|im_start|>", "a</s>b",
                  "no words here", "<|im_end| >", "\n<|im_end|>", "caf\u00e9 <|x|>[PAD]<pad> end",
                  "\u00e9<|im_end|>\u00e9", ""]
START, END = "<|im_start|>", "<|im_end|>"
SPACE = 513  # of this model


def word(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False,
            "special": True} | flags


def decoder(**words):
    base = {"0": word("<unk>"), "1": word("<s>"), "2": word("</s>")}
    return {"added_tokens_decoder": base | {key[1:]: value for key, value in words.items()}}


CHAT = {"_700": word(START), "_701": word(END)}
JSON = {"version": "1.0", "added_tokens": [{"id": i} | word(text) for i, text in
                                           ((0, "<unk>"), (1, "<s>"), (2, "</s>"), (700, START), (701, END))],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
        "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"type": "BPE", "byte_fallback": True, "vocab": {}, "merges": []}}
CONFIG, MAP, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
CASES = {
    "plain": {},
    "added": {ADDED: {START: 700, END: 701}},
    "added with holes": {ADDED: {START: 705, END: 710}},
    "added over a piece": {ADDED: {START: 5, END: 700}},
    "decoder": {CONFIG: decoder(**CHAT)},
    "decoder with holes": {CONFIG: decoder(_705=word(START), _710=word(END))},
    "extra list": {CONFIG: {"additional_special_tokens": [START, END]}},
    "extra objects": {MAP: {"additional_special_tokens": [word(START), word(END, rstrip=True)]}},
    "named": {CONFIG: {"bos_token": START, "eos_token": END}},
    "pad": {CONFIG: {"pad_token": END, "eos_token": "</s>", "bos_token": "<s>"}},
    "map": {MAP: {"additional_special_tokens": [START, END], "pad_token": "<pad>"}},
    "map over config": {MAP: {"eos_token": END}, CONFIG: {"eos_token": START}},
    "decoder over added": {ADDED: {START: 703, END: 704}, CONFIG: decoder(**CHAT)},
    "added and map": {ADDED: {START: 700, END: 701}, MAP: {"eos_token": END, "pad_token": "[PAD]"}},
    "legacy": {CONFIG: {"legacy": True, **decoder(**CHAT)}},
    "not legacy": {CONFIG: {"legacy": False, **decoder(**CHAT)}},
    "no prefix": {CONFIG: {"legacy": False, "add_prefix_space": False, **decoder(**CHAT)}},
    "no mark in front": {CONFIG: {"add_bos_token": False, **decoder(**CHAT)}},
    "null mark in front": {CONFIG: {"bos_token": None, **decoder(**CHAT)}},
    "left strip": {CONFIG: decoder(_700=word(START), _701=word(END, lstrip=True))},
    "right strip": {CONFIG: decoder(_700=word(START, rstrip=True), _701=word(END, rstrip=True))},
    "single word": {CONFIG: decoder(_700=word(START), _701=word(END, single_word=True))},
    "overlap": {CONFIG: decoder(_700=word("<|im"), _701=word(END), _702=word("_end|>"), _703=word(START))},
    "normalized": {CONFIG: decoder(_700=word(START, special=False, normalized=True),
                                   _701=word(END, special=False, normalized=True))},
    "tokenizer.json": {"tokenizer.json": JSON},
    "tokenizer.json and added": {"tokenizer.json": JSON, ADDED: {"<|x|>": 702}},
}
DECODE = {
    "plain": [([2], ""), ([0], " \u2047 "), ([1, 513, 520, 522, 2], "hi"), ([513, 520, 522], "hi")],
    "added with holes": [([710], END), ([513, 520, 522, 710], "hi" + END), ([705, 513, 534], START + " y"),
                         ([705, 13, 710], START + "\n" + END), ([707], "")],
    "no prefix": [([513, 520, 522], " hi"), ([520, 522], "hi")],
    "added over a piece": [([5], START), ([513, 520, 522, 5], "hi" + START)],
    **{name: [([701], END), ([513, 520, 522, 701], "hi" + END), ([700, 513, 534], START + " y"),
              ([700, 701], START + END), ([700, 13, 701], START + "\n" + END), ([2], "</s>"),
              ([513, 520, 522, 2], "hi</s>"), ([1, 513, 520, 522], "<s> hi"), ([0], "<unk>"), ([700, 198, 172], START + "\u00e9"),
              ([700, 198], START + "\ufffd")]
       for name in ("decoder", "tokenizer.json")},
}


def ids_of(tokenizer, text, files):
    ids = tokenizer.encode(text, add_special_tokens=False)
    # Only the slow tokenizer leaves a space alone in front of a text that begins with a word.
    alone = files.get(CONFIG, {}).get("legacy") is False and text.startswith("<|im_") and ids[0] == SPACE
    return ids[1:] if alone else ids


def main():
    out = pathlib.Path(sys.argv[1])
    transformers.logging.set_verbosity_error()
    plain = sentencepiece.SentencePieceProcessor(str(out / "tokenizer.model"))
    cases = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(out / "tokenizer.model", folder)
            for file, content in files.items():
                (pathlib.Path(folder) / file).write_text(json.dumps(content))
            tokenizer = transformers.LlamaTokenizer.from_pretrained(folder)
        # transformers always finds </s>; here only what a file declares is a word. Its slow tokenizer has rules of
        # its own for what stands beside a single word.
        texts = [text for text in (SINGLE if name == "single word" else TEXTS)
                 if "</s>" not in text or not files or "</s>" in json.dumps(files)]
        encode = [{"text": text, "ids": ids_of(tokenizer, text, files) if files else plain.encode(text)}
                  for text in texts]
        start = [token for token in tokenizer.build_inputs_with_special_tokens([]) if token is not None]
        cases.append({"name": name, "files": files, "encode": encode, "start": start,
                      "decode": [{"ids": ids, "text": text} for ids, text in DECODE.get(name, [])]})
    lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    (out / "cases.json").write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
