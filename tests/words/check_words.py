#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails where a string that a person can see has a phrase that a native engineer would not write.

    check_words.py ROOT [FOLDER ..]      checks the C++ string literals of the folders (default: engine widgets app)
    check_words.py ROOT --list           prints every literal that looks like words, for reading
    check_words.py --self-test

The phrases stand in phrases.json beside this file: a list of {"pattern", "instead"}; patterns are regular expressions, matched without regard to case.
Comments, #include lines, raw strings (SQL, shaders, JSON) and character literals are not read. Adjacent literals are read as one string.
A line with `// words: ok` is left alone.
"""
import json
import pathlib
import re
import sys

FOLDERS = ("engine", "widgets", "app")
CORPUS = {"engine/data/graded_words.h"}  # sentences of the graded text, never to be changed
SUFFIXES = {".h", ".cpp", ".cc", ".hpp", ".cu", ".cuh"}
HERE = pathlib.Path(__file__).resolve().parent

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*(?:\\\n[^\n]*)*|/\*.*?\*/)
      | (?P<directive>^[ \t]*\#[ \t]*(?:include|error|pragma|if|ifdef|ifndef|elif|line)\b(?:[^\n\\]|\\.)*)
      | (?P<raw>(?:u8|u|U|L)?R"(?P<tag>[^()\\\s]{0,16})\((?:.*?)\)(?P=tag)")
      | (?P<string>(?:u8|u|U|L)?"(?:[^"\\\n]|\\.)*"(?:s|sv|_s|_L1|_qs)?)
      | (?P<number>(?<![\w])\d[\w']*)
      | (?P<char>'(?:[^'\\\n]|\\.)+')
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\", "r": "\r", "0": "\0"}


def inside(literal):
    """The text of one literal, its usual escapes resolved."""
    body = literal[literal.index('"') + 1 : literal.rindex('"')]
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), body, flags=re.DOTALL)


def literals(source):
    """Pairs (line, text): each run of adjacent string literals as one text."""
    found, line, start, pieces = [], 1, 0, []

    def finish():
        nonlocal pieces
        if pieces:
            found.append((start, "".join(pieces)))
        pieces = []

    for match in TOKEN.finditer(source):
        kind = match.lastgroup if match.lastgroup != "tag" else "raw"
        if kind == "string":
            if not pieces:
                start = line
            pieces.append(inside(match.group()))
        elif kind not in ("space", "comment"):
            finish()
        line += match.group().count("\n")
    finish()
    return found


def read_phrases(path):
    return [(re.compile(entry["pattern"], re.IGNORECASE), entry["instead"]) for entry in json.loads(path.read_text())]


def complaints(source, phrases):
    """Triples (line, words found, better words) of one source."""
    lines = source.split("\n")
    for line, text in literals(source):
        if "// words: ok" in lines[line - 1]:
            continue
        for pattern, instead in phrases:
            match = pattern.search(text)
            if match:
                yield line, match.group(), instead


def sources(root, folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and path.relative_to(root).as_posix() not in CORPUS:
                yield path


def list_strings(root, folders):
    for path in sources(root, folders):
        for line, text in literals(path.read_text(encoding="utf-8")):
            if re.search(r"[A-Za-z]{2}.*[ ]|[ ].*[A-Za-z]{2}", text):
                print(f"{path.relative_to(root)}:{line}: {text!r}")


def check(root, folders):
    phrases, count = read_phrases(HERE / "phrases.json"), 0
    for path in sources(root, folders):
        for line, words, instead in complaints(path.read_text(encoding="utf-8"), phrases):
            print(f'{path.relative_to(root)}:{line}: "{words}" -> {instead}')
            count += 1
    return count


def self_test():
    source = (
        '#include "there is no.h"\n'
        "// there is no comment\n"
        '/* "there is no block" */\n'
        "auto a = R\"(there is no raw)\"; char c = '\"'; int n = 1'000;\n"
        'auto b = tr("there " // in two pieces\n'
        '            "is no x");\n'
        'auto d = "fine", e = "a \\"there is no\\" b";\n'
        'auto f = "there is no f"; // words: ok\n'
    )
    phrases = [(re.compile("there is no"), "not found")]
    found = [(line, words) for line, words, _ in complaints(source, phrases)]
    assert found == [(5, "there is no"), (7, "there is no")], found
    assert literals('f("a\\n" "b", "c")') == [(1, "a\nb"), (1, "c")]
    entries = json.loads((HERE / "phrases.json").read_text())
    for entry in entries:
        assert entry["instead"], entry
        for bad in entry["bad"]:
            assert re.search(entry["pattern"], bad, re.IGNORECASE), (entry["pattern"], bad)
        for good in entry.get("good", []):
            assert not re.search(entry["pattern"], good, re.IGNORECASE), (entry["pattern"], good)
    print(f"{len(entries)} phrases, self-test passed")


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return 0
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    root, rest = pathlib.Path(arguments[0]), arguments[1:]
    listing = "--list" in rest
    folders = [word for word in rest if not word.startswith("-")] or FOLDERS
    if listing:
        list_strings(root, folders)
        return 0
    count = check(root, folders)
    if count:
        print(f"{count} string(s) to reword", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
