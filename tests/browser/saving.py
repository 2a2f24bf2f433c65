"""Saving from elsewhere, and what the editor says of its own saving."""

import uuid

from playwright.sync_api import Page

from annotation_server.accounts.models import User
from annotation_server.annotation.autosave import save
from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation
from annotation_server.segmentation.tiles import Tile
from annotation_server.segmentation.transaction import TileChange, Transaction, encode_transaction
from tests.browser.editor import (
    state,
    stroke,
)

WIDTH, HEIGHT = 700, 560
SAVES = "**/transactions"


def save_elsewhere(annotation: Annotation, user: User, number: int) -> None:
    """Another program of the same person fills the first tile, under the lease the browser holds."""
    version = int(current_manifest(annotation.pk).versions[0])
    save_tiles(annotation, user, {0: (version, Tile(number))})


def save_tiles(annotation: Annotation, user: User, tiles: dict[int, tuple[int, Tile]]) -> None:
    """Save tiles (with the versions they start from) under the lease that the browser holds."""
    assignment = annotation.assignment
    assert assignment is not None
    assignment.refresh_from_db()
    change = Transaction(
        txid=str(uuid.uuid4()),
        lease=str(assignment.lease),
        entities=(),
        ops=(),
        tiles=tuple(TileChange(t, base, tile) for t, (base, tile) in tiles.items()),
    )
    save(user, annotation.pk, encode_transaction(change))


def status(page: Page) -> str:
    return str(page.evaluate("tessera.saveStatus().state"))


def paint(page: Page) -> None:
    """A new entity, one stroke across all four tiles."""
    page.keyboard.press("n")
    stroke(page, (60, 60), (640, 540))


def take_over(page: Page) -> None:
    with page.expect_navigation():
        page.click("text=Edit here instead")
    page.wait_for_selector("#editor[data-ready=true]")
    assert state(page)["readOnly"] == ""
