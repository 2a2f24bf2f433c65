"""The frozen inputs of a report: what is compared, image by image, in one file whose digest names them.

The file is JSON with one image a line, so that a job reads only the lines it measures. It holds references to
label maps by revision and digest, not the maps: history is append-only, so they stay what they are.
"""

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.errors import NotFound, Refused
from annotation_server.evaluation.code_version import measures_version
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.name_table import NameTable
from annotation_server.evaluation.sets import (
    AnnotationSet,
    ImageMasks,
    MaskSet,
    UploadSet,
    find_set,
    label_of,
)
from annotation_server.evaluation.side_maps import SIDES, overlaps
from annotation_server.images.models import Image

MOST_EXAMPLES = 20
# A job's images: few enough to be done in a minute, many enough that jobs do not outnumber images.
IMAGES_A_JOB = 32
PIXELS_A_JOB = 200_000_000
_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Part:
    """The images of one job: ``length`` bytes of the inputs' file from ``start``."""

    start: int
    length: int
    images: int


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What was frozen; ``left_out`` tells of images that are not measured, or not as one may think.

    ``named``: masks of both sides bear names; ``names`` are those that occur.
    """

    sha256: str
    named: bool
    names: dict[str, dict[str, Any]]
    images: int
    parts: list[Part]
    left_out: list[dict[str, Any]]


def freeze(report: EvaluationReport, check: Callable[[float], None]) -> Frozen:
    """Write a report's inputs to the storage; the same sets give the same bytes.

    ``check`` is called with the share done. Raises Refused when no image is in both sets, and when masks
    overlap where the report was asked to refuse them.
    """
    truth, found = find_set(report.project_id, report.truth), find_set(report.project_id, report.found)
    images, left_out = _common_images(report, truth, found)
    names = NameTable(report.project_id)
    with tempfile.NamedTemporaryFile(prefix="tessera-inputs-") as file:
        lines = _Lines(file)
        lines.write(_opening(report, truth, found))
        done = 0
        for chunk in _chunks(images):
            for row in _rows(chunk, truth, found, names):
                lines.add(row)
            done += len(chunk)
            check(done / len(images))
        _refuse_overlap(report, lines.overlapping)
        lines.write(_closing(names, report.options["similarity"], left_out))
        file.flush()
        media.write_file(report.inputs_key, Path(file.name))
        media.write(report.places_key, lines.places())
    return Frozen(
        sha256=lines.digest.hexdigest(),
        named=lines.named == set(SIDES),
        names=names.told(),
        images=len(images),
        parts=lines.parts(),
        left_out=left_out,
    )


def read_inputs(report: EvaluationReport) -> dict[str, Any]:
    """The frozen inputs whole; for what needs names, sources and sizes of all images."""
    return dict(json.loads(media.read(report.inputs_key)))


def read_row(report: EvaluationReport, image: int) -> dict[str, Any]:
    """What was frozen of one image; raises NotFound for one that the report does not measure."""
    try:
        places = np.frombuffer(media.read(report.places_key), "<i8").reshape(-1, 3)
    except (FileNotFoundError, ClientError) as error:
        raise NotFound(_("The inputs of this report are not frozen yet.")) from error
    found = places[places[:, 0] == image].tolist()
    if not found:
        raise NotFound(_("This image is not among those that the report measures."))
    return read_part(report, found[0][1], found[0][2] - found[0][1])[0]


def read_part(report: EvaluationReport, start: int, length: int) -> list[dict[str, Any]]:
    """The images of one part of the frozen inputs."""
    text = media.read_range(report.inputs_key, start, length).decode()
    return [json.loads(line.rstrip(",")) for line in text.splitlines() if line]


class _Lines:
    """The inputs' file as it is written: its digest, and where each image's line lies."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._at = 0
        self._rows: list[tuple[int, int, int, int]] = []
        self.named: set[str] = set()
        self.overlapping: list[str] = []
        self.digest = hashlib.sha256()

    def write(self, text: str) -> None:
        content = text.encode()
        self._file.write(content)
        self.digest.update(content)
        self._at += len(content)

    def add(self, row: dict[str, Any]) -> None:
        if self._rows:
            self.write(",\n")
        start = self._at
        self.write(_line(row))
        self._rows.append((row["image"], start, self._at, row["width"] * row["height"]))
        self.named |= {side for side in SIDES if row[side]["terms"]}
        if any(overlaps(row, side) for side in SIDES):
            self.overlapping.append(row["file_name"])

    def places(self) -> bytes:
        """Image, start and end of every line, int64 [N, 3]."""
        return np.array([row[:3] for row in self._rows], "<i8").tobytes()

    def parts(self) -> list[Part]:
        """The images of each job, in order."""
        parts: list[Part] = []
        pixels = 0
        for _image, start, end, size in self._rows:
            last = parts[-1] if parts else None
            if last is None or last.images == IMAGES_A_JOB or pixels + size > PIXELS_A_JOB:
                parts.append(Part(start, end - start, 1))
                pixels = size
            else:
                parts[-1] = Part(last.start, end - last.start, last.images + 1)
                pixels += size
        return parts


