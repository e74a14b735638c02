#!/usr/bin/env python3
"""What Hugging Face `tokenizers` makes of hard lines, for tst_tokenizer_reference.

Trains small byte-level BPE tokenizers with the pre-tokenizers, normalizers and added tokens that models use, and
writes for each of them <name>.json (the tokenizer) and <name>.ids.json (ids and decoded text of every line of
lines.json). Needs `pip install tokenizers`.

    python3 tests/oracles/tokenizer_cases.py tests/fixtures/tokenizer/reference --text tinyshakespeare.txt --lines 320
    python3 tests/oracles/tokenizer_cases.py DIR --text tinyshakespeare.txt --lines 10000
    DEPTHSCOPE_TOKENIZER_CASES=DIR build/tests/tst_tokenizer_reference
"""
import argparse
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

SCRIPTS = [(0x41, 0x7A), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF),
           (0x900, 0x97F), (0x980, 0x9FF), (0xE00, 0xE7F), (0xE80, 0xEFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
           (0x1200, 0x137F), (0x1E00, 0x1EFF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
           (0xFB00, 0xFB4F), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF), (0x2100, 0x214F), (0x2150, 0x218F), (0x2460, 0x24FF),
           (0x300, 0x36F), (0x2000, 0x206F), (0x20A0, 0x20CF), (0x2190, 0x23FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1F64F),
           (0x1F900, 0x1F9FF), (0x1F1E6, 0x1F1FF), (0x20000, 0x200FF), (0x10330, 0x1034A), (0xE000, 0xE010)]
SPACES = list(" \t\n\r\x0b\x0c\x1c\x85\u00a0\u1680\u180e\u2000\u2003\u2009\u200b\u200d\u2028\u2029\u202f\u205f\u3000\ufeff") + ["  ", "   ", "\r\n", "\n\n", " \n "]
EMOJI = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "👍🏽", "❤️", "☃", "1️⃣", "🧑🏿‍🚀"]
MARKS = ["<|endoftext|>", "<|im_start|>", "<s>", "</s>", "[MASK]", "[MASK", "MASK]", "<left>", "<right>", "word", "Überfluß", "<|end", "ﬁn"]
CODE = ["for (int i = 0; i < n; ++i) {", "\tif x != y: return None", "#include <vector>", "SELECT * FROM t WHERE a='b';", "λ x → x²",
        "a_b->c[10]=0xFF;", "https://example.org/?q=1&r=%20", "    return -1e-5", "/* don't */", "\\u00e9\\n", "x=1234567.890", "I'LL we'Ve it'S"]
WORDS = ["don't", "I'm", "we'll", "naïve", "e\u0301te\u0301", "İstanbul", "Straße", "ΟΔΥΣΣΕΥΣ", "ſ's", "½", "Ⅷ", "１２３", "x²", "۱۲۳", "Å", "\u212b", "ﬁ", "한국어", "日本語", "中文", "नमस्ते", "ไทย", "עברית", "العربية", "--", "...", "''", "'"]


def known(text):
    """Whether both sides know these characters: the library's tables of normal forms are older than Python's."""
    forms = [(normalizers.NFD(), "NFD"), (normalizers.NFC(), "NFC"), (normalizers.NFKD(), "NFKD"), (normalizers.NFKC(), "NFKC")]
    return (all(unicodedata.category(c) not in ("Cn", "Cs") for c in text) and
            all(form.normalize_str(text) == unicodedata.normalize(name, text) for form, name in forms))


def scramble(rng, corpus):
    kind = rng.randrange(9)
    if kind == 0:
        return rng.choice(corpus)
    if kind == 1:
        low, high = rng.choice(SCRIPTS)
        return "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 24)))
    if kind == 2:
        return "".join(chr(rng.randint(*rng.choice(SCRIPTS))) for _ in range(rng.randint(1, 16)))
    if kind == 3:
        return "".join(rng.choice([rng.choice(SPACES), rng.choice(WORDS)]) for _ in range(rng.randint(1, 14)))
    if kind == 4:
        return rng.choice(["", " ", "\n"]).join(rng.choice(CODE + WORDS) for _ in range(rng.randint(1, 5)))
    if kind == 5:
        return "".join(rng.choice([rng.choice(EMOJI), rng.choice(WORDS), " "]) for _ in range(rng.randint(1, 9)))
    if kind == 6:
        return bytes(rng.randrange(256) for _ in range(rng.randint(1, 24))).decode("utf-8", "replace")
    if kind == 7:
        return "".join(rng.choice([rng.choice(MARKS), rng.choice(SPACES), rng.choice(WORDS), rng.choice("ab1 .")])
                       for _ in range(rng.randint(1, 10)))
    return "".join(rng.choice("0123456789 ,.'-ab") for _ in range(rng.randint(1, 30)))


