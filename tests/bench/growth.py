#!/usr/bin/env python3
"""How time and memory grow with the size of a file and with its columns, as a Markdown table.

A flat column of "CPU s per GB" and of "peak MB" is what is hoped for: the cost is a straight line, and the memory does not
know the file. Files are the sample of flights under one header again and again, or generated numbers in more and more columns.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from run import CACHE, ROOT, measure

SIZES = [10, 100, 1000, 5000]  # MB
COLUMNS = [10, 100, 1000, 10_000]
WIDE = 100  # MB of each of the wide files


def long(megabytes: int) -> Path:
    path = CACHE / f"growth-{megabytes}.csv"
    if not path.exists():
        head, _, rows = (ROOT / "tests" / "corpus" / "flights.csv").read_bytes().partition(b"\n")
        with open(f"{path}.part", "wb") as out:
            out.write(head + b"\n")
            while out.tell() < megabytes * 1_000_000:
                out.write(rows)
        os.replace(f"{path}.part", path)
    return path


def wide(columns: int) -> Path:
    """Whole numbers below 1,000 by a rule, so that what differs is the number of columns alone."""
    path = CACHE / f"growth-{columns}-columns.csv"
    if not path.exists():
        # 1,009 rows of a linear congruence, then the same again.
        state, block = 1, []
        rows = max(8, 1_000_000 // columns)
        for _ in range(rows):
            cells = []
            for _ in range(columns):
                state = (state * 48271) % 2147483647
                cells.append(str(state % 1000))
            block.append(",".join(cells))
        text = ("\n".join(block) + "\n").encode()
        with open(f"{path}.part", "wb") as out:
            out.write(",".join(f"c{at}" for at in range(columns)).encode() + b"\n")
            while out.tell() < WIDE * 1_000_000:
                out.write(text)
        os.replace(f"{path}.part", path)
    return path


def measured(command: list[str], rounds: int, folder: Path) -> tuple[float, float, float]:
    """Medians of wall seconds, CPU seconds and peak MB."""
    runs = [measure(command, folder / "stdout", folder / "stderr") for _ in range(rounds)]
    return tuple(statistics.median(values) for values in zip(*((run.wall, run.cpu, run.peak / 1e6) for run in runs)))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("binary", help="a release build of tidemill")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--most", type=int, default=SIZES[-1], help="MB of the largest file")
    asked.add_argument("--threads", default="2")
    options = asked.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    tasks = {
        "three means": lambda path, out, few: ["reduce", path, *(f"mean({name})" for name in few)],
        "profile": lambda path, out, few: ["profile", path, "--format", "json"],
        "profile --all": lambda path, out, few: ["profile", path, "--all", "--format", "json"],
        "clean and write": lambda path, out, few: ["clean", path, "-o", out, "--cast", f"{few[0]}:integer", "--fill", f"{few[1]}=0"],
    }
    series = [("MB", SIZES, long, ["dep_delay", "arr_delay", "air_time"]), ("columns", COLUMNS, wide, ["c1", "c2", "c3"])]
    shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        out = os.path.join(folder, "out.csv")
        for word, steps, make, few in series:
            print(f"\n| task | {word} | wall s | CPU s | CPU s per GB | peak MB |\n| --- | ---: | ---: | ---: | ---: | ---: |")
            for task, words in tasks.items():
                for step in steps:
                    if word == "MB" and step > options.most:
                        continue
                    path = make(step)
                    with open(path, "rb") as given:
                        while given.read(1 << 24):
                            pass
                    size = path.stat().st_size
                    wall, cpu, peak = measured([options.binary, *words(str(path), out, few), "-j", options.threads], options.rounds, Path(folder))
                    print(f"| {task} | {step:,} | {wall:.2f} | {cpu:.2f} | {cpu / size * 1e9:.2f} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
