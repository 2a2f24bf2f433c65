"""Narrowing the image grid, walking it by keyboard, and doing something with several images."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from annotation_server.accounts.models import User
from annotation_server.annotation.models import Annotation, Assignment, Comment, Mask
from annotation_server.images.models import Image
from annotation_server.projects.models import Project
from annotation_server.vocabulary.models import Term
from tests.browser.editor import wait_for
from tests.browser.test_pages import quadrants
from tests.cast import scenery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def grid(
    project: Project, anna: User, carl: User, tiled_image: Any, make_annotation: Any
) -> dict[str, Image]:
    """Six images; Anna's has a heron and little agreement, Carl's is wide; four are free."""
    images = {
        name: tiled_image(project, np.roll(scenery(width, 64), 9 * at, axis=1), f"{name}.png")
        for at, (name, width) in enumerate(
            {"heron": 96, "wide": 300, "one": 96, "two": 96, "three": 96, "four": 96}.items()
        )
    }
    heron = make_annotation(images["heron"], anna, quadrants(96, 64), named="tree")
    wide = make_annotation(images["wide"], carl, quadrants(300, 64), named="tree")
    term = Term.objects.create(project=project, name="grey heron")
    Mask.objects.filter(annotation=heron, number=2).update(term=term)
    Annotation.objects.filter(pk=heron.pk).update(agreement=0.31)
    Annotation.objects.filter(pk=wide.pk).update(agreement=0.92)
    Comment.objects.create(annotation=wide, author=anna, text="Look here.", revision_number=1)
    return images


def shown(page: Page) -> list[str]:
    return [link.inner_text().removesuffix(".png") for link in page.locator(".image-info a").all()]


def test_filters_are_in_the_address(
    grid: dict[str, Image], project: Project, rita: User, page_of: Callable[..., Page], shoot: Any
) -> None:
    page = page_of(rita)
    cards = page.locator(".image-card")
    page.goto(f"/projects/{project.pk}")
    expect(page.get_by_role("status").filter(has_text="6 images")).to_be_visible()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Has an entity named").fill("heron")
    page.get_by_label("Has an entity named").press("Enter")
    expect(cards).to_have_count(1)
    page.get_by_label("Agreement, %: at most").fill("50")
    page.get_by_label("Agreement, %: at most").press("Tab")
    expect(page.get_by_role("button", name="Remove filter: Agreement, % ≤ 50")).to_be_visible()
    expect(page).to_have_url(re.compile(r"term=\d+&agreement_max=50"))
    shoot(page, "image_filters_dark")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    shoot(page, "image_filters_light")
    page.reload()
    expect(page.get_by_role("button", name="Remove filter: has grey heron")).to_be_visible()
    expect(cards).to_have_count(1)
    assert shown(page) == ["heron"]
    page.get_by_role("button", name="Remove filter: Agreement, % ≤ 50").click()
    page.get_by_role("button", name="Remove filter: has grey heron").click()
    expect(cards).to_have_count(6)
    page.go_back()
    expect(cards).to_have_count(1)
    page.goto(f"/projects/{project.pk}?comments=open&ordering=-agreement")
    expect(cards).to_have_count(1)
    expect(page.get_by_text("1 open comment", exact=True)).to_be_visible()
    page.get_by_label("Sort by").select_option("agreement")
    page.get_by_role("button", name="Remove filter: open comments").click()
    expect(cards).to_have_count(6)
    assert shown(page)[:2] == ["heron", "wide"]
    page.get_by_label("Show masks").check()
    expect(page.locator(".thumb-masks")).to_have_count(2)
    wait_for(page, "[...document.querySelectorAll('.thumb-masks')].every((masks) => masks.complete)")
    shoot(page, "images_with_masks")


def test_several_images_are_given_to_a_person(
    grid: dict[str, Image], project: Project, ada: User, anna: User, page_of: Callable[..., Page], shoot: Any
) -> None:
    page = page_of(ada)
    page.goto(f"/projects/{project.pk}?search=o&side_max=200")
    expect(page.locator(".image-card")).to_have_count(4)
    page.get_by_role("link", name="heron.png").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="Chosen images")).to_contain_text("1 image chosen")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+X")
    expect(page.get_by_role("region", name="Chosen images")).to_contain_text("3 images chosen")
    page.get_by_label("Choose heron.png").check()
    shoot(page, "images_chosen")
    page.get_by_role("button", name="Give to a person").click()
    page.get_by_role("dialog").get_by_label("Person").select_option("anna")
    page.get_by_role("dialog").get_by_role("button", name="Give", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("3 images given to anna. 1 was left as it is.")
    assert Assignment.objects.filter(annotator=anna, annotation__isnull=False).count() == 4
    page.get_by_label("Choose one.png").check()
    page.get_by_role("button", name="Set split").click()
    page.get_by_role("dialog").get_by_label("Split").select_option("val")
    page.get_by_role("dialog").get_by_role("button", name="Put").click()
    expect(page.get_by_role("region", name="Chosen images")).to_be_hidden()
    assert Image.objects.get(file_name="one.png").split == "val"
