"""The pages in a real Chromium: what people do on them, and that everybody can."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from PIL import Image as Picture
from playwright.sync_api import Browser, Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.images import tiling
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Membership, Project
from annotation_server.rate_limits import counts
from annotation_server.releases import build
from annotation_server.requests.models import Job
from annotation_server.requests.run import run_job
from annotation_server.vocabulary.models import Term
from tests.cast import PASSWORD, scenery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOSTILE = '<img src=x onerror="document.title=1">'


@pytest.fixture(autouse=True)
def no_earlier_failures() -> Iterator[None]:
    cache.clear()
    counts.clear()
    yield
    cache.clear()
    counts.clear()


@pytest.fixture
def anonymous_page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url) as context:
        yield context.new_page()


def png(seed: int, width: int = 160, height: int = 120) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(np.roll(scenery(width, height), seed, axis=1)).save(file, "PNG")
    return file.getvalue()


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def work_off_jobs() -> None:
    """What the worker does: every waiting job, by the code the worker runs."""
    verbs = {tiling.TASK: tiling.tile_image, build.TASK: build.build_release}
    for job in Job.objects.filter(state="queued", task__in=verbs).order_by("id"):
        run_job(job.pk, verbs[job.task])


def accept(annotation: Annotation) -> None:
    Annotation.objects.filter(pk=annotation.pk).update(state=Annotation.State.ACCEPTED)
    Assignment.objects.filter(pk=annotation.assignment_id).update(state=Assignment.State.ACCEPTED)


def quadrants(width: int, height: int) -> np.ndarray:
    """A label map uint16 [height, width] of four entities, without a gap."""
    y, x = np.mgrid[:height, :width]
    return (1 + (x >= width // 2) + 2 * (y >= height // 2)).astype(np.uint16)


def test_logging_in_wrongly_and_rightly(project: Project, anna: User, anonymous_page: Page) -> None:
    page = anonymous_page
    page.goto(f"/projects/{project.pk}/members")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("User name")).to_have_value("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page).to_have_url(re.compile(rf"/projects/{project.pk}/members$"))
    expect(page.get_by_role("row", name=re.compile("Anna"))).to_contain_text("you")
    page.get_by_role("button", name="Anna").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_project_is_created_and_filled(db: None, page_of: Callable[..., Page]) -> None:
    ada = User.objects.create_user("ada")
    page = page_of(ada)
    page.goto("/")
    expect(page.get_by_text("No projects yet")).to_be_visible()
    page.get_by_role("button", name="Create your first project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(HOSTILE)
    dialog.get_by_label("Pixels to cover").fill("98.5")
    dialog.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_text("This project has no images yet")).to_be_visible()
    assert Project.objects.get().min_coverage == 0.985

    chosen = [file("one.png", png(1)), file("two.png", png(2)), file("three.png", b"not a picture")]
    page.get_by_label("Image files to upload").set_input_files(chosen)
    expect(page.get_by_role("heading", name="2 files uploaded, 1 refused")).to_be_visible()
    refusal = page.get_by_role("listitem").filter(has_text="three.png")
    expect(refusal).to_contain_text("not a picture")
    expect(page.get_by_text("Being prepared…")).to_have_count(2)
    expect(page.get_by_text("Preparing images for the editor")).to_be_visible()
    work_off_jobs()
    expect(page.locator(".image-card .badge")).to_have_text(["Not started", "Not started"])
    expect(page.locator(".image-card img")).to_have_count(2)
    expect(page.get_by_text("Preparing images for the editor")).to_be_hidden()
    page.goto("/")
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    expect(page.get_by_text("0 of 2 accepted")).to_be_visible()


def test_files_are_uploaded_by_dropping_them(
    project: Project, ada: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}")
    expect(page.get_by_text("This project has no images yet")).to_be_visible()
    dropped = page.evaluate_handle(
        """(bytes) => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "dropped.png")); return data; }""",
        list(png(3)),
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": dropped})
    expect(page.get_by_text("Drop the images to upload them")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    expect(page.get_by_role("heading", name="1 file uploaded")).to_be_visible()
    expect(page.get_by_role("link", name="dropped.png")).to_be_visible()


def test_a_click_leads_into_the_work(
    project: Project,
    anna: User,
    rita: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
) -> None:
    images = {
        name: tiled_image(project, scenery(96, 64), f"{name}.png") for name in ("mine", "submitted", "new")
    }
    mine = make_annotation(images["mine"], anna)
    submitted = make_annotation(images["submitted"], anna, quadrants(96, 64))
    Annotation.objects.filter(pk=submitted.pk).update(state=Annotation.State.SUBMITTED)
    Assignment.objects.filter(pk=submitted.assignment_id).update(state=Assignment.State.SUBMITTED)

    def ways_of(page: Page) -> dict[str, str]:
        page.goto(f"/projects/{project.pk}")
        expect(page.locator(".image-card")).to_have_count(3)
        return {
            link.inner_text(): link.get_attribute("href") or ""
            for link in page.locator(".image-card a").all()
        }

    detail = {f"{name}.png": f"/images/{image.pk}" for name, image in images.items()}
    page = page_of(anna)
    assert ways_of(page) == {**detail, "mine.png": f"/annotate/{mine.pk}"}
    assert ways_of(page_of(rita)) == {**detail, "submitted.png": f"/review/{submitted.pk}"}

    page.get_by_role("button", name="In work").click()
    expect(page.locator(".image-card")).to_have_count(1)
    expect(page).to_have_url(re.compile("state=assigned"))
    page.get_by_role("button", name="All").click()
    page.get_by_label("Search images by file name").fill("new")
    expect(page.locator(".image-card")).to_have_count(1)
    page.get_by_role("link", name="new.png").press("Enter")
    expect(page.get_by_role("heading", name="new.png")).to_be_visible()
    expect(page.get_by_text("96 × 64 px")).to_be_visible()


def test_the_next_image_is_one_click_away(
    project: Project, anna: User, tiled_image: Any, page_of: Callable[..., Page]
) -> None:
    tiled_image(project, scenery(96, 64))
    page = page_of(anna)
    page.goto(f"/projects/{project.pk}")
    page.get_by_role("button", name="Start next image").click()
    page.wait_for_url(re.compile(r"/annotate/\d+$"))
    assert Annotation.objects.get().assignment.annotator == anna


def test_nothing_to_do_is_said(project: Project, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, may_complain=True)  # Chromium logs every answer of 404
    page.goto(f"/projects/{project.pk}")
    page.get_by_role("button", name="Start next image").click()
    expect(page.locator(".toast")).to_be_visible()


def test_members_are_added_and_change_role(
    project: Project, ada: User, eve: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(ada, may_complain=True)  # Chromium logs the refusal of the unknown name
    page.goto(f"/projects/{project.pk}/members")
    page.get_by_role("button", name="Add member").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill("nobody")
    dialog.get_by_role("button", name="Add member").click()
    expect(dialog.get_by_role("alert")).to_contain_text("nobody")
    dialog.get_by_label("User name").fill("eve")
    dialog.get_by_role("button", name="Add member").click()
    page.get_by_label("Role of eve").select_option("reviewer")
    expect(page.get_by_text("eve has a new role: Reviewer.")).to_be_visible()
    assert Membership.objects.get(project=project, user=eve).role == "reviewer"
    page.get_by_role("button", name="Remove eve").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("eve is no longer a member.")).to_be_visible()
    assert not Membership.objects.filter(project=project, user=eve).exists()


def test_a_curator_keeps_the_vocabulary(
    project: Project, anna: User, carl: User, page_of: Callable[..., Page]
) -> None:
    Term.objects.create(project=project, name="tuk tuk", created_by=anna)
    page = page_of(carl)
    page.goto(f"/projects/{project.pk}/vocabulary")
    page.get_by_role("button", name="Waiting for the curator 1").click()
    row = page.get_by_role("row", name=re.compile("tuk tuk"))
    row.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Nothing waits for the curator")).to_be_visible()
    page.get_by_role("button", name="All").click()
    page.get_by_label("Search terms and aliases").fill("tuk")
    row.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Aliases").fill("auto rickshaw, bajaj")
    dialog.get_by_label("Kind").select_option("thing")
    dialog.get_by_label("Under").fill("no such word")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no term “no such word”")
    dialog.get_by_label("Under").fill("Vehicle")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("vehicle · also: auto rickshaw, bajaj")
    expect(row.get_by_role("button", name="Edit")).to_be_focused()
    term = Term.objects.get(project=project, name="tuk tuk")
    assert (term.status, term.kind, term.aliases) == ("accepted", "thing", ["auto rickshaw", "bajaj"])


def test_annotators_add_terms_but_do_not_edit(
    project: Project, anna: User, page_of: Callable[..., Page]
) -> None:
    page = page_of(anna)
    page.goto(f"/projects/{project.pk}/vocabulary")
    page.get_by_role("button", name="Add term").click()
    page.get_by_role("dialog").get_by_label("Name").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="Add term").click()
    expect(page.get_by_role("rowheader", name=HOSTILE)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Edit"))).to_have_count(0)


def test_a_release_from_nothing_to_download(
    project: Project,
    ada: User,
    anna: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
) -> None:
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}/releases")
    expect(page.get_by_text("Nothing to release yet")).to_be_visible()
    accept(make_annotation(tiled_image(project, scenery(96, 64)), anna, quadrants(96, 64), named="tree"))
    page.reload()
    page.get_by_role("button", name="Publish the first release").click()
    page.get_by_role("dialog").get_by_label("Name").fill("v1")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Being built", exact=True)).to_be_visible()
    work_off_jobs()
    expect(page.get_by_text("Published")).to_be_visible()
    page.get_by_role("link", name="v1").click()
    row = page.get_by_role("row", name=re.compile("^v1"))
    expect(row.get_by_role("cell").nth(1)).to_have_text("4.0")
    expect(page.get_by_role("row", name=re.compile("^EntitySeg"))).to_contain_text("2700.7")
    expect(page.locator("#files tbody tr").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Download,")).click()
    assert download.value.path().stat().st_size == project.releases.get().size_bytes


def test_a_token_is_shown_once(anna: User, page_of: Callable[..., Page], live_server: Any) -> None:
    page = page_of(anna)
    page.goto("/")
    page.get_by_role("button", name="Anna").click()
    page.get_by_role("button", name="New API token…").click()
    page.get_by_label("Name", exact=True).fill("cluster")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Create token").click()
    expect(page.locator("#issued-token")).to_be_visible()
    token = page.locator("#issued-token").inner_text()
    me = page.request.get("/api/v1/me", headers={"Authorization": f"Token {token}", "Cookie": ""})
    assert me.json()["username"] == "anna"
    page.get_by_role("button", name="I have copied it").click()
    page.reload()
    assert token not in page.content()


def test_an_ended_session_leads_back(project: Project, anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, may_complain=True)  # Chromium logs every answer of 401
    page.goto(f"/projects/{project.pk}/vocabulary")
    expect(page.locator("#terms")).to_have_attribute("aria-busy", "false")
    page.context.clear_cookies()
    page.get_by_label("Search terms and aliases").fill("tree")
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.get_by_role("link", name="Log in again").click()
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(f"/projects/{project.pk}/vocabulary$"))


def test_the_theme_is_kept(anna: User, page_of: Callable[..., Page]) -> None:
    page = page_of(anna, color_scheme="dark")
    page.goto("/")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Anna").click()
    page.get_by_label("Light").check(force=True)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light != dark


def test_an_admin_asks_a_model_for_proposals(
    project: Project, ada: User, tiled_image: Any, page_of: Callable[..., Page]
) -> None:
    tiled_image(project, scenery(96, 64))
    ModelVersion.objects.create(name="Old", stage=ModelVersion.Stage.RETIRED)
    ModelVersion.objects.create(name="Starter", stage=ModelVersion.Stage.CHAMPION, origin="Generated scenes.")
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}")
    page.get_by_role("button", name="Pre-annotate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("option")).to_have_text(["Starter (champion)"])
    dialog.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Pre-annotating images")).to_be_visible()
    assert Job.objects.get(task="ml.predict").state == "queued"
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Pre-annotating images")).to_be_hidden()
    assert Job.objects.get(task="ml.predict").state == "cancelled"


def test_the_page_says_what_waits_for_whom(
    project: Project,
    anna: User,
    rita: User,
    tiled_image: Any,
    make_annotation: Any,
    page_of: Callable[..., Page],
) -> None:
    annotations = {}
    for name, state in (("again.png", "returned"), ("done.png", "submitted")):
        annotation = make_annotation(tiled_image(project, scenery(96, 64), name), anna, quadrants(96, 64))
        Annotation.objects.filter(pk=annotation.pk).update(state=state)
        Assignment.objects.filter(pk=annotation.assignment_id).update(state=state)
        annotations[name] = annotation.pk
    page = page_of(anna)
    page.goto(f"/projects/{project.pk}")
    returned = page.locator(".attention").get_by_role("link", name="again.png")
    expect(returned).to_have_attribute("href", f"/annotate/{annotations['again.png']}")
    page = page_of(rita)
    page.goto(f"/projects/{project.pk}")
    expect(page.get_by_text("1 annotation waits for review.")).to_be_visible()
    review = page.get_by_role("link", name="Review next")
    expect(review).to_have_attribute("href", f"/review/{annotations['done.png']}")


def test_an_admin_changes_the_policy_and_deletes_an_image(
    project: Project, ada: User, tiled_image: Any, page_of: Callable[..., Page]
) -> None:
    image = tiled_image(project, scenery(96, 64))
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("dialog").get_by_label("Largest gap").fill("7")
    page.get_by_role("dialog").get_by_label("A reviewer accepts").uncheck()
    with page.expect_navigation():  # the page shows the new policy by loading itself again
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
    project.refresh_from_db()
    assert (project.max_gap_px, project.review_required) == (7, False)
    page.goto(f"/images/{image.pk}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete image").click()
    expect(page.get_by_text("This project has no images yet")).to_be_visible()
