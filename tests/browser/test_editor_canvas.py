"""The canvas under fingers, pens and arrow keys, at every zoom: what is seen is what is there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.projects.models import Project
from tests.browser.editor import (
    Point,
    area,
    click,
    client_of,
    frame,
    map_sha256,
    open_editor,
    picture,
    quarters,
    state,
    stroke,
    wait_for,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560
# Colour and opacity of the mask layer's pixel at an image pixel's centre.
PROBE = """(point) => {
  const canvas = document.querySelector(".mask-canvas"), {left, top, width} = canvas.getBoundingClientRect();
  const [x, y] = tessera.clientOf(point), ratio = canvas.width / width;
  const place = [Math.floor((x - left) * ratio), Math.floor((y - top) * ratio), 1, 1];
  return canvas.hidden ? [0, 0, 0, 0] : [...canvas.getContext("2d").getImageData(...place).data];
}"""


@pytest.fixture
def covered(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four entities, no gap."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))


class Hand:
    """Fingers and a pen on a page, through the browser's own input."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: Point) -> None:
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self._devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    def drag(self, *path: tuple[Point, ...]) -> None:
        """Put fingers down, move them through the places, lift them."""
        self.touch("touchStart", *path[0])
        for places in path[1:]:
            self.touch("touchMove", *places)
        self.touch("touchEnd")

    def pen(self, kind: str, point: Point, force: float) -> None:
        pressed = {"mousePressed": 1, "mouseMoved": 1, "mouseReleased": 0}[kind]
        event = {"type": kind, "x": point[0], "y": point[1], "force": force, "pointerType": "pen"}
        self._devtools.send(
            "Input.dispatchMouseEvent", {**event, "button": "left", "buttons": pressed, "clickCount": 1}
        )


def width_at(page: Page, number: int, x: int) -> int:
    """Pixels of an entity in one column."""
    rows = f"Array.from({{length: {HEIGHT}}}, (_, y) => tessera.numberAt({x}, y))"
    return int(page.evaluate(f"{rows}.filter((number) => number === {number}).length"))


def test_fingers_pen_and_arrow_keys_do_what_the_mouse_does(
    covered: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna, has_touch=True, reduced_motion="reduce")
    open_editor(page, covered)
    hand = Hand(page)
    start = map_sha256(page)
    a, b = client_of(page, (100, 100)), client_of(page, (250, 180))

    # One finger paints; a tap of two takes it back, a tap of three gives it again.
    page.keyboard.press("n")
    hand.drag((a,), ((a[0] + 40, a[1] + 10),), (b,))
    painted = map_sha256(page)
    assert painted != start
    near = (a[0] + 60, a[1])
    hand.drag((a, near))
    assert map_sha256(page) == start
    hand.drag((a, near, b))
    assert map_sha256(page) == painted

    # Two fingers zoom around their middle and leave no stroke behind.
    before = page.evaluate("tessera.scale()")
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    apart = [((middle[0] - d, middle[1]), (middle[0] + d, middle[1])) for d in (40, 60, 80, 100, 120)]
    hand.drag(*apart)
    frame(page)
    assert 2 < page.evaluate("tessera.scale()") / before < 3.5
    assert map_sha256(page) == painted
    shoot(page, "touch")

    # The bar under the finger: now one finger moves the view.
    page.click("[aria-label='One finger moves the view']")
    view = page.evaluate("tessera.view()")
    hand.drag((a,), ((a[0] + 80, a[1]),), ((a[0] + 120, a[1]),))
    frame(page)
    assert page.evaluate("tessera.view().e") > view["e"] + 60
    assert map_sha256(page) == painted

    # A pen paints all the same, thin where it is pressed lightly, and the palm beside it does not count.
    page.keyboard.press("0")
    frame(page)
    page.keyboard.press("n")
    left, right = client_of(page, (400, 450)), client_of(page, (640, 450))
    hand.pen("mousePressed", left, 0.05)
    for i in range(1, 13):
        x = left[0] + (right[0] - left[0]) * i / 12
        hand.pen("mouseMoved", (x, left[1]), 0.05 + 0.95 * i / 12)
    hand.drag((b,), ((b[0] + 90, b[1]),))
    hand.pen("mouseReleased", right, 0)
    made = state(page)["selected"]
    assert 0 < width_at(page, made, 420) < 0.6 * width_at(page, made, 620)
    assert page.evaluate("tessera.numberAt(250, 180)") != made

    # The arrow keys and Space, without any pointer.
    page.keyboard.press("n")
    page.focus("#stage")
    page.keyboard.press("ArrowRight")
    x, y = state(page)["cursor"]
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    assert state(page)["cursor"] == [x + 10, y + 1]
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    drawn = state(page)["selected"]
    assert area(page, drawn) > 60 * 20
    page.wait_for_selector(f"#cursor-place:has-text('#{drawn} unnamed')", state="attached")
    page.keyboard.press("v")
    for _ in range(12):
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Space")
    assert state(page)["selected"] not in (0, drawn)
    shoot(page, "keyboard-cursor")


