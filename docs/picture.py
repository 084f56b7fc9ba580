#!/usr/bin/env python3
"""Writes docs/profile.svg: what a terminal of 100 columns shows of a profile.

Run it from anywhere after `cargo build --release -p tidemill`. It needs Python and nothing else.
Each character has a cell of its own width in the grid, so no font can move one under another.
"""

import os
import re
import subprocess
import unicodedata
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["profile", "tests/corpus/flights.csv"]
COLUMNS = 100
CELL, LINE, SIZE = 8.4, 19, 14
PAD, BAR = 20, 34
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
STYLES = {"": "#c9d1d9", "bold": "#ffffff", "faint": "#8b949e", "prompt": "#7ee787"}


def output():
    binary = ROOT / "target" / "release" / "tidemill"
    env = dict(os.environ, COLUMNS=str(COLUMNS), CLICOLOR_FORCE="1", TERM="xterm-256color")
    env.pop("NO_COLOR", None)
    run = subprocess.run([binary, *COMMAND], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return run.stdout


def pieces(line):
    """The line as (text, style), read from its colour codes."""
    style = ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code is None:
            if part:
                yield part, style
        elif code[1] in ("", "0"):
            style = ""
        elif "1" in code[1].split(";"):
            style = "bold"
        elif "2" in code[1].split(";"):
            style = "faint"


def cells(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def row(parts, y):
    """One line of text. Runs of blanks are left out and what follows stands at its own column."""
    out, at = [], 0
    for text, style in parts:
        for word in re.split(r"( {2,})", text):
            if word.strip():
                begin = word[: len(word) - len(word.lstrip())]
                x, wide = PAD + (at + len(begin)) * CELL, cells(word.strip())
                weight = ' font-weight="600"' if style == "bold" else ""
                out.append(
                    f'<text x="{x:.1f}" y="{y}" textLength="{wide * CELL:.1f}" fill="{STYLES[style]}"{weight}>'
                    f"{escape(word.strip())}</text>"
                )
            at += cells(word)
    assert at <= COLUMNS, f"{at} columns: {parts}"
    return out


def main():
    command = "tidemill " + " ".join(COMMAND)
    lines = [[("$ ", "prompt"), (command, "bold")], []]
    lines += [list(pieces(line)) for line in output().rstrip("\n").split("\n")]
    width = round(2 * PAD + COLUMNS * CELL)
    height = BAR + PAD // 2 + len(lines) * LINE + PAD
    title = f"A terminal that shows what the command {command} prints"
    body = []
    for number, line in enumerate(lines):
        body += row(line, BAR + PAD // 2 + SIZE + number * LINE)
    dots = "".join(f'<circle cx="{PAD + 4 + 20 * n}" cy="{BAR // 2 + 3}" r="5.5" fill="{colour}"/>'
                   for n, colour in enumerate(["#f47067", "#e0b13f", "#57ab5a"]))
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        '<desc id="desc">For each column of a table of flights: its type, how many values it has, how many are '
        "missing, how many differ, the least, greatest and mean value, and the most frequent one.</desc>",
        f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>',
        dots,
        f'<g font-family="{FONT}" font-size="{SIZE}" xml:space="preserve">',
        *body,
        "</g>",
        "</svg>",
    ]
    (ROOT / "docs" / "profile.svg").write_text("\n".join(svg) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
