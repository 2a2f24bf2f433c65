"""The same gestures in Label Studio's editor and in ours: open, paint, undo, save, on the same masks.

python -m benchmarks.editor_label_studio [--sides 2000 4000 8000] [--rounds 2] [--strokes 8] [--venv FOLDER]

Label Studio gets the masks as BrushLabels regions, encoded by its own SDK, Tessera as a label map; both run
in the same Chromium without GPU, in alternating rounds. Times are from an input's own time stamp to the frame
after it, seen from outside of the page. A size at which either cannot be worked with after two minutes is
reported as such, and no larger one is tried. Prints JSON.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, FloatRect, Page
from playwright.sync_api import Error as BrowserError

from benchmarks import label_studio, machine
from benchmarks.editor_browser import PROBE, SCREEN, Visit, chromium
from benchmarks.editor_server import Case, Site, map_of, scenery, serving

ENTITIES = 20
PATIENCE_S = 120
QUIET_MS = 600
Point = tuple[float, float]


class Theirs:
    """One task open in Label Studio, with brush regions."""

    def __init__(self, browser: Browser, server: label_studio.LabelStudio, project: int, task: int) -> None:
        self._context = browser.new_context(
            viewport=SCREEN,  # type: ignore[arg-type]
            base_url=f"http://127.0.0.1:{server.port}",
        )
        self._context.set_default_timeout(PATIENCE_S * 1000)
        self.page: Page = self._context.new_page()
        self.page.goto("/user/login/")
        self.page.fill("[name=email]", label_studio.USER)
        self.page.fill("[name=password]", server.password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self._context.add_init_script(path=PROBE)
        self._address = f"/projects/{project}/data?task={task}"

    def open(self) -> float:
        """ms until the canvas is there and the page has stopped being busy."""
        began = time.monotonic()
        self.page.goto(self._address)
        self.page.wait_for_selector(".konvajs-content canvas")
        return 1000 * (time.monotonic() - began) + wait_until_quiet(self.page)

    def prepare(self) -> None:
        """Take the brush."""
        self.page.keyboard.press("1")
        self.page.keyboard.press("b")
        self.page.wait_for_timeout(300)

    def box(self) -> FloatRect:
        found = self.page.locator(".konvajs-content").first.bounding_box()
        assert found is not None
        return found

    def save(self) -> float:
        """ms from the press of Update until the server has answered."""
        button = self.page.locator("[aria-label=submit]").first
        began = time.monotonic()
        with self.page.expect_response(lambda answer: answer.request.method == "PATCH"):
            button.click()
        return 1000 * (time.monotonic() - began)

    def close(self) -> None:
        self._context.close()


class Ours:
    """The same in our editor; it saves by itself."""

    def __init__(self, browser: Browser, site: Site, case: str) -> None:
        self._visit = Visit(browser, site, case)
        self.page = self._visit.page

    def open(self) -> float:
        return self._visit.open()

    def prepare(self) -> None:
        self._visit.set_radius(20)
        self.page.keyboard.press("n")

    def box(self) -> FloatRect:
        found = self.page.locator("#stage").bounding_box()
        assert found is not None
        return found

    def save(self) -> float:
        """ms from Ctrl+S until everything is on the server."""
        began = time.monotonic()
        self.page.keyboard.press("Control+s")
        self._visit.wait_until_saved()
        return 1000 * (time.monotonic() - began)

    def close(self) -> None:
        self._visit.close()


def wait_until_quiet(page: Page) -> float:
    """ms until no task has held the thread for a while; that while is not counted."""
    page.evaluate("window.probe.take()")
    began = last = time.monotonic()
    while time.monotonic() - last < QUIET_MS / 1000:
        if time.monotonic() - began > PATIENCE_S:
            raise TimeoutError
        page.wait_for_timeout(50)
        if page.evaluate("window.probe.take()")["blocked"]:
            last = time.monotonic()
    return 1000 * (last - began)


def work(side: Theirs | Ours, strokes: int) -> dict[str, float]:
    """Open, paint some strokes, undo one after the other, paint again, save."""
    die = random.Random(4)
    figures = {"open_ms": side.open()}
    side.prepare()
    box = side.box()
    page = side.page

    def point() -> Point:
        return (
            box["x"] + box["width"] * die.uniform(0.25, 0.75),
            box["y"] + box["height"] * die.uniform(0.25, 0.75),
        )

    def stroke() -> None:
        page.mouse.move(*point())
        page.mouse.down()
        for _ in range(3):
            page.mouse.move(*point(), steps=6)
        page.mouse.up()
        page.wait_for_timeout(150)

    stroke()
    page.evaluate("window.probe.take()")
    for _ in range(strokes):
        stroke()
    painted = page.evaluate("window.probe.take()")
    for _ in range(strokes // 2):
        page.keyboard.press("Control+z")
        page.wait_for_timeout(150)
    undone = page.evaluate("window.probe.take()")
    stroke()
    figures["save_ms"] = side.save()
    return {
        **figures,
        "pointer_to_drawn_p50_ms": machine.percentile(painted["moved"], 0.5),
        "pointer_to_drawn_p95_ms": machine.percentile(painted["moved"], 0.95),
        "stroke_end_to_drawn_p95_ms": machine.percentile(painted["released"], 0.95),
        "undo_to_drawn_p95_ms": machine.percentile(undone["pressed"], 0.95),
        "longest_block_ms": max([*painted["blocked"], *undone["blocked"], 0]),
    }


def give_masks(
    bin_folder: Path, server: label_studio.LabelStudio, case: Case, folder: Path
) -> tuple[int, int]:
    """A project with one task that has the case's picture and masks; both ids."""
    connection = server.connection()
    body = json.dumps({"title": case.name, "label_config": label_studio.CONFIG}).encode()
    project = server.call(connection, "POST", "/api/projects", body)["id"]
    picture = scenery(case.width, case.height, folder / f"{case.name}.jpg")
    address = f"http://127.0.0.1:{server.port}/api/projects/{project}/import?return_task_ids=1"
    command = ["curl", "--silent", "--fail", "--header", f"Authorization: Token {server.key}"]
    answer = subprocess.run(
        [*command, "--form", f"file=@{picture}", address], check=True, capture_output=True
    )
    task = json.loads(answer.stdout)["task_ids"][0]
    file = folder / f"{case.name}.npy"
    np.save(file, map_of(case).pixels())
    encode = [str(bin_folder / "python"), "-c", label_studio.ENCODE, str(file)]
    encoded = subprocess.run(encode, check=True, capture_output=True)
    regions = [region(serial, rle, case) for serial, rle in enumerate(json.loads(encoded.stdout))]
    body = json.dumps({"result": regions}).encode()
    server.call(connection, "POST", f"/api/tasks/{task}/annotations/", body)
    return project, task


