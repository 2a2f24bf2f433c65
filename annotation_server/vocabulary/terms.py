"""Terms: proposing new ones and curating those there are."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.errors import Conflict, Refused
from annotation_server.permissions import RANK, require_role
from annotation_server.projects.models import Role
from annotation_server.vocabulary.models import Term, normalised
from annotation_server.vocabulary.start import RESERVED

OTHER = "_other"


def propose_term(user: Any, project_id: int, name: str, kind: str = Term.Kind.UNDECIDED) -> tuple[Term, bool]:
    """The term of this name or alias, made if there is none; True if it was made.

    An annotator's new term waits for the curator; a curator's is accepted at once. ``<term>_other``
    becomes a child of its supercategory.
    """
    role = require_role(user, project_id, Role.ANNOTATOR)
    name = " ".join(name.split())
    existing = find_by_name(project_id, name)
    if existing is not None:
        return existing, False
    curates = RANK[role] >= RANK[Role.CURATOR]
    try:
        with transaction.atomic():
            term = Term.objects.create(
                project_id=project_id,
                name=name,
                kind=kind,
                status=Term.Status.ACCEPTED if curates else Term.Status.PENDING,
                parent=_supercategory_of(project_id, name),
                created_by=user,
            )
    except IntegrityError:
        # Someone else has proposed the same name in this very moment.
        return Term.objects.get(project_id=project_id, normal_name=normalised(name)), False
    audit.record(user, project_id, "term.propose", term, name=name)
    return term, True


def find_by_name(project_id: int, name: str) -> Term | None:
    """The project's term that bears this name or alias, in whatever spelling."""
    normal = normalised(name)
    term = Term.objects.filter(project_id=project_id, normal_name=normal).first()
    if term is not None:
        return term
    with_aliases = Term.objects.filter(project_id=project_id).exclude(aliases=[])
    for term_id, aliases in with_aliases.values_list("pk", "aliases"):
        if normal in map(normalised, aliases):
            return Term.objects.get(pk=term_id)
    return None


@transaction.atomic
def change_term(user: Any, term: Term, **fields: Any) -> Term:
    """A curator's change. Raises NotAllowed, Refused and Conflict (``name_taken``)."""
    require_role(user, term.project_id, Role.CURATOR)
    if normalised(term.name) in RESERVED and normalised(fields.get("name", term.name)) != normalised(
        term.name
    ):
        raise Refused(_("“%(name)s” is reserved: it keeps its name.") % {"name": term.name}, code="reserved")
    _check_names(term, fields)
    _check_parent(term, fields.get("parent"))
    before = {name: getattr(term, name) for name in fields if name != "parent"}
    for name, value in fields.items():
        setattr(term, name, value)
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError:
        raise Conflict(
            _("Another term is called “%(name)s”.") % {"name": term.name}, code="name_taken"
        ) from None
    audit.record(user, term.project_id, "term.change", term, before=before, fields=sorted(fields))
    return term


def _check_names(term: Term, fields: dict[str, Any]) -> None:
    """A name or alias leads to one term only."""
    for name in [*([fields["name"]] if "name" in fields else []), *fields.get("aliases", [])]:
        holder = find_by_name(term.project_id, name)
        if holder is not None and holder.pk != term.pk:
            raise Conflict(
                _("“%(name)s” leads to the term “%(term)s” already.") % {"name": name, "term": holder.name},
                code="name_taken",
            )


def _check_parent(term: Term, parent: Term | None) -> None:
    if parent is not None and parent.project_id != term.project_id:
        raise Refused(_("The parent must be a term of the same project."), code="invalid")
    while parent is not None:
        if parent.pk == term.pk:
            raise Refused(_("A term cannot be its own ancestor."), code="invalid")
        parent = parent.parent


def _supercategory_of(project_id: int, name: str) -> Term | None:
    base = normalised(name).removesuffix(normalised(OTHER)).strip()
    if base == normalised(name):
        return None
    return Term.objects.filter(project_id=project_id, normal_name=base).first()
