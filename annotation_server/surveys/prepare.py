"""Preparing a survey: what it asks and shows is fixed first, then painted, then it is ready to be opened.

An attempt that dies leaves pictures that the next one finds; which images and maps they show was fixed by
the first attempt and never changes.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server.errors import Refused
from annotation_server.images.models import Image
from annotation_server.requests.models import Job
from annotation_server.requests.progress import when_given_up
from annotation_server.requests.pulse import Pulse
from annotation_server.surveys.draw import Draw, digest_of, draw
from annotation_server.surveys.models import Survey, SurveyItem
from annotation_server.surveys.pictures import size_of, write_pictures
from annotation_server.surveys.sets import find_sets, maps_of, shared_images

TASK = "server.prepare_survey"
Role = SurveyItem.Role


def prepare_survey(job: Job, pulse: Pulse) -> None:
    """Paint the pictures of a job's survey; nothing happens if it is ready already.

    Raises Cancelled when the job was called off, and Refused when there is nothing to ask about or what it
    should show is gone.
    """
    survey = fix_inputs(job.payload["survey"])
    if survey.state != Survey.State.PREPARING:
        return
    broken: dict[int, set[int]] = defaultdict(set)
    for image_id, number in survey.items.filter(role=Role.BROKEN).values_list("image_number", "first"):
        broken[image_id].add(number)
    for done, row in enumerate(survey.inputs):
        pulse.check(done / len(survey.inputs))
        image = Image.objects.filter(pk=row["image"]).first()
        if image is None:
            raise Refused(_("An image that was drawn has been removed. Make the survey again."))
        write_pictures(survey, image, row["maps"], sorted(broken[image.pk]))
    pulse.check(1.0)
    Survey.objects.filter(pk=survey.pk, state=Survey.State.PREPARING).update(
        state=Survey.State.READY, error=""
    )


@transaction.atomic
def fix_inputs(survey_id: int) -> Survey:
    """Choose images, items and the revision of every map, once.

    Raises Refused when the sets share no image.
    """
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if survey.inputs:
        return survey
    sets = find_sets(survey.project_id, survey.sets)
    shared = shared_images(survey.project_id, sets, survey.split)
    if not shared:
        raise Refused(_("There is no image that all of these sets have masks of."))
    drawn = draw(
        shared,
        survey.size,
        seed=survey.seed,
        sets=len(sets),
        identical=survey.identical_checks,
        broken=survey.broken_checks,
    )
    images = Image.objects.in_bulk(drawn.images)
    SurveyItem.objects.bulk_create(_items(survey, drawn, images))
    maps = maps_of(sets, drawn.images)
    survey.inputs = [{"image": image, "maps": maps[image]} for image in drawn.images]
    survey.inputs_sha256 = digest_of(survey.inputs)
    survey.images = len(drawn.regular)
    survey.save(update_fields=["inputs", "inputs_sha256", "images"])
    return survey


def _items(survey: Survey, drawn: Draw, images: dict[int, Image]) -> Iterator[SurveyItem]:
    """Every pair of sets on every drawn image, or its one set; then the attention checks."""
    pairs: list[tuple[int, int | None]] = list(combinations(range(len(survey.sets)), 2))
    for image_id in drawn.regular:
        for first, second in pairs or [(0, None)]:
            yield _item(survey, images[image_id], Role.REGULAR, first, second)
    for image_id, number in drawn.identical:
        yield _item(survey, images[image_id], Role.IDENTICAL, number)
    for image_id, number in drawn.broken:
        yield _item(survey, images[image_id], Role.BROKEN, number)


def _item(survey: Survey, image: Image, role: str, first: int, second: int | None = None) -> SurveyItem:
    width, height = size_of(image)
    return SurveyItem(
        survey=survey,
        role=role,
        image=image,
        image_number=image.pk,
        file_name=image.file_name,
        width=width,
        height=height,
        first=first,
        second=second,
    )


@when_given_up(TASK)
def mark_failed(job: Job, reason: str) -> None:
    """The survey says why it is not ready."""
    Survey.objects.filter(pk=job.payload["survey"], state=Survey.State.PREPARING).update(
        state=Survey.State.FAILED, error=reason
    )