def region(serial: int, rle: list[int], case: Case) -> dict[str, Any]:
    return {
        "id": f"region{serial}",
        "type": "brushlabels",
        "from_name": "tag",
        "to_name": "image",
        "original_width": case.width,
        "original_height": case.height,
        "value": {"format": "rle", "rle": rle, "brushlabels": ["entity"]},
    }


def attempt(make: Callable[[], Theirs | Ours], strokes: int) -> dict[str, float] | str:
    """The figures of one visit, or in a sentence why there are none."""
    side = make()
    try:
        return work(side, strokes)
    except (BrowserError, TimeoutError) as problem:
        return f"{str(problem).splitlines()[0][:120] or 'not ready'} (given up after {PATIENCE_S} s)"
    finally:
        side.close()


def compare(
    theirs: Callable[[], Theirs], ours: Callable[[], Ours], given: argparse.Namespace
) -> dict[str, Any]:
    """Alternating rounds of the two; medians, and theirs over ours."""
    sides: dict[str, Callable[[], Theirs | Ours]] = {"label_studio": theirs, "tessera": ours}
    rounds: dict[str, list[dict[str, float]]] = {who: [] for who in sides}
    for _ in range(given.rounds):
        for who, make in sides.items():
            found = attempt(make, given.strokes)
            if isinstance(found, str):
                return {"fails": f"{who}: {found}"}
            rounds[who].append(found)
    median = {
        who: {key: round(statistics.median(one[key] for one in rows), 1) for key in rows[0]}
        for who, rows in rounds.items()
    }
    return {
        **median,
        "label_studio_over_tessera": {
            key: _ratio(value, median["tessera"][key]) for key, value in median["label_studio"].items()
        },
    }


def _ratio(theirs: float, ours: float) -> float | str:
    """How many times as long, unless ours is next to nothing."""
    return round(theirs / ours, 1) if ours >= 1 else "–"


def run(path: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    bin_folder = label_studio.install(given.venv)
    cases = [Case(f"side_{side}", side, side, ENTITIES) for side in given.sides]
    figures: dict[str, Any] = {"label_studio_version": label_studio.VERSION, "masks": ENTITIES}
    (folder / "theirs").mkdir()
    (folder / "ours").mkdir()
    with (
        serving(cases, folder / "ours") as site,
        label_studio.label_studio(bin_folder, folder / "theirs") as server,
        chromium(path) as browser,
    ):
        for case in cases:
            print(f"── {case.name}", file=sys.stderr, flush=True)
            project, task = give_masks(bin_folder, server, case, folder)
            figures[case.name] = compare(
                partial(Theirs, browser, server, project, task),
                partial(Ours, browser, site, case.name),
                given,
            )
            if "fails" in figures[case.name]:
                break
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = Path(tempfile.gettempdir(), "tessera-label-studio-venv")
    parser.add_argument("--venv", type=Path, default=default, help=f"default: {default}")
    parser.add_argument("--sides", type=int, nargs="+", default=[2000, 4000, 8000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--strokes", type=int, default=8)
    given = parser.parse_args()
    path = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("No Chromium: install one, or name it in $CHROME.")
    figures: dict[str, Any] = {"benchmark": "editor_label_studio", "machine": machine.description()}
    with tempfile.TemporaryDirectory(prefix="tessera-editors-") as folder:
        figures |= run(path, Path(folder), given)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
