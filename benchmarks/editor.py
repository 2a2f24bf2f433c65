"""The editor at full size in a real Chromium without GPU, against the product's own server.

python -m benchmarks.editor [--maps …] [--strokes 8] [--random 500] [--soak MINUTES]

From the start of the navigation to a page that can be worked with; from a pointer's event to the frame that
shows it, for brushes and magnifications; a stroke's end; undo; memory; the server's time for a save; and
random strokes, undone and redone, with equal digests on both sides. TESSERA_DATA names the folder of the
photograph (hires/); without it that map is left out. Prints JSON.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks import machine
from benchmarks.editor_browser import Visit, chromium
from benchmarks.editor_server import PHOTO, Case, Site, memory_mb, serving

RADII = (5, 20, 50, 100, 200)
SCALES = {"1:1": 1.0, "1:8": 0.125}
OPENINGS = 5
ROUND = 2


def cases(names: list[str]) -> list[Case]:
    """The maps that can be worked on here."""
    photo = Path(os.environ.get("TESSERA_DATA", "")) / PHOTO
    every = [
        Case("15000_240", 15_000, 15_000, 240),
        Case("15000_1000", 15_000, 15_000, 1000),
        Case("photo_240", 7391, 4158, 240, photo if photo.is_file() else None),
        Case("small_20", 2000, 1500, 20),
    ]
    return [case for case in every if case.name in names and (case.photo or case.name != "photo_240")]


def openings(browser: Browser, site: Site, case: Case) -> dict[str, float]:
    """ms to an editor that can be worked with: with an empty cache, and again in the same browser."""
    cold, warm = [], []
    for _ in range(OPENINGS):
        visit = Visit(browser, site, case.name)
        cold.append(visit.open())
        warm.append(visit.open())
        visit.close()
    return {
        "first_visit_ms": round(statistics.median(cold)),
        "first_visit_worst_ms": round(max(cold)),
        "again_ms": round(statistics.median(warm)),
        "again_worst_ms": round(max(warm)),
    }


def spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"p50_ms": float("nan"), "p95_ms": float("nan")}
    return {
        "p50_ms": round(machine.percentile(values, 0.5), ROUND),
        "p95_ms": round(machine.percentile(values, 0.95), ROUND),
    }


def strokes(visit: Visit, case: Case, each: int) -> dict[str, Any]:
    """Strokes of every radius at every magnification, then all of them undone."""
    die = random.Random(1)
    drawn: list[dict[str, Any]] = []
    ends: list[float] = []
    undone: list[float] = []
    undo_drawn: list[float] = []
    for name, scale in SCALES.items():
        visit.look_at(scale, (case.width, case.height))
        made = 0
        for radius in RADII:
            visit.page.keyboard.press("n")
            shown = visit.set_radius(radius)
            visit.stroke(visit.random_points(die, 2))
            visit.take()
            for _ in range(each):
                visit.stroke(visit.random_points(die, 4))
            visit.page.wait_for_timeout(60)
            seen = visit.take()
            made += each + 1
            ends += seen["releaseHandler"]
            row = {"zoom": name, "radius_px": round(shown), "events": len(seen["moved"])}
            drawn.append({**row, **spread(seen["moved"])})
        visit.wait_until_saved()
        visit.take()
        visit.press("Control+z", made)
        seen = visit.take()
        undone += seen["keyHandler"]
        undo_drawn += seen["pressed"]
        visit.wait_until_saved()
    return {
        "pointer_to_drawn": drawn,
        "stroke_end": spread(ends),
        "undo": spread(undone),
        "undo_to_drawn": spread(undo_drawn),
        "save_of_one_stroke": spread(saves_of_single_strokes(visit, case, 3 * each)),
    }


def saves_of_single_strokes(visit: Visit, case: Case, count: int) -> list[float]:
    """ms from a save's request leaving the browser to the first byte of its answer, a stroke a save."""
    die = random.Random(4)
    visit.look_at(1.0, (case.width, case.height))
    visit.page.keyboard.press("n")
    visit.set_radius(20)
    visit.page.evaluate("performance.clearResourceTimings()")
    for _ in range(count):
        visit.stroke(visit.random_points(die, 4))
        visit.wait_until_saved()
    return list(visit.page.evaluate("window.probe.saves()"))