def test_opacity_solo_outlines_and_hiding_show_in_the_pixels(
    covered: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna)
    open_editor(page, covered)

    def probe(point: Point) -> Any:
        frame(page)
        return page.evaluate(PROBE, list(point))

    inside, other = (100, 100), (600, 450)
    colours = {tuple(probe(point)[:3]) for point in ((100, 100), (600, 100), (100, 450), (600, 450))}
    assert len(colours) == 4
    assert abs(probe(inside)[3] - 0.42 * 255) < 3
    page.keyboard.press(".")
    assert abs(probe(inside)[3] - 0.52 * 255) < 3
    page.keyboard.press("o")
    assert probe(inside)[3] == 0
    assert any(probe((349 + i, 100))[3] == 255 for i in range(3))  # outlines stay
    page.keyboard.press("o")
    page.keyboard.press("v")
    click(page, inside)
    page.mouse.move(5, 5)
    page.keyboard.press("s")
    assert probe(inside)[3] > 0
    assert probe(other)[3] == 0
    page.keyboard.press("s")
    page.keyboard.press("Shift+h")
    assert probe(inside)[3] == 0
    page.keyboard.press("Shift+h")
    page.keyboard.press("Shift+p")
    shown = {probe((600 + i, 100))[3] for i in range(8)}
    assert len(shown) == 2  # lines over the fill
    page.mouse.move(*client_of(page, (600, 100)))
    shoot(page, "patterns")


def test_one_pixel_is_one_square_at_32_to_1_and_after_a_resize(
    covered: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable
) -> None:
    page = page_of(anna, device_scale_factor=2, reduced_motion="reduce")
    open_editor(page, covered)
    page.keyboard.press("o")
    x, y = client_of(page, (350, 280))
    page.mouse.move(x, y)
    for _ in range(24):
        page.mouse.wheel(0, -200)
        frame(page)
    wait_for(page, "tessera.scale() >= 31")
    frame(page)
    ids = """(point) => {
      const {left, top} = document.querySelector(".hud-canvas").getBoundingClientRect();
      const [x, y] = tessera.clientOf(point), found = [];
      for (const d of [-14, 0, 14]) {
        for (const e of [-14, 0, 14]) {
          found.push(tessera.idAt(Math.floor(2 * (x - left + d)), Math.floor(2 * (y - top + e))));
        }
      }
      return [...new Set(found)];
    }"""
    for point, number in (((349, 279), 1), ((350, 279), 2), ((349, 280), 3), ((350, 280), 4)):
        assert page.evaluate(ids, list(point)) == [number]
    page.set_viewport_size({"width": 900, "height": 700})
    wait_for(page, "document.querySelector('.mask-canvas').clientWidth < 900")
    frame(page)
    canvas = page.evaluate(
        "(({width, clientWidth}) => width / clientWidth)(document.querySelector('.mask-canvas'))"
    )
    assert abs(canvas - 2) < 0.01
    page.keyboard.press("v")
    for point, number in (((349, 279), 1), ((350, 280), 4)):
        click(page, point)
        assert state(page)["selected"] == number
    shoot(page, "pixels-at-32-to-1")


def test_strokes_of_every_size_and_zoom_paint_the_disc_they_show(
    project: Project,
    anna: User,
    tiled_image: Callable,
    make_annotation: Callable,
    page_of: Callable[..., Page],
) -> None:
    side = 1600
    annotation = make_annotation(tiled_image(project, picture(side, side)), anna)
    page = page_of(anna, reduced_motion="reduce")
    open_editor(page, annotation)
    for zoom_key, radius in (("1", 5), ("1", 60), ("0", 200)):
        page.keyboard.press(zoom_key)
        frame(page)
        page.evaluate(
            """(radius) => {
              const slider = document.querySelector("#brush-size");
              slider.value = String(Math.round(100 * Math.log(radius / 0.5) / Math.log(400 / 0.5)));
              slider.dispatchEvent(new Event("input"));
            }""",
            radius,
        )
        page.keyboard.press("n")
        stroke(page, (600, 800), (1000, 800))
        shown = state(page)["radius"]
        number = state(page)["selected"]
        expected = 2 * shown * 400 + np.pi * shown**2
        # The pointer lies between pixels, so one row more or less may be within the radius.
        assert abs(area(page, number) - expected) < 0.02 * expected + 420
