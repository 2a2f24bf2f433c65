"""Editor and review for everybody: axe in every theme, three languages, keyboard only, own keys."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.submit import submit
from annotation_server.projects.models import Project
from tests.browser.editor import open_editor, picture, quarters, state, wait_for
from tests.browser.test_every_page import COLOURS, EVERY_RULE, serious_problems, shoot
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 420, 300


@pytest.fixture
def covered(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four entities, all trees, no gap."""
    return make_annotation(
        tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT), named="tree"
    )


def problems_of(
    page: Page, name: str, *, themes: tuple[str, ...] = ("contrast", "light", "dark")
) -> list[str]:
    """What axe finds on a page as it is now, in these themes; a picture of each."""
    problems = []
    for theme in themes:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        shoot(page, f"{name}_{theme}")
        problems += serious_problems(page, EVERY_RULE if theme == "dark" else COLOURS)
    return problems


def test_everybody_can_use_the_editor(covered: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, reduced_motion="reduce")
    open_editor(page, covered)
    problems = problems_of(page, "editor_masks")
    page.emulate_media(forced_colors="active")
    shoot(page, "editor_forced_colours")
    page.emulate_media(forced_colors="none")
    page.keyboard.press("F1")
    problems += problems_of(page, "editor_keys", themes=("dark",))
    page.get_by_role("button", name="Change keys").click()
    problems += problems_of(page, "settings_keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("F3")
    problems += problems_of(page, "editor_names")
    assert problems == []


def test_everybody_can_use_the_review(
    covered: Annotation, anna: User, rita: User, page_of: Callable[..., Page]
) -> None:
    submit(anna, covered.pk, str(covered.assignment.lease))
    page = page_of(rita, reduced_motion="reduce")
    page.goto(f"/review/{covered.pk}")
    page.wait_for_selector("#review[data-ready=true]")
    assert problems_of(page, "review") == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something so called has the focus, as somebody without a mouse does."""
    label = "() => { const a = document.activeElement; return a.ariaLabel || a.textContent || ''; }"
    for _press in range(40):
        if name in page.evaluate(label):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}; it is at {page.evaluate(label)!r}")


SLOW_NUMBERS = """
const ask = window.fetch;
window.fetch = async (address, options) => {
  if (String(address).endsWith("/numbers")) await new Promise((go) => setTimeout(go, 400));
  return ask(address, options);
};
"""


def test_a_whole_task_without_a_mouse(
    project: Project, anna: User, tiled_image: Callable, chromium: Any, live_server: Any
) -> None:
    image = tiled_image(project, picture(WIDTH, HEIGHT))
    with chromium.new_context(base_url=live_server.url, reduced_motion="reduce") as context:
        page = context.new_page()
        page.add_init_script(SLOW_NUMBERS)  # a busy server; the first key still counts
        page.goto("/login?next=/queue")
        page.keyboard.type("anna")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/queue")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        tab_to(page, "Take the next image")
        page.keyboard.press("Enter")
        page.wait_for_selector("#editor[data-ready=true]")
        tab_to(page, "Image and masks")
        for key in ("n", "g", "ArrowRight", "Shift+ArrowDown", "Space"):
            page.keyboard.press(key)
        wait_for(page, f"tessera.area(1) === {WIDTH * HEIGHT}")
        page.keyboard.press("b")
        page.keyboard.press("n")  # a second entity, painted with the brush: down, along, up
        for key in ("Space", "Control+ArrowRight", "Shift+ArrowDown", "Space"):
            page.keyboard.press(key)
        wait_for(page, "tessera.numbers().length === 2")
        page.keyboard.press("F3")
        for name in ("tree", "sky"):
            page.keyboard.type(name)
            page.keyboard.press("Enter")
        wait_for(page, "tessera.numbers().every((number) => tessera.entity(number).name)")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("dialog")).to_contain_text("Submitted")
    annotation = Annotation.objects.get(image=image)
    assert annotation.state == Annotation.State.SUBMITTED
    assert {mask.term.name for mask in annotation.masks.all() if mask.term} == {"tree", "sky"}


def test_settings_follow_the_person(covered: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    page.keyboard.press("Shift+F1")
    page.get_by_placeholder("Search actions and keys").fill("eraser")
    page.get_by_role("button", name="Add a key for “Eraser”").click()
    page.keyboard.press("b")
    expect(page.locator(".key-status")).to_have_text("B now means “Eraser”; it was “Brush” before.")
    page.get_by_role("tab", name="Language and appearance").click()
    page.get_by_label("Appearance", exact=True).select_option("light")
    page.get_by_label("Language", exact=True).select_option("de")
    with page.expect_navigation():
        page.get_by_role("button", name="Close", exact=True).click()
    page.wait_for_selector("#editor[data-ready=true]")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
        "de",
        "light",
    ]
    expect(page.get_by_role("button", name="Radierer")).to_have_attribute("aria-keyshortcuts", "E")
    page.locator("#stage").focus()
    page.keyboard.press("b")
    assert state(page)["tool"] == "eraser"
    expect(page.locator("#save-status")).to_contain_text("Alle Änderungen gespeichert")
    page.keyboard.press("F1")
    expect(page.get_by_role("dialog")).to_contain_text("Radierer")
    page.keyboard.press("Escape")
    shoot(page, "editor_de")
    page.set_viewport_size({"width": 640, "height": 400})  # what 200 % leaves of a usual window
    wait_for(page, "document.documentElement.scrollWidth <= innerWidth")
    shoot(page, "editor_200_percent")
