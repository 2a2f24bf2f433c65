"""History: any revision's label map and masks, and the way back to one."""

import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from annotation_server import audit
from annotation_server.annotation import lease
from annotation_server.annotation.access import lock_annotation, require_editable
from annotation_server.annotation.draft import Draft, changed_tiles
from annotation_server.annotation.label_maps import Manifest, current_manifest
from annotation_server.annotation.mask_changes import FIELDS, Snapshot, restored, snapshot, taken_back
from annotation_server.annotation.models import Annotation, Mask, Revision
from annotation_server.annotation.tile_store import load_tiles
from annotation_server.errors import NotFound


def manifest_at(annotation: Annotation, number: int) -> Manifest:
    """The manifest of a revision: every later revision's tiles are taken back, newest first.

    A tile's version is exact where it has not changed since; else it is the revision's own number.
    Raises NotFound.
    """
    _require_revision(annotation, number)
    now = current_manifest(annotation.pk)
    digests = list(now.digests)
    for revision in _later(annotation, number, "tile_changes"):
        for change in changed_tiles(revision):
            digests[change.t] = change.before
    return Manifest(now.width, now.height, tuple(digests), np.minimum(now.versions, number))


def masks_at(annotation: Annotation, number: int) -> list[Mask]:
    """The mask rows of a revision, by number; unsaved objects. Raises NotFound."""
    _require_revision(annotation, number)
    masks = _masks_walked_back(annotation, number)
    rows = [restored(annotation.pk, number, masks[number]) for number in sorted(masks)]
    prefetch_related_objects(rows, "term")
    return rows


@transaction.atomic
def restore(user: Any, annotation_id: int, number: int, lease_token: str | None) -> Revision:
    """Make a new revision that equals an old one; masks made since are deleted, their numbers stay used.

    Raises NotFound, LeaseLost, and Conflict (``frozen``).
    """
    annotation, assignment = lock_annotation(user, annotation_id)
    require_editable(annotation)
    lease.require_lease(assignment, user, lease_token)
    past, masks = manifest_at(annotation, number), _masks_walked_back(annotation, number)
    now = current_manifest(annotation.pk)
    draft = Draft(annotation, now, {mask.number: mask for mask in annotation.masks.all()})
    differ = [t for t, digest in enumerate(past.digests) if digest != now.digests[t]]
    contents = load_tiles(past.digests[t] for t in differ)
    draft.set_tiles([(t, contents[past.digests[t]]) for t in differ])
    for mask in draft.masks.values():
        _restore_fields(mask, masks.get(mask.number), draft.number)
    revision = draft.commit(
        author=user,
        transaction_id=uuid.uuid4(),
        kind=Revision.Kind.RESTORE,
        operations=[{"tool": "restore", "revision": number}],
    )
    audit.record(user, annotation.image.project_id, "annotation.restore", annotation, revision=number)
    return revision


def _restore_fields(mask: Mask, past: Snapshot | None, revision: int) -> None:
    before = snapshot(mask)
    if past is None:
        mask.deleted = True
    else:
        for name in FIELDS:
            if name != "version":
                setattr(mask, name, past[name])
    after = snapshot(mask)
    if any(after[name] != before[name] for name in ("term_id", "raw_name", "colour", "deleted")):
        mask.version = revision


def _require_revision(annotation: Annotation, number: int) -> None:
    if not Revision.objects.filter(annotation=annotation, number=number).exists():
        raise NotFound(_("This annotation has no revision %(number)s.") % {"number": number})


def _masks_walked_back(annotation: Annotation, number: int) -> dict[int, Snapshot]:
    """The mask rows of a revision by number: every later revision's changes are taken back, newest first."""
    masks = {mask.number: snapshot(mask) for mask in annotation.masks.all()}
    for revision in _later(annotation, number, "mask_changes"):
        taken_back(masks, revision.mask_changes)
    return masks


def _later(annotation: Annotation, number: int, column: str) -> Iterator[Revision]:
    """The revisions after one, newest first, with the one column that is needed of them."""
    later = Revision.objects.filter(annotation=annotation, number__gt=number).order_by("-number")
    return later.only(column).iterator(chunk_size=200)
