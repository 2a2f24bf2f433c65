"""Every page in every theme and on a phone: everybody can use it; screenshots for people to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.model_registry.models import ModelVersion
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.releases.start import start_release
from annotation_server.vocabulary.models import Term
from tests.browser.drawn_study import accepted_drawings
from tests.browser.judged_run import accepted_scenes, judged_run
from tests.browser.measured_project import answered_survey, closed_study, compared, hurried_work
from tests.browser.test_pages import quadrants, work_off_jobs
from tests.cast import scenery
from tests.quality.conftest import submitted  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = Path(settings.BASE_DIR) / "test-results" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"]}
# What is pressed or read at a glance, and whose words are cut off.
OVERFLOWING = """
[...document.querySelectorAll(".button, .chip, .badge, .tabs a, legend, label, th")]
  .filter((node) => node.offsetParent && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 4)
  .map((node) => node.textContent.trim())
"""
# Charts that were not drawn anew when their width changed.
STRETCHED = """
[...document.querySelectorAll(".chart-fit > .chart-drawing")]
  .filter((node) => node.clientWidth && Math.abs(node.viewBox.baseVal.width - node.clientWidth) > 1).length
"""
COLOURS = {**EVERY_RULE, "runOnly": ["color-contrast"]}


@pytest.fixture
def furnished(
    project: Project, ada: User, anna: User, rita: User, carl: User, tiled_image: Any, make_annotation: Any
) -> dict[str, str]:
    """A project with something of everything; its pages by name."""
    states = ("accepted", "submitted", "returned", "open")
    for number, state in enumerate(states):
        image = tiled_image(project, np.roll(scenery(320, 240), 40 * number, axis=0), f"street_{number}.png")
        annotation = make_annotation(image, anna, quadrants(320, 240), named="tree")
        Annotation.objects.filter(pk=annotation.pk).update(state="draft" if state == "open" else state)
        Assignment.objects.filter(pk=annotation.assignment_id).update(state=state)
    tiled_image(project, scenery(320, 240)[:, ::-1], "street_new.png")
    Term.objects.create(project=project, name="tuk tuk", created_by=anna)
    ModelVersion.objects.create(name="Starter", stage=ModelVersion.Stage.CHAMPION)
    release = start_release(project, "v1", "First of all.", by=ada)
    work_off_jobs()
    root = f"/projects/{project.pk}"
    nights = Project.objects.create(name="Nights")
    Membership.objects.create(project=nights, user=ada, role=Role.ADMIN)
    accepted_scenes(nights, anna, tiled_image, make_annotation)
    run = judged_run(nights)
    return {
        "projects": "/",
        "images": root,
        "image": f"/images/{image.pk}",
        "releases": f"{root}/releases",
        "release": f"{root}/releases/{release.pk}",
        "vocabulary": f"{root}/vocabulary",
        "members": f"{root}/members",
        "dashboard": f"{root}/dashboard",
        "long_work": f"{root}/work",
        "first_models": f"{root}/models",
        "models": f"/projects/{nights.pk}/models",
        "training_run": f"/projects/{nights.pk}/training-runs/{run.pk}",
        "queue": "/queue",
        "tokens": "/tokens",
    }


@pytest.fixture
def measured(
    project: Project,
    anna: User,
    rita: User,
    carl: User,
    ada: User,
    tiled_image: Any,
    make_annotation: Any,
    submitted: Any,  # noqa: F811
) -> dict[str, str]:
    """The pages of a project's measures by name, each with something to read."""
    accepted_drawings(project, anna, tiled_image, make_annotation)
    comparison = compared(project, ada)
    survey, key = answered_survey(project, ada, rita)
    study = closed_study(project, ada, {2: rita, 3: carl})
    hurried_work(anna, rita, submitted)
    root = f"/projects/{project.pk}"
    return {
        "evaluation": f"{root}/evaluation",
        "evaluation_report": f"{root}/evaluation/{comparison.first_id}",
        "evaluation_comparison": f"{root}/evaluation/comparisons/{comparison.pk}",
        "studies": f"{root}/studies",
        "study": f"{root}/studies/{study.pk}",
        "surveys": f"{root}/surveys",
        "survey": f"{root}/surveys/{survey.pk}",
        "quality": f"{root}/quality",
        "survey_link": f"/survey/{key}",
    }


@pytest.fixture
def desk(ada: User, open_context: Callable[..., Any]) -> Page:
    """Ada's page at her desk; nothing moves on it."""
    page: Page = open_context(ada, reduced_motion="reduce", color_scheme="dark", viewport=DESK).new_page()
    return page


