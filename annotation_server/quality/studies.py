"""How far each person agreed with the first annotators in closed consistency studies."""

import json
import logging
from collections import defaultdict

from botocore.exceptions import ClientError
from django.core.cache import cache

from annotation_server import media
from annotation_server.accounts.models import User
from annotation_server.consistency.models import Study
from annotation_server.consistency.report import people_of

log = logging.getLogger(__name__)

Agreed = dict[int, tuple[int, float]]
# A report is named after its content, so what was read of it stays right.
_KEPT_S = 86_400


def study_agreement(project_id: int, annotator_id: int | None = None) -> dict[str, dict[str, float]]:
    """By name of account: ``images`` that a person drew again in closed studies, and their mean ``pq`` with
    the first annotator of each."""
    images: dict[int, int] = defaultdict(int)
    sums: dict[int, float] = defaultdict(float)
    closed = Study.objects.filter(project=project_id, state=Study.State.CLOSED).exclude(report_sha256="")
    for study in closed.order_by("pk"):
        key = f"study-agreement:{study.pk}:{study.report_sha256}"
        agreed = cache.get_or_set(key, lambda one=study: _agreed(one), _KEPT_S) or {}
        for person, (count, total) in agreed.items():
            images[person] += count
            sums[person] += total
    names = dict(User.objects.filter(pk__in=images).values_list("pk", "username")) if images else {}
    return {
        names[person]: {"images": count, "pq": sums[person] / count}
        for person, count in images.items()
        if annotator_id in (None, person)
    }


def _agreed(study: Study) -> Agreed:
    """Images and sum of PQ by account, as the study's report tells them."""
    try:
        report = json.loads(media.read(study.report_key))
    except (OSError, ClientError):
        log.exception("The report of study %s cannot be read.", study.pk)
        return {}
    people = people_of(study)
    found = {}
    for row in report["drift"]:
        count = sum(batch["images"] for batch in row["batches"])
        total = sum(batch["images"] * batch["pq"] for batch in row["batches"])
        found[people[row["annotator"] - 1]] = count, total
    return found
