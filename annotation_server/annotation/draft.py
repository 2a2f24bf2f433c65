"""The next revision of an annotation, while it is made and when it is written."""

import struct
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from annotation_server.annotation.effort import Effort
from annotation_server.annotation.label_maps import Manifest, version_bytes
from annotation_server.annotation.mask_changes import (
    Snapshot,
    change_record,
    counts,
    extent_of,
    set_extent,
    snapshot,
    write_masks,
)
from annotation_server.annotation.models import Annotation, LabelMap, Mask, Revision
from annotation_server.annotation.pixel_changes import (
    EntityPixels,
    TileBeforeAfter,
    box_after,
    changes_by_entity,
)
from annotation_server.annotation.tile_store import load_tiles, store_tiles
from annotation_server.errors import BadContent
from annotation_server.segmentation.tiles import VOID, Tile
from annotation_server.segmentation.transaction import EntityChange, Source

_RECORD = struct.Struct("<I32s32s")


class ChangedTile(NamedTuple):
    """One tile of a revision: the digests of its content before and after."""

    t: int
    before: bytes
    after: bytes


def changed_tiles(revision: Revision) -> list[ChangedTile]:
    """What a revision did to the tiles."""
    return [ChangedTile(*record) for record in _RECORD.iter_unpack(bytes(revision.tile_changes))]


