"""Runs all benchmarks and writes their table to docs/benchmarks.md.

    python -m benchmarks.suite [--quick | --only NAME]

`--quick` shortens the lecture, the students and the clicks. `--only` runs the benchmarks whose
command contains the name again, and keeps the other rows.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

PAGE = Path("docs/benchmarks.md")
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "numpy", "msgspec")
FULL = (
    "benchmarks.step",
    "benchmarks.train",
    "benchmarks.growth",
    "benchmarks.travel",
    "benchmarks.diagnose",
    "benchmarks.students",
    "benchmarks.students --redis --processes 2",
    "benchmarks.followers",
    "benchmarks.followers --redis",
    "benchmarks.followers --followers 0 --polling 300",
    "benchmarks.slow",
    "benchmarks.streams",
    "benchmarks.beside",
    "benchmarks.redis_limit",
    "benchmarks.memory --minutes 10",
    "benchmarks.clicks",
)
QUICK = (
    "benchmarks.step",
    "benchmarks.train",
    "benchmarks.growth",
    "benchmarks.travel",
    "benchmarks.diagnose",
    "benchmarks.students --seconds 10",
    "benchmarks.students --seconds 10 --redis --processes 2",
    "benchmarks.followers --seconds 10",
    "benchmarks.followers --seconds 10 --redis",
    "benchmarks.followers --seconds 10 --followers 0 --polling 300",
    "benchmarks.slow",
    "benchmarks.streams",
    "benchmarks.beside",
    "benchmarks.redis_limit",
    "benchmarks.memory --minutes 1",
    "benchmarks.clicks --clicks 20 --pages 0",
)
TABLE = 3  # the paragraph of the page that is the table
INTRODUCTION = """# Benchmarks

Written by `make bench`; do not edit. Every ratio compares with something outside of the project,
measured in the same run, in turns. Microseconds and milliseconds depend on the machine and its load.
If the load before the run is not near 0, other programs shared the cores, and throughput and the
slowest responses are worse than they would be otherwise.
"""


def conditions() -> str:
    """The machine and the versions that were used."""
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {packages}. "
        f"Load before the run: {load:.1f}."
    )


def rows(module: str) -> list[str]:
    """Runs a benchmark; returns a row of the table for each line that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *module.split()], stdout=subprocess.PIPE, text=True, check=False
    )
    found = done.stdout.splitlines()
    if done.returncode:
        found.append("did not finish")
    print(*found, sep="\n", flush=True)
    return [f"| {line.replace('|', '/')} | `python -m {module}` |" for line in found]


def full_page(modules: tuple[str, ...]) -> str:
    """The page, with everything measured."""
    where, started = conditions(), time.monotonic()
    table = ["| | measured by |", "|---|---|", *(row for module in modules for row in rows(module))]
    minutes = (time.monotonic() - started) / 60
    return "\n".join([INTRODUCTION, where + f" It took {minutes:.1f} minutes.", "", *table])


def updated_page(name: str) -> str:
    """The current page, with new rows for the benchmarks whose command contains the name.

    Raises:
        SystemExit: if there is no such benchmark, or the table lacks it.
    """
    parts = PAGE.read_text().rstrip().split("\n\n")
    table, notes = parts[TABLE].split("\n"), parts[TABLE + 1 :]
    chosen = [module for module in FULL if name in module]
    if not chosen:
        raise SystemExit(f"no benchmark has {name!r} in its command")
    for module in chosen:
        old = [i for i, row in enumerate(table) if row.endswith(f"| `python -m {module}` |")]
        if not old:
            raise SystemExit(f"the table has no row of {module}: run all benchmarks first")
        note = f"Measured again, `python -m {module}`: "
        notes = [other for other in notes if not other.startswith(note)] + [note + conditions()]
        table[old[0] : old[-1] + 1] = rows(module)
    return "\n\n".join([*parts[:TABLE], "\n".join(table), *notes])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", metavar="NAME")
    asked = parser.parse_args()
    page = updated_page(asked.only) if asked.only else full_page(QUICK if asked.quick else FULL)
    PAGE.write_text(page + "\n")


if __name__ == "__main__":
    main()
