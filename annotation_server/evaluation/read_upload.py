"""Reading an uploaded file once: what it says of which image of the project is kept, the file itself goes."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import BadContent
from annotation_server.evaluation.coco_records import CocoRecords, ReadMask, words_of
from annotation_server.evaluation.matched_images import Place, ProjectImages
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.evaluation.panoptic_records import ReadMap, panoptic_maps
from annotation_server.evaluation.problems import Problems
from annotation_server.evaluation.side_maps import upload_key
from annotation_server.evaluation.uploaded_archive import UploadedArchive
from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.segmentation.rle import Overlap, Rle, compress_counts, counts_of, label_map_from_rles

Format = EvaluationUpload.Format
# Text of masks packs well; a zip may unpack to this many times what may be uploaded.
UNPACKED = 4

Read = ReadMap | list[ReadMask]


class Kept(NamedTuple):
    """What an upload came to."""

    format: str
    images: int
    masks: int
    problems: list[dict[str, Any]]


def read_upload(upload: EvaluationUpload, path: Path, check: Callable[[float], None]) -> Kept:
    """Read the file at ``path`` and keep its masks under the upload's folder.

    ``check`` is called with the share done. Raises BadContent for a file that is none of the formats, that is
    unsafe, or that says nothing of any image of the project.
    """
    images, problems = ProjectImages(upload.project_id), Problems()
    index: dict[str, Any] = {}
    masks = 0
    with _Opened(path) as opened:
        total = max(1, opened.images)
        for done, (place, read) in enumerate(_all(opened, images, problems)):
            check(min(0.99, done / total))
            index[str(place.pk)] = row = _keep(upload.pk, place, read)
            masks += len(row["scores"])
    if not index:
        raise BadContent(_nothing_matched(problems))
    rows = {image: index[image] for image in sorted(index, key=int)}
    media.write(upload.index_key, json.dumps({"images": rows}, separators=(",", ":")).encode())
    return Kept(opened.format, len(index), masks, problems.told())


class _Opened:
    """The file's JSON and, for panoptic, its archive."""

    def __init__(self, path: Path) -> None:
        self.archive: UploadedArchive | None = None
        with path.open("rb") as file:
            is_zip = file.read(4) == b"PK\x03\x04"
        if is_zip:
            self.archive = UploadedArchive(path, UNPACKED * settings.MAX_EVALUATION_BYTES)
            names = self.archive.names(".json")
            if len(names) != 1:
                raise BadContent(
                    _("The zip holds %(count)s JSON files; put exactly one beside its PNGs.")
                    % {"count": len(names)}
                )
            self.told = _parsed(self.archive.read(names[0], settings.MAX_EVALUATION_BYTES))
        else:
            self.told = _parsed(path.read_bytes())
        self.format = _format_of(self.told)
        if self.format == Format.PANOPTIC and self.archive is None:
            raise BadContent(
                _("This is the JSON of COCO panoptic: upload a zip of it and its folder of PNGs.")
            )
        self.images = _count_of(self.told)

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_error: object) -> None:
        if self.archive is not None:
            self.archive.__exit__(None, None, None)


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content)  # takes NaN, which scores are then refused for by name
    except (ValueError, RecursionError) as error:
        raise BadContent(_("The file is no JSON: %(error)s.") % {"error": error}) from error


def _format_of(told: Any) -> str:
    if isinstance(told, list):
        return Format.RESULTS
    annotations = told.get("annotations") if isinstance(told, Mapping) else None
    if not isinstance(annotations, list) or not isinstance(told.get("images"), list):
        raise BadContent(
            _(
                "The file is none of those that can be read: COCO instances, a COCO results list, EntitySeg, "
                "or a zip of COCO panoptic."
            )
        )
    first = next((one for one in annotations if isinstance(one, Mapping)), {})
    if "segments_info" in first:
        return Format.PANOPTIC
    return Format.INSTANCES if words_of(told.get("categories"), Problems()) else Format.ENTITYSEG


