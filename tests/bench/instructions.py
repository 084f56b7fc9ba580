#!/usr/bin/env python3
"""Counts the instructions of five key paths with callgrind, and fails where one has risen by more than 5 %.

Times are noisy on shared machines; instructions of one thread are not. The counts that hold are in instructions.json
beside this file: `--keep` writes what was counted there, for a change that is worth its price.

Counts are for processors with AVX2, which the scanner takes where it is there. On another machine nothing is compared,
and the last line says so.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEPT = HERE / "instructions.json"
RISE = 1.05
# Copies of the sample of flights, 0.46 MB each. What is compared is the difference: both are beyond the window in which the
# dialect is found, which costs as much as many megabytes of reading.
FEW, MANY = 3, 13

SIX = ["rows", "mean(dep_delay)", "sum(distance)", "min(arr_delay)", "max(arr_delay)", "std(air_time)"]
PATHS = {
    "three means": ["reduce", "IN", "mean(dep_delay)", "mean(arr_delay)", "mean(air_time)"],
    "group by carrier, six aggregates": ["reduce", "IN", "--by", "carrier", *SIX],
    "profile": ["profile", "IN", "--format", "json"],
    "profile --all": ["profile", "IN", "--all", "--format", "json"],
    "clean and write": ["clean", "IN", "-o", "OUT", "--cast", "arr_delay:integer", "--cast", "air_time:integer", "--fill", "dep_delay=0", "--drop-missing", "dep_time"],
}


def copied(folder: Path, copies: int) -> Path:
    head, _, rows = (ROOT / "tests" / "corpus" / "flights.csv").read_bytes().partition(b"\n")
    path = folder / f"{copies}.csv"
    path.write_bytes(head + b"\n" + rows * copies)
    return path


def counted(binary: Path, words: list[str], folder: Path, given: Path) -> int:
    places = {"IN": str(given), "OUT": str(folder / "out.csv")}
    words = [places.get(word, word) for word in words]
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(binary), *words, "-j", "1"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
    return int(found.group(1))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("binary", type=Path, help="a release build of tidemill")
    asked.add_argument("--keep", action="store_true", help="write the counts as those that hold")
    options = asked.parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not there: apt-get install valgrind")
    binary = options.binary.resolve()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    comparable = platform.machine() == "x86_64" and "avx2" in Path("/proc/cpuinfo").read_text()
    counts, risen = {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = copied(folder, FEW), copied(folder, MANY)
        added = many.stat().st_size - few.stat().st_size
        for path, words in PATHS.items():
            counts[path] = counted(binary, words, folder, many) - counted(binary, words, folder, few)
            before = kept.get(path)
            ratio = counts[path] / before if before else None
            told = f"{ratio - 1:+.1%} of {before:,}" if ratio else "nothing to compare with"
            print(f"{path}: {counts[path]:,} instructions, {counts[path] / added:.2f} a byte ({told})", flush=True)
            if ratio is None or ratio > RISE:
                risen.append(path)
    if options.keep:
        KEPT.write_text(json.dumps(counts, indent=2) + "\n")
    elif not comparable:
        print("not compared: the counts that are kept are for x86-64 with AVX2")
    elif risen:
        sys.exit(f"more than {RISE - 1:.0%} above what holds: {', '.join(risen)}; mend it, or keep the new counts with --keep and say why")


if __name__ == "__main__":
    main()
