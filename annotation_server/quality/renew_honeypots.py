"""Honeypots come and go: from studies whose annotators agreed, until too many people know them."""

from collections import defaultdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotation_server import audit
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.errors import Conflict, NotFound
from annotation_server.permissions import require_role, role_in
from annotation_server.projects.models import Role
from annotation_server.quality.honeypot_policy import policy_of
from annotation_server.quality.models import Honeypot, HoneypotResult

MOST_ACTIVE = 200
# A trusted map is doubted when so many good annotators, and more than half of them, fail at it.
DOUBTERS = 3
LEAST_OTHERS = 2  # honeypots a person must have met elsewhere before they count as good

USED = gettext_noop("Enough people have drawn it.")
GONE = gettext_noop("Its trusted annotation is no longer accepted.")
DOUBTED = gettext_noop("Good annotators disagree with its trusted annotation.")
BY_HAND = gettext_noop("Taken out by hand.")


def retire_used(project_id: int) -> int:
    """Retire what enough people had, and what is trusted no more; how many."""
    policy = policy_of(project_id)
    active = Honeypot.objects.filter(project=project_id, state=Honeypot.State.ACTIVE)
    known = active.annotate(uses=Count("results")).filter(uses__gte=policy.most_uses)
    gone = active.exclude(trusted__state=Annotation.State.ACCEPTED)
    return _end(list(known), Honeypot.State.RETIRED, USED) + _end(list(gone), Honeypot.State.RETIRED, GONE)


def flag_doubtful(project_id: int) -> list[Honeypot]:
    """Take out active honeypots at which good annotators fail; which."""
    policy = policy_of(project_id)
    results = HoneypotResult.objects.filter(honeypot__project=project_id, scored_at__isnull=False)
    rows = [
        (honeypot, annotator, pq or 0.0)
        for honeypot, annotator, pq in results.order_by("pk").values_list("honeypot", "annotator", "pq")
    ]
    pqs: dict[int, list[float]] = defaultdict(list)
    for _honeypot, person, pq in rows:
        pqs[person].append(pq)
    failures: dict[int, list[bool]] = defaultdict(list)
    for honeypot, person, pq in rows:
        others = len(pqs[person]) - 1
        if others >= LEAST_OTHERS and (sum(pqs[person]) - pq) / others >= policy.pass_pq:
            failures[honeypot].append(pq < policy.pass_pq)
    doubted = [pk for pk, found in failures.items() if DOUBTERS <= sum(found) > len(found) / 2]
    active = Honeypot.objects.filter(pk__in=doubted, state=Honeypot.State.ACTIVE)
    flagged = list(active.select_related("image"))
    _end(flagged, Honeypot.State.DOUBTFUL, DOUBTED)
    return flagged


def add_from_studies(project_id: int, agreements: Any) -> int:
    """Make honeypots of study images whose annotators agreed, best first; how many are new.

    ``agreements`` are (image id, mean PQ over pairs, id of the first annotation) of closed studies.
    """
    policy = policy_of(project_id)
    active = Honeypot.objects.filter(project=project_id, state=Honeypot.State.ACTIVE).count()
    wanted = sorted((row for row in agreements if row[1] >= policy.least_agreement), key=lambda row: -row[1])
    there = set(Honeypot.objects.filter(project=project_id).values_list("image", flat=True))
    accepted = Annotation.objects.filter(
        pk__in=[row[2] for row in wanted], state=Annotation.State.ACCEPTED, image__project=project_id
    )
    trusted = set(accepted.values_list("pk", flat=True))
    new = [
        Honeypot(
            project_id=project_id,
            image_id=image,
            trusted_id=first,
            source=Honeypot.Source.STUDY,
            agreement=pq,
        )
        for image, pq, first in wanted
        if image not in there and first in trusted
    ][: max(0, MOST_ACTIVE - active)]
    Honeypot.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


@transaction.atomic
def add_by_hand(user: Any, project_id: int, annotation_id: int) -> Honeypot:
    """Make an accepted annotation a trusted one.

    Raises NotFound, NotAllowed, and Conflict: ``not_accepted`` or ``known`` (its image was one before).
    """
    require_role(user, project_id, Role.ADMIN)
    annotation = (
        Annotation.objects.filter(pk=annotation_id, image__project=project_id)
        .select_related("assignment")
        .first()
    )
    if annotation is None or annotation.assignment is None:
        raise NotFound(_("This project has no such annotation."))
    if annotation.state != Annotation.State.ACCEPTED or annotation.assignment.round in Assignment.HIDDEN:
        raise Conflict(_("Only an accepted annotation can be trusted."), code="not_accepted")
    try:
        with transaction.atomic():
            made = Honeypot.objects.create(
                project_id=project_id,
                image_id=annotation.image_id,
                trusted=annotation,
                source=Honeypot.Source.HAND,
                created_by=user,
            )
    except IntegrityError:
        raise Conflict(_("This image is or was a honeypot already."), code="known") from None
    audit.record(user, project_id, "honeypot.add", made, annotation=annotation.pk)
    return made


@transaction.atomic
def retire(user: Any, honeypot_id: int) -> Honeypot:
    """Take a honeypot out of use, for good. Raises NotFound, NotAllowed and Conflict (``ended``)."""
    honeypot = Honeypot.objects.select_for_update().filter(pk=honeypot_id).first()
    if honeypot is None or role_in(user, honeypot.project_id) is None:
        raise NotFound(_("There is no such honeypot, or you are not a member of its project."))
    require_role(user, honeypot.project_id, Role.ADMIN)
    if honeypot.state == Honeypot.State.RETIRED:
        raise Conflict(_("This honeypot is retired already."), code="ended")
    _end([honeypot], Honeypot.State.RETIRED, BY_HAND)
    audit.record(user, honeypot.project_id, "honeypot.retire", honeypot)
    honeypot.refresh_from_db()
    return honeypot


def _end(honeypots: list[Honeypot], state: Honeypot.State, reason: str) -> int:
    rows = Honeypot.objects.filter(pk__in=[one.pk for one in honeypots])
    return rows.update(state=state, reason=reason, ended_at=timezone.now())
