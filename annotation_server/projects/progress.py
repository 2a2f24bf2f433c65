"""How far projects are: their images by where the work on them stands."""

from collections.abc import Sequence

from django.db.models import Count, QuerySet

from annotation_server.projects.models import Project

WORK_STATES = ("none", "predicted", "assigned", "submitted", "returned", "accepted")
_WORK_STATE_OF = {
    "open": "assigned",
    "submitted": "submitted",
    "returned": "returned",
    "accepted": "accepted",
    "replaced": "accepted",
}


def images_by_work_state(project_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each project, how many of its images are in each of WORK_STATES."""
    counts = {project: dict.fromkeys(WORK_STATES, 0) for project in project_ids}
    projects = Project.objects.filter(pk__in=project_ids)
    drawn = {"images__assignments__round": "draw", "images__assignments__state__in": list(_WORK_STATE_OF)}
    predicted = {"images__annotations__model_version__isnull": False}
    by_state = projects.filter(**drawn).values("pk", "images__assignments__state").order_by()
    for row in by_state.annotate(images_there=Count("images", distinct=True)):
        counts[row["pk"]][_WORK_STATE_OF[row["images__assignments__state"]]] += row["images_there"]
    for project, number in _images(projects.filter(**predicted)).items():
        counts[project]["predicted"] = number
    for project, number in _images(projects.filter(**predicted, **drawn)).items():
        counts[project]["predicted"] -= number
    for project, number in _images(projects).items():
        counts[project]["none"] = number - sum(counts[project].values())
    return counts


def _images(projects: QuerySet[Project]) -> dict[int, int]:
    rows = projects.order_by().annotate(number=Count("images", distinct=True))
    return dict(rows.values_list("pk", "number"))
