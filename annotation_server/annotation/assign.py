"""Who does what next: one's own open work first, then the oldest image that nobody draws.

What a person gave back comes last for that person.
"""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from annotation_server.accounts.models import User
from annotation_server.annotation import lease
from annotation_server.annotation.access import WORKABLE
from annotation_server.annotation.hidden_work import next_hidden
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.start import start_annotation
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.permissions import require_role
from annotation_server.projects.models import Role
from annotation_server.requests.models import Job, Request, WorkState

ATTEMPTS = 5


def next_assignment(user: Any, project_id: int) -> Assignment:
    """The person's next piece of drawing, with a fresh lease.

    Two people who ask at once get two images: on PostgreSQL each skips what the other has locked, and
    on any database the constraint `an_image_is_drawn_once` lets only one of them in; the other tries
    again. Raises NotFound (``nothing_to_do``) when no image is left.
    """
    require_role(user, project_id, Role.ANNOTATOR)
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                _one_at_a_time(user)
                assignment = (
                    _own_work(user, project_id)
                    or next_hidden(user, project_id)
                    or _new_work(user, project_id)
                )
                if assignment is not None:
                    lease.take(assignment, user)
                    return assignment
        except IntegrityError:
            continue
        break
    raise NotFound(
        _("There is nothing to annotate now: every image that is ready is being worked on or done."),
        code="nothing_to_do",
    )


def _one_at_a_time(user: Any) -> None:
    """A person who asks twice at once gets one image: the second request waits and finds the first's work."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))


def _own_work(user: Any, project_id: int) -> Assignment | None:
    """What was returned to the person first, then what they began."""
    own = Assignment.objects.filter(
        annotator=user,
        image__project_id=project_id,
        round__in=(Assignment.Round.DRAW, *Assignment.HIDDEN),
        state__in=WORKABLE,
    )
    returned_first = Case(
        When(state=Assignment.State.RETURNED, then=0), default=1, output_field=IntegerField()
    )
    return own.select_related("image").select_for_update(of=("self",)).order_by(returned_first, "id").first()


def _new_work(user: Any, project_id: int) -> Assignment | None:
    for images in _free_images(user, project_id):
        image = images.select_for_update(skip_locked=True, of=("self",)).first()
        if image is not None:
            assignment = Assignment.objects.create(image=image, annotator=user, round=Assignment.Round.DRAW)
            start_annotation(assignment, prediction=newest_prediction(image))
            return assignment
    return None


def _free_images(user: Any, project_id: int) -> Iterator[QuerySet[Image]]:
    """The images nobody draws, the best first: neither given back by this person nor on their way to a model.

    Several questions of which each stops at its first image, instead of one that sorts a whole project.
    """
    given_back = Assignment.objects.filter(annotator=user, state=Assignment.State.DROPPED).values("image")
    being_predicted = Job.objects.filter(
        image__isnull=False, request__kind=Request.Kind.PREDICT, state__in=WorkState.open_states()
    ).values("image")
    free = images_nobody_draws(project_id)
    yield free.exclude(pk__in=given_back).exclude(pk__in=being_predicted)
    yield free.exclude(pk__in=given_back)
    yield free.exclude(pk__in=being_predicted)
    yield free


def images_nobody_draws(project_id: int) -> QuerySet[Image]:
    """Ready images without a drawing, oldest first."""
    drawn = Assignment.objects.filter(image=OuterRef("pk"), round=Assignment.Round.DRAW).exclude(
        state=Assignment.State.DROPPED
    )
    ready = Image.objects.filter(project_id=project_id, state=Image.State.READY)
    return ready.exclude(Exists(drawn)).order_by("id")


def newest_prediction(image: Image) -> Annotation | None:
    """The newest proposal of the project's champion, else of the shared champion, else of any model."""
    champion = Q(model_version__stage=ModelVersion.Stage.CHAMPION)
    whose = Case(
        When(champion & Q(model_version__project=image.project_id), then=0),
        When(champion, then=1),
        default=2,
        output_field=IntegerField(),
    )
    proposals = Annotation.objects.filter(image=image, model_version__isnull=False)
    return proposals.order_by(whose, "-id").first()
