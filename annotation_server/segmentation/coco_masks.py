"""The masks of COCO records, read for many images of one size at once; what is broken is named."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from annotation_server.segmentation.freed_memory import keep_freed_memory
from annotation_server.segmentation.masks import Masks, masks_from_counts, read_masks
from annotation_server.segmentation.rle import BadRle, Ints, counts_of

Record = Mapping[str, Any]

_CHARACTERS_AT_ONCE = 1 << 18  # so many characters of RLE, and what is read from them, stay in the cache
_BROKEN = (BadRle, KeyError, TypeError, ValueError, OverflowError)


class ImageRecords(NamedTuple):
    """An image's record with its height and width, and the records of its masks."""

    image: Record
    true: Sequence[Record]
    found: Sequence[Record]


class ImageMasks(NamedTuple):
    """Where among ``masks``, which images of one size share, those of an image are; None has ``problems``."""

    masks: Masks | None
    true: range
    found: range
    problems: Sequence[str] = ()


def image_masks(images: Mapping[Hashable, ImageRecords]) -> dict[Hashable, ImageMasks]:
    """The masks of all images, by the images' keys."""
    keep_freed_memory()
    return {key: masks for batch in _batches(images) for key, masks in _read_batch(batch).items()}


def called(record: Record, what: str, place: int) -> str:
    """What a record is called in a sentence; ``place`` is that among those of its image."""
    number = record["id"] if what == "annotation" and "id" in record else place
    return f"{what} {number} of image {record['image_id']}"


def _batches(images: Mapping[Hashable, ImageRecords]) -> Iterator[dict[Hashable, ImageRecords]]:
    by_size: dict[tuple[int, int], list[Hashable]] = defaultdict(list)
    for key, image in images.items():
        by_size[image.image["height"], image.image["width"]].append(key)
    for keys in by_size.values():
        batch: dict[Hashable, ImageRecords] = {}
        characters = 0
        for key in keys:
            batch[key] = images[key]
            characters += _characters(images[key].true) + _characters(images[key].found)
            if characters > _CHARACTERS_AT_ONCE:
                yield batch
                batch, characters = {}, 0
        if batch:
            yield batch


def _characters(records: Sequence[Record]) -> int:
    """How many characters of RLE the records have; 0 where one is broken."""
    try:
        return sum([len(record["segmentation"]["counts"]) for record in records])
    except (KeyError, TypeError):
        return 0


def _read_batch(images: dict[Hashable, ImageRecords]) -> dict[Hashable, ImageMasks]:
    """All at once, which is quick; image by image, then one by one, where any is broken."""
    try:
        masks = _read([record for image in images.values() for side in image[1:] for record in side], images)
    except _BROKEN:
        if len(images) == 1:
            return {key: _read_one_by_one(image) for key, image in images.items()}
        return {key: read for one in images.items() for key, read in _read_batch(dict([one])).items()}
    placed = {}
    first = 0
    for key, image in images.items():
        true = range(first, first + len(image.true))
        found = range(true.stop, true.stop + len(image.found))
        placed[key] = ImageMasks(masks, true, found)
        first = found.stop
    return placed


def _read(records: Sequence[Record], images: Mapping[Hashable, ImageRecords]) -> Masks:
    image = next(iter(images.values())).image
    height, width = image["height"], image["width"]
    rles: list[Any] = [record["segmentation"] for record in records]
    if any(rle["size"] != [height, width] for rle in rles):
        raise BadRle("A mask is of another size than its image.")
    return read_masks(rles, height, width)


def _read_one_by_one(image: ImageRecords) -> ImageMasks:
    problems: list[str] = []
    height, width = image.image["height"], image.image["width"]
    counts = [
        _counts(record, height, width, called(record, what, place), problems)
        for what, records in (("annotation", image.true), ("prediction", image.found))
        for place, record in enumerate(records)
    ]
    true, found = range(len(image.true)), range(len(image.true), len(counts))
    if problems:
        return ImageMasks(None, true, found, problems)
    return ImageMasks(masks_from_counts(counts, height, width), true, found)


def _counts(record: Record, height: int, width: int, what: str, problems: list[str]) -> Ints:
    rle = record.get("segmentation")
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        problems.append(f"The segmentation of {what} is not an RLE.")
    elif not isinstance(rle["size"], list) or rle["size"] != [height, width]:
        problems.append(f"The mask of {what} is of size {rle['size']}, the image of {[height, width]}.")
    else:
        try:
            return counts_of(rle)
        except _BROKEN as error:
            problems.append(f"The mask of {what} is broken: {error}")
    return np.zeros(1, np.int64)
