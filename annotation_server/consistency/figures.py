"""What one image of a study says: each two people's maps compared, and the names of the first's masks."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, permutations
from typing import Any

from django.utils.translation import gettext as _

from annotation_server.annotation.history import manifest_at, masks_at
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.consistency.models import FIRST_PLACE, Study, StudyImage, StudyPart
from annotation_server.errors import Refused
from annotation_server.segmentation.agreement import agreement_figures, compare_people
from annotation_server.segmentation.disagreement import Disagreement, count_kinds, disagreements
from annotation_server.segmentation.image_figures import ImageFigures, TieBreak, VoidRule
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.vocabulary.models import normalised

TIE_BREAK: TieBreak = "largest"
OTHER_TIE_BREAK: TieBreak = "smallest"
VOID: VoidRule = "background"
Key = tuple[int, int]


@dataclass(frozen=True)
class Drawn:
    """One person's map of an image: its place, whose, and when it was submitted."""

    place: int
    annotation: Annotation
    submitted_at: datetime | None

    @property
    def annotator_id(self) -> int:
        assert self.annotation.assignment is not None
        return self.annotation.assignment.annotator_id


def drawn_maps(one: StudyImage) -> dict[int, Drawn]:
    """The first's annotation and the further ones that count, by place.

    What was submitted after the study was closed does not count.
    """
    found = {FIRST_PLACE: Drawn(FIRST_PLACE, one.first, one.first.submitted_at)}
    for part in finished_parts(one.study).filter(study_image=one, phase=StudyPart.Phase.MASKS):
        assert part.assignment is not None
        annotation = part.assignment.annotation
        found[part.place] = Drawn(part.place, annotation, annotation.submitted_at)
    return dict(sorted(found.items()))


def finished_parts(study: Study) -> Any:
    """The parts of a study that count."""
    done = StudyPart.objects.filter(
        study_image__study=study, assignment__state__in=Assignment.HANDED_IN
    ).select_related("assignment__annotation__assignment")
    if study.closed_at is not None:
        done = done.filter(assignment__annotation__submitted_at__lte=study.closed_at)
    return done.order_by("study_image", "place")


def map_of(one: StudyImage, drawn: Drawn) -> TiledMap:
    """A person's map; the first's is that of the protocol's revision. Raises Refused if it is damaged."""
    if drawn.place != FIRST_PLACE:
        return read_map(drawn.annotation.pk)
    label_map = manifest_at(one.first, one.revision).read()
    if label_map.sha256() != one.map_sha256:
        raise Refused(
            _("The label map of annotation %(pk)s is not the one that was accepted.") % {"pk": one.first_id}
        )
    return label_map


def measure_image(one: StudyImage) -> dict[str, Any]:
    """The figures of an image as a StudyImage keeps them; the kept ones if nothing has changed since."""
    drawn = drawn_maps(one)
    named = _named_parts(one)
    inputs = _digest(one, drawn, named)
    if one.figures.get("inputs") == inputs:
        return one.figures
    maps = {place: map_of(one, person) for place, person in drawn.items()}
    names = _names(one, named)
    pairs = {key: _compared(one, maps, key) for key in permutations(maps, 2)}
    terms = {place: _terms(one, person) for place, person in drawn.items()}
    kinds = {key: _found(maps, terms, key) for key in combinations(maps, 2)}
    return {
        "inputs": inputs,
        "maps": {str(place): person.annotation.map_sha256 for place, person in drawn.items()},
        "pairs": {name_of(key): figures.to_dict() for key, figures in pairs.items()},
        "kinds": {name_of(key): count_kinds(found) for key, found in kinds.items()},
        "agreement": _mean_agreement(pairs),
        "names": {str(place): _as_json(of_masks) for place, of_masks in names.items()},
        "new_terms": _new_terms(one, named),
    }


