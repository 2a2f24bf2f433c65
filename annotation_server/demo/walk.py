"""The main job from log-in to release, walked through the public HTTP API as people would."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annotation_server.demo import content, released
from annotation_server.demo.client import Answered, Client, Row, refusal
from annotation_server.demo.evaluated import check_report
from annotation_server.demo.painting import Canvas
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import Tile
from annotation_server.segmentation.transaction import EntityChange, Transaction, encode_transaction

RADIUS_SHARE = 0.04


@dataclass
class Walk:
    """What the walk has seen so far; `seconds` and `counts` go into the check's JSON line."""

    address: str
    password: str
    folder: Path
    expected: frozenset[str]  # file names of the images that will be there
    seconds: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    maps: dict[str, TiledMap] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    merkle_root: str = ""
    people: dict[str, Client] = field(default_factory=dict)
    project: int = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)


def walk(state: Walk, *, timeout_s: float) -> None:
    """Every step of the main job in order; raises at the first thing that is not as promised."""
    with state.step("log_in"):
        log_in(state)
    with state.step("import_and_propose"):
        images = wait_for_proposals(state, timeout_s=timeout_s)
    state.counts["images"] = len(images)
    state.counts["largest_px"] = max(row["width"] * row["height"] for row in images)
    with state.step("annotate"):
        annotations = annotate_everything(state)
    with state.step("review"):
        review(state, annotations)
    with state.step("evaluate"):
        figures = check_report(state.people["ada"], state.project, state.maps)
        state.counts["evaluated_images"] = figures["images"]
    with state.step("release"):
        first = build_release(state, "first")
    with state.step("read_back"):
        released.check(state.folder / "first.tar", first["merkle_root"], state.maps, state.counts)
    with state.step("release_again"):
        second = build_release(state, "second")
    if first["merkle_root"] != second["merkle_root"]:
        raise AssertionError("The same inputs gave two different releases.")
    released.check_same_bytes(state.folder / "first.tar", state.folder / "second.tar")
    state.merkle_root = first["merkle_root"]


def log_in(state: Walk) -> None:
    """Everybody gets a token; a wrong password and a missing one are refused."""
    stranger = Client(state.address)
    refusal_of_any(401, stranger.get, "projects")
    for name in content.PEOPLE:
        state.people[name] = Client.logged_in(state.address, name, state.password)
    projects = list(state.people["anna"].rows("projects"))
    state.project = next(row["id"] for row in projects if row["name"] == content.PROJECT)


def refusal_of_any(status: int, function: Any, *arguments: Any) -> None:
    """The call must be refused with this status, whatever the code."""
    try:
        function(*arguments)
    except Answered as answered:
        if answered.status != status:
            raise
    else:
        raise AssertionError(f"{function.__name__} was not refused with {status}.")


def wait_for_proposals(state: Walk, *, timeout_s: float) -> list[Row]:
    """All expected images, each with the model's proposal."""
    deadline = time.monotonic() + timeout_s
    while True:
        rows = list(state.people["ada"].rows("images", project=state.project))
        failed = [f"{row['file_name']}: {row['error']}" for row in rows if row["state"] == "failed"]
        if failed:
            raise AssertionError(f"Images failed: {failed}")
        if {row["file_name"] for row in rows} == state.expected and all(
            row["work_state"] == "predicted" for row in rows
        ):
            return rows
        if time.monotonic() > deadline:
            states = [(row["file_name"], row["state"], row["work_state"]) for row in rows]
            raise AssertionError(f"After {timeout_s:g} s there are only {states}")
        time.sleep(0.5)


def annotate_everything(state: Walk) -> list[int]:
    """Anna takes work until there is none, covers, names and submits it; ids of the annotations."""
    anna = state.people["anna"]
    annotations: list[int] = []
    terms = {row["name"]: row["id"] for row in anna.rows("terms", project=state.project)}
    own = anna.post("terms", project=state.project, name="Thing of the walk")
    while True:
        try:
            assignment = anna.post("assignments/next", project=state.project, round="draw")
        except Answered as answered:
            if answered.code != "nothing_to_do":
                raise
            return annotations
        canvas = Canvas.opened(anna, assignment["annotation"], assignment["lease"])
        number = stroke(state, canvas, own["id"])
        if not annotations:
            try_what_must_be_refused(state, canvas, number)
        cover(state, canvas, terms["unknown"])
        name_entities(state, canvas, terms["unknown"])
        anna.post(f"annotations/{canvas.annotation}/submit", lease=canvas.lease)
        annotations.append(canvas.annotation)
        remember(state, canvas)


def stroke(state: Walk, canvas: Canvas, term: int) -> int:
    """One brush stroke across the middle, saved in one transaction, sent twice; the new entity's number."""
    width, height = canvas.label_map.width, canvas.label_map.height
    number = canvas.new_number()
    points = [(width * 0.3, height * 0.4), (width * 0.5, height * 0.6), (width * 0.7, height * 0.45)]
    tiles = canvas.stroke(number, points, max(3.0, RADIUS_SHARE * min(width, height)))
    entity = EntityChange(number=number, term=term, raw_name="Thing of the walk")
    sent = canvas.transaction(tiles, [entity])
    first = canvas.save(sent)
    again = canvas.client.save(canvas.annotation, sent)
    if first["replayed"] or not again["replayed"] or again["revision"] != first["revision"]:
        raise AssertionError("A transaction sent twice was not recognised.")
    state.counts["transactions"] += 1
    state.counts["replayed"] += 1
    return number


