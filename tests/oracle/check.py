#!/usr/bin/env python3
"""Holds the figures of the command against others' words: Python's fractions (every digit), and
statistics, numpy, pandas and DuckDB, where they define a figure as this program does (to nine digits,
since they add floats). Prints a summary in TAP's words.

    python check.py path/to/tidemill
"""

import csv
import json
import math
import statistics
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy
import pandas

COMMAND = sys.argv[1]
CORPUS = Path(__file__).resolve().parent.parent / "corpus"
MISSING = {"", "NA", "N/A", "null", "NULL", "None", "-", "?"}
passed, failed = 0, 0


def check(what, got, want, close=None):
    """Whether two figures are the same, or within so much of each other."""
    global passed, failed
    if close is None:
        good = got == want
    elif got is None or want is None:
        good = got is want
    else:
        good = math.isclose(got, want, rel_tol=close, abs_tol=close)
    if good:
        passed += 1
    else:
        failed += 1
        print(f"not ok {what}: got {got!r}, expected {want!r}")


def run(*arguments):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def reduce(path, *values):
    table = run("reduce", str(path), "--format", "json", *values)["reductions"]["reduce"]
    return dict(zip(table["columns"], table["rows"][0]))


def root(square):
    """The correctly rounded square root of a fraction, by an integer root with bits to spare."""
    if square == 0:
        return 0.0
    shift = 2 * max(0, 120 - (square.numerator.bit_length() - square.denominator.bit_length()) // 2)
    floor = math.isqrt((square.numerator << shift) // square.denominator)
    # The root is between two neighbours, of which the float of the odd one in the middle is the same.
    return float(Fraction(2 * floor + 1, 2 << (shift // 2)))


def type7(ordered, share):
    at = (len(ordered) - 1) * share
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def exact(values):
    """Figures of fractions, rounded once."""
    n = len(values)
    total = sum(values)
    mean = total / n
    moment = lambda k: sum((value - mean) ** k for value in values)
    m2, m3, m4 = moment(2), moment(3), moment(4)
    ordered = sorted(values)
    median = type7(ordered, Fraction(1, 2))
    figures = {
        "count(x)": n,
        "sum(x)": float(total) if total.denominator > 1 else int(total),
        "mean(x)": float(mean),
        "median(x)": float(median),
        "iqr(x)": float(type7(ordered, Fraction(3, 4)) - type7(ordered, Fraction(1, 4))),
        "mad(x)": float(type7(sorted(abs(value - median) for value in values), Fraction(1, 2))),
        "distinct(x)": len(set(values)),
    }
    for percent in ("1", "5", "25", "75", "95", "99", "99.9"):
        figures[f"p{percent}(x)"] = float(type7(ordered, Fraction(percent) / 100))
    if n > 1:
        figures["variance(x)"] = float(m2 / (n - 1))
        figures["std(x)"] = root(m2 / (n - 1))
        figures["sem(x)"] = root(m2 / (n - 1) / n)
        if mean != 0:
            figures["cv(x)"] = math.copysign(root(m2 / (n - 1) / mean**2), mean)
    if n > 3 and m2 > 0:
        g1 = (m3 / n) ** 2 / (m2 / n) ** 3
        figures["skewness(x)"] = math.copysign(root(g1 * n * (n - 1) / (n - 2) ** 2), m3)
        g2 = (m4 / n) / (m2 / n) ** 2 - 3
        figures["kurtosis(x)"] = float(Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * g2 + 6))
    return figures


def column(path, name):
    with open(path, newline="", encoding="utf-8") as file:
        return [None if row[name].strip() in MISSING else Fraction(row[name].strip()) for row in csv.DictReader(file)]


def against_fractions(path, name):
    values = [value for value in column(path, name) if value is not None]
    want = exact(values)
    got = reduce(path, *(word.replace("(x)", f"({name})") for word in want))
    for word, figure in want.items():
        check(f"{path.name} {name} {word}", got[word.replace("(x)", f"({name})")], figure)
    floats = [float(value) for value in values]
    if all(value > 0 for value in values):
        got = reduce(path, f"geometric_mean({name})", f"harmonic_mean({name})")
        check(f"{name} geometric", got[f"geometric_mean({name})"], statistics.geometric_mean(floats), 1e-12)
        check(f"{name} harmonic", got[f"harmonic_mean({name})"], statistics.harmonic_mean(floats), 1e-12)
    # The most frequent of all, the least of them first. The sum makes the column one of numbers.
    mode = min(statistics.multimode(values))
    got = reduce(path, f"mode({name})", f"top({name}, 3)", f"sum({name})")
    check(f"{name} mode", Fraction(str(got[f"mode({name})"])), mode)
    check(f"{name} top", got[f"top({name}, 3)"][0][1], values.count(mode))
    return floats


def against_peers(path, name, floats):
    got = reduce(path, *(f"{word}({name})" for word in ("mean", "std", "variance", "skewness", "kurtosis", "median", "p95", "sem")))
    figure = lambda word: got[f"{word}({name})"]
    array, series = numpy.array(floats), pandas.Series(floats)
    check(f"numpy mean {name}", figure("mean"), float(array.mean()), 1e-9)
    check(f"numpy std {name}", figure("std"), float(array.std(ddof=1)), 1e-9)
    check(f"numpy p95 {name}", figure("p95"), float(numpy.percentile(array, 95)), 1e-9)
    check(f"pandas skew {name}", figure("skewness"), float(series.skew()), 1e-9)
    check(f"pandas kurt {name}", figure("kurtosis"), float(series.kurt()), 1e-9)
    check(f"pandas median {name}", figure("median"), float(series.median()), 1e-9)
    check(f"pandas sem {name}", figure("sem"), float(series.sem()), 1e-9)
    frame = pandas.DataFrame({"x": floats})
    words = "avg(x), stddev_samp(x), var_samp(x), skewness(x), kurtosis(x), quantile_cont(x, 0.95), median(x)"
    row = duckdb.sql(f"select {words} from frame").fetchall()[0]
    for word, want in zip(("mean", "std", "variance", "skewness", "kurtosis", "p95", "median"), row):
        check(f"duckdb {word} {name}", figure(word), want, 1e-9)
    assert len(frame) == len(floats)


def pairs(path, first, second):
    both = [(a, b) for a, b in zip(column(path, first), column(path, second)) if a is not None and b is not None]
    n = len(both)
    xs, ys = [a for a, _ in both], [b for _, b in both]
    mx, my = sum(xs) / n, sum(ys) / n
    xy = sum((a - mx) * (b - my) for a, b in both)
    xx, yy = sum((a - mx) ** 2 for a in xs), sum((b - my) ** 2 for b in ys)
    got = reduce(path, f"cov({first}, {second})", f"corr({first}, {second})", f"weighted_mean({first}, {second})")
    check(f"cov {first} {second}", got[f"cov({first}, {second})"], float(xy / (n - 1)))
    check(f"corr {first} {second}", got[f"corr({first}, {second})"], math.copysign(root(xy**2 / (xx * yy)), xy))
    weights = sum(ys)
    check(f"weighted {first} {second}", got[f"weighted_mean({first}, {second})"], float(sum(a * b for a, b in both) / weights))
    floats = numpy.array([[float(a) for a in xs], [float(b) for b in ys]])
    check("numpy corr", got[f"corr({first}, {second})"], float(numpy.corrcoef(floats)[0, 1]), 1e-9)


def certified(folder):
    """The four sets for numerical accuracy of NIST's Statistical Reference Datasets, made by their
    rules; their certified means and deviations come out to the last digit."""
    sets = {
        "NumAcc1": (["10000001", "10000003", "10000002"], 10000002, 1),
        "NumAcc2": (["1.2"] + ["1.1", "1.3"] * 500, 1.2, 0.1),
        "NumAcc3": (["1000000.2"] + ["1000000.1", "1000000.3"] * 500, 1000000.2, 0.1),
        "NumAcc4": (["10000000.2"] + ["10000000.1", "10000000.3"] * 500, 10000000.2, 0.1),
    }
    for name, (values, mean, std) in sets.items():
        path = Path(folder) / f"{name}.csv"
        path.write_text("x\n" + "\n".join(values) + "\n")
        got = reduce(path, "mean(x)", "std(x)")
        check(f"{name} mean", got["mean(x)"], mean)
        check(f"{name} std", got["std(x)"], std)


def profile(path):
    """The whole profile against the reductions, which were held against fractions above."""
    report = run("profile", str(path), "--all", "--format", "json")
    for entry in report["columns"]:
        if entry["type"] not in ("integer", "number"):
            continue
        name, details = entry["name"], entry["details"]
        values = sorted(value for value in column(path, name) if value is not None)
        want = exact(values)
        for key, word in {
            "variance": "variance", "cv": "cv", "sem": "sem", "skewness": "skewness", "kurtosis": "kurtosis",
            "mad": "mad", "iqr": "iqr", "p1": "p1", "p5": "p5", "p95": "p95", "p99": "p99",
        }.items():
            check(f"profile {name} {key}", details[key], want.get(f"{word}(x)"))
        check(f"profile {name} zero", details["zero"], values.count(0))
        check(f"profile {name} negative", details["negative"], sum(value < 0 for value in values))
        low, high = type7(values, Fraction(1, 4)), type7(values, Fraction(3, 4))
        low, high = low - (high - low) * Fraction(3, 2), high + (high - low) * Fraction(3, 2)
        check(f"profile {name} outside", details["fences"]["outside"], sum(not low <= value <= high for value in values))
        edges = [Fraction(str(edge)) for edge in entry["histogram"]["edges"]]
        counts = [sum(a <= value < b for value in values) for a, b in zip(edges, edges[1:])]
        check(f"profile {name} histogram", entry["histogram"]["counts"], counts)
        present = [value for value in column(path, name) if value is not None]
        rises = all(a <= b for a, b in zip(present, present[1:]))
        falls = all(a >= b for a, b in zip(present, present[1:]))
        order = details["order"] or ""
        check(f"profile {name} order", ("ascending" in order or order == "constant", "descending" in order or order == "constant"), (rises, falls))
        check(f"profile {name} unique", details["unique"], len(set(values)) == len(values))


flights, lesson = CORPUS / "flights.csv", CORPUS / "lesson.csv"
for path, names in ((flights, ["dep_delay", "arr_delay", "air_time", "distance", "flight", "minute"]), (lesson, ["column1", "column2", "column3"])):
    for name in names:
        against_peers(path, name, against_fractions(path, name))
pairs(flights, "dep_delay", "arr_delay")
pairs(flights, "air_time", "distance")
pairs(lesson, "column1", "column2")
profile(lesson)
profile(flights)
with tempfile.TemporaryDirectory() as folder:
    certified(folder)
print(f"# pass {passed}\n# fail {failed}\n# skipped 0")
sys.exit(failed > 0)
