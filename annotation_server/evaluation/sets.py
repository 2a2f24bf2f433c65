"""Sets of masks that can be evaluated: which image has which label map, scores and terms."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.accepted import accepted, handed_in
from annotation_server.annotation.history import masks_at
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.errors import Conflict, NotFound, Refused
from annotation_server.evaluation.models import EvaluationUpload
from annotation_server.images.models import Image
from annotation_server.model_registry.models import ModelVersion
from annotation_server.releases.models import Release
from annotation_server.requests.models import WorkState
from annotation_server.vocabulary.models import Term, normalised

KINDS = ("accepted", "release", "model", "annotator", "upload")
ALL_EQUAL = 1.0

Spec = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImageMasks:
    """One image's masks in a set.

    ``source`` says where the label map lies, ``sha256`` names its content; ``scores`` of all its numbers,
    ``terms`` of those that bear one: a term's id, or a word that the project has no term for.
    """

    source: dict[str, Any]
    sha256: str
    scores: dict[int, float]
    terms: dict[int, int | str]


class MaskSet(Protocol):
    """Masks of some images of a project."""

    told: dict[str, Any]
    """What the set is, as a report keeps it."""

    def images(self) -> set[int]:
        """The images it says something of."""

    def of(self, images: Sequence[int]) -> dict[int, ImageMasks]:
        """What it says of these images, which are some of its own."""


def label_of(told: Spec) -> str:
    """A set's name for people."""
    sentences = {
        "accepted": _("Accepted annotations"),
        "release": _("Release %(name)s"),
        "model": _("Model %(name)s"),
        "annotator": _("Annotations of %(name)s"),
        "upload": _("Upload %(name)s"),
    }
    return sentences[told["kind"]] % {"name": told.get("name", "")}


def find_set(project_id: int, spec: Spec) -> MaskSet:
    """The set that a request names; raises NotFound for what this project does not have, Refused else."""
    finders = {
        "accepted": _accepted,
        "release": _release,
        "model": _model,
        "annotator": _annotator,
        "upload": _upload,
    }
    kind = spec.get("kind")
    if kind not in finders:
        raise Refused(
            _("A set is of kind %(kinds)s, not %(kind)s.") % {"kinds": ", ".join(KINDS), "kind": kind},
            code="invalid",
        )
    return finders[kind](project_id, spec)


class AnnotationSet:
    """Annotations of the database, each at one revision (0: as it is now)."""

    def __init__(
        self, told: dict[str, Any], revisions: Mapping[int, tuple[int, int]], *, scored: bool
    ) -> None:
        self.told = told
        self._revisions = revisions
        self._scored = scored

    def images(self) -> set[int]:
        return set(self._revisions)

    def of(self, images: Sequence[int]) -> dict[int, ImageMasks]:
        wanted = {image: self._revisions[image] for image in images}
        rows = Annotation.objects.in_bulk([annotation for annotation, _revision in wanted.values()])
        masks = _masks_of(rows)
        found = {}
        for image, (pk, revision) in wanted.items():
            if pk not in rows:
                raise Refused(
                    _("Annotation %(pk)s of “%(set)s” is gone.") % {"pk": pk, "set": label_of(self.told)}
                )
            found[image] = self._image_masks(rows[pk], revision, masks[pk])
        return found

    def begun_from(self, model_version: int) -> set[int]:
        """The images with a mask that began as this version's proposal, however much it changed since."""
        taken = Mask.objects.filter(source__model_version=model_version, deleted=False, area__gt=0)
        annotations = set(taken.order_by().values_list("annotation_id", flat=True).distinct())
        return {image for image, (pk, _revision) in self._revisions.items() if pk in annotations}

    def _image_masks(self, annotation: Annotation, revision: int, masks: Sequence[Mask]) -> ImageMasks:
        sha256 = annotation.map_sha256
        if revision not in (0, annotation.revision_number):
            masks = _with_pixels(masks_at(annotation, revision))
            sha256 = annotation.revisions.get(number=revision).map_sha256
        return ImageMasks(
            source={"annotation": annotation.pk, "revision": revision or annotation.revision_number},
            sha256=sha256,
            scores={mask.number: self._score(mask) for mask in masks},
            terms={mask.number: mask.term_id for mask in masks if mask.term_id is not None},
        )

    def _score(self, mask: Mask) -> float:
        return mask.score if self._scored and mask.score is not None else ALL_EQUAL


def _masks_of(annotations: Mapping[int, Annotation]) -> dict[int, list[Mask]]:
    found: dict[int, list[Mask]] = defaultdict(list)
    masks = Mask.objects.filter(annotation__in=annotations, deleted=False, area__gt=0)
    for mask in masks.order_by("annotation_id", "number").only("annotation_id", "number", "score", "term_id"):
        found[mask.annotation_id].append(mask)
    return found


def _with_pixels(masks: Iterable[Mask]) -> list[Mask]:
    return [mask for mask in masks if not mask.deleted and mask.area]


