"""The frozen examples of a training run: what it learns from and what both models are judged by.

Two files of one form (``TrainJob`` and ``EvaluateJob`` tell it), written row by row; the label maps are
copied beside, each once for all runs, under the name of their content.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.accepted import accepted
from annotation_server.annotation.history import manifest_at
from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation
from annotation_server.errors import Refused
from annotation_server.images.models import Image, Split
from annotation_server.releases.inputs import give_splits
from annotation_server.releases.models import Release
from annotation_server.segmentation.bundle import compress_bundle, encode_bundle
from annotation_server.training.compare import LEAST_IMAGES
from annotation_server.training.models import TrainingRun
from annotation_server.training.nightly import refuse_untrainable, under_study

_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Source:
    """One annotation as it is to be used: ``revision`` 0 means as it is now."""

    annotation: Annotation
    revision: int
    map_sha256: str


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What was frozen; ``left_out`` are images of split train that an open study holds back."""

    images: int
    masks: int
    judged: int
    left_out: int
    sha256: str


def freeze(run: TrainingRun, check: Callable[[float], None]) -> Frozen:
    """Write a run's examples to the storage; the same annotations give the same bytes.

    ``check`` is called with the share done. Raises Refused when there is nothing to learn from or to judge
    by, when an image must not be trained on, and when a stored label map is damaged.
    """
    if run.release is None:
        give_splits(run.project_id)
    total = max(1, _expected(run))
    digest = hashlib.sha256()
    left_out = 0
    with _Examples(run.examples_key, digest) as learned:
        for chunk in _sources(run, Split.TRAIN):
            chosen = _trainable(chunk)
            left_out += len(chunk) - len(chosen)
            learned.add(chosen)
            check((learned.images + left_out) / total)
    with _Examples(run.judged_key, digest) as judged:
        for chunk in _sources(run, Split.VAL):
            judged.add(chunk)
            check((learned.images + left_out + judged.images) / total)
    _refuse_too_little(learned.images, judged.images)
    return Frozen(
        images=learned.images,
        masks=learned.masks,
        judged=judged.images,
        left_out=left_out,
        sha256=digest.hexdigest(),
    )


class _Examples:
    """One file of examples, put into the storage when the block ends well."""

    def __init__(self, key: str, digest: Any) -> None:
        self._key = key
        self._digest = digest
        self.images = self.masks = 0

    def __enter__(self) -> Self:
        self._file = tempfile.NamedTemporaryFile(prefix="tessera-examples-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._write(b"\n]}\n" if self.images else b'{"examples": []}\n')
                self._file.flush()
                media.write_file(self._key, Path(self._file.name))

    def add(self, chunk: list[Source]) -> None:
        for source in chunk:
            self._write(b",\n" if self.images else b'{"examples": [\n')
            self._write(json.dumps(_row(source)).encode())
            self.images += 1
            self.masks += source.annotation.mask_count

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)


def _expected(run: TrainingRun) -> int:
    return len(run.release.inputs) if run.release else accepted(run.project_id).count()


def _sources(run: TrainingRun, split: str) -> Iterator[list[Source]]:
    """The annotations of a split, some at a time, in the order of their images."""
    if run.release is not None:
        yield from _released(run.release, split)
        return
    rows: QuerySet[Annotation] = accepted(run.project_id).filter(image__split=split).select_related("image")
    chunk: list[Source] = []
    for annotation in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        chunk.append(Source(annotation, 0, annotation.map_sha256))
        if len(chunk) == _ROWS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _released(release: Release, split: str) -> Iterator[list[Source]]:
    inputs = [row for row in release.inputs if row["split"] == split]
    for at in range(0, len(inputs), _ROWS_AT_ONCE):
        here = inputs[at : at + _ROWS_AT_ONCE]
        wanted = [row["annotation"] for row in here]
        found = Annotation.objects.select_related("image").in_bulk(wanted)
        if missing := set(wanted) - found.keys():
            raise Refused(
                _("Annotation %(pk)s of release %(name)s is gone: publish a new release.")
                % {"pk": min(missing), "name": release.name}
            )
        yield [Source(found[row["annotation"]], row["revision"], row["map_sha256"]) for row in here]


def _trainable(chunk: list[Source]) -> list[Source]:
    """Without the images of open studies; what is left has passed the guard."""
    ids = [source.annotation.image_id for source in chunk]
    studied = set(under_study(Image.objects.filter(pk__in=ids)).values_list("pk", flat=True))
    left = [source for source in chunk if source.annotation.image_id not in studied]
    refuse_untrainable(source.annotation.image_id for source in left)
    return left


def _row(source: Source) -> dict[str, Any]:
    image = source.annotation.image
    return {
        "image": image.pk,
        "image_key": image.file_key,
        "width": image.width,
        "height": image.height,
        "map_key": _kept_map(source),
        "map_sha256": source.map_sha256,
    }


def _kept_map(source: Source) -> str:
    """Storage key of the label map's copy, made where there is none yet."""
    key = f"training/maps/{source.map_sha256[:2]}/{source.map_sha256}.elm.gz"
    if not media.exists(key):
        annotation = source.annotation
        at_revision = source.revision and source.revision != annotation.revision_number
        manifest = (
            manifest_at(annotation, source.revision) if at_revision else current_manifest(annotation.pk)
        )
        label_map = manifest.read()
        if label_map.sha256() != source.map_sha256:
            raise Refused(
                _("The label map of annotation %(pk)s is not the one that was accepted.")
                % {"pk": annotation.pk}
            )
        media.write(key, compress_bundle(encode_bundle(label_map)))
    return key


def _refuse_too_little(learned: int, judged: int) -> None:
    if not learned:
        raise Refused(
            _("There is nothing to learn from: accept annotations of images of split train."),
            code="nothing_to_train",
        )
    if not judged:
        raise Refused(
            _(
                "There is nothing to judge a new model by: accept annotations of at least %(n)s images "
                "of split val."
            )
            % {"n": LEAST_IMAGES},
            code="nothing_to_judge",
        )
