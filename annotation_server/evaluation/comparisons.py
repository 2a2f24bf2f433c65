"""Two reports beside each other: on the images both have with the same truth, by the paired bootstrap."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.errors import Conflict, Refused
from annotation_server.evaluation.changed_images import most_changed
from annotation_server.evaluation.freeze import read_inputs
from annotation_server.evaluation.measure_images import read_figures
from annotation_server.evaluation.models import EvaluationComparison, EvaluationReport
from annotation_server.requests import progress
from annotation_server.requests.models import Job, Request, WorkState
from annotation_server.requests.progress import NewJob, when_given_up
from annotation_server.requests.pulse import Pulse
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.report_comparison import compare_reports

COMPARE = "server.compare_evaluations"
# With fewer the interval of the bootstrap is too narrow to be believed (docs/nightly.md has the simulation).
LEAST_IMAGES = 10
SEED = 0

# The sentences of requests/kept_sentences.py, in which a page says them in its reader's language.
BETTER = (
    "“%(second_name)s” is better than “%(first_name)s”: AP %(second)s, not %(first)s, on %(images)s images; "
    "the difference lies between %(low)s and %(high)s (95 %%)."
)
WORSE = (
    "“%(second_name)s” is worse than “%(first_name)s”: AP %(second)s, not %(first)s, on %(images)s images; "
    "the difference lies between %(low)s and %(high)s (95 %%)."
)
UNSURE = (
    "Neither is surely better: AP %(first)s of “%(first_name)s” and %(second)s of “%(second_name)s” on "
    "%(images)s images; the difference lies between %(low)s and %(high)s (95 %%)."
)
SAME = "Both score the same: AP %(first)s on %(images)s images."
UNDEFINED = "On %(images)s images nothing is to be found, so that there is no AP to compare."


def start_comparison(first: EvaluationReport, second: EvaluationReport, *, by: Any) -> EvaluationComparison:
    """Record a comparison and have it worked out.

    Raises Refused for the same report twice or reports of two projects, Conflict for one without figures or
    measured by other rules.
    """
    if first.pk == second.pk:
        raise Refused(_("Choose two different reports."), code="invalid")
    if first.project_id != second.project_id:
        raise Refused(_("Both reports must be of one project."), code="invalid")
    for report in (first, second):
        if report.state != WorkState.SUCCEEDED:
            raise Conflict(
                _("“%(name)s” has no figures to compare.") % {"name": report.name}, code="not_finished"
            )
    if first.options["void"] != second.options["void"]:
        raise Conflict(
            _("One report takes VOID for a crowd, the other for background: they cannot be compared."),
            code="other_rules",
        )
    return _record(first, second, by=by)


@transaction.atomic
def _record(first: EvaluationReport, second: EvaluationReport, *, by: Any) -> EvaluationComparison:
    comparison = EvaluationComparison.objects.create(
        project_id=first.project_id, first=first, second=second, created_by=by
    )
    job = NewJob(task=COMPARE, payload={"comparison": comparison.pk})
    comparison.request = progress.start(first.project_id, Request.Kind.EVALUATE, [job], by=by)
    url = f"/projects/{first.project_id}/evaluation/comparisons/{comparison.pk}"
    comparison.request.result = {"url": url}
    comparison.request.save(update_fields=["result"])
    comparison.save(update_fields=["request"])
    audit.record(by, first.project_id, "evaluation.compare", comparison, first=first.pk, second=second.pk)
    return comparison


@transaction.atomic
def delete_comparison(comparison_id: int, *, by: Any) -> None:
    """Delete a comparison; both reports stay. Raises Conflict while it is worked out."""
    comparison = EvaluationComparison.objects.select_for_update().get(pk=comparison_id)
    if comparison.state in WorkState.open_states():
        raise Conflict(_("This comparison is being worked out. Cancel its request first."), code="open")
    reports = {"first": comparison.first_id, "second": comparison.second_id}
    audit.record(by, comparison.project_id, "evaluation.delete_comparison", comparison, **reports)
    comparison.delete()


def compare(job: Job, pulse: Pulse) -> None:
    """Compare the two reports of a job; raises Refused, with the numbers, when they share too few images."""
    comparison = EvaluationComparison.objects.select_related("first", "second").get(
        pk=job.payload["comparison"]
    )
    common = _common_images(comparison)
    first = _figures(comparison.first, common, lambda share: pulse.check(0.3 * share))
    second = _figures(comparison.second, common, lambda share: pulse.check(0.3 + 0.3 * share))
    figures = compare_reports(first, second, seed=SEED)
    pulse.check(0.9)
    figures["changed"] = most_changed(first, second, common)
    pulse.check(1.0)

    def then(ended: Job) -> Sequence[NewJob]:
        comparison.state, comparison.finished_at = WorkState.SUCCEEDED, timezone.now()
        comparison.images, comparison.figures = figures["images"], figures
        comparison.verdict = verdict_of(figures, comparison.first.name, comparison.second.name)
        comparison.save()
        return ()

    progress.finish(job.pk, then)


@when_given_up(COMPARE)
def end_comparison(job: Job, reason: str) -> None:
    """The comparison says why there is none."""
    EvaluationComparison.objects.filter(pk=job.payload["comparison"]).update(
        state=job.state, error=reason, finished_at=timezone.now()
    )


def verdict_of(figures: Mapping[str, Any], first_name: str, second_name: str) -> str:
    """What a comparison says of AP, in a sentence."""
    told = {"images": figures["images"], "first_name": first_name, "second_name": second_name}
    ap = figures["measures"].get("AP")
    if ap is None:
        return UNDEFINED % told
    told |= {"first": _points(ap["first"]), "second": _points(ap["second"])}
    told |= {"low": _signed(ap["low"]), "high": _signed(ap["high"])}
    if ap["first"] == ap["second"] and ap["low"] == ap["high"] == 0:
        return SAME % told
    if ap["low"] > 0:
        return BETTER % told
    return (WORSE if ap["high"] < 0 else UNSURE) % told


def _common_images(comparison: EvaluationComparison) -> dict[int, str]:
    """File names of the images that both measured against the same truth: same label map, same names."""
    inputs = [read_inputs(report) for report in (comparison.first, comparison.second)]
    first, second = (_truths(one) for one in inputs)
    shared = first.keys() & second.keys()
    common = sorted(image for image in shared if first[image] == second[image])
    if len(common) < LEAST_IMAGES:
        raise Refused(
            _(
                "Too few images to compare: “%(first_name)s” measured %(first_images)s, “%(second_name)s” "
                "%(second_images)s, %(shared)s are in both and %(common)s of these have the same truth; "
                "%(least)s are needed."
            )
            % {
                "first_name": comparison.first.name,
                "second_name": comparison.second.name,
                "first_images": len(first),
                "second_images": len(second),
                "shared": len(shared),
                "common": len(common),
                "least": LEAST_IMAGES,
            },
            code="too_few_images",
        )
    names = {row["image"]: row["file_name"] for row in inputs[0]["images"]}
    return {image: names[image] for image in common}


def _truths(inputs: Mapping[str, Any]) -> dict[int, tuple[Any, ...]]:
    """What is true in every image: the digest of the label map, and which number is called what."""
    words = {term: told["name"] for term, told in inputs["terms"].items()}
    return {
        row["image"]: (
            row["width"],
            row["height"],
            row["truth"]["sha256"],
            tuple((number, words[str(term)]) for number, term in row["truth"]["terms"].items()),
        )
        for row in inputs["images"]
    }


def _figures(
    report: EvaluationReport, images: Collection[int], check: Callable[[float], None]
) -> list[ImageFigures]:
    found = []
    for done, image in enumerate(images):
        check(done / len(images))
        found.append(read_figures(report, image))
    return found


def _points(ap: float) -> str:
    return f"{100 * ap:.1f}"


def _signed(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "\N{MINUS SIGN}")
