"""Giving a honeypot to an annotator in place of a new image."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from annotation_server.annotation.assign import newest_prediction
from annotation_server.annotation.hidden_work import hidden_work
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import start_annotation
from annotation_server.consistency.hands import knows_image
from annotation_server.consistency.models import Study, StudyImage
from annotation_server.images.models import Image
from annotation_server.permissions import role_in
from annotation_server.projects.models import Role
from annotation_server.quality.honeypot_policy import is_due, is_on, policy_of, position_of
from annotation_server.quality.models import Honeypot, HoneypotResult

_ORDER = 10
_LEAST_USED = 50


@hidden_work(_ORDER)
def next_honeypot(user: Any, project_id: int) -> Assignment | None:
    """A honeypot for this person, if their next piece of work is one and there is one they never saw.

    Only annotators get any: whoever reviews may see them. The caller holds the person's turn.
    """
    if not Honeypot.objects.filter(project=project_id, state=Honeypot.State.ACTIVE).exists():
        return None
    if role_in(user, project_id) != Role.ANNOTATOR:
        return None
    policy = policy_of(project_id)
    if not is_due(policy, user.pk, position_of(user, project_id)) or not is_on(policy):
        return None
    honeypot = _chosen(user, project_id)
    return None if honeypot is None else _give(user, honeypot)


def unseen(user: Any, project_id: int) -> QuerySet[Honeypot]:
    """The active honeypots of whose image this person knows no masks.

    Images that an open study holds are left alone.
    """
    found = Honeypot.objects.filter(
        project=project_id,
        state=Honeypot.State.ACTIVE,
        image__state=Image.State.READY,
        trusted__state=Annotation.State.ACCEPTED,
    )
    # Whoever draws an image could not take part in a study of it.
    held = StudyImage.objects.filter(image=OuterRef("image"), study__state__in=Study.HOLDING)
    return found.exclude(knows_image(user, "image")).exclude(Exists(held))


def _chosen(user: Any, project_id: int) -> Honeypot | None:
    """One of those least used; which, differs from person to person."""
    by_use = unseen(user, project_id).annotate(uses=Count("results")).order_by("uses", "pk")
    found = list(by_use.select_related("image", "trusted__prediction")[:_LEAST_USED])
    return min(found, key=lambda one: (one.uses, _lot(user, one)), default=None)


def _lot(user: Any, honeypot: Honeypot) -> bytes:
    return salted_hmac(f"{__name__}.lot", f"{user.pk}:{honeypot.pk}", algorithm="sha256").digest()


def _give(user: Any, honeypot: Honeypot) -> Assignment:
    """It begins as the trusted annotation did, so that no later model shows what is true."""
    image = honeypot.image
    assignment = Assignment.objects.create(image=image, annotator=user, round=Assignment.Round.HONEYPOT)
    start_annotation(assignment, prediction=honeypot.trusted.prediction or newest_prediction(image))
    HoneypotResult.objects.create(honeypot=honeypot, annotator=user, assignment=assignment)
    return assignment
