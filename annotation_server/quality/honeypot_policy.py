"""Whether a project uses honeypots, and which pieces of a person's work are some."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation.models import Assignment
from annotation_server.errors import NotFound, Refused
from annotation_server.images.models import Image
from annotation_server.permissions import require_role
from annotation_server.projects.models import Membership, Project, Role
from annotation_server.quality.models import Honeypot, HoneypotPolicy

# A smaller project is left alone unless an admin switches honeypots on: there they would cost too much work.
LEAST_IMAGES = 500
LEAST_ANNOTATORS = 3
LEAST_HONEYPOTS = 10

_SALT = "annotation_server.quality.honeypots"
_SETTABLE = (
    *("mode", "first_pieces", "share", "pass_pq"),
    *("least_agreement", "most_uses", "tells_annotators"),
)


@dataclass(frozen=True)
class Readiness:
    """What the automatic switch looks at, counted no further than it needs."""

    images: int
    annotators: int
    honeypots: int

    @property
    def is_large(self) -> bool:
        return (
            self.images >= LEAST_IMAGES
            and self.annotators >= LEAST_ANNOTATORS
            and self.honeypots >= LEAST_HONEYPOTS
        )


def policy_of(project_id: int) -> HoneypotPolicy:
    """The project's policy; the defaults where nobody has set one."""
    return HoneypotPolicy.objects.filter(project=project_id).first() or HoneypotPolicy(project_id=project_id)


def readiness(project_id: int) -> Readiness:
    """How far a project is on its way to honeypots that switch themselves on."""
    ready = Image.objects.filter(project=project_id, state=Image.State.READY).order_by()
    annotators = Membership.objects.filter(project=project_id, role=Role.ANNOTATOR)
    active = Honeypot.objects.filter(project=project_id, state=Honeypot.State.ACTIVE).order_by()
    return Readiness(ready.values("pk")[:LEAST_IMAGES].count(), annotators.count(), active.count())


def is_on(policy: HoneypotPolicy) -> bool:
    """Whether honeypots are given out now."""
    if policy.mode == HoneypotPolicy.Mode.AUTO:
        return readiness(policy.project_id).is_large
    return policy.mode == HoneypotPolicy.Mode.ON


def is_due(policy: HoneypotPolicy, user_id: int, position: int) -> bool:
    """Whether a person's piece of work at a position, from 0, is to be a honeypot.

    Always the same for the same person and position, and nobody can tell it who does not know the server's
    secret key: not by counting, and not from what others get.
    """
    if position < policy.first_pieces:
        return True
    drawn = salted_hmac(_SALT, f"{policy.project_id}:{user_id}:{position}", algorithm="sha256").digest()
    return int.from_bytes(drawn[:8], "big") < policy.share * 2**64


def position_of(user: Any, project_id: int) -> int:
    """How many pieces of work a person has had in a project, those given back included."""
    drawn = (Assignment.Round.DRAW, *Assignment.HIDDEN)
    return Assignment.objects.filter(annotator=user, image__project=project_id, round__in=drawn).count()


@transaction.atomic
def set_policy(user: Any, project_id: int, **values: Any) -> HoneypotPolicy:
    """Change a project's policy; raises NotFound, NotAllowed (below admin) and Refused."""
    require_role(user, project_id, Role.ADMIN)
    if Project.objects.select_for_update().filter(pk=project_id).first() is None:
        raise NotFound(_("There is no such project, or you are not a member of it."))
    if unknown := values.keys() - set(_SETTABLE):
        raise Refused(_("There is no setting “%(name)s”.") % {"name": min(unknown)}, code="invalid")
    policy = policy_of(project_id)
    for name, value in values.items():
        setattr(policy, name, value)
    policy.save()
    audit.record(user, project_id, "honeypots.change", policy, **values)
    return policy