def random_strokes(visit: Visit, count: int) -> dict[str, Any]:
    """Many strokes, all undone, all redone: the digests here and on the server at each turn."""
    die = random.Random(2)

    def digests() -> tuple[str, str]:
        visit.wait_until_saved()
        here = str(visit.page.evaluate("tessera.mapSha256()"))
        there = visit.page.evaluate(
            f"fetch('/api/v1/annotations/{visit.annotation}').then((answer) => answer.json())"
        )
        return here, str(there["map_sha256"])

    start = digests()
    for serial in range(count):
        if serial % 10 == 0:
            visit.page.keyboard.press("n")
            visit.set_radius(die.choice([5, 12, 30, 60, 120]))
        visit.stroke(visit.random_points(die, die.randint(2, 4)), steps=2)
    painted = digests()
    depth = int(visit.page.evaluate("tessera.history().undo"))
    for _ in range(depth):
        visit.page.keyboard.press("Control+z")
    undone = digests()
    for _ in range(depth):
        visit.page.keyboard.press("Control+Shift+z")
    redone = digests()
    return {
        "strokes": count,
        "undone_and_redone": depth,
        "equal_on_both_sides": all(here == there for here, there in (start, painted, undone, redone)),
        "undone_is_the_start": undone == start,
        "redone_is_the_end": redone == painted,
        **visit.memory(),
    }


def soak(visit: Visit, minutes: float) -> dict[str, Any]:
    """Painting, undoing and looking around for so long: the most memory and decoded tiles ever seen."""
    die = random.Random(3)
    end = time.monotonic() + 60 * minutes
    seen: list[dict[str, float]] = []
    gestures = 0
    while time.monotonic() < end:
        for _ in range(12):
            visit.stroke(visit.random_points(die, die.randint(2, 5), reach=400), steps=3)
            visit.page.mouse.wheel(0, die.choice([-240, 240]))
            gestures += 2
        visit.press("Control+z", die.randint(0, 6))
        visit.page.keyboard.press(die.choice(["0", "1", "j", "r", "n"]))
        seen.append({**visit.memory(), **visit.page.evaluate("tessera.memory()")})
    return {
        "minutes": minutes,
        "gestures": gestures,
        "first_heap_mb": seen[0]["heap_mb"],
        "last_heap_mb": seen[-1]["heap_mb"],
        "most_heap_mb": max(row["heap_mb"] for row in seen),
        "most_buffers_mb": max(row["buffers_mb"] for row in seen),
        "most_hot_tiles": max(row["hotTiles"] for row in seen),
        "most_process_rss_mb": max(row["process_rss_mb"] for row in seen),
    }


def one_map(browser: Browser, site: Site, case: Case, given: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"opening": openings(browser, site, case)}
    visit = Visit(browser, site, case.name)
    visit.open()
    figures["memory_when_open"] = visit.memory()
    figures |= strokes(visit, case, given.strokes)
    figures["memory_after_strokes"] = {**visit.memory(), **visit.page.evaluate("tessera.memory()")}
    if given.random and case.name == "15000_1000":
        figures["random_strokes"] = random_strokes(visit, given.random)
    if given.soak and case.name == "15000_1000":
        figures["soak"] = soak(visit, given.soak)
    visit.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    usual = ["15000_240", "15000_1000", "photo_240"]
    parser.add_argument("--maps", nargs="+", default=usual, choices=[*usual, "small_20"])
    parser.add_argument("--strokes", type=int, default=8, help="of each radius at each magnification")
    parser.add_argument("--random", type=int, default=500, help="random strokes among 1,000 entities")
    parser.add_argument("--soak", type=float, default=0.75, metavar="MINUTES", help="of work without pause")
    given = parser.parse_args()
    path = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("No Chromium: install one, or name it in $CHROME.")
    figures: dict[str, Any] = {"benchmark": "editor", "machine": machine.description()}
    with tempfile.TemporaryDirectory(prefix="tessera-editor-") as folder:
        chosen = cases(given.maps)
        with serving(chosen, Path(folder)) as site, chromium(path) as browser:
            for case in chosen:
                figures[case.name] = one_map(browser, site, case, given)
            figures["server_rss_mb"] = round(memory_mb(site))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
