#!/usr/bin/env python3
"""What Hugging Face `tokenizers` makes of every kind of tokenizer.json, for tst_tokenizer_kinds.

Writes bases.json (a few small tokenizers) and cases.json: {"texts": {name: [text..]}, "cases": [..]}. A case is a base and a JSON merge patch onto
it, where "$null" stands for a null that is to stay, with
    texts, ids      texts (or the name of a list of them) and their ids
    decoded         {index: text}: what the ids give where it is not the text; without this key nothing is decoded
    decode          [[ids, text]..]: more to decode
    gives_up        texts at which the library's expression reaches its limit
    refused         true for a file that the library, or the engine on purpose, does not take
Most patterns are followed by two Metaspace steps: MARKED puts U+000F in front of every word, so that the ids show every border. Everything is made
from a seed. Needs `pip install tokenizers`; the fixtures were written with 0.23.3.

    python3 tests/oracles/tokenizer_kinds.py tests/fixtures/tokenizer/kinds
    python3 tests/oracles/tokenizer_kinds.py DIR --lines 10000
    DEPTHSCOPE_TOKENIZER_KINDS=DIR build/tests/tst_tokenizer_kinds
"""
import argparse
import collections
import contextlib
import json
import pathlib
import random
import unicodedata

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tokenizer_cases import CODE, EMOJI, SCRIPTS, SPACES, WORDS
from tokenizer_cases import known as same_forms

SEED = 20240607
MS = "\u2581"  # the mark for a space
TEXT = {
    "latin": "Hello, world! It's the cat's 3rd naïve café — we've DON'T i'll I'M he'D 'SS 's' ''s o'clock y'all're",
    "fold": "straße STRASSE ſtraſſe ẞ ß ŉ ʼn ʼN ﬁ fi FI ﬀ ﬃ ffi ﬅ ﬆ st İ i\u0307 I ı i K \u212a Å \u212b A\u030a σ ς ΣΑΣ µ μ Ω \u2126 ǆ ǅ Ǆ ᾳ ᾼ αι \u0390 \u1fd3 'ſ '\u212a ſ's",
    "hindi": "हिन्दी में पाठ, नमस्ते। क्षत्रिय १२३ ॐ ड़ न\u200dक বাংলা தமிழ்",
    "thai": "ภาษาไทย ๑๒๓ ที่นี่ ๆ ฯ ລາວ မြန်မာ",
    "arabic": "مُحَمَّدٌ عَلَيْكُمْ، ٣٤٥ ۱۲۳ لا ـــ؟ ۔ ا\u200cب שָׁלוֹם",
    "han": "北京大学、漢字と仮名。ひらがなカタカナー ﾊﾝｶｸﾞ 々〇〆 㐀𠀀 10月3日 Abc漢字def",
    "hangul": "한국어 각각 \u1112\u1161\u11ab ㄱㄴ kor한국eng",
    "emoji": "👨‍👩‍👧 👍🏽 🇫🇷🇩🇪 ❤️ ☺ 1️⃣ 😀😀 a😀b ☃",
    "marks": "e\u0301a\u0308 o\u0302\u0323 \u0301x \u20dd ‿ a‿b c_d __init__ e\u0301\u0301 \u0903 é ǭ",
    "spaces": "a  b   c\tb\t\td \u00a0x\u00a0\u00a0y \u3000z\u2003w\u200bv\u180eu\u202ft\u2028s\u2029r\x85q\x0bp\x0co\x1cn\ufeffm",
    "lines": "a\nb\r\nc\rd\n\n\ne \n f\r\n\r\n\tg\n",
    "ends": "  leading and trailing  \n ",
    "digits": "1 12 123 12345 1234567 3.14 1,000,000 १२३ ١٢٣ ²³¹ ½¼ Ⅷ ① 五 𝟙𝟚 0xDEADbeef 7th a1b22c333",
    "code": "def f(x_1):\n\tif x != 0 && y<=2:  # comment\n\t\treturn {'a': [1,2]}\n\n    //path/to.txt \"q\\n\" $var <tag/> a->b ** @x",
    "punct": "...!!!??? (a|b) [c] {d} -- — – … “q” ‘r’ «s» 。，、।۔ ¿¡ #$%&*+/<=>@\\^_`|~ € § ° ±",
    "case": "camelCase HTTPServer iPhone ǅungla McDONALD aB1cD2 ÉCOLE École ʰx ªb",
    "cyr": "Привет мир! Ελλάδα ΟΔΟΣ όδος Հայերեն ქართული",
    "run": "aaaaaaaaaaaaaaaaaaaaaaaa          b!!!!!!!!!!!!\n\n\n\n\n\n\nc",
}
FOLD = TEXT["fold"]

# ---- parts of a tokenizer.json


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(use_regex=False, prefix=False):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": use_regex}