def _count_of(told: Any) -> int:
    if isinstance(told, list):
        return len({str(one.get("image_id")) for one in told if isinstance(one, Mapping)})
    return len(told["images"])


def _all(opened: _Opened, images: ProjectImages, problems: Problems) -> Iterator[tuple[Place, Read]]:
    """Every image of the file that the project has, with its masks."""
    told = opened.told
    if opened.format == Format.RESULTS:
        # A list has no images: their ids are those of the project, as its releases say them.
        yield from _coco(told, images.by_id, {}, problems, must_score=True)
        return
    places = images.matched(told["images"], problems)
    words = words_of(told.get("categories"), problems)
    if opened.format == Format.PANOPTIC:
        assert opened.archive is not None
        yield from panoptic_maps(told, opened.archive, places, words, problems)
        return
    yield from _coco(told["annotations"], places, words, problems, must_score=False, empty=True)


def _coco(
    records: Any,
    places: Mapping[Any, Place],
    words: Mapping[Any, str],
    problems: Problems,
    *,
    must_score: bool,
    empty: bool = False,
) -> Iterator[tuple[Place, list[ReadMask]]]:
    """Image by image; with ``empty``, images without a record are there too, without a mask."""
    reader = CocoRecords(places, words, problems, must_score=must_score)
    grouped = reader.by_image(records)
    for image in places if empty else grouped:
        yield places[image], reader.masks_of(image, grouped.get(image, []))


def _keep(upload: int, place: Place, read: Read) -> dict[str, Any]:
    """Store one image's masks, as a label map where none overlap; the image's row of the index."""
    if isinstance(read, ReadMap):
        return _keep_map(upload, place, read)
    size = [place.height, place.width]
    masks = {number: mask for number, mask in enumerate(read, start=1) if not mask.is_crowd}
    scores = {number: mask.score for number, mask in masks.items()}
    words = {number: mask.word for number, mask in masks.items() if mask.word}
    rles = {number: {"size": size, "counts": mask.counts} for number, mask in masks.items()}
    crowds = [{"size": size, "counts": mask.counts} for mask in read if mask.is_crowd]
    try:
        label_map = label_map_from_rles(place.width, place.height, rles)
    except Overlap:
        return _keep_masks(upload, place, masks, crowds)
    return _keep_map(upload, place, ReadMap(label_map, words, scores, crowds))


def _keep_map(upload: int, place: Place, read: ReadMap) -> dict[str, Any]:
    media.write(upload_key(upload, place.pk, "elm.gz"), compress_bundle(encode_bundle(read.label_map)))
    return {
        "sha256": read.label_map.sha256(),
        "overlaps": False,
        "crowds": [rle["counts"] for rle in _compressed(read.crowds)],
        "scores": sorted(read.scores.items()),
        "words": sorted(read.words.items()),
    }


def _keep_masks(
    upload: int, place: Place, masks: Mapping[int, ReadMask], crowds: Sequence[Rle]
) -> dict[str, Any]:
    strings = compress_counts([mask.counts for mask in masks.values()])
    content = json.dumps(dict(zip(masks, strings, strict=True)), separators=(",", ":")).encode()
    media.write(upload_key(upload, place.pk, "json.gz"), gzip.compress(content, compresslevel=1, mtime=0))
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "overlaps": True,
        "crowds": [rle["counts"] for rle in _compressed(crowds)],
        "scores": [(number, mask.score) for number, mask in masks.items()],
        "words": [(number, mask.word) for number, mask in masks.items() if mask.word],
    }


def _compressed(rles: Sequence[Rle]) -> list[Rle]:
    strings = compress_counts([counts_of(rle) for rle in rles])
    return [{**rle, "counts": string} for rle, string in zip(rles, strings, strict=True)]


def _nothing_matched(problems: Problems) -> str:
    told = "; ".join(f"{row['kind']} × {row['count']} ({row['examples'][0]})" for row in problems.told()[:3])
    sentence = _("No image of the file is one of this project's, by name and size. %(problems)s")
    return (sentence % {"problems": told}).strip()
