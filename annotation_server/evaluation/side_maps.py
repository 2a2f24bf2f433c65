"""The label map of one image on one side of a report, read from where the frozen inputs say it lies."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.history import manifest_at
from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation
from annotation_server.errors import Refused
from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.non_overlap import resolve_rles
from annotation_server.segmentation.rle import Rle, label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap, void_map

Row = Mapping[str, Any]
SIDES = ("truth", "found")


def overlaps(row: Row, side: str) -> bool:
    """Whether masks of this side of an image lie over each other, so that they are no label map."""
    return bool(row[side].get("overlaps"))


def read_side(row: Row, side: str) -> TiledMap:
    """The label map of a side; of masks that overlap the better score has each pixel.

    Raises Refused when what was frozen is gone or is not what it was.
    """
    told = row[side]
    if "annotation" in told:
        return _of_annotation(row, told)
    if "upload" not in told:
        return void_map(row["width"], row["height"])
    if told["overlaps"]:
        scores = {int(number): score for number, score in told["scores"].items()}
        return resolve_rles(row["width"], row["height"], read_masks(row, side), scores)[0]
    content = _uploaded(row, told, "elm.gz")
    label_map = decode_bundle(decompress_bundle(content))[0]
    if label_map.sha256() != told["sha256"]:
        raise _changed(row)
    return label_map


def read_masks(row: Row, side: str) -> dict[int, Rle]:
    """The masks of an upload that overlap, by number; raises Refused as above."""
    told = row[side]
    content = gzip.decompress(_uploaded(row, told, "json.gz"))
    if hashlib.sha256(content).hexdigest() != told["sha256"]:
        raise _changed(row)
    size = [row["height"], row["width"]]
    return {int(number): {"size": size, "counts": counts} for number, counts in json.loads(content).items()}


def read_rles(row: Row, side: str) -> dict[int, Rle]:
    """The masks of a side by number, whether or not they overlap."""
    return read_masks(row, side) if overlaps(row, side) else label_map_rles(read_side(row, side))


def crowds_of(row: Row) -> list[Rle]:
    """Regions of the truth in which any number of entities may lie."""
    size = [row["height"], row["width"]]
    return [{"size": size, "counts": counts} for counts in row["truth"].get("crowds", ())]


def scores_of(row: Row, side: str) -> dict[int, float]:
    """Score by number."""
    return {int(number): score for number, score in row[side]["scores"].items()}


def terms_of(row: Row, side: str) -> dict[int, int]:
    """Name's id by number, of those that bear one."""
    return {int(number): term for number, term in row[side]["terms"].items()}


def _of_annotation(row: Row, told: Row) -> TiledMap:
    annotation = Annotation.objects.filter(pk=told["annotation"]).first()
    if annotation is None:
        raise Refused(
            _("The annotation of %(file_name)s is gone since this report was asked for. Ask for a new one.")
            % {"file_name": row["file_name"]},
            code="gone",
        )
    is_current = told["revision"] in (0, annotation.revision_number)
    manifest = current_manifest(annotation.pk) if is_current else manifest_at(annotation, told["revision"])
    if manifest.sha256() != told["sha256"]:
        raise _changed(row)
    return manifest.read()


def upload_key(upload: int, image: int, ending: str) -> str:
    """Storage key of what an upload says of an image: ``elm.gz`` a label map, ``json.gz`` masks."""
    return f"evaluation/uploads/{upload:06d}/{image}.{ending}"


def _uploaded(row: Row, told: Row, ending: str) -> bytes:
    try:
        return media.read(upload_key(told["upload"], row["image"], ending))
    except (FileNotFoundError, ClientError) as error:
        raise Refused(
            _("The uploaded masks of %(file_name)s were deleted. Upload the file again.")
            % {"file_name": row["file_name"]},
            code="gone",
        ) from error


def _changed(row: Row) -> Refused:
    return Refused(
        _("The label map of %(file_name)s is not the one that was frozen. Ask for a new report.")
        % {"file_name": row["file_name"]},
        code="changed",
    )