def show(page: Page, address: str) -> None:
    """Open a page and wait until it has everything."""
    page.goto(address)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def look(page: Page, name: str, address: str, *, press: str = "") -> list[str]:
    """What is wrong with a page, in any theme or on a phone."""
    show(page, address)
    if press:
        page.get_by_role("button", name=press).first.click()
    problems = []
    for theme, rules in (("contrast", COLOURS), ("light", COLOURS), ("dark", EVERY_RULE)):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        shoot(page, f"{name}_{theme}")
        problems += serious_problems(page, rules)
    page.set_viewport_size(PHONE)
    shoot(page, f"{name}_phone")
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        problems.append(f"{name} is wider than a phone")
    if stretched := page.evaluate(STRETCHED):
        problems.append(f"{name} has {stretched} charts of another width")
    page.set_viewport_size(DESK)
    return problems


def read(page: Page, name: str, address: str, language: str) -> list[str]:
    """What is wrong with a page in another language; German has the longest words."""
    show(page, address)
    shoot(page, f"{name}_{language}")
    spoken = page.evaluate("document.documentElement.lang")
    return [f"{name}: {spoken}"] * (spoken != language) + [
        f"{name} in {language}: “{text}” does not fit" for text in page.evaluate(OVERFLOWING)
    ]


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.screenshot(path=SHOTS / f"{name}.png")


def serious_problems(page: Page, rules: dict[str, Any]) -> list[str]:
    return [
        f"{page.url} {problem['id']}: {[node['html'] for node in problem['nodes']]}"
        for problem in Axe().run(page, options=rules).response["violations"]
    ]


def test_everybody_can_use_every_page(furnished: dict[str, str], desk: Page, ada: User) -> None:
    problems = [problem for name, address in furnished.items() for problem in look(desk, name, address)]
    for language, names in (("de", list(furnished)), ("zh-hans", ["images", "dashboard", "models"])):
        User.objects.filter(pk=ada.pk).update(preferences={"language": language})
        for name in names:
            problems += read(desk, name, furnished[name], language)
    assert problems == []


def test_everybody_can_use_every_page_of_measures(
    measured: dict[str, str], desk: Page, chromium: Browser, live_server: Any, ada: User
) -> None:
    outside = measured.pop("survey_link")
    person = {"quality": "Anna"}
    problems = [
        problem
        for name, address in measured.items()
        for problem in look(desk, name, address, press=person.get(name, ""))
    ]
    with chromium.new_context(base_url=live_server.url, viewport=DESK, reduced_motion="reduce") as context:
        stranger = context.new_page()
        problems += look(stranger, "survey_outside", outside)
        stranger.get_by_role("checkbox").check()
        stranger.get_by_role("button", name="Begin").click()
        expect(stranger.locator(".stage-window:not(.loading)").first).to_be_visible()
        problems += look(stranger, "survey_question", outside)
    User.objects.filter(pk=ada.pk).update(preferences={"language": "de"})
    for name in ("evaluation_report", "study", "survey", "quality"):
        problems += read(desk, name, measured[name], "de")
    assert problems == []


def test_everybody_can_use_the_dialogs(project: Project, desk: Page) -> None:
    root = f"/projects/{project.pk}"
    problems = [
        *look(desk, "new_project", "/", press="New project"),
        *look(desk, "add_member", f"{root}/members", press="Add member"),
        *look(desk, "import_checkpoint", f"{root}/models", press="Import a checkpoint"),
        *look(desk, "account_menu", f"{root}/releases", press="Ada"),
    ]
    assert problems == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everybody_can_log_in(db: None, chromium: Any, live_server: Any, theme: str) -> None:
    with chromium.new_context(base_url=live_server.url, viewport=DESK) as context:
        context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        page = context.new_page()
        page.goto("/login")
        shoot(page, f"login_{theme}")
        assert serious_problems(page, EVERY_RULE) == []
        page.goto("/login?next=/projects/1")
        page.get_by_label("User name").fill("nobody")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        shoot(page, f"login_failed_{theme}")
        assert serious_problems(page, EVERY_RULE) == []


def test_everybody_understands_a_failure(ada: User, open_context: Callable[..., Any]) -> None:
    page = open_context(ada, may_complain=True).new_page()  # Chromium logs the 404
    page.goto("/no/such/page")
    shoot(page, "not_found")
    assert serious_problems(page, EVERY_RULE) == []
