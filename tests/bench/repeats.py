#!/usr/bin/env python3
"""Writes a table whose rows repeat: so many rows, of which a fifth have the id of an earlier one. The same
arguments give the same bytes, and the number of different ids is printed.

    python repeats.py 20000000 > repeats.csv
"""

import sys


def main(rows):
    out = sys.stdout.buffer
    out.write(b"id,amount,city\n")
    cities = [b"Berlin", b"Lyon", b"Osaka", b"Quito", b"Turin"]
    state, fresh, lines = 1, 0, []
    for row in range(rows):
        state = (state * 6364136223846793005 + 1442695040888963407) & (1 << 64) - 1
        # Every fifth row takes the id of one before it, wherever that stands.
        if row % 5 == 4:
            number = (state >> 20) % fresh
        else:
            number, fresh = fresh, fresh + 1
        # An id looks like no counter: a bijection of 64 bits, in hexadecimal.
        mixed = (number * 0x9E3779B97F4A7C15) & (1 << 64) - 1
        lines.append(b"%016x,%d,%s\n" % (mixed, state >> 50, cities[row % 5]))
        if len(lines) == 50000:
            out.write(b"".join(lines))
            lines.clear()
    out.write(b"".join(lines))
    print(f"{fresh} different ids", file=sys.stderr)


main(int(sys.argv[1]))
