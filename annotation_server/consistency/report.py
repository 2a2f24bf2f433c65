"""A study's report: how far people agree on masks and names, where and of what kind they do not.

It is JSON without names of people or files, so that it can be published: people are numbered in the order of
their accounts; a place (1 is the first annotator, 2 and on the further ones) is a row and column of the
matrices. The same work gives the same bytes. docs/consistency.md tells every figure.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np

from annotation_server.consistency.figures import (
    OTHER_TIE_BREAK,
    TIE_BREAK,
    VOID,
    Drawn,
    Key,
    drawn_maps,
    name_of,
)
from annotation_server.consistency.models import FIRST_PLACE, Study, StudyImage
from annotation_server.consistency.name_accuracy import name_figures
from annotation_server.segmentation.agreement import agreement_figures
from annotation_server.segmentation.average_precision import match_all
from annotation_server.segmentation.disagreement import KINDS
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.report_tables import by_size, pq_of
from annotation_server.segmentation.resampled_precision import (
    WeightedPrecision,
    WeightedRatio,
    interval,
    resampled,
)
from annotation_server.segmentation.scored_pairs import scored_pairs

FORMAT = "tessera-consistency-1"
RESAMPLES = 1000
WORST_IMAGES = 20
BATCH = 10
# Table 1 of the EntitySeg paper: 500 images, 1.5 %, two further annotators four months later.
REFERENCES = {
    "source": "High-Quality Entity Segmentation (ICCV 2023), Table 1",
    "images": 500,
    "share": 0.015,
    "masks": {"1-2": 0.906, "1-3": 0.912, "2-3": 0.921},
    "names": {"1-2": 0.954, "1-3": 0.948, "2-3": 0.952},
}
Matrix = list[list[Any]]


def report_of(study: Study, check: Callable[[float], None]) -> dict[str, Any]:
    """The report of the images that are measured; ``check`` is called with the share done."""
    images = [one for one in study.images.order_by("order") if one.figures.get("pairs")]
    places = list(range(FIRST_PLACE, FIRST_PLACE + 1 + study.annotators))
    figures = _by_pair(images)
    check(0.2)
    return {
        "format": FORMAT,
        "protocol": protocol_of(study),
        "inputs_sha256": [one.figures["inputs"] for one in images],
        "n_images": len(images),
        "places": [{"place": place, "label": f"A{place}"} for place in places],
        "pair_images": _matrix(places, lambda key: len(figures.get(key, ()))),
        **_mask_figures(places, figures, study.seed),
        "names": name_figures(places, [one.figures["names"] for one in images], seed=study.seed),
        "new_terms": sum(one.figures["new_terms"] for one in images),
        "by_size": _sizes(figures),
        "kinds": _kinds(one.figures["kinds"] for one in images),
        "kinds_by_pair": {
            name_of(key): _kinds([{"": one.figures["kinds"].get(name_of(key), {})} for one in images])
            for key in combinations(places, 2)
        },
        "drift": _drift(images, check),
        "worst": _worst(study),
        "references": REFERENCES,
    }


def report_bytes(report: Mapping[str, Any]) -> bytes:
    """The report as it is kept, hashed and published."""
    return json.dumps(report, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def protocol_of(study: Study) -> dict[str, Any]:
    """The protocol as the report tells it."""
    return {
        "study": study.pk,
        "name": study.name,
        "population": study.population,
        "population_images": study.population_images,
        "size": study.images.count(),
        "seed": study.seed,
        "annotators": study.annotators,
        "not_before_days": study.not_before_days,
        "start": study.start,
        "every": study.every,
        "names_phase": study.names_phase,
        "instructions": study.instructions,
        "vocabulary_revision": study.vocabulary_revision,
    }


def image_agreements(project_id: int) -> list[tuple[int, float, int]]:
    """(image id, mean PQ over pairs of people, id of the first annotation) of closed studies' images.

    The newest study counts where an image was in several.
    """
    rows = StudyImage.objects.filter(study__project=project_id, study__state=Study.State.CLOSED)
    columns = ("image_id", "figures__agreement__pq", "first_id")
    found = {
        image: (image, float(pq), first)
        for image, pq, first in rows.order_by("study_id").values_list(*columns)
        if pq is not None
    }
    return [found[image] for image in sorted(found)]


def image_rows(study: Study) -> list[dict[str, Any]]:
    """A row for every measured image, in the sample's order; the pairs' figures stay in the database."""
    columns = ("image_id", "figures__agreement", "figures__kinds")
    measured = study.images.filter(figures__has_key="agreement").order_by("order")
    return [image_row(*row) for row in measured.values_list(*columns)]


def image_row(
    image_id: int, agreement: Mapping[str, Any], kinds: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """One image's agreement, means over pairs of people, and its disagreements by kind."""
    return {"image": image_id, **agreement, "kinds": _kinds([kinds])}


def people_of(study: Study) -> list[int]:
    """Everybody's account whose map counts, in the order in which the report numbers them, from 1."""
    images = study.images.select_related("study", "first__assignment")
    return sorted({person.annotator_id for one in images for person in drawn_maps(one).values()})


