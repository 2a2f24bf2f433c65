"""What the tests of faults share with those of annotation and of the browser."""

from tests.annotation.conftest import agrees
from tests.browser.conftest import (
    chromium,
    chromium_path,
    log_in,
    open_context,
    playwright_driver,
    tiled_image,
)

__all__ = [
    "agrees",
    "chromium",
    "chromium_path",
    "log_in",
    "open_context",
    "playwright_driver",
    "tiled_image",
]
