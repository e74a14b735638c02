#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What TensorBoard reads in a training folder's event files, against metrics.csv beside them.

Every tag, step and value: events keep 32-bit floats, the CSV 9 digits. Exit code 1 on any difference or complaint of the reader.
Needs `pip install tensorboard`, nothing else of TensorFlow.

    python3 tests/oracles/event_files.py .scratch/models/more-shakespeare
"""
import argparse
import csv
import logging
import pathlib
import sys
import warnings

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

COLUMNS = {"train_loss": "loss/train", "val_loss": "loss/validation", "mean_depth": "routing/mean_depth"}


def expected(path):
    """{tag: {step: value}} of a metrics.csv; empty cells are absent."""
    points = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            step = int(row["step"])
            cells = [(tag, row[column]) for column, tag in COLUMNS.items()]
            cells += [(f"routing/load_{i}", cell) for i, cell in enumerate(row["load_by_recursion"].split(" "), 1)]
            for tag, cell in cells:
                if cell:
                    points.setdefault(tag, {})[step] = float(cell)
    return points


def tolerance(value):
    """Half a unit in the last place of a 32-bit float and half of a ninth digit."""
    return float(numpy.spacing(numpy.float32(abs(value)))) / 2 + abs(value) * 5e-9


class Complaints(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def check(folder):
    """The number of differences, after printing a line for each tag."""
    complaints = Complaints()
    for name in ("tensorboard", None):
        logging.getLogger(name).addHandler(complaints)
    files = sorted(folder.glob("events.out.tfevents.*"))
    want = expected(folder / "metrics.csv")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
        reader.Reload()
    tags = reader.Tags()
    print(f"{folder}: {len(files)} event file(s)")
    wrong = [f"the reader: {line}" for line in dict.fromkeys(complaints.lines)]
    wrong += [f"the reader: {w.category.__name__}: {w.message} ({w.filename}:{w.lineno})" for w in caught]
    wrong += [f"unexpected {kind}: {found}" for kind, found in tags.items() if kind != "scalars" and found]
    wrong += [f"{tag}: in metrics.csv only" for tag in sorted(want.keys() - set(tags["scalars"]))]
    for tag in tags["scalars"]:
        events = reader.Scalars(tag)
        got = {event.step: event.value for event in events}  # a resumed training repeats steps: the last one counts
        steps = want.get(tag, {})
        largest, equal = 0.0, 0
        for step in sorted(got.keys() | steps.keys()):
            if step not in got or step not in steps:
                wrong.append(f"{tag}, step {step}: only in {'metrics.csv' if step in steps else 'the event files'}")
                continue
            difference = abs(got[step] - steps[step])
            largest = max(largest, difference)
            equal += numpy.float32(got[step]) == numpy.float32(steps[step])
            if not difference <= tolerance(steps[step]):
                wrong.append(f"{tag}, step {step}: {got[step]!r}, metrics.csv {steps[step]!r}")
        print(f"  {tag}: {len(events)} points, {len(got)} steps, {len(steps)} in metrics.csv, {equal} equal as 32-bit floats, "
              f"largest difference {largest:.3g}")
        if any(later.wall_time < earlier.wall_time for earlier, later in zip(events, events[1:])):
            wrong.append(f"{tag}: wall times run backwards")
    for line in wrong[:20]:
        print("  WRONG", line)
    if len(wrong) > 20:
        print(f"  and {len(wrong) - 20} more")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    sys.exit(1 if sum([check(folder) for folder in options.folders]) else 0)


if __name__ == "__main__":
    main()