def disagreements_of(one: StudyImage, key: Key) -> list[Disagreement]:
    """Every disagreement between two people's maps of an image, ``key`` being their places.

    Raises KeyError for a place whose map does not count.
    """
    drawn = drawn_maps(one)
    maps = {place: map_of(one, drawn[place]) for place in key}
    return _found(maps, {place: _terms(one, drawn[place]) for place in key}, key)


def name_of(key: Key) -> str:
    """A pair of places as JSON names it: "1-2"."""
    return "-".join(map(str, key))


def _compared(one: StudyImage, maps: Mapping[int, TiledMap], key: Key) -> ImageFigures:
    truth, other = key
    return compare_people(maps[truth], maps[other], image=one.image_id, order=TIE_BREAK, void=VOID)


def _mean_agreement(pairs: Mapping[Key, ImageFigures]) -> dict[str, float | None]:
    """Means over pairs of people: PQ, F1 at .5 and covering; AP over the ordered pairs."""
    found = [agreement_figures([figures]) for figures in pairs.values()]

    def mean(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if known else None

    return {
        "pq": mean([row["pq"] for row in found]),
        "f1": mean([row["f1"]["50"] for row in found]),
        "ap": mean([row["per_image"]["AP"] for row in found]),
        "covering": mean([row["covering"] for row in found]),
    }


def _found(
    maps: Mapping[int, TiledMap], terms: Mapping[int, Mapping[int, int]], key: Key
) -> list[Disagreement]:
    a, b = key
    return disagreements(maps[a], maps[b], terms_a=terms[a], terms_b=terms[b])


def _terms(one: StudyImage, drawn: Drawn) -> dict[int, int]:
    """Term by number, of the masks a person named while drawing."""
    if drawn.place == FIRST_PLACE:
        return {
            number: term for number, (_name, term) in _names_of(masks_at(one.first, one.revision)).items()
        }
    return terms_of(drawn.annotation)


def terms_of(annotation: Annotation) -> dict[int, int]:
    """Term by number of the masks that bear one now."""
    named = annotation.masks.filter(term__isnull=False, deleted=False, area__gt=0).order_by("number")
    return dict(named.values_list("number", "term_id"))


def _named_parts(one: StudyImage) -> dict[int, Annotation]:
    """The annotations in which further people named the first's masks, by place."""
    parts = finished_parts(one.study).filter(study_image=one, phase=StudyPart.Phase.NAMES)
    return {part.place: part.assignment.annotation for part in parts}


def _names(one: StudyImage, named: Mapping[int, Annotation]) -> dict[int, dict[int, tuple[str, int]]]:
    """(raw name, term) by number of the first's masks, by place; nothing where nobody else named them."""
    if not named:
        return {}
    by_place = {FIRST_PLACE: masks_at(one.first, one.revision)}
    by_place |= {place: list(annotation.masks.select_related("term")) for place, annotation in named.items()}
    return {place: _names_of(masks) for place, masks in by_place.items()}


def _names_of(masks: list[Mask]) -> dict[int, tuple[str, int]]:
    return {
        mask.number: (normalised(mask.raw_name or mask.term.name), mask.term.pk)
        for mask in masks
        if mask.term is not None and mask.area and not mask.deleted
    }


def _as_json(names: Mapping[int, tuple[str, int]]) -> dict[str, list[Any]]:
    return {str(number): list(name) for number, name in sorted(names.items())}


def _new_terms(one: StudyImage, named: Mapping[int, Annotation]) -> int:
    """How many names are terms that were made after the vocabulary was frozen."""
    late = Mask.objects.filter(annotation__in=named.values(), term__created_at__gt=one.study.opened_at)
    return late.filter(deleted=False, area__gt=0).count()


def _digest(one: StudyImage, drawn: Mapping[int, Drawn], named: Mapping[int, Annotation]) -> str:
    told = [
        one.revision,
        one.map_sha256,
        [[place, person.annotation.pk, person.annotation.map_sha256] for place, person in drawn.items()],
        [[place, annotation.pk, annotation.revision_number] for place, annotation in named.items()],
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
