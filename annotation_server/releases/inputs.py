"""What goes into a release: the annotations accepted when its build starts, and each image's split."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.models import Mask
from annotation_server.errors import Conflict
from annotation_server.images.models import Image
from annotation_server.projects.models import Project
from annotation_server.releases.carried import carried_now
from annotation_server.releases.models import Release
from annotation_server.releases.splits import ImageFacts, choose_splits
from annotation_server.releases.studies import reports_now

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Input:
    """One image of a release. ``labelled``: every mask bears a term, so it is in EntityClass too."""

    image: int
    annotation: int
    revision: int
    map_sha256: str
    split: str
    labelled: bool


@transaction.atomic
def fix_inputs(release_id: int) -> list[Input]:
    """The inputs of a release and the reports it carries, chosen once and the same at every attempt.

    Images that have no split yet get theirs here, for ever. Raises Conflict when nothing is accepted.
    """
    release = Release.objects.select_for_update().get(pk=release_id)
    if not release.inputs:
        # Two builds must not choose splits of the same images.
        Project.objects.select_for_update().get(pk=release.project_id)
        release.inputs = [asdict(row) for row in _choose(release.project_id)]
        release.studies = reports_now(release.project_id)
        release.carried = carried_now(release.project_id, release.inputs)
        release.save(update_fields=["inputs", "studies", "carried"])
    return [Input(**row) for row in release.inputs]


@transaction.atomic
def give_splits(project_id: int) -> None:
    """Give each image with an accepted annotation that has no split yet its split, for ever."""
    Project.objects.select_for_update().get(pk=project_id)
    if accepted(project_id).filter(image__split="").exists():
        _keep_splits(project_id, _accepted_rows(project_id), _masks_by_annotation(project_id))


def _accepted_rows(project_id: int) -> list[dict[str, Any]]:
    return list(
        accepted(project_id).values(
            *("pk", "image_id", "revision_number", "map_sha256"),
            *("image__split", "image__width", "image__height", "image__source"),
        )
    )


def _choose(project_id: int) -> list[Input]:
    rows = _accepted_rows(project_id)
    if not rows:
        raise Conflict(_("No annotation of this project is accepted yet."), code="nothing_to_release")
    masks = _masks_by_annotation(project_id)
    splits = _keep_splits(project_id, rows, masks)
    return [
        Input(
            image=row["image_id"],
            annotation=row["pk"],
            revision=row["revision_number"],
            map_sha256=row["map_sha256"],
            split=splits[row["image_id"]],
            labelled=all(term for _, term in masks[row["pk"]]),
        )
        for row in rows
    ]


def _masks_by_annotation(project_id: int) -> dict[int, list[tuple[int, str | None]]]:
    """Area and term of every mask that has pixels."""
    found: dict[int, list[tuple[int, str | None]]] = defaultdict(list)
    masks = Mask.objects.filter(annotation__in=accepted(project_id).order_by(), deleted=False, area__gt=0)
    rows = masks.order_by("annotation_id", "number").values_list("annotation_id", "area", "term__name")
    for annotation, area, term in rows.iterator(chunk_size=2000):
        found[annotation].append((area, term))
    return found


def _keep_splits(
    project_id: int, rows: list[dict[str, Any]], masks: dict[int, list[tuple[int, str | None]]]
) -> dict[int, str]:
    """The split of every image, stored for those that had none."""
    fixed = {row["image_id"]: row["image__split"] for row in rows if row["image__split"]}
    facts = [
        ImageFacts(
            image_id=row["image_id"],
            group=row["image_id"],
            width=row["image__width"],
            height=row["image__height"],
            source=row["image__source"],
            areas=[area for area, _ in masks[row["pk"]]],
            terms=Counter(term for _, term in masks[row["pk"]] if term),
        )
        for row in rows
    ]
    chosen = choose_splits(facts, fixed, seed=_seed(project_id, fixed.keys(), facts))
    for split in sorted(set(chosen.values())):
        for ids in _in_pieces(image_id for image_id, of in chosen.items() if of == split):
            Image.objects.filter(pk__in=ids, split="").update(split=split)
    return fixed | chosen


def _seed(project_id: int, fixed: Iterable[int], facts: list[ImageFacts]) -> int:
    text = f"{project_id}:{sorted(fixed)}:{sorted(image.image_id for image in facts)}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _in_pieces(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = list(ids)
    return (listed[at : at + _ROWS_AT_ONCE] for at in range(0, len(listed), _ROWS_AT_ONCE))