@dataclass
class Draft:
    """The next revision of an annotation while it is made; the caller holds the row lock.

    ``masks`` are the rows at hand by number; those that the tiles touch besides are fetched.
    """

    annotation: Annotation
    manifest: Manifest
    masks: dict[int, Mask]

    def __post_init__(self) -> None:
        self.number = self.annotation.revision_number + 1
        self._before: dict[int, Snapshot | None] = {n: snapshot(mask) for n, mask in self.masks.items()}
        self._digests = list(self.manifest.digests)
        self._versions = self.manifest.versions.copy()
        self._tile_changes: list[ChangedTile] = []
        self._void_delta = 0
        self._worked_on: set[int] = set()
        self._taken: set[int] = set()
        self._counted = sum(counts(mask) for mask in self.masks.values())

    def set_fields(self, entities: Iterable[EntityChange]) -> None:
        """Give entities new fields; unknown numbers become new masks."""
        for entity in entities:
            mask = self._mask(entity.number)
            mask.term_id, mask.raw_name = entity.term, entity.raw_name
            mask.colour, mask.deleted = entity.colour, entity.deleted
            mask.version = self.number
            if entity.source is not None:
                self._take_from(mask, entity.source)

    def add_effort(self, efforts: Mapping[int, Effort]) -> None:
        """Add strokes and active time to the masks at hand."""
        for number, effort in efforts.items():
            mask = self.masks.get(number)
            if mask is not None:
                mask.strokes += effort.strokes
                mask.active_ms += effort.active_ms
                self._worked_on.add(number)

    def set_tiles(self, tiles: Sequence[tuple[int, Tile]]) -> None:
        """Put tiles in place: areas, boxes and provenance of what they touch follow."""
        if not tiles:
            return
        new = store_tiles(tile for _, tile in tiles)
        old = [self._digests[t] for t, _ in tiles]
        before = load_tiles(old)
        self._tile_changes = [ChangedTile(t, a, b) for (t, _), a, b in zip(tiles, old, new, strict=True)]
        for change in self._tile_changes:
            self._digests[change.t] = change.after
            self._versions[change.t] = self.number
        fresh = dict(tiles)
        by_entity = changes_by_entity(
            self.manifest.width,
            self.manifest.height,
            [
                TileBeforeAfter(change.t, before[change.before], fresh[change.t])
                for change in self._tile_changes
                if change.before != change.after
            ],
        )
        void = by_entity.pop(VOID, None)
        self._void_delta = void.area_delta if void else 0
        self._fetch(by_entity.keys() - self.masks.keys())
        for number, pixels in by_entity.items():
            self._set_pixels(self.masks[number], pixels, fresh)

    def commit(
        self, *, author: Any, transaction_id: uuid.UUID, kind: Revision.Kind, operations: list[Any]
    ) -> Revision:
        """Write the rows: label map, masks, annotation, revision."""
        annotation, manifest = self.annotation, self.manifest
        records = [
            record
            for number, mask in sorted(self.masks.items())
            if (record := change_record(number, self._before[number], snapshot(mask)))
        ]
        self._refuse_deleted_with_pixels()
        changed = self._worked_on.union(record["number"] for record in records)
        write_masks(annotation.pk, [self.masks[number] for number in changed])
        after = Manifest(manifest.width, manifest.height, tuple(self._digests), self._versions)
        annotation.revision_number = self.number
        annotation.void_px += self._void_delta
        annotation.mask_count += sum(counts(mask) for mask in self.masks.values()) - self._counted
        annotation.map_sha256 = after.sha256()
        annotation.changed_at = timezone.now()
        annotation.save(
            update_fields=["revision_number", "void_px", "mask_count", "map_sha256", "changed_at"]
        )
        LabelMap.objects.filter(pk=annotation.pk).update(
            tile_digests=b"".join(after.digests), tile_versions=version_bytes(after.versions)
        )
        return Revision.objects.create(
            annotation=annotation,
            number=self.number,
            kind=kind,
            transaction_id=transaction_id,
            author=author,
            tile_changes=b"".join(_RECORD.pack(*change) for change in self._tile_changes),
            mask_changes=records,
            operations=operations,
            void_px=annotation.void_px,
            map_sha256=annotation.map_sha256,
        )

    def _mask(self, number: int) -> Mask:
        if number not in self.masks:
            self.masks[number] = Mask(annotation=self.annotation, number=number)
            self._before[number] = None
        return self.masks[number]

    def _fetch(self, numbers: Iterable[int]) -> None:
        fetched = masks_by_number(self.annotation, numbers)
        self._before.update({number: snapshot(mask) for number, mask in fetched.items()})
        self._counted += sum(counts(mask) for mask in fetched.values())
        self.masks.update(fetched)

    def _take_from(self, mask: Mask, source: Source) -> None:
        """Whoever took it says whether it is edited: its first pixels are the model's, not a person's."""
        mask.source_id, mask.source_number, mask.score = (
            source.annotation or None,
            source.number,
            source.score,
        )
        mask.provenance = Mask.Provenance.EDITED if source.edited else Mask.Provenance.MODEL
        self._taken.add(mask.number)

    def _set_pixels(self, mask: Mask, pixels: EntityPixels, fresh: dict[int, Tile]) -> None:
        if mask.provenance == Mask.Provenance.MODEL and mask.number not in self._taken:
            mask.provenance = Mask.Provenance.EDITED
        if mask.area + pixels.area_delta == 0:
            set_extent(mask, None)
            return
        width, height = self.manifest.width, self.manifest.height
        box = box_after(
            mask.number,
            extent_of(mask),
            pixels,
            width=width,
            height=height,
            load=lambda strip: self._tiles_now(strip, fresh),
        )
        set_extent(mask, box)

    def _tiles_now(self, chosen: Sequence[int], fresh: dict[int, Tile]) -> list[Tile]:
        kept = load_tiles(self._digests[t] for t in chosen if t not in fresh)
        return [fresh[t] if t in fresh else kept[self._digests[t]] for t in chosen]

    def _refuse_deleted_with_pixels(self) -> None:
        for mask in self.masks.values():
            if mask.deleted and mask.area:
                raise BadContent(
                    _("Entity %(number)s is deleted but still has %(area)s pixels.")
                    % {"number": mask.number, "area": mask.area}
                )


def masks_by_number(annotation: Annotation, numbers: Iterable[int]) -> dict[int, Mask]:
    """The annotation's mask rows of these numbers, those that exist."""
    wanted = list(numbers)
    if not wanted:
        return {}
    rows = Mask.objects.filter(annotation=annotation, number__in=wanted).order_by()
    return {mask.number: mask for mask in rows}
