"""A save: changed tiles and entity fields, applied whole or not at all, once however often they are sent."""

import unicodedata
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction as database
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.annotation import lease
from annotation_server.annotation.access import lock_annotation, require_editable
from annotation_server.annotation.draft import Draft, changed_tiles, masks_by_number
from annotation_server.annotation.effort import effort_by_number
from annotation_server.annotation.label_maps import Manifest, manifest_of
from annotation_server.annotation.models import Annotation, Assignment, Mask, Revision
from annotation_server.annotation.pixel_changes import numbers_in
from annotation_server.annotation.taken_masks import check_sources, note_rejections
from annotation_server.annotation.tile_store import load_tiles
from annotation_server.annotation.turn import one_save_at_a_time
from annotation_server.errors import BadContent, Conflict, TooLarge
from annotation_server.segmentation import transaction as wire
from annotation_server.segmentation.label_map import coverage
from annotation_server.segmentation.tiles import known_lookup
from annotation_server.segmentation.transaction import EntityChange, TileChange, Transaction
from annotation_server.vocabulary.models import Term

MAX_OPERATION_BYTES = 256 << 10
LONGEST_NAME = 100
LAST_COLOUR = 32767
UNSTORABLE = ("Cc", "Cs")  # control characters and halves of surrogate pairs


def save(user: Any, annotation_id: int, body: bytes, *, deflated: bool = False) -> dict[str, Any]:
    """Apply one transaction (docs/label_map_format.md) and answer with the new map's proof.

    The same txid again gets the same answer, marked ``replayed``, whoever holds the lease by then.
    The payload is judged first, then the lease, then the versions; nothing is written unless all
    are right. Raises BadContent, TooLarge, LeaseLost, Conflict (``stale`` with what changed,
    ``frozen``, ``map_locked``), NotAllowed and NotFound.
    """
    change, txid = _read(body, deflated)
    with one_save_at_a_time(), database.atomic():
        annotation, assignment = lock_annotation(user, annotation_id)
        if (done := _revision_of(annotation, txid)) is not None:
            return answer_of(annotation, done, replayed=True)
        manifest = manifest_of(annotation.label_map)
        masks = _checked_masks(annotation, manifest, change)
        require_editable(annotation)
        lease.require_lease(assignment, user, change.lease)
        if assignment.round == Assignment.Round.NAMES:
            _require_names_only(change, masks)
        _check_versions(change, manifest, masks)
        draft = Draft(annotation, manifest, masks)
        draft.set_fields(change.entities)
        draft.set_tiles([(tile.t, tile.tile) for tile in change.tiles])
        draft.add_effort(effort_by_number(change.ops))
        note_rejections(annotation, change.ops)
        revision = draft.commit(
            author=user, transaction_id=txid, kind=Revision.Kind.SAVE, operations=list(change.ops)
        )
        _prolong_lease(assignment)
    return answer_of(annotation, revision, replayed=False)


def _revision_of(annotation: Annotation, txid: uuid.UUID) -> Revision | None:
    """The revision this transaction has made already. There rarely is one, so only its id is asked for."""
    found = Revision.objects.filter(annotation_id=annotation.pk, transaction_id=txid)
    for pk in found.order_by().values_list("pk", flat=True):
        return Revision.objects.get(pk=pk)
    return None


def _read(body: bytes, deflated: bool) -> tuple[Transaction, uuid.UUID]:
    """The transaction and its idempotency key, with everything checked that needs no database."""
    try:
        change = wire.decode_transaction(body, deflated=deflated)
    except wire.TooLarge as error:
        raise TooLarge(str(error)) from None
    except wire.BadTransaction as error:
        raise BadContent(str(error), code=error.code) from None
    try:
        txid = uuid.UUID(change.txid)
    except ValueError:
        raise BadContent(_("“txid” must be a UUID.")) from None
    _check_operations(change.ops)
    if len({entity.number for entity in change.entities}) < len(change.entities):
        raise BadContent(_("An entity appears twice in “entities”."))
    for entity in change.entities:
        _check_fields(entity)
    return change, txid


def _check_operations(operations: Sequence[dict[str, Any]]) -> None:
    try:
        text = orjson.dumps(operations)
    except TypeError:
        raise BadContent(_("“ops” holds a value that cannot be stored.")) from None
    if len(text) > MAX_OPERATION_BYTES:
        raise BadContent(
            _("“ops” may have %(max_operation_bytes)s bytes; these have %(text)s.")
            % {"max_operation_bytes": MAX_OPERATION_BYTES, "text": len(text)}
        )
    if b"\\u0000" in text or orjson.loads(text) != list(operations):
        raise BadContent(_("“ops” holds a value that cannot be stored."))


