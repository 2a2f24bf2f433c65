"""Giving images to a person: assignments that somebody makes for someone else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.accounts.models import User
from annotation_server.annotation.assign import newest_prediction
from annotation_server.annotation.models import Assignment
from annotation_server.annotation.start import start_annotation
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.permissions import require_role, role_in
from annotation_server.projects.models import Role

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Given:
    """What came of it; ``skipped`` are images that are not ready or that somebody draws already."""

    assignments: list[Assignment]
    skipped: list[int]


def assign_for(user: Any, project_id: int, image_ids: Sequence[int], username: str) -> Given:
    """Give images that nobody draws to a member. Raises NotFound and NotAllowed (below reviewer)."""
    require_role(user, project_id, Role.REVIEWER)
    annotator = User.objects.filter(username=username, is_active=True).first()
    if annotator is None or role_in(annotator, project_id) is None:
        raise NotFound(_("%(name)s is not a member of this project.") % {"name": username})
    images = {image.pk: image for image in Image.objects.filter(project_id=project_id, pk__in=image_ids)}
    if missing := set(image_ids) - images.keys():
        raise NotFound(_("This project has no image %(number)s.") % {"number": min(missing)})
    made = {pk: _assign(images[pk], annotator) for pk in image_ids}
    given = [assignment for assignment in made.values() if assignment is not None]
    for assignment in given:
        audit.record(user, project_id, "assignment.give", assignment, annotator=annotator.pk)
    return Given(given, [pk for pk, assignment in made.items() if assignment is None])


def _assign(image: Image, annotator: User) -> Assignment | None:
    if image.state != Image.State.READY:
        return None
    try:
        with transaction.atomic():
            assignment = Assignment.objects.create(image=image, annotator=annotator)
            start_annotation(assignment, prediction=newest_prediction(image))
    except IntegrityError:
        return None
    return assignment