def _common_images(
    report: EvaluationReport, truth: MaskSet, found: MaskSet
) -> tuple[list[Image], list[dict[str, Any]]]:
    """The images to measure, by id, and what is to be said of the others."""
    images = Image.objects.filter(project_id=report.project_id, state=Image.State.READY).order_by("pk")
    if report.split:
        images = images.filter(split=report.split)
    in_truth, in_found = truth.images(), found.images()
    flattered = _begun_from_found(truth, found)
    common: list[Image] = []
    left_out: dict[str, list[str]] = defaultdict(list)
    for image in images.iterator(chunk_size=2000):
        if image.pk in in_truth and image.pk in in_found:
            common.append(image)
            if image.pk in flattered:
                left_out["begun_from_found"].append(image.file_name)
            for kind, side in (("empty_truth", truth), ("empty_found", found)):
                if isinstance(side, UploadSet) and image.pk not in side.named_images():
                    left_out[kind].append(image.file_name)
        elif image.pk in in_truth:
            left_out["no_found"].append(image.file_name)
        elif image.pk in in_found:
            left_out["no_truth"].append(image.file_name)
    if not common:
        raise Refused(
            _(
                "Nothing to measure: of the images asked for %(truth)s are in “%(truth_label)s”, "
                "%(found)s in “%(found_label)s”, and none in both."
            )
            % {
                "truth": len(left_out["no_found"]),
                "found": len(left_out["no_truth"]),
                "truth_label": label_of(truth.told),
                "found_label": label_of(found.told),
            },
            code="nothing_to_measure",
        )
    return common, _told(left_out)


def _begun_from_found(truth: MaskSet, found: MaskSet) -> set[int]:
    """Where the true masks began as proposals of the model that is judged: there it is flattered."""
    if found.told["kind"] != "model" or not isinstance(truth, AnnotationSet):
        return set()
    return truth.begun_from(found.told["model_version"])


def _refuse_overlap(report: EvaluationReport, overlapping: Sequence[str]) -> None:
    if overlapping and report.options["overlap"] == "refuse":
        raise Refused(
            _(
                "Masks overlap on %(count)s images, among them %(examples)s. Choose to resolve overlaps (the "
                "better score has each pixel) or to allow them."
            )
            % {"count": len(overlapping), "examples": ", ".join(overlapping[:3])},
            code="overlap",
        )


def _told(left_out: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "count": len(names), "examples": names[:MOST_EXAMPLES]}
        for kind, names in sorted(left_out.items())
        if names
    ]


def _chunks(images: Sequence[Image]) -> Iterator[Sequence[Image]]:
    return (images[at : at + _ROWS_AT_ONCE] for at in range(0, len(images), _ROWS_AT_ONCE))


def _rows(
    images: Sequence[Image], truth: MaskSet, found: MaskSet, names: NameTable
) -> Iterator[dict[str, Any]]:
    ids = [image.pk for image in images]
    true, seen = truth.of(ids), found.of(ids)
    for image in images:
        yield {
            "image": image.pk,
            "file_name": image.file_name,
            "width": image.width,
            "height": image.height,
            "source": image.source,
            "truth": _side(true[image.pk], names),
            "found": _side(seen[image.pk], names),
        }


def _side(masks: ImageMasks, names: NameTable) -> dict[str, Any]:
    return {
        **masks.source,
        "sha256": masks.sha256,
        "scores": {str(number): masks.scores[number] for number in sorted(masks.scores)},
        "terms": {str(number): names.id_of(masks.terms[number]) for number in sorted(masks.terms)},
    }


def _opening(report: EvaluationReport, truth: MaskSet, found: MaskSet) -> str:
    about = {
        "truth": truth.told,
        "found": found.told,
        "split": report.split,
        "options": report.options,
        "measures": measures_version(),
    }
    return (
        "".join(
            f"{'{' if not place else ','}{json.dumps(name)}:{_line(value)}\n"
            for place, (name, value) in enumerate(about.items())
        )
        + ',"images":[\n'
    )


def _closing(names: NameTable, similarity: str, left_out: list[dict[str, Any]]) -> str:
    told = {"terms": names.told(), "vectors": names.vectors(similarity), "left_out": left_out}
    return "\n]\n" + "".join(f",{json.dumps(name)}:{_line(value)}\n" for name, value in told.items()) + "}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
