#!/usr/bin/env python3
"""Holds the steps that know more than the row against what pandas, polars and DuckDB make of the same
table: dedupe, fill (from neighbours, by figures, by group) and outliers. Each cell is compared. Prints a
summary in TAP's words.

    python steps.py path/to/tidemill
"""

import io
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas
import polars

COMMAND = sys.argv[1]
CORPUS = Path(__file__).resolve().parent.parent / "corpus"
passed, failed = 0, 0


def table(seed, rows=4000):
    """A table of repeated keys, gaps and texts that need quotes."""
    pick = random.Random(seed)
    lines = ["g,h,x,t"]
    for _ in range(rows):
        group = pick.choice(["a", "b", "c", "d é", '"e,f"', "g"])
        text = pick.choice(["", "p", "q q", '"r,s"', '"u""v"', "long " * pick.randrange(1, 4)])
        number = "" if pick.random() < 0.3 else str(pick.randrange(-40, 40)) if pick.random() < 0.98 else "900"
        lines.append(f"{group},{pick.randrange(90)},{number},{text}")
    return "\n".join(lines) + "\n"


def cleaned(path, *steps):
    recipe = "tidemill = 1\n" + "".join(f"[[step]]\n{step}\n" for step in steps)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "r.toml")
        written.write_text(recipe)
        done = subprocess.run([COMMAND, "run", written, path], capture_output=True, check=True)
    frame = pandas.read_csv(io.BytesIO(done.stdout), dtype=str, keep_default_na=False)
    return [list(row) for row in frame.itertuples(index=False)]


def same(what, got, want):
    """Whether two tables are the same, cell by cell; numbers by their value."""
    global passed, failed
    def alike(a, b):
        if a == b:
            return True
        try:
            return math.isclose(float(a), float(b), rel_tol=1e-12)
        except ValueError:
            return False
    wrong = next((at for at, (a, b) in enumerate(zip(got, want)) if len(a) != len(b) or not all(map(alike, a, b))), None)
    if wrong is None and len(got) == len(want):
        passed += 1
        return
    failed += 1
    if wrong is None:
        print(f"not ok {what}: {len(got)} rows, expected {len(want)}")
    else:
        print(f"not ok {what}: row {wrong}: got {got[wrong]}, expected {want[wrong]}")


def of_pandas(frame):
    return [["" if pandas.isna(cell) else str(cell) for cell in row] for row in frame.itertuples(index=False)]


def of_polars(frame):
    return [["" if cell is None else str(cell) for cell in row] for row in frame.rows()]


