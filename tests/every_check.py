"""`make test`: every check one after the other, with a summary; ends with 1 if any failed."""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# Each of the two has its own database, broker and browser; a file's tests stay together, in our own order.
TWO_AT_ONCE = ["-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
PACKAGES = ["annotation_server", "ml_worker", "benchmarks", "manage.py"]


@dataclass(frozen=True)
class Check:
    """One command whose exit status says whether it passed."""

    name: str
    command: list[str]


@dataclass(frozen=True)
class Outcome:
    """How one check ended and how long it took."""

    name: str
    passed: bool
    seconds: float


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def quick_checks() -> list[Check]:
    bin_folder = Path(sys.executable).parent
    return [
        Check("style (ruff check)", python("ruff", "check", ".")),
        Check("format (ruff format)", python("ruff", "format", "--check", ".")),
        Check("types (mypy)", python("mypy", *PACKAGES)),
        Check("import contract", [str(bin_folder / "lint-imports")]),
        Check(
            "migrations match models", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
        ),
        Check("JavaScript types (tsc)", ["npm", "run", "--silent", "types"]),
        Check("JavaScript style (eslint)", ["npm", "run", "--silent", "lint"]),
    ]


def javascript_tests() -> Check:
    files = sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "tests/js").rglob("*.test.js"))
    return Check("JavaScript tests (node)", ["node", "--test", *files])


def all_checks() -> list[Check]:
    return [
        *quick_checks(),
        javascript_tests(),
        Check("Python tests (SQLite)", python("pytest", *TWO_AT_ONCE, "-m", "not workers", "--durations=15")),
        Check("Python tests (PostgreSQL)", python("pytest", *TWO_AT_ONCE, "--database", "postgresql")),
    ]


def run(check: Check) -> Outcome:
    print(f"\n── {check.name}: {' '.join(Path(part).name for part in check.command[:6])}", flush=True)
    started = time.monotonic()
    environment = {
        "SECRET_KEY": "only-for-these-checks-and-nothing-else",
        "OMP_NUM_THREADS": "1",
        **os.environ,
    }
    passed = subprocess.run(check.command, cwd=REPOSITORY, env=environment, check=False).returncode == 0
    return Outcome(check.name, passed, time.monotonic() - started)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="style, types and contracts only")
    chosen = quick_checks() if parser.parse_args().quick else all_checks()
    outcomes = [run(check) for check in chosen]
    print("\n── summary")
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.seconds:7.1f} s  {outcome.name}")
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"checks: {len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
