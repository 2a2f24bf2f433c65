"""Run the benchmarks one after the other and write docs/benchmarks.md from what they print.

python -m benchmarks.run [--only startup autosave …] [--quick]

Each runs in a process of its own. Figures of benchmarks that are not run now are kept from the last time
(docs/benchmarks.json).
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE, FIGURES = REPOSITORY / "docs/benchmarks.md", REPOSITORY / "docs/benchmarks.json"


@dataclass(frozen=True)
class Benchmark:
    """A script, its usual arguments, those of a trial run, and what its figures say."""

    name: str
    arguments: tuple[str, ...]
    trial: tuple[str, ...]
    about: str


BENCHMARKS = (
    Benchmark("startup", ("--starts", "3"), ("--starts", "1"), "`manage.py serve` to the first page"),
    Benchmark(
        "autosave",
        ("--saves", "200"),
        ("--side", "2048", "--entities", "40", "--saves", "16"),
        "Saves over HTTP on one gunicorn (2 × 4) and SQLite: one brush stroke, and a whole label map",
    ),
    Benchmark(
        "label_studio",
        ("--saves", "240", "--tasks", "1000"),
        ("--saves", "24", "--tasks", "100"),
        "Beside Label Studio as `pip install` gives it, in alternating rounds: 18 masks on 1024 × 1024 px",
    ),
    Benchmark(
        "editor",
        ("--strokes", "8", "--random", "500"),
        ("--maps", "small_20", "--strokes", "2", "--random", "0"),
        "The editor in a real Chromium without GPU, on `manage.py serve` and 15,000 × 15,000 px",
    ),
    Benchmark(
        "editor_label_studio",
        ("--sides", "2000", "4000", "8000"),
        ("--sides", "2000", "--rounds", "1"),
        "The same gestures in Label Studio's editor and in ours, one after the other, on the same masks",
    ),
    Benchmark(
        "segmentation",
        ("--json",),
        ("--json", "--repeat", "1"),
        "The rules of label maps at full size, and all COCO RLEs beside pycocotools",
    ),
    Benchmark(
        "evaluation",
        ("--json",),
        ("--json", "--images", "4", "--rounds", "1"),
        "Evaluating label maps beside COCO's evaluators, one thread: AP of three annotators, PQ, bands; "
        "“x” is how many times our seconds from label maps",
    ),
    Benchmark(
        "release",
        ("--json",),
        ("--json", "--images", "20"),
        "Building a release: COCO, panoptic PNG, statistics, archive",
    ),
    Benchmark(
        "cropformer",
        ("--json", "--sizes", "800x1088"),
        ("--json", "--sizes", "480x640", "--models", "starter"),
        "Proposals on the CPU, one thread; Swin-T has random weights",
    ),
    Benchmark(
        "judging",
        ("--json",),
        ("--json", "--trials", "5"),
        "Judging a candidate: 2,000 resamples of 1,000 images with 50 masks, and models of known worth",
    ),
)


def measure(benchmark: Benchmark, *, quick: bool) -> dict[str, Any]:
    """Run one and return its figures with the command, the time and the machine."""
    arguments = benchmark.trial if quick else benchmark.arguments
    command = [sys.executable, "-m", f"benchmarks.{benchmark.name}", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SECRET_KEY": "only-for-benchmarks"}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{benchmark.name} ended with {done.returncode}.")
    figures = json.loads(done.stdout[done.stdout.index("{") :])
    figures.pop("benchmark", None)
    return {
        "command": f"python -m benchmarks.{benchmark.name} {' '.join(arguments)}",
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": {**machine.description(), **figures.pop("machine", {})},
        "figures": figures,
    }


def page(results: dict[str, dict[str, Any]]) -> str:
    """docs/benchmarks.md."""
    parts = [
        "# Benchmarks",
        "Written by `make benchmarks` (`benchmarks/run.py`); the figures are in "
        "[benchmarks.json](benchmarks.json). Where a benchmark repeats, medians are given. CPU time is "
        "that of the server's whole process tree. Ratios of one run say more than seconds of one machine.",
    ]
    for benchmark in BENCHMARKS:
        if result := results.get(benchmark.name):
            parts += [f"## {benchmark.name}", f"{benchmark.about}. `{result['command']}`", *tables(result)]
    return "\n\n".join(parts) + "\n"


def tables(result: dict[str, Any]) -> list[str]:
    where = result["machine"]
    load = f", load at the start {where['load_1min']}" if "load_1min" in where else ""
    told = f"{where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, {where['system']}"
    return [
        f"*{result['measured']}; {told}, Python {where['python']}{load}*",
        *_sections("", result["figures"]),
    ]


def _sections(title: str, figures: dict[str, Any]) -> list[str]:
    """One table for the plain values, one for sub-objects of equal keys, and so on downwards."""
    figures = {key: value for key, value in figures.items() if not key.endswith("_runs")}
    plain = {key: value for key, value in figures.items() if not isinstance(value, dict | list)}
    nested = {key: value for key, value in figures.items() if isinstance(value, dict)}
    parts = [_caption(title)] * bool(title and plain)
    if plain:
        parts.append(_table(["", "value"], [[_words(key), _shown(value)] for key, value in plain.items()]))
    for key, rows in figures.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            body = [[_shown(row[column]) for column in rows[0]] for row in rows]
            parts += [_caption(_words(key)), _table([_words(column) for column in rows[0]], body)]
    if _alike(nested):
        columns = list(next(iter(nested.values())))
        rows_of = [[_words(key), *(_shown(row[column]) for column in columns)] for key, row in nested.items()]
        return [*parts, _caption(title), _table(["", *map(_words, columns)], rows_of)]
    for key, value in nested.items():
        parts += _sections(" · ".join(filter(None, (title, _words(key)))), value)
    return [part for part in parts if part]


def _alike(nested: dict[str, dict[str, Any]]) -> bool:
    """Several flat objects with the same keys make one table."""
    shapes = {tuple(value) for value in nested.values()}
    flat = not any(isinstance(cell, dict | list) for value in nested.values() for cell in value.values())
    return len(nested) > 1 and len(shapes) == 1 and flat


def _caption(title: str) -> str:
    return f"**{title}**" if title else ""


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, str) and len(value) == 64:
        return f"`{value[:16]}…`"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument(
        "--quick", action="store_true", help="small trial; prints the page and writes nothing"
    )
    given = parser.parse_args()
    results = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() and not given.quick else {}
    for benchmark in BENCHMARKS:
        if benchmark.name in given.only:
            print(f"── {benchmark.name}", file=sys.stderr, flush=True)
            results[benchmark.name] = measure(benchmark, quick=given.quick)
            if not given.quick:
                FIGURES.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
                PAGE.write_text(page(results), encoding="utf-8")
    if given.quick:
        print(page(results))


if __name__ == "__main__":
    main()
