"""Writing the annotations of a release: one image in memory at a time, each label map read once.

EntitySeg (every image, one category), its panoptic maps, and EntityClass (the images whose masks all bear a
term) are derived from the same label map in the same pass.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from annotation_server.annotation.history import manifest_at, masks_at
from annotation_server.annotation.mask_shapes import kept_shapes
from annotation_server.annotation.models import Annotation
from annotation_server.errors import Refused
from annotation_server.releases import layout
from annotation_server.releases.layout import Entry
from annotation_server.releases.statistics import Statistics
from annotation_server.releases.vocabulary import categories
from annotation_server.segmentation import label_map as rules
from annotation_server.segmentation.coco import (
    ENTITY_CATEGORY,
    ENTITY_ID,
    CocoWriter,
    annotation_records,
    image_record,
)
from annotation_server.segmentation.panoptic import segments_info, write_panoptic_png
from annotation_server.segmentation.rle import Rle, label_map_rles
from annotation_server.segmentation.shape import Shape, shapes
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID, Extent
from annotation_server.vocabulary.revision import Row

_PANOPTIC_CATEGORY = {**ENTITY_CATEGORY, "supercategory": "entity", "isthing": 1}
_ENTITY_CATEGORY = {**ENTITY_CATEGORY, "supercategory": "entity", "type": "thing"}


@dataclass(frozen=True)
class Content:
    """What one accepted annotation holds; ``terms`` are ids by number, missing where there is none."""

    label_map: TiledMap
    extents: dict[int, Extent]
    rles: dict[int, Rle]
    terms: dict[int, int]
    shapes: dict[int, Shape]


def write_annotations(
    images: Sequence[Entry], terms: list[Row], folder: Path, check: Callable[[float], None]
) -> Statistics:
    """Write annotations and vocabulary under ``folder``; ``check`` is called with the share done.

    Raises Refused when a stored annotation does not agree with itself.
    """
    names = {row["id"]: row["name"] for row in terms}
    statistics = Statistics()
    with ExitStack() as opened:
        files = _AnnotationFiles(folder, images, categories(terms), opened)
        for done, image in enumerate(images):
            check(done / len(images))
            content = read_content(image)
            files.add(image, content)
            statistics.add(
                image.width,
                image.height,
                content.shapes,
                split=image.input.split,
                source=image.source,
                terms=[names[term] for term in content.terms.values()],
            )
    write_json(folder / "entityclass/categories.json", categories(terms))
    write_json(folder / "entityclass/vocabulary.json", terms)
    return statistics


def read_content(image: Entry) -> Content:
    """The label map of the released revision and what is derived from it; raises Refused if they differ."""
    annotation = Annotation.objects.get(pk=image.input.annotation)
    label_map = manifest_at(annotation, image.input.revision).read()
    masks = [mask for mask in masks_at(annotation, image.input.revision) if not mask.deleted]
    if label_map.sha256() != image.input.map_sha256:
        raise Refused(
            _("The label map of annotation %(pk)s is not the one that was accepted.") % {"pk": annotation.pk}
        )
    try:
        rules.check(label_map, {m.number: (m.area, [m.x, m.y, m.width, m.height]) for m in masks})
    except rules.Disagreement as error:
        raise Refused(
            _("Annotation %(pk)s does not agree with its label map. %(error)s")
            % {"pk": annotation.pk, "error": error}
        ) from error
    extents = rules.extents(label_map)
    terms = {m.number: m.term_id for m in masks if m.term_id is not None and m.number in extents}
    kept = kept_shapes(annotation, image.input.map_sha256, extents)
    found = shapes(label_map) if kept is None else kept
    return Content(label_map, extents, label_map_rles(label_map), terms, found)


def write_json(path: Path, value: Any) -> None:
    """JSON a person can read; the same value gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


class _AnnotationFiles:
    """The open annotation files of a release, by split and folder."""

    def __init__(
        self, folder: Path, images: Sequence[Entry], class_categories: list[Row], opened: ExitStack
    ) -> None:
        self._folder = folder
        self._opened = opened
        self._entities: dict[tuple[str, str], CocoWriter] = {}
        self._combined: dict[str, CocoWriter] = {}
        self._panoptic: dict[tuple[str, str], CocoWriter] = {}
        self._classes: dict[str, CocoWriter] = {}
        folders = layout.folders_of(images)
        for split in layout.splits_of(images):
            here = [image for image in images if image.input.split == split]
            if len(folders) > 1:
                path = layout.entity_file(folders, split)
                self._combined[split] = self._open(path, map(_combined_record, here), [_ENTITY_CATEGORY])
            for one in folders:
                inside = [image for image in here if image.folder == one]
                entities, panoptic = layout.entity_file([one], split), layout.panoptic_file(one, split)
                key = split, one
                self._entities[key] = self._open(entities, map(_record, inside), [_ENTITY_CATEGORY])
                self._panoptic[key] = self._open(panoptic, map(_record, inside), [_PANOPTIC_CATEGORY])
            labelled = [_combined_record(image) for image in here if image.input.labelled]
            self._classes[split] = self._open(layout.class_file(split), labelled, class_categories)

    def _open(
        self, path: str, images: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]
    ) -> CocoWriter:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        file = self._opened.enter_context(target.open("w", encoding="utf-8", newline="\n"))
        return self._opened.enter_context(CocoWriter(file, images, rows))

    def add(self, image: Entry, content: Content) -> None:
        """Write one image to every file it belongs in."""
        key = image.input.split, image.folder
        _add_masks(self._entities[key], image, content)
        if self._combined:
            _add_masks(self._combined[image.input.split], image, content)
        if image.input.labelled:
            _add_masks(self._classes[image.input.split], image, content, content.terms)
        self._add_panoptic(self._panoptic[key], image, content)

    def _add_panoptic(self, writer: CocoWriter, image: Entry, content: Content) -> None:
        path = self._folder / layout.panoptic_map(image)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_panoptic_png(file, content.label_map)
        entity = {number: ENTITY_ID for number in content.extents if number != VOID}
        segments = segments_info(content.extents, entity)
        writer.add([{"image_id": image.input.image, "file_name": path.name, "segments_info": segments}])


def _add_masks(
    writer: CocoWriter, image: Entry, content: Content, category_ids: Mapping[int, int] | None = None
) -> None:
    first_id = writer.annotations + 1
    writer.add(annotation_records(image.input.image, first_id, content.rles, content.extents, category_ids))


def _record(image: Entry) -> Row:
    return image_record(image.input.image, image.file_name, image.width, image.height)


def _combined_record(image: Entry) -> Row:
    return image_record(image.input.image, image.combined_name, image.width, image.height)
