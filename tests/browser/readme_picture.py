"""Take README's picture of the editor from a running demo.

python -m tests.browser.readme_picture http://127.0.0.1:8000 PASSWORD
"""

import argparse
import os
import shutil
from pathlib import Path

from PIL import Image as Picture
from playwright.sync_api import sync_playwright

from annotation_server.demo.client import Client

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PICTURE = Path(__file__).resolve().parents[2] / "docs/screenshot-editor.png"
SETTLE_MS = 6000


def next_of_anna(address: str, password: str) -> str:
    """Where the editor shows the first picture that Anna is given: a photograph with its proposal."""
    anna = Client.logged_in(address, "anna", password)
    project = next(anna.rows("projects"))["id"]
    assignment = anna.post("assignments/next", project=project, round="draw")
    return address + str(assignment["editor_url"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("password")
    given = parser.parse_args()
    with sync_playwright() as driver:
        path = os.environ.get("CHROME") or shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        page.goto(f"{given.address}/login")
        page.fill("input[name=username]", "anna")
        page.fill("input[name=password]", given.password)
        page.click("button[type=submit]")
        page.goto(next_of_anna(given.address, given.password))
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=PICTURE)
        browser.close()
    with Picture.open(PICTURE) as shot:  # 256 colours keep it below 400 kB
        shot.convert("RGB").quantize(256, dither=Picture.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
