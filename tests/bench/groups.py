#!/usr/bin/env python3
"""Writes a file of (key, value) with as many rows and keys as asked for; the same arguments give the
same bytes. Keys come in no order, and each of them comes.

    groups.py OUT [ROWS [KEYS]]
    /usr/bin/time -v tidemill reduce OUT rows 'mean(value)' --by key --format csv --memory 512MB -j 2
"""

import sys

BATCH = 1 << 16


def main() -> None:
    path = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000_000
    keys = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000_000
    # A step that shares no factor with the number of keys visits all of them.
    step = 7_368_787
    while any(step % factor == 0 and keys % factor == 0 for factor in (2, 3, 5, 7, 11, 13)):
        step += 2
    key, state = 0, 1
    with open(path, "w", encoding="ascii", newline="") as out:
        out.write("key,value\n")
        for first in range(0, rows, BATCH):
            lines = []
            for _ in range(min(BATCH, rows - first)):
                key = (key + step) % keys
                state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
                lines.append(f"{key},{state >> 54}\n")
            out.write("".join(lines))


if __name__ == "__main__":
    main()
