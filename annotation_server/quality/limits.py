"""What is usual in a project: the limits of its control charts, from everybody's last year."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation_server.quality.annotator_days import SUMS
from annotation_server.quality.control_charts import Usual
from annotation_server.quality.measures import MEASURES, Sample, samples_of, usual_of
from annotation_server.quality.models import AnnotatorDay, Honeypot, HoneypotResult, Limits

HISTORY = timedelta(days=365)
Samples = dict[str, list[Sample]]


def people_samples(project_id: int, annotator_id: int | None = None) -> dict[int, Samples]:
    """The samples of every person, or of one; two questions to the database.

    All days since the project began are gathered, so that a point stays what it was when days pass.
    """
    days = AnnotatorDay.objects.filter(project=project_id).order_by("day")
    results = HoneypotResult.objects.filter(honeypot__project=project_id, scored_at__isnull=False)
    results = results.exclude(honeypot__state=Honeypot.State.DOUBTFUL).order_by("scored_at", "pk")
    if annotator_id is not None:
        days, results = days.filter(annotator=annotator_id), results.filter(annotator=annotator_id)
    days_of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    honeypots_of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in days.values("annotator", "day", *SUMS).iterator(chunk_size=2000):
        days_of[row["annotator"]].append(row)
    for row in results.values("annotator", "scored_at", "pq", "passed"):
        honeypots_of[row["annotator"]].append(dict(row))
    people = days_of.keys() | honeypots_of.keys()
    return {person: samples_of(days_of[person], honeypots_of[person]) for person in sorted(people)}


def work_out_limits(project_id: int, people: Mapping[int, Samples]) -> dict[str, Usual]:
    """Work out and keep the limits of every measure that has enough points in the last year."""
    since = timezone.now() - HISTORY
    found: dict[str, Usual] = {}
    for measure in MEASURES:
        recent = ([one for one in samples[measure.name] if one.at >= since] for samples in people.values())
        usual = usual_of(measure, recent)
        if usual is not None:
            found[measure.name] = usual
    kept = {name: asdict(usual) for name, usual in found.items()}
    Limits.objects.update_or_create(project_id=project_id, defaults={"by_measure": kept})
    return found


def kept_limits(project_id: int) -> dict[str, Usual]:
    """The limits as they were worked out last."""
    rows = Limits.objects.filter(project=project_id).values_list("by_measure", flat=True)
    return {name: Usual(**usual) for name, usual in (rows.first() or {}).items()}
