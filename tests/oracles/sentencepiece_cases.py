#!/usr/bin/env python3
"""What the `sentencepiece` package makes of hard lines, for tst_sentencepiece.

Trains small unigram and BPE models and writes <name>.model and <name>.ids.json (ids and decoded text of every
line of the tokenizers' lines.json). Needs `pip install sentencepiece`.

    python3 tests/oracles/sentencepiece_cases.py tests/fixtures/tokenizer/sentencepiece \\
        --text tinyshakespeare.txt --lines tests/fixtures/tokenizer/reference/lines.json
"""
import argparse
import json
import pathlib
import tempfile

import sentencepiece

RULES = "FB01\t66 69\n41\t61\n45\t65\n2126\t3A9\n1F1E9 1F1EA\t44 45\n2060\t\n"

MODELS = {
    "unigram": {"model_type": "unigram", "byte_fallback": True, "vocab_size": 520},
    "bpe": {"model_type": "bpe", "byte_fallback": True, "vocab_size": 520, "normalization_rule_name": "identity",
            "remove_extra_whitespaces": False, "allow_whitespace_only_pieces": True, "split_digits": True},
    "plain": {"model_type": "unigram", "vocab_size": 300, "add_dummy_prefix": False},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--lines", type=pathlib.Path, required=True)
    options = parser.parse_args()
    texts = json.loads(options.lines.read_text())
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder) / "corpus.txt"
        corpus.write_text("\n".join(options.text.read_text(encoding="utf-8").split("\n")[:5000] + ["naïve Straße 日本語 日本 中文"] * 20))
        rules = pathlib.Path(folder) / "rules.tsv"
        rules.write_text(RULES)
        for name, choices in MODELS.items():
            if "normalization_rule_name" not in choices:
                choices = {**choices, "normalization_rule_tsv": str(rules)}
            prefix = str(options.out / name)
            sentencepiece.SentencePieceTrainer.train(input=str(corpus), model_prefix=prefix, minloglevel=2,
                                                     user_defined_symbols=["<mask>"], character_coverage=0.9995, **choices)
            pathlib.Path(prefix + ".vocab").unlink()
            processor = sentencepiece.SentencePieceProcessor(model_file=prefix + ".model")
            ids = [processor.encode(text) for text in texts]
            decoded = [processor.decode(row) for row in ids]
            answer = {"ids": ids, "text": {str(i): d for i, d in enumerate(decoded) if d != texts[i]}}
            (options.out / f"{name}.ids.json").write_text(json.dumps(answer, separators=(",", ":")) + "\n")
            print(name, processor.get_piece_size(), sum(map(len, ids)), "ids")


if __name__ == "__main__":
    main()
