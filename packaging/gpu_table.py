#!/usr/bin/env python3
"""What packaging/gpu_check.sh found, as a table: answers that differ from the CPU's, then every figure beside its limit."""
import json
import pathlib
import sys


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def differences(folder):
    """Of each model: the first token at which the GPU's greedy answer or its depth is another than the CPU's."""
    for cpu_file in sorted(folder.glob("*.cpu.json")):
        name = cpu_file.name.removesuffix(".cpu.json")
        cpu, gpu = read(cpu_file), read(folder / f"{name}.cuda.json")
        if cpu is None or gpu is None:
            yield name, "no answer"
            continue
        unequal = [i for key in ("tokens", "depth") for i, pair in enumerate(zip(cpu[key], gpu[key])) if pair[0] != pair[1]]
        yield name, f"differs from token {min(unequal)} on" if unequal else "equal"


def rows(folder):
    for file in sorted(folder.glob("bench.*.json")):
        report = read(file)
        for case in report["results"] if report else []:
            value = case.get("value", case.get("tokens_per_second"))
            limit = case.get("limit")
            share = f"{100 * value / limit:.1f} %" if limit and value is not None else ""
            yield (file.name.split(".")[1], case["case"], "-" if value is None else f"{value:,.1f}", case["unit"],
                   f"{limit:,.1f}" if limit else "", share, case.get("note", ""))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: gpu_table.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    print("| greedy tokens and depths | against the CPU |\n|---|---|")
    wrong = False
    for name, verdict in differences(folder):
        wrong = wrong or verdict != "equal"
        print(f"| {name} | {verdict} |")
    print("\n| suite | case | figure | unit | limit | share | note |\n|---|---|---|---|---|---|---|")
    for row in rows(folder):
        print("| " + " | ".join(row) + " |")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
