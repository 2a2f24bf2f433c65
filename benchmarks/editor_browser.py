"""A person at the editor: real mouse and key events through a real Chromium, and what they wait for."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import machine
from benchmarks.editor_server import Site

PROBE = Path(__file__).with_name("editor_probe.js")
SCREEN = {"width": 1600, "height": 900}
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Point = tuple[float, float]


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A browser without GPU, so that the software renderer is what is measured."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One annotation open in a browser of its own."""

    def __init__(self, browser: Browser, site: Site, case: str) -> None:
        self.annotation = site.annotations[case]
        self._browser = browser
        self._context = browser.new_context(viewport=SCREEN, base_url=site.address)  # type: ignore[arg-type]
        self._context.set_default_timeout(60_000)
        name, value = site.cookie
        self._context.add_cookies([{"name": name, "value": value, "url": site.address}])
        self._context.add_init_script(path=PROBE)
        self.page: Page = self._context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self._devtools = self._context.new_cdp_session(self.page)

    def close(self) -> None:
        self._context.close()

    def open(self) -> float:
        """Go to the editor; ms from the start of the navigation until it can be worked with and is drawn."""
        self.page.goto(f"/annotate/{self.annotation}")
        self.until("window.probe.readyAt !== null")
        return float(self.page.evaluate("window.probe.readyAt"))

    def until(self, expression: str, *, seconds: float = 60) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise RuntimeError(f"{expression} did not come true within {seconds:g} s.")
            self.page.wait_for_timeout(20)

    def look_at(self, scale: float, size: tuple[int, int]) -> None:
        """Come back with the image's middle in view at so many window px per image px."""
        width, height = size
        stage = self.page.evaluate("document.querySelector('#stage').clientWidth")
        place = {"x": 0.5, "y": 0.5 * height / width, "zoom": scale * width / stage, "rotation": 0}
        self.page.evaluate(
            "([key, place]) => localStorage.setItem(key, JSON.stringify(place))",
            [f"tessera.view.{self.annotation}", place],
        )
        self.page.evaluate("window.probe.readyAt = null")
        self.open()
        self.page.wait_for_timeout(1500)

    def set_radius(self, radius: float) -> float:
        """Set the brush by its slider, which has steps; the radius that came out, px."""
        self.page.keyboard.press("b")
        self.page.evaluate(
            """(radius) => {
              const slider = document.querySelector("#brush-size");
              slider.value = String(Math.round(100 * Math.log(radius / 0.5) / Math.log(400 / 0.5)));
              slider.dispatchEvent(new Event("input"));
            }""",
            radius,
        )
        return float(self.page.evaluate("tessera.state().radius"))

    def stroke(self, points: Sequence[Point], *, steps: int = 8) -> None:
        """Draw through window points, as one gesture."""
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=steps)
        self.page.mouse.up()

    def random_points(self, die: random.Random, count: int, reach: float = 160) -> list[Point]:
        """A walk of `count` points on the stage."""
        box = self.page.locator("#stage").bounding_box()
        assert box is not None
        left, top = box["x"] + 20, box["y"] + 60
        right, bottom = box["x"] + box["width"] - 20, box["y"] + box["height"] - 20
        x, y = die.uniform(left, right), die.uniform(top, bottom)
        points = [(x, y)]
        for _ in range(count - 1):
            x = min(right, max(left, x + die.uniform(-reach, reach)))
            y = min(bottom, max(top, y + die.uniform(-reach, reach)))
            points.append((x, y))
        return points

    def take(self) -> dict[str, list[float]]:
        """What the probe has seen since it was last asked, ms."""
        return dict(self.page.evaluate("window.probe.take()"))

    def press(self, key: str, times: int) -> None:
        """Press a key again and again, waiting for a frame in between."""
        for _ in range(times):
            self.page.keyboard.press(key)
            self.page.evaluate("new Promise(requestAnimationFrame)")

    def wait_until_saved(self) -> None:
        self.until("tessera.isSaved()", seconds=120)

    def memory(self) -> dict[str, float]:
        """Heap and buffers of the page after a collection, and resident memory of its process, MB."""
        self._devtools.send("HeapProfiler.enable")
        for _ in range(2):
            self._devtools.send("HeapProfiler.collectGarbage")
        usage = self._devtools.send("Runtime.getHeapUsage")
        return {
            "heap_mb": round(usage["usedSize"] / 1e6, 1),
            "buffers_mb": round(usage.get("backingStorageSize", 0) / 1e6, 1),
            "process_rss_mb": round(machine.rss_mb([self._process()])),
        }

    def _process(self) -> int:
        """The page's renderer: the newest of the browser's."""
        session = self._browser.new_browser_cdp_session()
        rows = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        renderers = [int(row["id"]) for row in rows if row["type"] == "renderer"]
        return max(renderers, key=lambda pid: machine.rss_mb([pid]))
