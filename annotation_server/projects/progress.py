"""How far projects are: their images by where the work on them stands."""

from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, QuerySet

from annotation_server.projects.models import Project

WORK_STATES = ("none", "predicted", "assigned", "submitted", "returned", "accepted")
_WORK_STATE_OF = {
    "open": "assigned",
    "submitted": "submitted",
    "returned": "returned",
    "accepted": "accepted",
    "replaced": "accepted",
}
_DRAWN = {"assignments__round": "draw", "assignments__state__in": list(_WORK_STATE_OF)}
# Counting takes about 1.5 ms for 1,000 images: above so many the counts may be a little old.
LARGE = 20_000
_KEPT_S = 20


def images_by_work_state(project_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each project, how many of its images are in each of WORK_STATES."""
    totals = dict(_images(project_ids).values_list("project").annotate(Count("pk")))
    large = [pk for pk in project_ids if totals.get(pk, 0) > LARGE]
    counts = _counted([pk for pk in project_ids if pk not in large], totals)
    for pk in large:
        kept = cache.get_or_set(f"by_state:{pk}", lambda pk=pk: _counted([pk], totals)[pk], _KEPT_S)
        counts[pk] = kept or {}
    return counts


def _counted(project_ids: Sequence[int], totals: dict[int, int]) -> dict[int, dict[str, int]]:
    counts = {project: dict.fromkeys(WORK_STATES, 0) for project in project_ids}
    # Of the drawings that were not given back an image has one at most, so that rows are images.
    drawn = _images(project_ids).filter(**_DRAWN).values_list("project", "assignments__state")
    for project, state, number in drawn.annotate(Count("pk")):
        counts[project][_WORK_STATE_OF[state]] += number
    images = _images(project_ids)
    itself = images.model._default_manager.filter(pk=OuterRef("pk"))
    proposed = images.exclude(Exists(itself.filter(**_DRAWN))).filter(
        Exists(itself.filter(annotations__model_version__isnull=False))
    )
    for project, number in proposed.values_list("project").annotate(Count("pk")):
        counts[project]["predicted"] = number
    for project, states in counts.items():
        states["none"] = totals.get(project, 0) - sum(states.values())
    return counts


def _images(project_ids: Sequence[int]) -> QuerySet[Any, Any]:
    """Their images, of which this package knows only that projects have them."""
    model: Any = Project._meta.get_field("images").related_model
    images: QuerySet[Any, Any] = model.objects.filter(project__in=project_ids).order_by()
    return images
