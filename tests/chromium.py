"""A real Chromium, logged-in pages, and images that have really been tiled."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from PIL import Image as Picture
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from annotation_server.accounts.models import User
from annotation_server.images.models import Image
from annotation_server.images.pyramid import prepare
from annotation_server.images.tiling import keep
from annotation_server.projects.models import Project

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
VIEWPORT = {"width": 1280, "height": 800}
# A loaded machine is slow, not wrong: waiting longer costs time only where a test fails.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
# Header and body leave the live server apart; without this every file waits 40 ms for an acknowledgement.
WSGIRequestHandler.disable_nagle_algorithm = True
SHOTS = Path(settings.BASE_DIR) / "test-results"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """$CHROME, or the system's Chromium; without either the browser tests are skipped."""
    found = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("No Chromium: install one, or name it in $CHROME.")
    return found


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Any]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Any, chromium_path: str) -> Iterator[Browser]:
    """One browser for the session; every test gets its own contexts."""
    browser = playwright_driver.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def log_in(live_server: Any) -> Callable[[BrowserContext, User], None]:
    """`log_in(context, anna)`: give a browser context her session."""

    def log_in(context: BrowserContext, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )

    return log_in


@pytest.fixture
def open_context(
    chromium: Browser, live_server: Any, log_in: Callable[[BrowserContext, User], None]
) -> Iterator[Callable[..., BrowserContext]]:
    """`open_context(anna)`: a browser of her own, without motion; any error on its console fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_context(user: User, *, may_complain: bool = False, **options: Any) -> BrowserContext:
        at_rest = {"viewport": VIEWPORT, "base_url": live_server.url, "reduced_motion": "reduce"}
        context = chromium.new_context(**{**at_rest, **options})
        context.set_default_timeout(PATIENCE_MS)
        log_in(context, user)
        if not may_complain:
            context.on("weberror", lambda error: problems.append(str(error.error)))
            context.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page_of(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """`page_of(anna)`: a page in a fresh browser context, logged in as Anna."""
    return lambda user, **options: open_context(user, **options).new_page()


@pytest.fixture
def tiled_image(media_root: Path, tmp_path: Path) -> Callable[..., Image]:
    """`tiled_image(project, rgb)`: an image with a real deep-zoom pyramid; `rgb` is uint8 [h, w, 3]."""

    def tiled_image(project: Project, rgb: np.ndarray, file_name: str = "street.png") -> Image:
        file = io.BytesIO()
        Picture.fromarray(rgb).save(file, "PNG", compress_level=1)
        height, width = rgb.shape[:2]
        image = Image.objects.create(
            project=project,
            file_name=file_name,
            width=width,
            height=height,
            checksum=f"{Image.objects.count():064x}",
            state=Image.State.TILING,
        )
        upload = tmp_path / f"{image.pk}.png"
        upload.write_bytes(file.getvalue())
        image.upload_key = default_storage.save(f"{image.folder}/upload.png", ContentFile(file.getvalue()))
        image.save()
        folder = tmp_path / f"prepared-{image.pk}"
        folder.mkdir()
        keep(image, prepare(upload, "png", folder, progress=lambda _share: True))
        return image

    return tiled_image


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """`shoot(page, "editor")`: keep a screenshot in test-results/ for people to look at."""

    def shoot(page: Page, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")

    return shoot