def _accepted(project_id: int, spec: Spec) -> MaskSet:
    rows = accepted(project_id).values_list("image_id", "pk")
    return AnnotationSet({"kind": "accepted"}, {image: (pk, 0) for image, pk in rows}, scored=False)


def _release(project_id: int, spec: Spec) -> MaskSet:
    release = Release.objects.filter(project_id=project_id, pk=_id(spec, "release")).first()
    if release is None:
        raise NotFound(_("There is no such release, or you are not a member of its project."))
    if release.state != Release.State.PUBLISHED:
        raise Conflict(
            _("Release %(name)s is not published: wait for it, or choose another.") % {"name": release.name}
        )
    told = {
        "kind": "release",
        "release": release.pk,
        "name": release.name,
        "merkle_root": release.merkle_root,
    }
    rows = {row["image"]: (row["annotation"], row["revision"]) for row in release.inputs}
    return AnnotationSet(told, rows, scored=False)


def _model(project_id: int, spec: Spec) -> MaskSet:
    versions = ModelVersion.objects.filter(pk=_id(spec, "model_version"))
    version = versions.first()
    if version is None or version.project_id not in {None, project_id}:
        raise NotFound(_("There is no such model version, or you are not a member of its project."))
    told = {
        "kind": "model",
        "model_version": version.pk,
        "name": version.name,
        "checkpoint_sha256": version.checkpoint_sha256,
    }
    predictions = Annotation.objects.filter(
        model_version=version, image__project_id=project_id, state=Annotation.State.FROZEN
    )
    # Ascending: of an image that was predicted twice the newest stays.
    rows = predictions.order_by("pk").values_list("image_id", "pk")
    return AnnotationSet(told, {image: (pk, 0) for image, pk in rows}, scored=True)


def _annotator(project_id: int, spec: Spec) -> MaskSet:
    username = spec.get("user")
    annotations = handed_in(project_id).filter(assignment__annotator__username=username)
    rows = annotations.order_by("pk").values_list("image_id", "pk")
    told = {"kind": "annotator", "user": username, "name": username}
    found = AnnotationSet(told, {image: (pk, 0) for image, pk in rows}, scored=False)
    if not isinstance(username, str) or not found.images():
        raise NotFound(_("%(user)s has handed in no annotation in this project.") % {"user": username})
    return found


def _upload(project_id: int, spec: Spec) -> MaskSet:
    upload = EvaluationUpload.objects.filter(project_id=project_id, pk=_id(spec, "upload")).first()
    if upload is None:
        raise NotFound(_("There is no such upload, or you are not a member of its project."))
    if upload.state != WorkState.SUCCEEDED:
        raise Conflict(
            _("“%(name)s” cannot be evaluated: it is not read, or was refused.") % {"name": upload.name}
        )
    return UploadSet(upload)


class UploadSet:
    """The masks of an uploaded file."""

    def __init__(self, upload: EvaluationUpload) -> None:
        self.told = {"kind": "upload", "upload": upload.pk, "name": upload.name, "sha256": upload.sha256}
        self._upload = upload
        self._rows: dict[str, Any] = json.loads(media.read(upload.index_key))["images"]
        # COCO: an image that a list of results does not name has no result.
        self._covers_all = upload.format == EvaluationUpload.Format.RESULTS

    def images(self) -> set[int]:
        if self._covers_all:
            return set(Image.objects.filter(project_id=self._upload.project_id).values_list("pk", flat=True))
        return {int(image) for image in self._rows}

    def named_images(self) -> set[int]:
        """The images that the file names; of the others a list of results says that nothing is there."""
        return {int(image) for image in self._rows}

    def of(self, images: Sequence[int]) -> dict[int, ImageMasks]:
        terms = _terms_by_word(self._upload.project_id)
        return {image: self._image_masks(image, terms) for image in images}

    def _image_masks(self, image: int, terms: Mapping[str, int]) -> ImageMasks:
        row = self._rows.get(str(image))
        if row is None:
            return ImageMasks(source={}, sha256="", scores={}, terms={})
        return ImageMasks(
            source={"upload": self._upload.pk, "overlaps": row["overlaps"], "crowds": row["crowds"]},
            sha256=row["sha256"],
            scores=dict(row["scores"]),
            terms={number: terms.get(normalised(word), word) for number, word in row["words"]},
        )


def _terms_by_word(project_id: int) -> dict[str, int]:
    """Term by normalised name or alias; a name goes before an alias of another term."""
    found: dict[str, int] = {}
    rows = list(
        Term.objects.filter(project_id=project_id).order_by("pk").values_list("pk", "name", "aliases")
    )
    for pk, _name, aliases in rows:
        for alias in aliases:
            found.setdefault(normalised(alias), pk)
    return found | {normalised(name): pk for pk, name, _aliases in rows}


def _id(spec: Spec, name: str) -> int:
    value = spec.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(_("Name the %(name)s by its id.") % {"name": name}, code="invalid")
    return value
