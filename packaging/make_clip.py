#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes resources/clips/counting.mp4 (--out FILE: elsewhere) with the ffmpeg program.

200 frames of 320 x 180 at 25 a second. Each frame carries its number in its pixels: twelve blocks
of 16 x 16 along the lower edge, the highest bit first, white for 1 and black for 0, behind a white
and a black block that mark the beginning. Above it a few discs move; where they start and how fast
they go is drawn from a seed, and the same seed gives the same pictures. A key frame stands at every
50th frame.
"""
import argparse
import math
import random
import subprocess

WIDTH, HEIGHT, FRAMES, RATE, BLOCK, BITS = 320, 180, 200, 25, 16, 12
COLOURS = [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (204, 121, 167)]


def discs(seed):
    draw = random.Random(seed)
    return [{"colour": colour, "radius": draw.randint(12, 24), "x": draw.random(), "y": draw.random(),
             "turns_x": draw.choice([1, 2, 3]), "turns_y": draw.choice([1, 2, 3])} for colour in COLOURS]


def ground():
    rows = []
    for y in range(HEIGHT):
        row = bytearray()
        for x in range(WIDTH):
            level = 28 + (x * 24 // WIDTH) + (y * 12 // HEIGHT) + (4 if (x // 20 + y // 20) % 2 else 0)
            row += bytes((level, level + 2, level + 8))
        rows.append(row)
    return rows


def disc_at(disc, number):
    turn = 2 * math.pi * number / FRAMES
    x = WIDTH / 2 + (WIDTH / 2 - 30) * math.sin(turn * disc["turns_x"] + 2 * math.pi * disc["x"])
    y = 76 + 48 * math.sin(turn * disc["turns_y"] + 2 * math.pi * disc["y"])
    return x, y


def frame(number, rows, moving):
    picture = [bytearray(row) for row in rows]
    for disc in moving:
        cx, cy = disc_at(disc, number)
        radius = disc["radius"]
        for y in range(max(0, int(cy - radius)), min(HEIGHT, int(cy + radius) + 1)):
            half = math.sqrt(max(0.0, radius * radius - (y - cy) ** 2))
            first, last = max(0, round(cx - half)), min(WIDTH, round(cx + half))
            if last > first:
                picture[y][3 * first:3 * last] = bytes(disc["colour"]) * (last - first)
    bits = [1, 0] + [number >> (BITS - 1 - bit) & 1 for bit in range(BITS)]
    top = HEIGHT - BLOCK
    for place, bit in enumerate(bits):
        for y in range(top, HEIGHT):
            picture[y][3 * BLOCK * place:3 * BLOCK * (place + 1)] = bytes([255 * bit] * 3) * BLOCK
    return b"".join(picture)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", default="resources/clips/counting.mp4")
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}",
               "-r", str(RATE), "-i", "-", "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p",
               "-c:v", "libx264", "-preset", "slow", "-crf", "20", "-g", "50", "-sc_threshold", "0", "-threads", "1",
               "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
               "-flags", "+bitexact", "-fflags", "+bitexact", "-movflags", "+faststart", given.out]
    rows, moving = ground(), discs(given.seed)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for number in range(FRAMES):
            encoder.stdin.write(frame(number, rows, moving))
        encoder.stdin.close()
    raise SystemExit(encoder.returncode)


if __name__ == "__main__":
    main()