def lines(rng, corpus, count):
    result = ["", " ", "  ", "\n", "'", "a", "\u0301", "\ufffd", "<|endoftext|>", " <|endoftext|> "]
    while len(result) < count:
        text = scramble(rng, corpus)
        if known(text):
            result.append(text)
    return result


def tokenizer(pre, normalizer=None, decoder=None, post=None):
    result = Tokenizer(models.BPE())
    result.pre_tokenizer = pre
    result.decoder = decoder or decoders.ByteLevel()
    if normalizer is not None:
        result.normalizer = normalizer
    if post is not None:
        result.post_processor = post
    return result


def byte_level(prefix=False, use_regex=True):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)


def sequence(*steps):
    return pre_tokenizers.Sequence(list(steps))


def split(pattern, behavior, invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def tokenizers():
    smollm = tokenizer(sequence(pre_tokenizers.Digits(individual_digits=True), byte_level()))
    gpt2 = tokenizer(byte_level(), post=processors.ByteLevel(trim_offsets=False))
    prefixed = tokenizer(sequence(pre_tokenizers.Digits(individual_digits=False), byte_level(True)),
                         normalizer=normalizers.Strip(left=False, right=True))
    llama3 = tokenizer(sequence(split(Regex(LLAMA3), "isolated"), byte_level(use_regex=False)),
                       post=processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
                           single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)])]))
    qwen = tokenizer(sequence(split(Regex(QWEN), "isolated"), byte_level(use_regex=False)), normalizer=normalizers.NFC())
    nfkc = tokenizer(sequence(split(" ", "merged_with_next"), split(Regex(r"\p{P}"), "removed"), byte_level(True, False)),
                     normalizer=normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s{2,}"), " "),
                                                      normalizers.Prepend("_")]),
                     decoder=decoders.Sequence([decoders.ByteLevel(), decoders.Fuse()]))
    nfkd = tokenizer(sequence(split(Regex(r"[\p{L}\p{M}]+"), "contiguous", True), split("-", "merged_with_previous"),
                              split(Regex(r"(?=\d)"), "isolated"), byte_level(use_regex=False)),
                     normalizer=normalizers.Sequence([normalizers.NFKD(), normalizers.Replace("--", "—"), normalizers.Strip()]))
    nfd = tokenizer(sequence(split(Regex(r"\n"), "contiguous"), split(Regex(r"\w+"), "merged_with_next", True), byte_level()),
                    normalizer=normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase()]))
    return {"smollm": smollm, "gpt2": gpt2, "prefixed": prefixed, "llama3": llama3, "qwen": qwen, "nfkc": nfkc, "nfkd": nfkd, "nfd": nfd}


def train(name, made, corpus):
    trainer = trainers.BpeTrainer(vocab_size=560, special_tokens=["<|endoftext|>", "<|im_start|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    made.train_from_iterator(corpus, trainer)
    if name not in ("smollm", "gpt2"):
        made.add_tokens([AddedToken("<left>", lstrip=True, normalized=False), AddedToken("<right>", rstrip=True, normalized=False),
                         AddedToken("word", single_word=True, normalized=False), AddedToken("[MASK]", lstrip=True, rstrip=True, normalized=True),
                         AddedToken("Überfluß", normalized=True), AddedToken("ﬁn", normalized=True)])
    written = json.loads(made.to_str())
    if name == "llama3":
        written["model"]["ignore_merges"] = True
    if name == "gpt2":
        written["model"]["merges"] = [" ".join(pair) for pair in written["model"]["merges"]]
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--lines", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    plain = [line for line in options.text.read_text(encoding="utf-8").split("\n") if line]
    corpus = plain[:6000] + lines(random.Random(0), plain, 3000)
    texts = lines(rng, plain, options.lines)
    options.out.mkdir(parents=True, exist_ok=True)

    def write(name, value):
        (options.out / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")

    write("lines.json", texts)
    for name, made in tokenizers().items():
        content = train(name, made, corpus)
        (options.out / f"{name}.json").write_text(content + "\n", encoding="utf-8")
        reader = Tokenizer.from_str(content)
        ids = [reader.encode(text, add_special_tokens=False).ids for text in texts]
        decoded = [reader.decode(row, skip_special_tokens=False) for row in ids]
        write(f"{name}.ids.json", {"ids": ids, "text": {str(i): d for i, d in enumerate(decoded) if d != texts[i]}})
        print(name, reader.get_vocab_size(), sum(map(len, ids)), "ids")


if __name__ == "__main__":
    main()
