#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads every #include in engine/, widgets/ and app/ and compares it with layers.json.

    check_layers.py ROOT [TABLE]

Prints FILE:LINE and the reason for each include that is not allowed; exit code 1 if there is any.
"""
import json
import pathlib
import re
import sys

ROOTS = ("engine", "widgets", "app")
ENDINGS = {".h", ".hpp", ".inc", ".cpp", ".cc", ".cu", ".cuh"}
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|\"([^\"\n]+)\"|(\S+))", re.MULTILINE)
STANDARD = re.compile(r"[a-z_0-9]+")


class Table:
    def __init__(self, text):
        table = json.loads(text)
        self.folders = table["folders"]
        self.everyone = table["everyone"]
        self.never = table["never"]
        self.libraries = {name: re.compile("|".join(f"(?:{p})" for p in patterns))
                          for name, patterns in table["libraries"].items()}
        for folder, rule in self.folders.items():
            for other in rule["include"]:
                if other not in self.folders:
                    raise SystemExit(f"layers.json: {folder} names {other}, which is no folder of the table")
            for library in rule["libraries"]:
                if library not in self.libraries:
                    raise SystemExit(f"layers.json: {folder} names {library}, which is no library of the table")

    def folder_of(self, path):
        """The most special folder of the table that holds `path`."""
        parts = path.split("/")[:-1]
        for length in range(len(parts), 0, -1):
            folder = "/".join(parts[:length])
            if folder in self.folders:
                return folder
        return None

    def fault_of_library(self, folder, header):
        if header in self.never:
            return f"<{header}> is never included: {self.never[header]}"
        if STANDARD.fullmatch(header):
            return None
        names = [name for name, pattern in self.libraries.items() if pattern.fullmatch(header)]
        if not names:
            return f"<{header}> is of no library that layers.json knows"
        allowed = self.folders[folder]["libraries"]
        if any(name in allowed for name in names):
            return None
        return f"<{header}> is of {' or '.join(names)}; {folder} may use " + (", ".join(allowed) or "std alone")

    def fault_of_own(self, folder, header, root):
        if header.endswith(".moc"):
            return None
        if not header.startswith(tuple(r + "/" for r in ROOTS)):
            return f'"{header}" is not written from the repository root'
        if not (root / header).is_file():
            return f'"{header}" does not exist'
        other = self.folder_of(header)
        if other is None:
            return f'"{header}" lies in no folder of the table'
        if other == folder or other in self.folders[folder]["include"]:
            return None
        if other in self.everyone:
            return None
        return f'"{header}" is of {other}, which {folder} may not include'


def without_comments(text):
    """Comments become blanks of as many lines; strings stay."""
    return COMMENT.sub(lambda m: m[0] if m[0].startswith('"') else "\n" * m[0].count("\n"), text)


def faults(root, table):
    count = 0
    for top in ROOTS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in ENDINGS or not path.is_file():
                continue
            name = path.relative_to(root).as_posix()
            text = without_comments(path.read_text(encoding="utf-8"))
            folder = table.folder_of(name)
            for match in INCLUDE.finditer(text):
                count += 1
                line = text.count("\n", 0, match.start(0)) + 1
                library, own, macro = match.groups()
                if folder is None:
                    fault = "this file lies in no folder of the table"
                elif macro:
                    fault = f"{macro}: an include must name its header"
                elif library:
                    fault = table.fault_of_library(folder, library)
                else:
                    fault = table.fault_of_own(folder, own, root)
                if fault:
                    yield f"{name}:{line}: {fault}"
    if count == 0:
        yield f"{root}: no includes found: is this the repository?"


def main(arguments):
    root = pathlib.Path(arguments[1])
    table_path = pathlib.Path(arguments[2]) if len(arguments) > 2 else pathlib.Path(__file__).with_name("layers.json")
    found = list(faults(root, Table(table_path.read_text(encoding="utf-8"))))
    print("\n".join(found) if found else "every include is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
