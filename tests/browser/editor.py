"""Working the editor as a person does: pointer and keys, in image coordinates."""

import time
from typing import Any

import numpy as np
from playwright.sync_api import Page

from annotation_server.annotation.models import Annotation

Point = tuple[float, float]


def picture(width: int, height: int) -> np.ndarray:
    """A photograph stand-in, uint8 [height, width, 3]: soft shapes and a little grain."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin(x / 37 + i) + np.cos(y / (29 + 7 * i)) for i in range(3)], axis=-1)
    grain = np.random.default_rng(1).normal(0, 6, (height, width, 1))
    return np.clip(128 + 45 * waves + grain, 0, 255).astype(np.uint8)


def quarters(width: int, height: int) -> np.ndarray:
    """A label map [height, width] of four entities, 1 to 4, without gaps."""
    labels = np.ones((height, width), np.uint16)
    labels[:, width // 2 :] += 1
    labels[height // 2 :, :] += 2
    return labels


def open_editor(page: Page, annotation: Annotation, *, query: str = "") -> None:
    """Open the editor and wait until it can be worked with."""
    page.goto(f"/annotate/{annotation.pk}{query}", wait_until="commit")
    page.wait_for_selector("#editor[data-ready=true]")


def client_of(page: Page, point: Point) -> Point:
    """Where in the window an image pixel is."""
    x, y = page.evaluate("(point) => tessera.clientOf(point)", list(point))
    return x, y


def stroke(page: Page, *points: Point, release: bool = True) -> None:
    """Press at the first point, draw through the others, and let go."""
    places = [client_of(page, point) for point in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    if release:
        page.mouse.up()


def click(page: Page, point: Point, **options: Any) -> None:
    """Click an image pixel."""
    page.mouse.click(*client_of(page, point), **options)


def frame(page: Page) -> None:
    """Let two frames be drawn: the view is where it was sent."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def wait_for(page: Page, expression: str, *, seconds: float = 30) -> None:
    """Wait until an expression holds. Playwright's own wait needs eval, which our policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, (
            f"{expression} did not come true; {page.evaluate('tessera.saveStatus()')}"
        )
        page.wait_for_timeout(40)


def wait_until_saved(page: Page) -> None:
    """Wait until the server has everything."""
    wait_for(page, "tessera.isSaved()")


def map_sha256(page: Page) -> str:
    """The map as the browser has it."""
    return str(page.evaluate("tessera.mapSha256()"))


def area(page: Page, number: int) -> int:
    """Pixels of an entity as the browser has them."""
    return int(page.evaluate("(number) => tessera.area(number)", number))


def state(page: Page) -> dict[str, Any]:
    """The editor's state."""
    return dict(page.evaluate("tessera.state()"))


def kept(annotation: Annotation) -> Annotation:
    """The annotation as the server has it now."""
    annotation.refresh_from_db()
    return annotation