def try_what_must_be_refused(state: Walk, canvas: Canvas, number: int) -> None:
    """A stale base, a corrupt tile, an unknown number, a foreign lease: refused, and no pixel changes."""
    t = next(t for t, version in enumerate(canvas.versions) if version)
    good = canvas.transaction({t: Tile(number)})
    stale = replace(good, tiles=tuple(replace(change, base=change.base + 7) for change in good.tiles))
    body = refusal(409, "stale", [canvas.client.save, canvas.annotation, stale])
    if [row["t"] for row in body["conflict"]] != [t]:
        raise AssertionError(f"The stale tile is {t}, the server says {body['conflict']}.")
    corrupt = encode_transaction(with_tile(good, Tile(-1, b"\x01\x00\x07\x00")))
    refusal(422, "bad_payload", [canvas.client.send_body, canvas.annotation, corrupt])
    refusal(422, "unknown_entity", [canvas.client.save, canvas.annotation, with_tile(good, Tile(64_999))])
    elsewhere = replace(good, lease="00000000-0000-4000-8000-000000000000")
    refusal(423, "lease_lost", [canvas.client.save, canvas.annotation, elsewhere])
    refusal(423, "lease_lost", [state.people["rita"].save, canvas.annotation, good])
    state.counts["refused"] += 5
    if canvas.client.bundle(canvas.annotation)[0] != canvas.label_map:
        raise AssertionError("A refused save changed the label map.")


def with_tile(transaction: Transaction, tile: Tile) -> Transaction:
    return replace(transaction, tiles=tuple(replace(change, tile=tile) for change in transaction.tiles))


def cover(state: Walk, canvas: Canvas, term: int) -> None:
    """Give what is void to one more entity; before that, submission is refused with the gaps."""
    gaps = canvas.client.get(f"annotations/{canvas.annotation}/gaps")
    if not gaps["void_px"]:
        return
    with contextlib.suppress(Answered):
        if gaps["coverage"] < 0.9:
            submit = f"annotations/{canvas.annotation}/submit"
            refusal(409, "coverage", [lambda: canvas.client.post(submit, lease=canvas.lease)])
            state.counts["refused"] += 1
    number = canvas.new_number()
    entity = EntityChange(number=number, term=term, raw_name="unknown")
    state.counts["transactions"] += canvas.save_in_parts(canvas.filled(number), [entity], tool="fill")
    if canvas.client.get(f"annotations/{canvas.annotation}/gaps")["void_px"]:
        raise AssertionError("Void is left after everything was filled.")


def name_entities(state: Walk, canvas: Canvas, term: int) -> None:
    """Submission without names is refused; then every mask gets one."""
    masks = canvas.client.get(f"annotations/{canvas.annotation}/masks")["results"]
    state.counts["masks"] += len(masks)
    nameless = [mask for mask in masks if mask["term"] is None]
    if not nameless:
        return
    submit = f"annotations/{canvas.annotation}/submit"
    refusal(409, "unnamed", [lambda: canvas.client.post(submit, lease=canvas.lease)])
    state.counts["refused"] += 1
    entities = [
        EntityChange(
            number=mask["number"], term=term, raw_name="unknown", colour=mask["colour"], base=mask["version"]
        )
        for mask in nameless
    ]
    canvas.save(canvas.transaction({}, entities, tool="name"))
    state.counts["transactions"] += 1
    state.counts["named"] += len(entities)


def remember(state: Walk, canvas: Canvas) -> None:
    """What was submitted must be what the server gives back, tile by tile."""
    annotation = canvas.client.get(f"annotations/{canvas.annotation}")
    label_map, _ = canvas.client.bundle(canvas.annotation)
    if label_map != canvas.label_map or annotation["map_sha256"] != label_map.sha256():
        raise AssertionError(f"The server's label map of annotation {canvas.annotation} is another one.")
    name = annotation["image"]["file_name"]
    state.maps[name] = label_map
    state.digests[name] = annotation["map_sha256"]


def review(state: Walk, annotations: list[int]) -> None:
    """Rita returns the first with a reason, Anna mends it, Rita accepts all; Anna may not judge."""
    anna, rita = state.people["anna"], state.people["rita"]
    first = annotations[0]
    refusal_of_any(403, lambda: anna.post(f"annotations/{first}/review", verdict="accept", reason=""))
    rita.post(f"annotations/{first}/review", verdict="return", reason="The middle stroke is too short.")
    returned = anna.get("assignments", project=state.project, mine=1, state="returned")["results"]
    assignment = anna.post(f"assignments/{returned[0]['id']}/claim")
    canvas = Canvas.opened(anna, first, assignment["lease"])
    longer = [(canvas.label_map.width * 0.2, 5.0), (canvas.label_map.width * 0.8, 5.0)]
    number = next(iter(canvas.client.get(f"annotations/{first}/masks")["results"]))["number"]
    canvas.save(canvas.transaction(canvas.stroke(number, longer, 4.0)))
    anna.post(f"annotations/{first}/submit", lease=canvas.lease)
    remember(state, canvas)
    for annotation in annotations:
        rita.post(f"annotations/{annotation}/review", verdict="accept", reason="")
    state.counts["reviewed"] = len(annotations) + 1


def build_release(state: Walk, name: str) -> Row:
    """Ada builds and downloads a release; returns its row."""
    ada = state.people["ada"]
    release = ada.post("releases", project=state.project, name=name, notes="Built by the walk.")
    request = release["request"]
    ada.wait_for_request(request if isinstance(request, int) else request["id"], timeout_s=600)
    row: Row = ada.get(f"releases/{release['id']}")
    if row["state"] != "published":
        raise AssertionError(f"Release {name} is {row['state']}.")
    state.counts["release_bytes"] = ada.download(
        f"releases/{row['id']}/archive", state.folder / f"{name}.tar"
    )
    refusal(409, "published", [lambda: ada.open("DELETE", f"releases/{row['id']}")])
    return row
