"""Fill the demo project through the public API: pictures, proposals, and some finished work to look at."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from annotation_server.demo import content
from annotation_server.demo.client import Client, Row
from annotation_server.demo.evaluated import champion_of
from annotation_server.demo.painting import Canvas
from annotation_server.segmentation.label_map import areas, renumber
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.transaction import EntityChange

PEOPLE_WORK_FIRST = 4
OPEN = {"queued", "running"}


def say(line: str) -> None:
    print(f"  demo: {line}", flush=True)


def upload(client: Client, project: int, items: Sequence[content.Item]) -> int:
    """Import what the project does not have yet, one by one so that the first shows soon; how many."""
    there = {row["file_name"] for row in client.rows("images", project=project)}
    missing = [item for item in items if item.name not in there]
    with tempfile.TemporaryDirectory(prefix="tessera-") as folder:
        for item in missing:
            file = Path(folder, item.name)
            item.write(file)
            answer = client.upload("images", [file], project=project)
            for refused in answer["refused"]:
                say(f"{refused['file_name']} was refused: {refused['error']}")
            say(f"imported {item.name} ({file.stat().st_size / 1e6:.1f} MB)")
            file.unlink()
    return len(missing)


def wait_until_tiled(client: Client, project: int, *, timeout_s: float) -> list[Row]:
    """All images of the project, none of them in preparation any more."""
    deadline = time.monotonic() + timeout_s
    while True:
        rows = list(client.rows("images", project=project))
        if all(row["state"] in {"ready", "failed"} for row in rows):
            return rows
        if time.monotonic() > deadline:
            raise RuntimeError(f"Images are still being prepared after {timeout_s:g} s.")
        time.sleep(0.3)


def wait_for_open_requests(client: Client, project: int, kind: str, *, timeout_s: float) -> None:
    """Return when no request of this kind is queued or running."""
    deadline = time.monotonic() + timeout_s
    while any(row["state"] in OPEN for row in client.rows("requests", project=project, kind=kind)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Requests of kind {kind} are still open after {timeout_s:g} s.")
        time.sleep(0.5)


def pre_annotate(client: Client, project: int) -> None:
    """Have the champion propose label maps for the images it has not been asked about by the import."""
    wait_for_open_requests(client, project, "predict", timeout_s=1800)
    images = client.rows("images", project=project)
    untouched = [row["id"] for row in images if row["state"] == "ready" and row["work_state"] == "none"]
    if not untouched:
        return
    champion = champion_of(client, project)
    asked = client.post(f"model-versions/{champion['id']}/predict", project=project, images=untouched)
    client.wait_for_request(asked["request"], timeout_s=1800)


def finish_scenes(carl: Client, rita: Client, project: int, items: Sequence[content.Item]) -> None:
    """Carl draws the generated scenes exactly; Rita accepts two, returns one and leaves the other.

    It is not Anna, so that whoever tries the demo as her begins with a photograph.
    """
    truths = {item.name: item for item in items if item.seed is not None}
    unknown = next(
        row["id"] for row in carl.rows("terms", project=project, search="unknown") if row["name"] == "unknown"
    )
    submitted = []
    for _ in truths:
        assignment = carl.post("assignments/next", project=project, round="draw")
        canvas = Canvas.opened(carl, assignment["annotation"], assignment["lease"])
        draw_exactly(canvas, truths[assignment["file_name"]], unknown)
        carl.post(f"annotations/{canvas.annotation}/submit", lease=canvas.lease)
        submitted.append(canvas.annotation)
    for accepted in submitted[::2]:
        rita.post(f"annotations/{accepted}/review", verdict="accept", reason="")
    reason = "The smallest shapes bleed over their edges: look at them at 200 %."
    rita.post(f"annotations/{submitted[1]}/review", verdict="return", reason=reason)


def draw_exactly(canvas: Canvas, item: content.Item, term: int) -> None:
    """Make the annotation equal to the scene's truth, each entity under a new number and a name."""
    truth = pack_map(item.truth())
    numbers = {number: canvas.new_number() for number in sorted(areas(truth))}
    entities = [
        EntityChange(number=number, term=term, raw_name="unknown", colour=index)
        for index, number in enumerate(numbers.values())
    ]
    canvas.save_in_parts(canvas.replaced(renumber(truth, numbers)), entities, tool="import")


def judge_champion(carl: Client, project: int) -> None:
    """Carl has the champion evaluated on what is accepted, once."""
    if any(carl.rows("evaluation-reports", project=project)):
        return
    version = champion_of(carl, project)
    sides = {"truth": {"kind": "accepted"}, "found": {"kind": "model", "model_version": version["id"]}}
    asked = carl.post("evaluation-reports", project=project, split="", **sides)
    carl.wait_for_request(asked["request"], timeout_s=600)
    say("a report tells how the model does on the accepted scenes")


def chosen_items(images: str, small: bool) -> list[content.Item]:
    if images:
        return content.pictures_in(Path(images))
    return content.small() if small else content.full()


def main() -> int:
    """Entry point of the process that `manage.py demo` starts beside the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--images", default="")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    password = os.environ["TESSERA_DEMO_PASSWORD"]
    Client(options.address).wait_until_up(timeout_s=120)
    people = {name: Client.logged_in(options.address, name, password) for name in ("ada", "carl", "rita")}
    ada = people["ada"]
    project = next(row["id"] for row in ada.rows("projects") if row["name"] == content.PROJECT)
    items = chosen_items(options.images, options.small)
    if not options.images and not options.small:
        first = items[:PEOPLE_WORK_FIRST]
        if upload(ada, project, first):
            wait_until_tiled(ada, project, timeout_s=600)
            finish_scenes(people["carl"], people["rita"], project, first)
    upload(ada, project, items)
    wait_until_tiled(ada, project, timeout_s=1800)
    say("the model proposes masks for the images")
    pre_annotate(ada, project)
    if not options.images and not options.small:
        judge_champion(people["carl"], project)
    say("everything is in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())
