"""The editor's tools, on real pages against the real server: what is drawn is what is kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.start import store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Project
from annotation_server.segmentation.tiled_map import pack_map
from tests.browser.editor import (
    area,
    click,
    client_of,
    frame,
    kept,
    map_sha256,
    open_editor,
    picture,
    quarters,
    state,
    stroke,
    wait_for,
    wait_until_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = 700, 560  # four tiles, three of them cut by the image's edge


@pytest.fixture
def void(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Nothing drawn yet."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna)


@pytest.fixture
def covered(project: Project, anna: User, tiled_image: Callable, make_annotation: Callable) -> Annotation:
    """Four entities, no gap."""
    return make_annotation(tiled_image(project, picture(WIDTH, HEIGHT)), anna, quarters(WIDTH, HEIGHT))


def test_it_works(void: Annotation, anna: User, page_of: Callable[..., Page], shoot: Callable) -> None:
    page = page_of(anna)
    open_editor(page, void)
    empty = map_sha256(page)
    assert empty == void.map_sha256
    stroke(page, (100, 100), (300, 140), (200, 300))
    page.keyboard.press("n")
    stroke(page, (480, 480), (560, 540))  # across the corner where all four tiles meet
    wait_until_saved(page)
    drawn = map_sha256(page)
    numbers = page.evaluate("tessera.numbers()")
    assert len(numbers) == 2
    assert kept(void).map_sha256 == drawn != empty
    assert [mask.area for mask in void.masks.order_by("number")] == [area(page, n) for n in sorted(numbers)]
    shoot(page, "editor")
    page.reload()
    page.wait_for_selector("#editor[data-ready=true]")
    assert map_sha256(page) == drawn
    assert page.evaluate("tessera.renderer()") == "canvas2d"


def test_undo_and_redo_go_all_the_way(covered: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    start = map_sha256(page)
    page.keyboard.press("n")
    stroke(page, (50, 50), (650, 500))
    stroke(page, (50, 500), (650, 60))
    wait_until_saved(page)
    end = map_sha256(page)
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert map_sha256(page) == start
    wait_until_saved(page)
    assert kept(covered).map_sha256 == start
    for _ in range(2):
        page.keyboard.press("Control+Shift+z")
    wait_until_saved(page)
    assert map_sha256(page) == end == kept(covered).map_sha256


def test_escape_in_the_middle_of_a_stroke_leaves_no_trace(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    start = map_sha256(page)
    page.keyboard.press("n")
    stroke(page, (100, 100), (600, 450), release=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert map_sha256(page) == start
    assert page.evaluate("tessera.history().undo") == 0
    assert page.evaluate("tessera.isSaved()")


def test_an_erased_hole_is_given_back_by_fill_gap(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    start = map_sha256(page)
    page.keyboard.press("e")
    stroke(page, (120, 100), (220, 160))
    assert area(page, 0) > 0
    page.wait_for_selector("text=1 gap, 1 over 100 px")
    page.keyboard.press("j")
    page.wait_for_selector("text=Gap 1 of 1")
    page.mouse.move(5, 5)
    page.keyboard.press("Shift+g")
    assert area(page, 0) == 0
    assert map_sha256(page) == start
    wait_until_saved(page)
    assert kept(covered).void_px == 0


def test_painting_behind_leaves_entities_untouched(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    page.keyboard.press("e")
    stroke(page, (120, 100), (220, 160))
    before = {number: area(page, number) for number in (1, 2, 3, 4)}
    hole = area(page, 0)
    page.keyboard.press("b")
    page.select_option("#paint-mode", "behind")
    page.keyboard.press("n")
    for _ in range(6):
        page.keyboard.press("]")
    stroke(page, (60, 60), (400, 300))
    made = state(page)["selected"]
    assert {number: area(page, number) for number in (1, 2, 3, 4)} == before
    assert area(page, made) == hole
    wait_until_saved(page)
    assert kept(covered).map_sha256 == map_sha256(page)


def test_a_locked_entity_is_not_painted_over(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    page.keyboard.press("v")
    click(page, (100, 100))
    page.keyboard.press("Alt+l")
    before = area(page, 1)
    page.keyboard.press("n")
    stroke(page, (100, 100), (600, 100))
    assert area(page, 1) == before
    assert area(page, state(page)["selected"]) > 0


def test_lasso_draws_polygons_and_freehand_and_subtracts(
    void: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, void)
    page.keyboard.press("1")
    page.keyboard.press("l")
    wait_for(page, "Math.abs(tessera.scale() - 1) < 1e-6")
    page.keyboard.press("n")
    page.keyboard.press("l")
    # Corners between pixels make the area exact: the window's grid lies between them at 100 %.
    corners = [(199.5, 149.5), (399.5, 149.5), (399.5, 249.5), (199.5, 249.5)]
    for corner in corners[:3]:
        click(page, corner)
    click(page, (100, 400))
    page.keyboard.press("Backspace")
    click(page, corners[3])
    page.keyboard.press("Enter")
    number = state(page)["selected"]
    bounds = page.evaluate("(n) => tessera.area(n)", number)
    assert abs(bounds - 200 * 100) <= 300  # the pointer has whole window pixels
    page.keyboard.down("Alt")
    stroke(page, (250, 170), (300, 170), (300, 220), (250, 220), (250, 175))
    page.keyboard.up("Alt")
    assert area(page, number) < bounds - 1500
    wait_until_saved(page)
    assert kept(void).map_sha256 == map_sha256(page)


def test_split_merge_and_delete_work_on_whole_entities(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    whole = area(page, 1)
    page.keyboard.press("k")
    stroke(page, (100, 2), (100, 278))
    # From just inside to just inside does not separate; from edge to edge does.
    assert state(page)["selected"] == 0
    stroke(page, (150, 0), (150, 300))
    made = state(page)["selected"]
    assert made > 4
    assert area(page, 1) + area(page, made) == whole
    page.keyboard.press("m")
    click(page, (300, 100))
    assert area(page, made) == whole
    assert area(page, 1) == 0
    wait_until_saved(page)
    assert covered.masks.get(number=1).deleted
    page.keyboard.press("Delete")
    assert area(page, 0) == whole
    wait_until_saved(page)
    assert kept(covered).void_px == whole
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_until_saved(page)
    assert area(page, 1) == whole
    assert not covered.masks.get(number=1).deleted


def test_the_bucket_fills_a_gap(covered: Annotation, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    page.keyboard.press("e")
    stroke(page, (300, 250), (420, 300))
    hole = area(page, 0)
    page.keyboard.press("n")
    page.keyboard.press("g")
    click(page, (360, 275))
    assert area(page, state(page)["selected"]) == hole
    expect(page.locator(".coverage-percent")).to_have_text("100 %")


def test_a_click_lands_on_its_pixel_in_a_rotated_view_on_a_dense_screen(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, device_scale_factor=2)
    open_editor(page, covered)
    page.keyboard.press("v")
    page.keyboard.press("r")
    page.keyboard.press("r")
    frame(page)
    for point, number in (((340, 270), 1), ((360, 270), 2), ((340, 290), 3), ((360, 290), 4)):
        click(page, point)
        assert state(page)["selected"] == number


def test_the_gpu_layer_shows_what_the_cpu_layer_shows(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna, may_complain=True)  # SwiftShader warns about its own slowness
    open_editor(page, covered, query="?layer=gl")
    if page.evaluate("tessera.renderer()") != "webgl2":
        pytest.skip("This Chromium has no WebGL2.")
    page.keyboard.press("r")
    frame(page)
    sample = """() => {
      const {W, H} = tessera.view(), ids = [];
      for (let y = 7; y < H; y += 31) for (let x = 5; x < W; x += 29) ids.push(tessera.idAt(x, y));
      return ids;
    }"""
    on_gpu = page.evaluate(sample)
    page.evaluate("tessera.loseContext()")
    wait_for(page, "tessera.renderer() === 'canvas2d'")
    frame(page)
    on_cpu = page.evaluate(sample)
    assert on_gpu == on_cpu
    assert set(on_gpu) >= {1, 2, 3, 4, 65535}


def test_a_proposal_is_the_start_and_shows_its_scores(
    project: Project, anna: User, tiled_image: Callable, page_of: Callable[..., Page], shoot: Callable
) -> None:
    image = tiled_image(project, picture(WIDTH, HEIGHT))
    model = ModelVersion.objects.create(name="starter", stage="champion")
    scores = {1: 0.93, 2: 0.41, 3: 0.77, 4: 0.88}
    proposal = store_prediction(image, model, pack_map(quarters(WIDTH, HEIGHT)), scores)
    annotation = next_assignment(anna, project.pk).annotation
    page = page_of(anna)
    open_editor(page, annotation)
    assert map_sha256(page) == proposal.map_sha256
    page.select_option("[aria-label=Order]", "score")
    expect(page.locator(".entity-row .entity-facts").first).to_have_text("#2 · 98.0 k px · model 41 %")
    assert len({page.evaluate("(n) => tessera.entity(n).colour", n) for n in scores}) == 4
    page.click(".entity-row >> nth=0")
    page.focus("#stage")
    stroke(page, (300, 100), (400, 100))
    wait_until_saved(page)
    assert annotation.masks.get(number=2).provenance == "edited"
    expect(page.locator(".entity-row.active .entity-facts")).to_contain_text("edited")
    shoot(page, "proposal")


def test_keys_belong_to_what_has_the_focus(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    focused = "document.activeElement.dataset.tool || document.activeElement.id"
    page.click("[data-tool=eraser]")
    assert page.evaluate(focused) == "stage"  # the pointer gives the canvas its focus back
    page.keyboard.press("Tab")
    assert state(page)["selected"] == 1
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == "eraser"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert state(page)["tool"] == "lasso"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "stage"
    radius = state(page)["radius"]
    page.keyboard.press("]")
    larger = state(page)["radius"]
    page.mouse.move(*client_of(page, (300, 300)))
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 100)
    page.keyboard.up("Shift")
    assert radius < larger > state(page)["radius"]


def test_undo_in_the_middle_of_an_outline_takes_back_the_outline(
    covered: Annotation, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    open_editor(page, covered)
    page.keyboard.press("n")
    stroke(page, (50, 50), (150, 50))
    painted = map_sha256(page)
    page.keyboard.press("l")
    for corner in ((300, 300), (400, 300), (400, 400)):
        click(page, corner)
    page.keyboard.press("Control+z")
    page.keyboard.press("Enter")
    assert map_sha256(page) == painted
