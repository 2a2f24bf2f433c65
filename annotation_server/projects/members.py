"""Who works in a project: adding, changing and removing members; one admin always remains."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.accounts.models import User
from annotation_server.errors import Conflict, NotFound
from annotation_server.permissions import require_role, role_in
from annotation_server.projects.models import Membership, Project, Role


def add_member(actor: Any, project_id: int, username: str, role: str) -> Membership:
    """Make an account a member. Raises NotFound, NotAllowed and Conflict (``already_member``)."""
    require_role(actor, project_id, Role.ADMIN)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(
            _("There is no account “%(username)s” here.") % {"username": username}, code="no_such_user"
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(project_id=project_id, user=user, role=role)
    except IntegrityError:
        raise Conflict(
            _("%(username)s is a member already.") % {"username": username}, code="already_member"
        ) from None
    audit.record(actor, project_id, "membership.add", membership, user=user.pk, role=role)
    return membership


@transaction.atomic
def change_role(actor: Any, membership_id: int, role: str) -> Membership:
    """Give a member another role. Raises NotFound, NotAllowed and Conflict (``last_admin``)."""
    membership = _locked(actor, membership_id)
    require_role(actor, membership.project_id, Role.ADMIN)
    if role != Role.ADMIN:
        _require_another_admin(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    audit.record(
        actor, membership.project_id, "membership.change", membership, user=membership.user_id,
        before=before, role=role,
    )  # fmt: skip
    return membership


@transaction.atomic
def remove_member(actor: Any, membership_id: int) -> None:
    """Remove a member, or leave oneself. Raises NotFound, NotAllowed and Conflict (``last_admin``)."""
    membership = _locked(actor, membership_id)
    if membership.user_id != actor.pk:
        require_role(actor, membership.project_id, Role.ADMIN)
    _require_another_admin(membership)
    audit.record(actor, membership.project_id, "membership.remove", membership, user=membership.user_id)
    membership.delete()


def _locked(actor: Any, membership_id: int) -> Membership:
    """The membership, with its project locked, so that two admins cannot both leave at once."""
    membership = Membership.objects.select_related("user").filter(pk=membership_id).first()
    if membership is None or role_in(actor, membership.project_id) is None:
        raise NotFound(_("There is no such member, or you are not a member of the project."))
    Project.objects.select_for_update().get(pk=membership.project_id)
    return membership


def _require_another_admin(membership: Membership) -> None:
    if membership.role != Role.ADMIN:
        return
    admins = Membership.objects.filter(project_id=membership.project_id, role=Role.ADMIN)
    if not admins.exclude(pk=membership.pk).exists():
        raise Conflict(_("A project keeps at least one admin: name another one first."), code="last_admin")