def _check_fields(entity: EntityChange) -> None:
    if len(entity.raw_name) > LONGEST_NAME:
        raise BadContent(
            _("The name of entity %(number)s has more than %(longest_name)s characters.")
            % {"number": entity.number, "longest_name": LONGEST_NAME}
        )
    if entity.colour > LAST_COLOUR:
        raise BadContent(
            _("The colour of entity %(number)s must be from 0 to %(last_colour)s.")
            % {"number": entity.number, "last_colour": LAST_COLOUR}
        )
    if any(unicodedata.category(character) in UNSTORABLE for character in entity.raw_name):
        raise BadContent(
            _("The name of entity %(number)s holds a character that cannot be printed.")
            % {"number": entity.number}
        )


def _checked_masks(annotation: Annotation, manifest: Manifest, change: Transaction) -> dict[int, Mask]:
    """The mask rows of the entities declared and of those new to a tile; refuses a payload that is wrong.

    What a tile bears already is known without asking the database.
    """
    image, count = annotation.image, len(manifest.digests)
    before = load_tiles(manifest.digests[tile.t] for tile in change.tiles if tile.t < count)
    there = {number for tile in before.values() for number in numbers_in(tile)}
    used = {number for tile in change.tiles for number in numbers_in(tile.tile)}
    declared = {entity.number for entity in change.entities}
    masks = masks_by_number(annotation, declared | (used - there))
    _check_numbers(annotation, declared - masks.keys())
    check_sources(annotation, change.entities)
    _check_terms(annotation, {entity.term for entity in change.entities if entity.term is not None})
    known = known_lookup(there | declared | masks.keys())
    try:
        wire.check_tiles(change.tiles, image.width, image.height, known)
    except wire.BadTransaction as error:
        raise BadContent(str(error), code=error.code) from None
    return masks


def _check_numbers(annotation: Annotation, new: set[int]) -> None:
    """New entities bear numbers that were given to this annotation."""
    for number in new:
        if number >= annotation.next_number:
            raise BadContent(
                _("Number %(number)s has not been given to this annotation; ask for numbers first.")
                % {"number": number},
                code="unknown_entity",
                number=number,
            )


def _check_terms(annotation: Annotation, terms: set[int]) -> None:
    if not terms:
        return
    known = Term.objects.filter(project_id=annotation.image.project_id, pk__in=terms)
    unknown = terms - set(known.values_list("pk", flat=True))
    if unknown:
        raise BadContent(
            _("Term %(unknown)s is not in this project's vocabulary.") % {"unknown": min(unknown)},
            code="unknown_term",
            term=min(unknown),
        )


def _check_versions(change: Transaction, manifest: Manifest, masks: dict[int, Mask]) -> None:
    """Refuse a save that was made from an older state than the one kept."""
    tiles = [_stale(tile, manifest) for tile in change.tiles if tile.base != manifest.versions[tile.t]]
    versions = {number: mask.version for number, mask in masks.items()}
    entities = [
        {"number": entity.number, "version": versions.get(entity.number, 0)}
        for entity in change.entities
        if entity.base != versions.get(entity.number, 0)
    ]
    if tiles or entities:
        raise Conflict(
            _("This was changed elsewhere since you loaded it. Compare and choose which to keep."),
            code="stale",
            conflict=tiles,
            entities=entities,
        )


def _require_names_only(change: Transaction, masks: dict[int, Mask]) -> None:
    """The masks that somebody is to name are another's: neither pixels nor entities may change."""
    entities = change.entities
    if change.tiles or any(one.number not in masks or one.deleted or one.source for one in entities):
        raise Conflict(
            _("These masks stay as they are: only their names can be changed here."), code="map_locked"
        )


def _stale(tile: TileChange, manifest: Manifest) -> dict[str, int]:
    return {"t": tile.t, "version": int(manifest.versions[tile.t])}


def _prolong_lease(assignment: Assignment) -> None:
    """A save shows that its tab is alive; written only when the lease is half used up."""
    half = timedelta(seconds=settings.LEASE_SECONDS / 2)
    if (assignment.lease_expires_at or timezone.now()) < timezone.now() + half:
        lease.prolong(assignment)


def answer_of(annotation: Annotation, revision: Revision, *, replayed: bool) -> dict[str, Any]:
    """The proof of a saved state, all from its revision, so that a replay answers the same."""
    image = annotation.image
    return {
        "revision": revision.number,
        "version": revision.number,
        "void_px": revision.void_px,
        "coverage": coverage(image.width, image.height, revision.void_px),
        "map_sha256": revision.map_sha256,
        "tiles": {str(change.t): revision.number for change in changed_tiles(revision)},
        "replayed": replayed,
    }
