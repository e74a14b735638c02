#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what the programs need at their start (readelf -d), through our own libraries.

    check_programs.py FOLDER

The engine is opened later, so no program may need LibTorch; the command line and the core need no Qt and no
ImGui either. No library of the system may bring a BLAS along: its sgemm_ would take the place of LibTorch's, which
is ten times as fast (seen with libavfilter). Exit code 1 names what is wrong, 77 says that nothing is built or readelf is missing.
"""
import pathlib
import re
import shutil
import subprocess
import sys

FORBIDDEN = {
    "depthscope": r"libtorch|libc10|libcuda|libcudart|libdepthscope_engine",
    "depthscope-cli": r"libtorch|libc10|libcuda|libcudart|libdepthscope_engine|libQt|libimgui",
    "libdepthscope_core.so": r"libtorch|libc10|libcuda|libcudart|libdepthscope_engine|libQt|libimgui",
}
BLAS = re.compile(r"lib(?:open)?blas|liblapack|libmkl")
SKIPPED = 77


def needed(file):
    listing = subprocess.run(["readelf", "-d", file], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+?)\]", listing)


def all_needed(folder, name):
    """(library, who needs it) for the file and for those of its libraries that are ours."""
    seen, waiting = {name}, [name]
    while waiting:
        user = waiting.pop()
        for library in needed(folder / user):
            yield library, user
            if library not in seen and (folder / library).exists():
                seen.add(library)
                waiting.append(library)


def loaded(file):
    """Everything that the dynamic linker opens with the file."""
    listing = subprocess.run(["ldd", file], check=True, capture_output=True, text=True).stdout
    return [line.split()[0] for line in listing.splitlines() if line.strip()]


def main(arguments):
    folder = pathlib.Path(arguments[1])
    present = [name for name in FORBIDDEN if (folder / name).is_file()]
    if not present or shutil.which("readelf") is None:
        print(f"skipped: no readelf, or nothing built in {folder}")
        return SKIPPED
    faults = [f"{name}: {user} needs {library}"
              for name in present
              for library, user in all_needed(folder, name)
              if re.match(FORBIDDEN[name], library)]
    faults += [f"{name}: brings {library} along" for name in present for library in loaded(folder / name)
               if BLAS.match(library)]
    print("\n".join(faults) if faults else f"{', '.join(present)}: nothing that must be opened later")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