def check(name, text, folder):
    path = Path(folder, name)
    path.write_text(text)
    plain = pandas.read_csv(path, dtype=str, keep_default_na=False)
    gaps = plain.replace("", None)
    polar = polars.read_csv(path, infer_schema=False).with_columns(polars.all().fill_null(""))
    holes = polars.read_csv(path, infer_schema=False)

    for keep in ("first", "last", "none"):
        for columns in (["h"], ["g", "h"], ["g", "t"], None):
            step = f"dedupe = {columns or ['*']}\nkeep = '{keep}'".replace("'", '"')
            got = cleaned(path, step)
            same(f"{name} dedupe {columns} {keep} pandas", got, of_pandas(plain.drop_duplicates(columns, keep=False if keep == "none" else keep)))
            same(f"{name} dedupe {columns} {keep} polars", got, of_polars(polar.unique(columns, keep=keep, maintain_order=True)))
            if columns:
                keys = ", ".join(columns)
                order = {"first": "low = nth", "last": "high = nth", "none": "times = 1"}[keep]
                query = f"""
                    with numbered as (select *, row_number() over () as nth from read_csv('{path}', all_varchar = true, nullstr = '\\N', parallel = false)),
                    keyed as (select *, min(nth) over (partition by {keys}) as low, max(nth) over (partition by {keys}) as high, count(*) over (partition by {keys}) as times from numbered)
                    select g, h, x, t from keyed where {order} order by nth"""
                rows = [["" if cell is None else cell for cell in row] for row in duckdb.sql(query).fetchall()]
                same(f"{name} dedupe {columns} {keep} duckdb", got, rows)

    cast = 'cast = { x = "integer" }'
    numbers = gaps.assign(x=gaps["x"].astype("Float64"))
    for by in ([], ["g"], ["g", "h"]):
        tail = f"\nby = {by}".replace("'", '"') if by else ""
        for way, fill in (("previous", "ffill"), ("next", "bfill")):
            got = cleaned(path, cast, f'fill = {{ x = {{ with = "{way}" }}, t = {{ with = "{way}" }} }}{tail}')
            want = gaps.copy()
            filled = gaps.groupby(by)[["x", "t"]] if by else gaps[["x", "t"]]
            want[["x", "t"]] = getattr(filled, fill)()
            same(f"{name} fill {way} {by} pandas", got, of_pandas(want))
            strategy = {"previous": "forward", "next": "backward"}[way]
            columns = [polars.col(column).fill_null(strategy=strategy) for column in ("x", "t")]
            columns = [column.over(by) if by else column for column in columns]
            same(f"{name} fill {way} {by} polars", got, of_polars(holes.with_columns(columns)))
            over = f"partition by {', '.join(by)}" if by else ""
            side = "unbounded preceding and current row" if way == "previous" else "current row and unbounded following"
            pick = "last_value" if way == "previous" else "first_value"
            cell = lambda column: f"{pick}({column} ignore nulls) over ({over} order by nth rows between {side})"
            query = f"""
                with numbered as (select *, row_number() over () as nth from read_csv('{path}', all_varchar = true, parallel = false))
                select g, h, {cell('x')}, {cell('t')} from numbered order by nth"""
            rows = [["" if value is None else value for value in row] for row in duckdb.sql(query).fetchall()]
            same(f"{name} fill {way} {by} duckdb", got, rows)
        for word in ("mean", "median", "min", "max"):
            got = cleaned(path, cast, f'fill = {{ x = {{ with = "{word}" }} }}{tail}')
            want = numbers.copy()
            figure = numbers.groupby(by)["x"].transform(word) if by else getattr(numbers["x"], word)()
            want["x"] = want["x"].fillna(figure)
            same(f"{name} fill {word} {by} pandas", got, of_pandas(want))
            typed = holes.with_columns(polars.col("x").cast(polars.Float64))
            figure = getattr(polars.col("x"), word)()
            typed = typed.with_columns(polars.col("x").fill_null(figure.over(by) if by else figure))
            same(f"{name} fill {word} {by} polars", got, of_polars(typed))
        # Of several most frequent values pandas lists all, in order: the first is the least.
        got = cleaned(path, f'fill = {{ t = {{ with = "mode" }} }}{tail}')
        want = gaps.copy()
        mode = lambda values: values.mode().iloc[0] if len(values.mode()) else None
        figure = gaps.groupby(by)["t"].transform(mode) if by else mode(gaps["t"])
        want["t"] = want["t"].fillna(figure)
        same(f"{name} fill mode {by} pandas", got, of_pandas(want))

    for factor in (1.5, 0.5):
        got = cleaned(path, cast, f'outliers = {{ x = {{ method = "tukey", factor = {factor} }} }}')
        want = numbers.copy()
        low, high = numbers["x"].quantile(0.25), numbers["x"].quantile(0.75)
        reach = factor * (high - low)
        want["x"] = want["x"].where(want["x"].between(low - reach, high + reach))
        same(f"{name} outliers tukey {factor} pandas", got, of_pandas(want))
        got = cleaned(path, cast, f'outliers = {{ x = {{ method = "zscore", factor = {factor} }} }}')
        want = numbers.copy()
        want["x"] = want["x"].where((want["x"] - numbers["x"].mean()).abs() <= factor * numbers["x"].std())
        same(f"{name} outliers zscore {factor} pandas", got, of_pandas(want))
        got = cleaned(path, cast, f'outliers = {{ x = {{ method = "quantiles", factor = {factor} }} }}')
        want = numbers.copy()
        want["x"] = want["x"].where(want["x"].between(numbers["x"].quantile(factor / 100), numbers["x"].quantile(1 - factor / 100)))
        same(f"{name} outliers quantiles {factor} pandas", got, of_pandas(want))


with tempfile.TemporaryDirectory() as folder:
    for seed in (1, 2, 3):
        check(f"{seed}.csv", table(seed), folder)
print(f"# pass {passed}\n# fail {failed}\n# skipped 0")
sys.exit(failed > 0)
