#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Damages clips by a seed and reads each with the fuzz target of the media reader.

    damage_media.py PROGRAM [--first 0] [--count 500] [--seed 1] [--keep FOLDER]

PROGRAM is fuzz_media of the preset `fuzz` (with sanitizers): a crash, a leak, more than 60 seconds of processor time
or 15 minutes of any time is a finding: on a busy machine a process may wait for minutes. The clips are made by the
ffmpeg program; a kind that it cannot make is named and left out. Files that gave a finding are kept in FOLDER. Exit
code 1 where there is any.
"""
import argparse
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE = "testsrc2=s=96x64:r=25:d=0.8"
KINDS = {
    "h264.mp4": "-c:v libx264 -g 5 -bf 2", "h264.mkv": "-c:v libx264 -g 5 -bf 2", "h264.ts": "-c:v libx264 -g 5",
    "fragments.mp4": "-c:v libx264 -g 5 -movflags frag_keyframe+empty_moov", "hevc.mkv": "-c:v libx265 -x265-params log-level=0:keyint=5",
    "vp8.webm": "-c:v libvpx -g 5", "vp9.webm": "-c:v libvpx-vp9 -g 5", "av1.mkv": "-c:v libaom-av1 -cpu-used 8 -g 5",
    "mpeg2.mpg": "-c:v mpeg2video -g 5", "mpeg4.avi": "-c:v mpeg4 -g 5", "theora.ogg": "-c:v libtheora -g 5", "mjpeg.mov": "-c:v mjpeg",
    "prores.mov": "-c:v prores_ks", "ffv1.mkv": "-c:v ffv1 -level 3", "clip.gif": "-r 10", "clip.apng": "-f apng -r 10",
    "raw.nut": "-c:v rawvideo", "clip.png": "-frames:v 1", "clip.jpg": "-frames:v 1", "clip.webp": "-frames:v 1 -c:v libwebp",
}
PROCESSOR_SECONDS = 60
SECONDS = 15 * 60


def make(folder):
    clips = {}
    for name, words in KINDS.items():
        path = folder / name
        made = subprocess.run(["ffmpeg", "-v", "quiet", "-y", "-f", "lavfi", "-i", SOURCE, *words.split(), str(path)],
                              stdin=subprocess.DEVNULL)
        if made.returncode == 0 and path.is_file():
            clips[name] = path.read_bytes()
        else:
            print(f"left out: this ffmpeg cannot make {name}")
    return clips


def damaged(content, draw):
    content = bytearray(content)
    how = draw.randrange(6)
    if how == 0:
        return bytes(content[:draw.randrange(len(content))])
    if how == 1:  # a stretch is missing
        begin = draw.randrange(len(content))
        del content[begin:begin + draw.randrange(1, 2000)]
    elif how == 2:  # a stretch stands twice
        begin = draw.randrange(len(content))
        content[begin:begin] = content[begin:begin + draw.randrange(1, 2000)]
    elif how == 3:  # headers
        for _ in range(draw.randrange(1, 12)):
            content[draw.randrange(min(len(content), 600))] = draw.randrange(256)
    else:
        for _ in range(max(1, int(len(content) * draw.uniform(0.0005, 0.02)))):
            at = draw.randrange(len(content))
            content[at] = draw.randrange(256) if how == 4 else content[at] ^ 1 << draw.randrange(8)
    return bytes(content)


def finding(program, path):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))

    try:
        ran = subprocess.run([program, str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return f"longer than {SECONDS} s"
    if ran.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"killed, after {PROCESSOR_SECONDS} s of processor time or for want of memory"
    return "" if ran.returncode == 0 else ran.stdout.decode(errors="replace")[-3000:]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--first", type=int, default=0, help="begin with this file")
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", default="findings")
    given = options.parse_args()
    draw = random.Random(given.seed)
    findings = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        clips = make(folder)
        names = list(clips)
        for number in range(given.count):
            kind = names[number % len(names)]
            content = damaged(clips[kind], draw)
            if number < given.first:
                continue
            path = folder / f"{number:04d}-{kind}"
            path.write_bytes(content)
            if trouble := finding(given.program, path):
                findings += 1
                pathlib.Path(given.keep).mkdir(exist_ok=True)
                shutil.copy(path, given.keep)
                print(f"{path.name}: {trouble}", flush=True)
            path.unlink()
    print(f"{given.count - given.first} damaged files of {len(clips)} kinds, seed {given.seed}: {findings} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
