"""What a project has that can be evaluated, and on how many images."""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from annotation_server.annotation.accepted import accepted, handed_in
from annotation_server.annotation.models import Annotation
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.evaluation.name_table import similarities_of
from annotation_server.images.models import Image, Split
from annotation_server.model_registry.models import ModelVersion
from annotation_server.releases.models import Release
from annotation_server.requests.models import WorkState

NO_SPLIT = "none"
SPLITS = (*Split.values, NO_SPLIT)


def choices_of(project_id: int) -> dict[str, Any]:
    """Every set that a report may compare, with what one needs to choose among them."""
    splits = dict(accepted(project_id).values_list("image_id", "image__split"))
    return {
        "splits": _by_split(splits.values()),
        "models": _models(project_id, splits),
        "releases": _releases(project_id),
        "annotators": _annotators(project_id),
        "uploads": list(
            EvaluationUpload.objects.filter(project_id=project_id, state=WorkState.SUCCEEDED).values(
                "id", "name", "format", "images", "masks"
            )
        ),
        "similarities": _similarities(project_id),
    }


def missing_images(project_id: int, version_id: int, split: str) -> list[int]:
    """Images with an accepted annotation, of a split or all, that a model version has no prediction of."""
    wanted = accepted(project_id)
    if split:
        wanted = wanted.filter(image__split=split)
    seen = Annotation.objects.filter(
        model_version=version_id, image__project_id=project_id, state=Annotation.State.FROZEN
    )
    left = wanted.exclude(image_id__in=seen.order_by().values("image_id"))
    return list(left.values_list("image_id", flat=True))


def _by_split(splits: Any) -> dict[str, int]:
    counts = Counter(split or NO_SPLIT for split in splits)
    return {split: counts[split] for split in SPLITS}


def _models(project_id: int, splits: dict[int, str]) -> list[dict[str, Any]]:
    """Model versions, those with predictions and those without, champion first."""
    seen: dict[int, set[int]] = defaultdict(set)
    predictions = Annotation.objects.filter(
        image__project_id=project_id, image__state=Image.State.READY, state=Annotation.State.FROZEN
    )
    pairs = predictions.order_by().values_list("model_version_id", "image_id").distinct()
    for version, image in pairs.iterator(chunk_size=5000):
        if version is not None:
            seen[version].add(image)
    versions = ModelVersion.objects.filter(Q(project_id=project_id) | Q(project=None)).only(
        "id", "name", "stage"
    )
    rows = [
        {
            "id": version.pk,
            "name": version.name,
            "stage": version.stage,
            "images": len(seen[version.pk]),
            "missing": _by_split(split for image, split in splits.items() if image not in seen[version.pk]),
        }
        for version in versions
    ]
    return sorted(rows, key=lambda row: (row["stage"] != ModelVersion.Stage.CHAMPION, -row["id"]))


def _releases(project_id: int) -> list[dict[str, Any]]:
    published = Release.objects.filter(project_id=project_id, state=Release.State.PUBLISHED)
    return [dict(row) for row in published.values("id", "name", "images")]


def _annotators(project_id: int) -> list[dict[str, Any]]:
    drawn = handed_in(project_id).order_by()
    pairs = drawn.values_list("assignment__annotator__username", "image_id").distinct()
    counts = Counter(username for username, _image in pairs)
    return [{"username": username, "images": counts[username]} for username in sorted(counts)]


def _similarities(project_id: int) -> list[dict[str, Any]]:
    labels = {
        "identity": _("Equal names only"),
        "word_tree": _("Near in the word tree"),
        "embedding": _("Alike to the model"),
    }
    return [
        {"id": name, "label": labels[name], "available": available}
        for name, available in similarities_of(project_id).items()
    ]
