#!/usr/bin/env python3
"""Makes lesson.csv beside this file: the small dirty table of the quickstart.

Only `Random.random` is used: its sequence for a seed is the same in every Python 3, which
`choice` and `randrange` do not promise. Values are integers of cents, so that no float is printed.
"""

from pathlib import Path
from random import Random

ROWS = 200
SEED = 20130101


def main() -> None:
    draw = Random(SEED).random
    lines = ["column1,column2,column3"]
    counts = {"stray spaces": 0, "3.0": 0, "empty": 0, "NA": 0}
    sums = [0, 0, 0]
    for _ in range(ROWS):
        cents = int(draw() * 20_000) - 2_000
        sums[0] += cents
        sign, rest = ("-", -cents) if cents < 0 else ("", cents)
        one = f"{sign}{rest // 100}.{rest % 100:02d}"
        kind = draw()
        if kind < 0.06:
            one = " " + one
        elif kind < 0.12:
            one += "  "
        elif kind < 0.15:
            one = f" {one} "
        counts["stray spaces"] += kind < 0.15

        whole = int(draw() * 40) + 1
        sums[1] += whole
        two = str(whole)
        if draw() < 0.08:
            two += ".0"
            counts["3.0"] += 1

        tenths = int(draw() * 5_000)
        three = f"{tenths // 10}.{tenths % 10}"
        kind = draw()
        if kind < 0.07:
            three = ""
            counts["empty"] += 1
        elif kind < 0.15:
            three = "NA"
            counts["NA"] += 1
        else:
            sums[2] += tenths
        lines.append(f"{one},{two},{three}")
    Path(__file__).with_name("lesson.csv").write_bytes(("\n".join(lines) + "\n").encode())
    print(counts, f"sums: {sums[0]} hundredths, {sums[1]}, {sums[2]} tenths")


if __name__ == "__main__":
    main()