def _by_pair(images: Sequence[StudyImage]) -> dict[Key, list[ImageFigures]]:
    found: dict[Key, list[ImageFigures]] = defaultdict(list)
    for one in images:
        for name, record in one.figures["pairs"].items():
            truth, other = map(int, name.split("-"))
            found[truth, other].append(ImageFigures.from_dict(record))
    return dict(found)


def _matrix(places: Sequence[int], value: Callable[[Key], Any]) -> Matrix:
    """Rows are the truth, columns who is compared with it; None on the diagonal."""
    return [[None if truth == other else value((truth, other)) for other in places] for truth in places]


def _mask_figures(
    places: Sequence[int], figures: Mapping[Key, list[ImageFigures]], seed: int
) -> dict[str, Any]:
    largest = {key: agreement_figures(images) for key, images in figures.items()}
    smallest = {key: agreement_figures(images, OTHER_TIE_BREAK) for key, images in figures.items()}
    bounds = {key: _intervals(figures[key], seed) for key in permutations(places, 2) if key in figures}

    def of(found: Mapping[Key, dict[str, Any]], *names: str) -> Matrix:
        return _matrix(places, lambda key: _at(found.get(key), names))

    return {
        "masks": {
            "pooled": of(largest, "pooled", "AP"),
            "pooled_50": of(largest, "pooled", "AP50"),
            "pooled_75": of(largest, "pooled", "AP75"),
            "per_image": of(largest, "per_image", "AP"),
            "intervals": of(bounds, "AP"),
            "tie_break": TIE_BREAK,
            "void": VOID,
            "limit": None,
            "other_tie_break": {
                "tie_break": OTHER_TIE_BREAK,
                "pooled": of(smallest, "pooled", "AP"),
                "per_image": of(smallest, "per_image", "AP"),
            },
        },
        "f1": of(largest, "f1", "50"),
        "pq": of(largest, "pq"),
        "pq_intervals": of(bounds, "PQ"),
        "covering": of(largest, "covering"),
    }


def _at(found: Any, names: Sequence[str]) -> Any:
    for name in names:
        found = None if found is None else found.get(name)
    return found


def _intervals(images: Sequence[ImageFigures], seed: int) -> dict[str, list[float] | None]:
    """95 % percentile intervals over resampled images: of the pooled AP and of the mean PQ of an image."""
    quality = np.array([pq_of(image.panoptic) for image in images], np.float64)
    measures = {
        "AP": WeightedPrecision(match_all(scored_pairs(images), (None,))).of,
        "PQ": WeightedRatio(np.nan_to_num(quality), ~np.isnan(quality)).of,
    }
    cells = sum(image.scores.size for image in images)
    drawn = resampled(list(measures.values()), len(images), seed=seed, resamples=RESAMPLES, cells=cells)
    bounds = {name: interval(values) for name, values in zip(measures, drawn, strict=True)}
    return {name: list(found) if found else None for name, found in bounds.items()}


def _sizes(figures: Mapping[Key, list[ImageFigures]]) -> list[dict[str, Any]]:
    """Figures by size over all ordered pairs of people together."""
    images = [image for key in sorted(figures) for image in figures[key]]
    return by_size(images, scored_pairs(images), (None,)) if images else []


def _kinds(found: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for pairs in found:
        for counts in pairs.values():
            total.update(counts)
    return {kind: total[kind] for kind in KINDS}


def _drift(images: Sequence[StudyImage], check: Callable[[float], None]) -> list[dict[str, Any]]:
    """For each further annotator the mean PQ against the first, in the order of their work, by batches."""
    people = {person: number for number, person in enumerate(people_of(images[0].study), 1)} if images else {}
    work: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for place, one in enumerate(images):
        check(0.3 + 0.6 * place / len(images))
        for person in drawn_maps(one).values():
            pq = _pq_against_first(one, person)
            if pq is not None and person.submitted_at is not None:
                work[people[person.annotator_id]].append((person.submitted_at.isoformat(), pq))
    return [
        {"annotator": number, "batches": [_batch(rows) for rows in _batches(sorted(done))]}
        for number, done in sorted(work.items())
    ]


def _pq_against_first(one: StudyImage, person: Drawn) -> float | None:
    record = one.figures["pairs"].get(name_of((FIRST_PLACE, person.place)))
    return None if record is None else agreement_figures([ImageFigures.from_dict(record)])["pq"]


def _batches(rows: Sequence[tuple[str, float]]) -> list[Sequence[tuple[str, float]]]:
    """Ten images after one another; the last batch has the rest."""
    return [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]


def _batch(rows: Sequence[tuple[str, float]]) -> dict[str, Any]:
    days = [moment[:10] for moment, _ in rows]
    return {
        "from": days[0],
        "to": days[-1],
        "pq": float(np.mean([pq for _, pq in rows])),
        "images": len(rows),
    }


def _worst(study: Study) -> list[dict[str, Any]]:
    known = [row for row in image_rows(study) if row["pq"] is not None]
    return sorted(known, key=lambda row: (row["pq"], row["image"]))[:WORST_IMAGES]