def seq(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def norms(*parts):
    return {"type": "Sequence", "normalizers": list(parts)}


def decs(*parts):
    return {"type": "Sequence", "decoders": list(parts)}


def metaspace(scheme="always", cuts=True, **more):
    return {"type": "Metaspace", "replacement": MS, "prepend_scheme": scheme, "split": cuts, **more}


def replace(pattern, content, kind="String"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def strip(content, start, stop):
    return {"type": "Strip", "content": content, "start": start, "stop": stop}


def token(content, **flags):
    return {"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True, **flags}


MARKED = [metaspace(cuts=False, replacement="\x0e"), metaspace(cuts=False, replacement="\x0f")]
DIGITS, WORDS_ONLY = {"type": "Digits", "individual_digits": True}, {"type": "WhitespaceSplit"}
BYTES = {"decoder": byte_level(True, True)}
LLAMA_NORM = norms({"type": "Prepend", "prepend": MS}, replace(" ", MS))
LLAMA_DECODER = decs(replace(MS, " "), {"type": "ByteFallback"}, {"type": "Fuse"}, strip(" ", 1, 0))
BYTE_PIECES = ["<0x%02X>" % b for b in range(256)]
LETTERS = [chr(c) for c in range(97, 123)]


def pre(*steps):
    return {"pre_tokenizer": steps[0] if len(steps) == 1 else seq(*steps)}


def marked(*steps):
    """The steps, a mark in front of every word, bytes."""
    return pre(*steps, *MARKED, byte_level())


def model(vocab, merges=(), **more):
    vocab = vocab if isinstance(vocab, dict) else {piece: i for i, piece in enumerate(vocab)}
    return {"model": {"vocab": vocab, "merges": [list(m) if isinstance(m, tuple) else m for m in merges], **more}}


# ---- patterns

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
UPPER, LOWER, SHORT = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}", r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{SHORT}|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{SHORT}|\p{{N}}{{1,3}}{TAIL}"
NOT_HAN = r"&&[^\p{Han}]"
KIMI = (rf"[\p{{Han}}]+|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}{NOT_HAN}]*[{LOWER}{NOT_HAN}]+{SHORT}|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}{NOT_HAN}]+[{LOWER}{NOT_HAN}]*{SHORT}"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
HAN = "[一-龥ࠀ-一가-퟿]+"
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"

FAMILIES = {  # name: steps before the bytes are pieces, more of the patch
    "cl100k": ([split(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", "Removed", True)], {}),
    "llama3": ([split(LLAMA3)], {"model": {"ignore_merges": True}}),
    "qwen2": ([split(LLAMA3.replace("{1,3}", ""))], {"normalizer": {"type": "NFC"}}),
    "o200k": ([split(O200K, "Removed", True)], {}),
    "tekken": ([split(O200K.replace(SHORT, "").replace("{1,3}", ""))], {"model": {"ignore_merges": True}}),
    "kimi": ([split(KIMI)], {}),
    "deepseek_coder": ([split(r"[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split(HAN), DIGITS], {}),
    "deepseek_v2": ([split(r"[\r\n]"), split("\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽ\u1f5f-\u1f7dᾀ-ᾴ\u2126ℨ\u212a-ℭﬀ-ﬆＡ-Ｚａ-ｚ𐐀-𐑏𞤀-𞥃]+"),
                     split(r"\s?[!-/:-~！-／：-～‘-‟　-。]+"), split(r"\s+$"), split(HAN), DIGITS], {}),
    "deepseek_v3": ([split(r"\p{N}{1,3}"), split("[一-龥぀-ゟ゠-ヿ]+"),
                     split("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+")], {}),
    "bloom": ([split(BLOOM)], {}),
    "viking": ([split(BLOOM), split(r"\d")], {}),
    "bailing": ([split(r"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")], {}),
    "superbpe": ([split(r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"), split(LLAMA3)], {}),
    "nemotron": ([split(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL.replace("/", ""))], {}),
    "gpt2": (None, pre(byte_level(True))),
    "roberta": (None, pre(byte_level(True, True))),
    "smollm": (None, pre(DIGITS, byte_level(True))),
    "exaone": (None, {**pre(split(r"\p{N}"), byte_level(True)), "normalizer": {"type": "NFC"}}),
    "falcon": (None, pre({"type": "Punctuation", "behavior": "Contiguous"}, byte_level(True), {"type": "Digits", "individual_digits": False}, split("[0-9][0-9][0-9]"))),
    "bytes_first": (None, pre(byte_level(), split(LLAMA3))),
}

T = TEXT
PATTERNS = [  # a pattern and texts for it
    (".", "a\r\nb\u2028c\x85d"), (".+", "ab\ncd\r\nef\n"), ("(?m).+", "ab\ncd\n"), ("a(?m:.)b|.", "a\nb acb"), ("(?x) a \\  b # comment\n | \\d+", "a b ab 12"), ("(?im)a.b", "A\nb a.B"),
    ("a(?i)b|c", "aB C c ab AB aC"), ("a(?i:b)|c", "aB C c ab AB"), ("(?i)a(?-i)b", "Ab aB AB ab"), ("^.", "ab\ncd\n\nef\r\ngh"), ("..$", "ab\ncd\n\nef\r\ngh\n"), ("^$|^\\w+$", "ab\n\ncd ef\n\n"),
    ("\\A.", "ab\ncd"), (".\\Z", "ab\ncd\n", "ab"), ("\\n?\\z", "ab\ncd\n"), ("\\G\\d", "12a34", "a12"), ("(?W)\\w+", "aéb1 été_x"), ("(?D)\\d+", "12१२3"), ("(?S)\\s+", "a \u00a0\u3000\tb"),
    ("(?P)[[:alpha:]]+|\\d+", "aéb 12१२"), ("(?W)\\b", "été a b"), ("(?iI)k+|ss", "kK\u212a ß SS ſs"), ("(?W:\\w+)é", "abé éé"), ("(?L)a|ab|abc", "abcab a"), ("(?C)(a)(b)", "ab abab"),
    ("(?y{g})\\X", T["emoji"], "e\u0301a\r\nb"), ("(?y{w})\\X", "hello world 3.14 can't a.b"), ("\\y", "e\u0301a 👨‍👩‍👧b"), ("\\Y", "e\u0301a 👨‍👩‍👧b"), ("\\X", T["emoji"], T["marks"]),
    ("\\h+", "DEADbeef_09xyz"), ("\\H+", "DEADbeef_09xyz"), ("\\R", T["lines"], T["spaces"]), ("\\R|\\N+", T["lines"]), ("a\\Ob|\\O", "a\nb acb"), ("a\\Kb", "ab aab b"), ("a\\K", "aab ba"), ("(?<=b)a\\K|c", "baac bac"),
    ("\\s", T["spaces"]), ("\\s+", T["spaces"]), ("\\S+", T["spaces"]), ("\\d+", T["digits"]), ("\\D+", T["digits"]), ("\\w+", T["marks"], T["digits"], T["hindi"]), ("\\W+", T["marks"], T["digits"]),
    ("\\w\\w?", T["thai"], "a\u200db\u200cc²³¹½"), ("\\b", "ab cd_ef é-è x²y", T["hindi"]), ("\\B", "abc de", "été"), ("\\v", "q\x0bp\x0co\nx\x0b\x0b"),
    ("\\xC3\\xA9", "éÃ©è"), ("[\\xC3\\xA9-\\xC3\\xBF]+", "éÿÃ©èa"), ("\\x{4E00}|[\\x{61 63 65}]", "一二 abcde"), ("[\\x{41-43}\\x{3042}]+", "ABCDあい"), ("\\x{41 42}", "ABAB A"), ("\\u00e9|\\u4e00", "é一u00e9"),
    ("\\101|\\o{102}", "ABC"), ("\\303\\251", "éè"), ("\\cA|\\C-b|\\t|\\e", "\x01\x02\t\x1ba"), ("\\q\\i|\\_", "qi q_i"), ("\\Q.\\E", "Q.E QxE .E"), ("\\'|\\\"|\\/|\\-|\\#|\\@|\\&|\\~", "'\"/-#@&~a"),
    ("\\.\\*|\\(|\\[|\\{|\\$|\\^|\\|", ".*([{$^|a"),
    ("a{2}+", "aaaaa b aa"), ("a{3,1}a", "aaaa aaaaa aa"), ("a{,2}b", "aaab ab b"), ("a{2,}", "a aa aaaa"), ("a{2,3}?", "aaaaa"), ("a{|b{1|{x", "a{ b{1 {x a"), ("a{2,3}+a", "aaaa aaa"), ("a++b|\\d?+\\d|x*+y", "aab 12 3 xxy y"),
    ("a+?b|x.*?y", "aab x1y2y"), ("a*", "baac", "aaa"), ("a*?", "baac"), ("(?:a{1,2}){2}", "aaaaa aaa"), ("(?>a|ab)c|ab", "abc ac ab"), ("a+?+", "aaa b"),
    ("(\\w)\\1", "aabbcd éé 11"), ("(?<c>\\w)\\k<c>", "aabbcd éé"), ("(?'c'a|b)\\k'c'", "aabbab"), ("(?<a>x)(?<a>y)\\k<a>", "xyx xyy xy"), ("(a|b)\\k<-1>", "aabbab"), ("(?i)(a|ß)\\1", "aA ßss SSß"),
    ("(?<p>\\((?:[^()]|\\g<p>)*\\))", "(a(b)c) (d (e"), ("(a|\\[\\g<1>\\])", "[[a]] [a] a]"), ("(\\()?a(?(1)\\)|b)", "(a) ab (ab a)"), ("(?<x>q)?(?(<x>)r|s)", "qr s r qs"), ("a(?#x)b", "abcab b"),
    ("a(?=b)|b(?!a)|(?<=c)d|(?<!c)e", "ab ba bb cd ce xe d e"), ("(?<=a+)x|(?<=b|cd)y", "aax x by cdy dy"), ("(?<=\\b\\w)\\w", "ab cde f"), ("(?<!\\d|x.)z", "1z xaz az z"), ("(?i)(?<=ss)a", "ßa SSa ssa sa"), ("(?<=\\n)a|(?<=^)b", "a\na\nb ab"),
    ("/\\*(?~\\*/)\\*/", "x/* a */ b */ /**/"), ("(?~ab)", "cabab", "ccc"), ("(?~|ab|c*)", "ccabc"), ("(?~|b)[a-c]+", "aabca"), ("a(*FAIL)|b", "ab"), ("(?:(*MAX{2})a)+", "aaaa"), ("(?:(*COUNT[A]{X})a)*", "aaab"),
    ("|a", "aab"), ("a|", "aab"), ("", "aé漢"), ("(?:)", "aé"), ("(?=b)", "abbb ab"), ("(?=b)|a", "ab a cbb b"), ("$", "ab\ncd\n"), ("\\z", "ab"), ("b?$", "ab\nb"), ("x|(?=\\d)", "x y1z2 x3"),
    ("[a-z&&[^aeiou]]+", "hello world&&"), ("[a-z&&^aeiou]+", "hello ^world"), ("[^a-c&&b-d]+", "abcde"), ("[\\w&&[^\\d]&&[^_]]+", "ab_12é3"), ("[\\p{L}&&[^\\p{Han}\\p{Hiragana}]]+", T["han"]), ("[a&&]|b", "ab&"), ("[[a-c][x-z]]+", "abxyq"),
    ("[a[^b]]+", "abab"), ("[^[a-c]x]+", "abcxyz"), ("[]a]+", "]a[b"), ("[a-]+|[-z]+|[\\d\\-x]+", "a-z1-x"), ("[\\[\\]]+", "[[a]]"), ("[\\n\\t\\x41\\u00e9\\-\\b]+", "\n\tAé-\x08a"), ("[^\\n]+", T["lines"]), ("[\\h_]+", "dead_xyz"), ("[a^]+", "a^b"),
    ("[[:punct:]]+", "...!? (a) [c] {d} — … “q” «s» 。，、।۔ ¿¡ #%&*/@\\_"), ("\\p{Punct}+", T["punct"]), ("[[:word:]]+", T["marks"], T["digits"]), ("[[:alpha:]]+", T["hindi"]), ("[[:alnum:]]+", T["digits"]), ("[[:^alpha:]]+", T["digits"]), ("[[:space:]]+", T["spaces"]),
    ("[[:blank:]]+", T["spaces"]), ("[[:cntrl:]]+", "a\x01b\x85\tc\u200bd\u00ade"), ("[[:graph:]]+", T["spaces"]), ("[[:print:]]+", "a\u200bb\x01c\n d\u0378e\ue000"), ("[[:xdigit:]]+", T["digits"]), ("[[:upper:]][[:lower:]]*", T["case"]),
    ("(?i)[[:upper:]]+", T["case"]), ("[[:digit:][:punct:]]+", T["digits"]), ("[[:ascii:]]+", T["latin"]), ("[:alpha:]+", "alpha: help"),
    ("\\p{L}+|\\p{M}+", T["hindi"], T["marks"]), ("\\p{^L}+", T["digits"]), ("\\P{^L}+", T["digits"]), ("\\P{L}+", T["digits"]), ("\\p{Uppercase_Letter}\\p{lowercase letter}*|\\p{DecimalNumber}", T["case"]),
    ("\\p{Han}+|\\p{Hiragana}+|\\p{Katakana}+|\\p{Hangul}+|\\p{Greek}|\\p{Cyrillic}+", T["han"], T["hangul"], T["cyr"]), ("\\p{InHiragana}+|\\p{In_CJK_Unified_Ideographs}+|\\p{InBasicLatin}", T["han"]), ("\\p{Emoji}+", T["emoji"]),
    ("\\p{Extended_Pictographic}\\x{FE0F}?", T["emoji"]), ("\\pL+", "pL pLL L"), ("\\p{N}+|\\p{Nd}", T["digits"]), ("[\\p{Nl}\\p{No}]", T["digits"]), ("\\p{S}|\\p{Sm}+", T["punct"]), ("\\p{Z}+|\\p{Zs}", T["spaces"]),
    ("\\p{C}|\\p{Cf}", "a\u200db\u00adc\x01d\ue000e\u0378"), ("\\p{LC}+", T["case"]), ("\\p{Assigned}+|\\p{Any}", "a\u0378b"), ("\\p{XIDS}\\p{XIDC}*", T["code"]), ("\\p{White_Space}+", T["spaces"]), ("\\p{Alphabetic}+", T["thai"]),
    ("(?i)\\p{Lu}+", T["case"]), ("[\\P{L}\\d]+|[^\\p{L}]", T["digits"]), ("\\p{Common}+|\\p{Inherited}", T["marks"]), ("[\\p{Arabic}&&\\p{L}]+", T["arabic"]),
    *[("(?i)" + p, FOLD) for p in ("ss", "ß", "ſ", "k+", "i", "İ", "fi|st", "f", "ffi", "[ﬃß]", "[^s]+", "[^ß]+", "[a-z]+", "σ+", "ʼn|ŉ", "µ|ω|å", "\u0390|ᾳ", "\u1fd3", "ǆ")],
    ("(?i:'s|'t|'re|'ve|'m|'ll|'d)", T["latin"], "'ß 'ſ 'S 's 'SS"), ("(?i)straße", "STRASSE straße ſtraſſe STRAßE"), ("(?i)s+", "ſSsß ßs"), ("(?i)привет|ΟΔΟΣ", T["cyr"] + " ПРИВЕТ οδος"),
]
BAD_PATTERNS = ["(", ")", "[", "[]", "*a", "+", "?", "{2}", "[z-a]", "[a-\\d]", "\\p{Foo}", "\\p{Script=Greek}", "\\p{IsL}", "(?<n", "\\k<q>", "\\2(a)", "(?<n>a)(b)\\1", "(?s).", "(?u)\\w", "(?z)a", "(?P<n>a)", "(?P=n)",
                "(?|(a)|(b))", "(?R)", "(?1)(a)", "\\u{41}", "\\xe9", "[\\xe9]", "[[:foo:]]", "a(*F)", "(?(?=a)ab|c)", "[\\w--a]", "\\p{", "(?i)(?I)k", "[a[]]", "a\\"]
BEHAVIOURS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def patched(base, patch):
    """JSON merge patch (RFC 7396); "$null" is a null that stays."""
    if not isinstance(patch, dict):
        return None if patch == "$null" else [patched(None, p) for p in patch] if isinstance(patch, list) else patch
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result


class Suite:
    def __init__(self, bases, texts):
        self.bases, self.texts, self.cases = bases, texts, []

    def read(self, base, patch):
        return Tokenizer.from_str(json.dumps(patched(self.bases[base], patch)))

    def add(self, name, base, patch, texts, back=True, decode=(), gives_up=()):
        reader = self.read(base, patch)
        lines = self.texts[texts] if isinstance(texts, str) else texts
        ids = [reader.encode(text, add_special_tokens=False).ids for text in lines]
        case = {"name": name, "base": base, "patch": patch, "texts": texts, "ids": ids}
        if back:
            decoded = [reader.decode(row, skip_special_tokens=False) for row in ids]
            case["decoded"] = {str(i): d for i, d in enumerate(decoded) if d != lines[i]}
        for row in decode:
            with contextlib.suppress(BaseException):  # Strip panics at a piece that is too short
                case.setdefault("decode", []).append([row, reader.decode(row, skip_special_tokens=False)])
        for text in gives_up:
            case.setdefault("gives_up", []).append(text)
            with contextlib.suppress(BaseException):  # a Rust panic is no Exception
                reader.encode(text, add_special_tokens=False)
                case["gives_up"].remove(text)
            assert text in case["gives_up"], f"{name}: the library does encode {text!r}"
        self.cases.append(case)

    def refuse(self, name, base, patch, ours=False):
        """ours: the library takes it, the engine does not on purpose."""
        taken = False
        with contextlib.suppress(BaseException):
            self.read(base, patch)
            taken = True
        assert taken == ours, name
        self.cases.append({"name": name, "base": base, "patch": patch, "refused": True})


# ---- the bases

def train(lines, size, specials=(), alphabet=None):
    """byte letters without `alphabet`, else so many characters. Words are whole lines, so that pieces go across the borders that cases draw."""
    made = Tokenizer(models.BPE(unk_token="<unk>") if alphabet else models.BPE())
    if alphabet:
        counts = collections.Counter("".join(lines))
        options = {"initial_alphabet": [c for c, _ in sorted(counts.items(), key=lambda e: (-e[1], e[0]))[:alphabet]], "limit_alphabet": alphabet}
    else:
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        options = {"initial_alphabet": sorted(pre_tokenizers.ByteLevel.alphabet())}
    made.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False, special_tokens=list(specials), **options))
    written = json.loads(made.to_str())["model"]
    return written["vocab"], written["merges"]


def bases(size):
    common = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None}

    def base(vocab, merges, specials, **more):
        return {**common, "added_tokens": [token(s) for s in specials], "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                                                                                 "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, **more, "vocab": vocab, "merges": merges}}
    rng = random.Random(SEED)
    texts = [*TEXT.values(), *(scramble(rng) for _ in range(60))]
    spoken = [t.replace(" ", MS) for t in texts]
    specials = ["<unk>", "<s>", "</s>"]
    return {"bytes": base(*train(texts * 3, size, ["<|endoftext|>"]), ["<|endoftext|>"]),
            "llama": base(*train(spoken, size + 60, [*specials, *BYTE_PIECES], 70), specials, unk_token="<unk>", byte_fallback=True, fuse_unk=True),
            "characters": base(*train(texts + spoken, size, specials, 150), specials, unk_token="<unk>", fuse_unk=True),
            "bare": {**common, "model": {"type": "BPE", "vocab": {}, "merges": []}}}


def scramble(rng, count=24):
    words = [*WORDS, " ", " ", " I'm", " 日本語", "ab", "12", "3456", "\t", "\n", "\r\n", "  ", "   ", "_", "(", ")", "[", "$", "€", "a", "B", "cD", "Ef", "👍🏽", "/", ",", "。"]
    return "".join(rng.choice(words) for _ in range(rng.randint(count // 2, count)))


def known(text):
    """Whether all tables agree on these characters: those of Unicode 14, and the older ones of the library's Punctuation and normal forms."""
    cut = pre_tokenizers.Punctuation()
    return same_forms(text) and all(len(cut.pre_tokenize_str(f"a{c}a")) == 3 for c in text if unicodedata.category(c)[0] == "P")


def mixed_lines(rng, count):
    result = ["", " ", "\n", "'"]
    while len(result) < count:
        kind = rng.randrange(6)
        low, high = rng.choice(SCRIPTS)
        text = {0: lambda: "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 24))),
                1: lambda: "".join(chr(rng.randint(*rng.choice(SCRIPTS))) for _ in range(rng.randint(1, 16))),
                2: lambda: "".join(rng.choice([rng.choice(SPACES), rng.choice(WORDS)]) for _ in range(rng.randint(1, 14))),
                3: lambda: rng.choice(["", " ", "\n"]).join(rng.choice([*CODE, *WORDS, *EMOJI]) for _ in range(rng.randint(1, 6))),
                4: lambda: scramble(rng),
                5: lambda: "".join(rng.choice("0123456789 ,.'-aB\n") for _ in range(rng.randint(1, 30)))}[kind]()
        if known(text):
            result.append(text)
    return result


# ---- the cases

def families(suite, texts):
    for name, (steps, more) in FAMILIES.items():
        suite.add(f"family {name}", "bytes", {**(pre(*steps, byte_level()) if steps else {}), **more, **BYTES}, texts)
        if steps:
            suite.add(f"words of {name}", "bytes", {**marked(*steps), **more}, texts, back=False)


def patterns(suite):
    for pattern, *texts in PATTERNS:
        suite.add(f"pattern {pattern}", "bytes", marked(split(pattern)), texts, back=False)
    for behaviour in BEHAVIOURS:
        for pattern, kind, inverts in [("-", "String", (False, True)), ("-+", "Regex", (False,)), ("a*", "Regex", (False, True)), ("\\b", "Regex", (False,))]:
            for invert in inverts:
                suite.add(f"{behaviour} {pattern} {invert}", "bytes", marked(split(pattern, behaviour, invert, kind)), "behaviours", back=False)
    for string, text in [(".", "a.b..c"), ("a+", "a+aa+ +"), ("", "abé"), ("[a-c]", "[a-c]abc"), ("\\s", "x\\s \\S s"), ("$^", "a$^b $ ^"), (" ", "a  b c "), ("-#&~", "-#&~a -#"), ("(?i)", "(?i)A (?I)"), ("\n", "a\nb\\n"), ("漢字", "漢字漢 漢漢字")]:
        suite.add(f"string {string}", "bytes", marked(split(string, kind="String")), [text], back=False)
    for pattern, texts, slow in [("(a+)+$", ["aaa", "baab"], ["a" * 30 + "b"]), ("(x+x+)+y", ["xxxy xy"], ["x" * 26 + " y"]), ("(a*)*b", ["a" * 60, "ab aac"], []), ("b(*ERROR)|a", ["aa"], ["ab"])]:
        suite.add(f"limit {pattern}", "bytes", marked(split(pattern)), texts, back=False, gives_up=slow)
    for pattern in BAD_PATTERNS:
        suite.refuse(f"bad {pattern}", "bytes", marked(split(pattern)))
    suite.refuse("bad Replace", "bytes", {**pre(byte_level()), "normalizer": replace("(", "", "Regex")})


def pre_tokenizers_(suite):
    punctuation = {"type": "Punctuation", "behavior": "Isolated"}
    own = ["  two  spaces - and-minus--", "a,,b. (c)!? $+<=>^`|~ ،؟ ''a'' 3½ Ⅷ", T["han"], T["spaces"], T["marks"], T["digits"], T["arabic"]]
    steps = {
        "Whitespace": [{"type": "Whitespace"}], "WhitespaceSplit": [WORDS_ONLY], "Bert": [{"type": "BertPreTokenizer"}], "UnicodeScripts": [{"type": "UnicodeScripts"}], "scripts of words": [WORDS_ONLY, {"type": "UnicodeScripts"}],
        "delimiter": [{"type": "CharDelimiterSplit", "delimiter": "-"}], "wide delimiter": [{"type": "CharDelimiterSplit", "delimiter": "、"}], "Digits": [DIGITS], "runs of digits": [{"type": "Digits", "individual_digits": False}],
        "Punctuation": [{"type": "Punctuation"}], "nested": [seq(seq(DIGITS), seq(punctuation))], "empty Sequence": [seq()], "none": [],
        **{f"Punctuation {b}": [{"type": "Punctuation", "behavior": b}] for b in BEHAVIOURS},
    }
    for name, parts in steps.items():
        suite.add(f"cut {name}", "bytes", marked(*parts), own, back=False)
        suite.add(f"characters {name}", "characters", {**(pre(*parts) if parts else {}), "model": {"fuse_unk": name != "nested"}}, own)
    for name, parts in {"not last": [byte_level(True), split("Ġ+")], "then Whitespace": [byte_level(), {"type": "Whitespace"}], "then punctuation": [byte_level(True), punctuation, DIGITS], "twice": [byte_level(True), byte_level(True)],
                        "prefix of words": [WORDS_ONLY, byte_level(True, True)], "plain prefix": [byte_level(False, True)], "plain": [byte_level()], "words, punctuation, prefix": [WORDS_ONLY, punctuation, byte_level(False, True)],
                        "Metaspace, bytes": [metaspace(), byte_level()], "none": []}.items():
        added = {"added_tokens": [token("<|endoftext|>"), token("[M]", lstrip=True)]}
        suite.add(f"bytes {name}", "bytes", {**(pre(*parts) if parts else {}), **BYTES, **added}, [*own[:3], T["lines"], "a [M]b[M] c  [M]<|endoftext|> d"])
    texts = ["Hello  world ", " <s>ab", "<s> ab<s>cd", "a<s>", f"x{MS}y {MS} z", "a\nb\u00a0c 12 1", "", " "]
    variants = {f"{scheme} {cuts}": [metaspace(scheme, cuts)] for scheme in ("always", "first", "never") for cuts in (True, False)}
    legacy = {"type": "Metaspace", "replacement": MS}
    variants |= {
        "legacy": [{**legacy, "add_prefix_space": True}], "str_rep": [{**legacy, "str_rep": "_", "add_prefix_space": True}], "legacy never": [{**legacy, "add_prefix_space": False, "prepend_scheme": "never"}], "true, never": [metaspace("never", add_prefix_space=True)],
        "bare": [legacy], "underscore": [metaspace(replacement="_")], "underscore first": [metaspace("first", replacement="_")], "after words": [WORDS_ONLY, metaspace()], "after words, first": [WORDS_ONLY, metaspace("first")],
        "after digits": [DIGITS, metaspace()], "after digits, first": [DIGITS, metaspace("first")], "then digits": [metaspace(), DIGITS], "twice": [metaspace(), metaspace()],
    }
    for name, parts in variants.items():
        decoder = next((p for p in reversed(parts) if p["type"] == "Metaspace"))
        suite.add(f"Metaspace {name}", "characters", {**pre(*parts), "decoder": decoder}, texts)
    for name, normalizer in [("Strip", {"type": "Strip", "strip_left": True, "strip_right": True}), ("deletes", replace("c", "")), ("one for one", replace("^a", "X", "Regex")), ("Lowercase", {"type": "Lowercase"}),
                             ("NFKC", {"type": "NFKC"}), ("Prepend", {"type": "Prepend", "prepend": "X"})]:
        suite.add(f"Metaspace first after {name}", "characters", {**pre(metaspace("first")), "normalizer": normalizer, "decoder": metaspace("first")}, [" abc ab", "cab c", "abab", "İab ﬁ", "<s> ab", "  ", "c"])
    for name, part in [("type", {"type": "Nope"}), ("behavior", split("a", "isolated")), ("delimiter", {"type": "CharDelimiterSplit", "delimiter": "ab"}), ("replacement", metaspace(replacement="ab")), ("scheme", metaspace("Always")),
                       ("contradiction", metaspace("first", add_prefix_space=False)), ("pattern", {"type": "Split", "pattern": "a", "behavior": "Isolated", "invert": False})]:
        suite.refuse(f"refused pre-tokenizer {name}", "bytes", pre(part))
    suite.refuse("refused FixedLength", "bytes", pre({"type": "FixedLength", "length": 3}), ours=True)


def normalizers_(suite):
    strange = "\x01\x7f\u200bz\u00adq\ufffd Ⅷ① ㍿ ﷺ \u1e9b\u0323 \u212b \u0344 क\u093c \u0958 ｶﾞ"
    cases = {kind: {"type": kind} for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "StripAccents")}
    cases |= {f"Strip {left} {right}": {"type": "Strip", "strip_left": left, "strip_right": right} for left, right in [(True, True), (True, False), (False, True)]}
    cases |= {"NFD, StripAccents": norms({"type": "NFD"}, {"type": "StripAccents"}), "Prepend": {"type": "Prepend", "prepend": "ab "}, "empty Sequence": norms(), "NFKC, Lowercase, spaces": norms({"type": "NFKC"}, {"type": "Lowercase"}, replace(" {2,}", " ", "Regex"))}
    for name, normalizer in cases.items():
        suite.add(f"normalizer {name}", "bytes", {**pre(byte_level(True)), **BYTES, "normalizer": normalizer, "added_tokens": [token("<|endoftext|>"), token("[M]")]}, [strange, "  \u00a0 x[M]\n [M] ", FOLD, T["marks"], " \u3000 "])
    for pattern, content, kind, text in [("a.", "[$0]", "String", "a.b a.. ab"), ("(a)(b)?", "<\\1$1>", "Regex", "abba ab"), (" +", MS, "Regex", "a  b   c "), ("[aeiou]", "", "Regex", "education aei"), ("$^.*+?()[]{}|\\", "S", "String", "x$^.*+?()[]{}|\\y $^"),
                                         ("(\\w)\\1", "2", "Regex", "aabbcd éé"), ("(?i)ss", "ß", "Regex", FOLD), ("a*", "-", "Regex", "baac aa"), ("", "-", "Regex", "abé"), ("", "-", "String", "abé"), ("\\b", "|", "Regex", "ab cd_é"),
                                         ("^", ">", "Regex", "ab\ncd\n\nef\n"), ("$", ";", "Regex", "ab\ncd\n"), ("(?=b)", "_", "Regex", "abb b"), ("a\\K", "-", "Regex", "aab ba")]:
        # Over characters: before bytes the library doubles what an empty match puts in front of the first character.
        suite.add(f"Replace {pattern} {kind}", "characters", {**pre(WORDS_ONLY), "normalizer": replace(pattern, content, kind)}, [text])
    suite.add("Replace nothing", "characters", {**pre(WORDS_ONLY), "normalizer": norms({"type": "Strip", "strip_left": True, "strip_right": True}, replace("a*", "-", "Regex"))}, [" ", "a"])
    suite.add("normalizer ByteLevel", "bytes", {**pre(split("Ġ", "MergedWithNext", kind="String")), **BYTES, "normalizer": {"type": "ByteLevel"}}, [T["latin"], T["han"], T["lines"]])
    suite.refuse("refused normalizer type", "bytes", {**pre(byte_level()), "normalizer": {"type": "Nope"}})
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": "$null", "lowercase": True}
    suite.refuse("refused BertNormalizer", "bytes", {**pre(byte_level()), "normalizer": bert}, ours=True)


def vocabularies(suite):
    own = ["ab ab", "  ab", "é漢😀a", "<s>ab", "<s> ab </s>x", "<0x41>", f"a{MS}b", "\n\t", "漢漢é漢 é漢a", "aÉ漢é", "漢é漢", "漢漢漢a漢", "", T["latin"], T["cyr"]]
    llama = {"normalizer": LLAMA_NORM, "decoder": LLAMA_DECODER}
    gemma = {"normalizer": replace(" ", MS), **pre(split(" ", "MergedWithPrevious", kind="String")), "decoder": decs(replace(MS, " "), {"type": "ByteFallback"}, {"type": "Fuse"})}
    holes = {"vocab": {piece: None for piece in ("<0xE6>", "<0xBC>", "<0x0A>", "<0xF0>")}}
    for name, patch in {
            "llama2": llama, "tinyllama": {**llama, "model": {"fuse_unk": False}}, "mistral": {**pre(metaspace("first", False)), "decoder": LLAMA_DECODER}, "mistral split": {**pre(metaspace()), "decoder": LLAMA_DECODER}, "gemma": gemma,
            "ignore_merges": {**llama, **pre(split(MS, "MergedWithNext", kind="String")), "model": {"ignore_merges": True}}, "no unk": {**llama, "model": {"unk_token": None}},
            "bytes missing": {**llama, "model": holes}, "bytes missing, not fused": {**llama, "model": {**holes, "fuse_unk": False}}, "bytes missing, no unk": {**llama, "model": {**holes, "unk_token": None}}, "no fallback": {**llama, "model": {"byte_fallback": False}}}.items():
        suite.add(f"fallback {name}", "llama", patch, own)
    for name, flags in [("fused", {}), ("single", {"fuse_unk": False}), ("dropped", {"unk_token": None}), ("without bytes", {"byte_fallback": True})]:
        suite.add(f"unknown {name}", "characters", {"model": flags, "decoder": {"type": "Fuse"}}, own)
        suite.add(f"unknown {name} in words", "characters", {**pre(WORDS_ONLY), "model": flags}, own)
    suite.add("unknown in a merge", "bare", model(["<unk>", "a", "b", "<unk>a", "ab"], [["<unk>", "a"], ["a", "b"]], unk_token="<unk>", fuse_unk=True), ["éa", "ééab", "aéb", "éab", "abé"], back=False)
    pieces = ["<unk>", *BYTE_PIECES, "a", "b", "<0xC3><0xA9>", "<0xC3><0xA9>a", "ab", "<0xc3>", "<0xe6>"]
    suite.add("bytes in merges", "bare", {**model(pieces, [["<0xC3>", "<0xA9>"], ["a", "b"], ["<0xC3><0xA9>", "a"]], unk_token="<unk>", byte_fallback=True), "decoder": decs({"type": "ByteFallback"}, {"type": "Fuse"})}, ["éa", "éab", "èé", "aéa", "é", "漢"])
    abc = ["a", "b", "c", "d", "ab", "bc", "abc", "cd", "abcd"]
    chains = ["abc", "ababcc", "abcd", "aabbccdd", "bcbcab", "cdabcdab", "abcabcabcabc"]
    for name, merges in [("order", [["b", "c"], ["a", "bc"], ["a", "b"], ["c", "d"]]), ("later wins", [["a", "b"], ["b", "c"], ["a", "b"]]), ("strings", ["a b", "ab c", "c d"]), ("version line", ["#version: 0.2", "b c", "a b"]),
                         ("two ways", [["ab", "c"], ["a", "bc"], ["b", "c"], ["a", "b"], ["ab", "cd"], ["c", "d"]]), ("none", [])]:
        suite.add(f"merges {name}", "bare", model(abc, merges), chains)
    for ignore in (False, True):
        suite.add(f"ignore_merges {ignore}", "bare", {**model([*abc, "dcba", "aé", "d d"], [["a", "b"]], ignore_merges=ignore), "decoder": {"type": "Fuse"}}, ["abc", "abcd", "dcba", "dcbaab", "d d", "aé"])
    suite.add("flags that are null", "bare", {**model(abc, ["a b"], fuse_unk="$null", byte_fallback="$null", ignore_merges="$null"), "decoder": {"type": "Fuse"}}, ["abcd", "caxb"])
    suite.add("no type", "bare", {**model(abc, ["a b"], type=None, anything=1)}, ["abcd", "cab"])
    spread = {piece: 3 * i for i, piece in enumerate(abc)}
    some = [[0, 1, 3, 100, 6], [1, 0, 12]]
    for name, decoder in [("none", None), ("Fuse", {"type": "Fuse"}), ("Metaspace", metaspace())]:
        suite.add(f"holes, decoder {name}", "bare", {**model({MS: 1, **spread}, [["a", "b"]]), **({"decoder": decoder} if decoder else {})}, ["abcd"], decode=[*some, [2, 1, 0], [2, 5]])
    fallback = {"<0xC3>": 0, "<0xA9>": 5, "a": 7}
    suite.add("holes in a run of bytes", "bare", {**model(fallback, byte_fallback=True), "decoder": {"type": "ByteFallback"}}, ["é", "aéa"], decode=[[0, 3, 5]])
    suite.add("holes that added tokens meet", "bare", {**model(spread, [["a", "b"]]), "added_tokens": [token("<X>", id=4), token("<Y>", id=5), token("c", id=99), token("<Z>", id=1)]}, ["a<X>b<Y>cd<Z>ab"], decode=[list(range(30))])
    for name, patch in [("merge product", model(LETTERS, [["a", "d"]])), ("merge part", model([*LETTERS, "axx"], [["a", "xx"]])), ("merge of three", model([*LETTERS, "ab"], ["a b c"])), ("merge spaces", model([*LETTERS, "ab"], ["a  b"])),
                        ("no model", {"model": None}), ("no merges", {"model": {"vocab": {"a": 0}, "merges": None}}), ("negative id", model({"a": -1})), ("id in letters", model({"a": "0"})), ("fraction", model({"a": 0.5}))]:
        suite.refuse(f"refused {name}", "bare", patch)
    for name, more in [("prefix", {"continuing_subword_prefix": "##"}), ("suffix", {"end_of_word_suffix": "</w>"})]:
        suite.refuse(f"refused {name}", "bare", model(LETTERS, **more), ours=True)
    suite.refuse("refused WordLevel", "bare", {"model": {"type": "WordLevel", "vocab": {"a": 0, "<unk>": 1}, "merges": None, "unk_token": "<unk>"}}, ours=True)
    suite.refuse("refused WordPiece", "bare", {"model": {"type": "WordPiece", "vocab": {"a": 0, "<unk>": 1}, "merges": None, "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}}, ours=True)
    suite.refuse("refused Unigram", "bare", {"model": {"type": "Unigram", "vocab": [["a", 0.0]], "merges": None, "unk_id": 0}}, ours=True)


def decoders_(suite):
    pieces = ["a", "b", MS, MS + "a", "<0xE6>", "<0xBC>", "<0xA2>", "<0x41>", "Ġa", "æ", "¼", "¢", " ", "漢", "Ġ漢", "<0x5>", "<0xe6>", "<0xZZ>", "a" + MS, "  ", MS + MS, "ðŁĺĢ", "íłĢ", "a b", "ä", "<0x0A>", "<0x20>", "Ċ", "é", "<0xC3>", "<0xA9>"]
    index = {piece: i for i, piece in enumerate([*pieces, "<s>"])}
    words = [[MS + "a", MS + "a"], [MS, MS, MS + "a"], [MS + MS, MS + "a"], ["<s>", MS + "a"], [MS + "a", "<s>", MS + "a", "<s>"], ["<0xE6>", "<0xBC>", "<0xA2>"], ["<0xE6>", "<0xBC>"], ["<0xE6>", "<0xBC>", "<0xA2>", "<0xE6>"], ["<0x41>", "<0xE6>", "<0xBC>", "<0xA2>"],
             ["a", "<0xE6>", "<s>", "<0xBC>", "<0xA2>"], ["<0xC3>", "<0xA9>", "<0xC3>", "<0xE6>"], ["<0x20>", "a", "<0x20>", "<0x0A>"], ["æ", "¼", "¢"], ["æ", "¼"], ["æ", "a", "æ"], ["Ġa", "漢", "Ġa"], ["Ġ漢", "é"], ["<0x5>", "a", "<0xe6>", "<0xZZ>"], ["a" + MS, MS + "a"],
             ["ðŁĺĢ", "Ċ"], ["íłĢ"], ["æ", "漢", "¼"], ["ä", "æ", "a"], ["æ", "<s>", "¼", "¢"], ["Ġa", "<s>", "Ġa"], ["  ", "a", " "], [" "], ["a b", "<0x20>", "a"], ["a", "a", "a", "<s>", "a", "b"]]
    lists = [*([index[w] for w in row] for row in words), [0, 9999, 1], [9998], []]
    fuse, fallback = {"type": "Fuse"}, {"type": "ByteFallback"}
    cases = {
        "none": None, "ByteLevel": byte_level(True, True), "ByteFallback": fallback, "Metaspace": metaspace(), "Metaspace first": metaspace("first"), "Metaspace never": metaspace("never"), "legacy": {"type": "Metaspace", "replacement": MS, "add_prefix_space": True}, "Fuse": fuse,
        "Replace": replace(MS, " "), "Replace empty": replace("a*", "-", "Regex"), "Replace fold": replace("(?i)<0X(..)>", "\\1", "Regex"), "Strip": strip(" ", 1, 0), "Strip two": strip(" ", 2, 0), "Strip a": strip("a", 1, 0), "Strip right": decs(fuse, replace("$", ".", "Regex"), strip(".", 0, 1)),
        "llama": LLAMA_DECODER, "empty Sequence": decs(), "byte_then_meta": decs(byte_level(True, True), metaspace()), "Fuse, Metaspace": decs(fuse, metaspace()), "Strip each": decs(replace(MS, " "), strip(" ", 1, 0), fallback), "fallback late": decs(fuse, fallback),
        "gemma": decs(replace(MS, " "), fallback, fuse), "nested": decs(decs(replace(MS, " ")), decs(fuse)), "bytes, Fuse": decs(byte_level(True, True), fuse),
    }
    for name, decoder in cases.items():
        suite.add(f"decoder {name}", "bare", {**model(pieces), "added_tokens": [token("<s>")], **({"decoder": decoder} if decoder else {})}, [], decode=lists)
    for name, decoder in [("BPEDecoder", {"type": "BPEDecoder", "suffix": "</w>"}), ("WordPiece", {"type": "WordPiece", "prefix": "##", "cleanup": True}), ("CTC", {"type": "CTC", "pad_token": "<s>", "word_delimiter_token": "b", "cleanup": True})]:
        suite.refuse(f"refused decoder {name}", "bare", {**model(pieces), "decoder": decoder}, ours=True)
    for name, decoder in [("type", {"type": "Nope"}), ("Strip of two", strip("ab", 1, 0)), ("replacement of two", metaspace(replacement="ab")), ("pattern", replace("(", "", "Regex"))]:
        suite.refuse(f"refused decoder {name}", "bare", {**model(pieces), "decoder": decoder})


def added_tokens(suite):
    base = {**model(["\n", " ", "<", ">", *LETTERS, "1", "_", "-", "0", ".", "ab", "A", "B", "X", "é", "\t", "<unk>", "the", MS], [["a", "b"]], unk_token="<unk>"), "decoder": {"type": "Fuse"}}
    texts = ["aXXb", "a XX b", "XXY YZ XXYZ XYZ", "XXXX XXX", "aXX XXb XX", "  XX  XX\n\nXX", "a  XX \n", "_XX_ XX. -XX1 1XX", "éXX XXé XX\u200d XX\u0301", "xx Xx yy YY", "X\u00a0XX\u3000X", "the XXthe", "aYYXXYZ", "ﬁ fi"]
    suite.texts["added"] = texts
    normal = {"normalized": True}
    groups = {
        "plain": [token("XX")], "ids": [token("XX", id=100), token("YY", id=200, special=False), token("YZ", id=150)], "unordered": [token("YY", id=60), token("XX", id=50)], "same as pieces": [token("ab", id=90), token("the", id=91)],
        "twice": [token("XX", id=100, lstrip=True), token("XX", id=101, rstrip=True)], "twice, normalized": [token("XX", **normal), token("XX")], "one id": [token("XX", id=60), token("YY", id=60)], "empty": [token("", id=50), token("XX", id=51)],
        "longest": [token("XX"), token("XXY"), token("YZ"), token("XYZ")], "single": [token("XX", single_word=True)], "single, shorter": [token("XX", single_word=True), token("X")], "left": [token("XX", lstrip=True)], "right": [token("XX", rstrip=True)],
        "both": [token("XX", lstrip=True, rstrip=True)], "left and newline": [token("XX", lstrip=True), token("\n")], "both, single": [token("XX", lstrip=True, rstrip=True, single_word=True)], "normal and not": [token("XX", **normal), token("XXY")],
        "not and normal": [token("XXY", **normal), token("XX")], "single, normal": [token("XX", single_word=True, special=False, **normal)], "strips, normal": [token("XX", lstrip=True, rstrip=True, special=False, **normal), token("YY")], "spaces": [token(" "), token("  "), token("   ")],
        "over pieces": [token("b X")], "in a piece": [token("he")],
    }
    for name, added in groups.items():
        suite.add(f"added {name}", "bare", {**base, "added_tokens": added}, "added", decode=[[*range(40, 50), 100, 200, 150]])
    strips = {"type": "Strip", "strip_left": True, "strip_right": True}
    prepends = {"type": "Prepend", "prepend": "_"}
    for name, normalizer, added in [("Lowercase", {"type": "Lowercase"}, [token("xy"), token("Yy")]), ("NFKC", {"type": "NFKC"}, [token("ﬁ"), token("XX")]), ("Prepend", prepends, [token("XX"), token("YY")]), ("Strip, Prepend", norms(strips, prepends), [token("XX"), token("YY", lstrip=True)]),
                                    ("normal Lowercase", {"type": "Lowercase"}, [token("XX", **normal), token("Yy")]), ("normal Llama", LLAMA_NORM, [token("XX", special=False, **normal)]), ("normal Strip", strips, [token(" XX", **normal)])]:
        suite.add(f"added, {name}", "bare", {**base, "normalizer": normalizer, "added_tokens": added, "decoder": decs(replace(MS, " "))}, "added", decode=[[45, 46, 47]])
    chat = [token("<|endoftext|>"), token("<|im_start|>"), token("<|im_end|>"), token("<|im"), token("<think>", special=False), token("</think>", special=False, rstrip=True), token("  ", special=False, **normal), token("[MASK]", lstrip=True), token("user", single_word=True, special=False)]
    own = ["<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nYes!  <|im_end|>", "a [MASK] b[MASK]", "users user user_ user. superuser", "<|im_start|><|im_end|><|im_star|><|im", "x    y  z", "<|endoftext|><|endoftext|> a<|endoftext|>"]
    for name, patch in [("llama3", pre(split(LLAMA3), byte_level())), ("prefix", pre(byte_level(True, True))), ("NFKC", {**pre(byte_level(True)), "normalizer": {"type": "NFKC"}})]:
        suite.add(f"chat {name}", "bytes", {**patch, **BYTES, "added_tokens": chat}, own)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=0, help="only the families, with so many lines and larger vocabularies")
    options = parser.parse_args()
    rng = random.Random(SEED)
    if options.lines:
        suite = Suite(bases(2000), {"mixed": mixed_lines(rng, options.lines)})
        families(suite, "mixed")
    else:
        mixed = [scramble(rng, 40), scramble(rng, 40), *(TEXT[k] for k in ("latin", "digits", "spaces", "lines", "ends", "han", "hindi", "arabic", "code", "punct", "case", "run")), mixed_lines(rng, 5)[4]]
        suite = Suite(bases(400), {"mixed": mixed, "behaviours": ["-a--b-", "---", "--a--", "ab", " - - a  b -", "a--b---c----d"]})
        families(suite, "mixed")
        for part in (patterns, pre_tokenizers_, normalizers_, vocabularies, decoders_, added_tokens):
            part(suite)
    names = [case["name"] for case in suite.cases]
    assert len(set(names)) == len(names), [n for n, k in collections.Counter(names).items() if k > 1]
    options.out.mkdir(parents=True, exist_ok=True)
    for name, value in (("bases", suite.bases), ("cases", {"texts": suite.texts, "cases": suite.cases})):
        (options.out / f"{name}.json").write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(len(names), "cases,", sum(map(len, (case.get("ids", ()) for case in suite.cases))), "texts")


if __name__ == "__main__":
    main()
