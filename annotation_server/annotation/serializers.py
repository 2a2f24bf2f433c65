"""How assignments, annotations, masks and revisions look as JSON."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from annotation_server.annotation.access import OVERSEERS, WORKABLE, is_blind
from annotation_server.annotation.hidden_work import instructions_of
from annotation_server.annotation.models import Annotation, Assignment, Mask, Review, Revision
from annotation_server.annotation.numbers import BLOCK, LARGEST_BLOCK
from annotation_server.annotation.review import may_review, open_comments
from annotation_server.annotation.review_map import review_map_of
from annotation_server.permissions import role_in
from annotation_server.segmentation.label_map import coverage


class AuthorRow(serializers.Serializer):
    """Who made an annotation: a person or a model."""

    kind = serializers.ChoiceField(choices=["person", "model"])
    name = serializers.CharField()

    def to_representation(self, annotation: Annotation) -> dict[str, str]:
        if annotation.model_version is not None:
            return {"kind": "model", "name": annotation.model_version.name}
        assert annotation.assignment is not None
        return {"kind": "person", "name": annotation.assignment.annotator.display_name}


class ShownRound(serializers.ChoiceField):
    """The round as the reader may know it: hidden work looks like drawing.

    It is told only to others, and only once it is no longer blind.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Assignment.Round.choices, source="*", read_only=True, **options)

    def to_representation(self, assignment: Any) -> str:
        request = self.context.get("request")
        own = request is None or assignment.annotator_id == request.user.pk
        if assignment.round in Assignment.HIDDEN and (own or is_blind(assignment)):
            return str(Assignment.Round.DRAW)
        return str(assignment.round)


class AssignmentRow(serializers.ModelSerializer):
    """One person's work on one image."""

    round = ShownRound()
    annotation = serializers.IntegerField(source="annotation.pk", allow_null=True, default=None)
    annotator = serializers.CharField(source="annotator.username")
    file_name = serializers.CharField(source="image.file_name")
    project = serializers.IntegerField(source="image.project_id")
    lease_holder = serializers.CharField(source="lease_holder.username", allow_null=True, default=None)

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = (
            "id",
            "project",
            "image",
            "file_name",
            "annotation",
            "annotator",
            "round",
            "state",
            "lease_holder",
            "lease_expires_at",
            "created_at",
        )


class ClaimedAssignment(AssignmentRow):
    """An assignment whose lease the caller has just taken."""

    editor_url = serializers.SerializerMethodField()

    class Meta(AssignmentRow.Meta):
        fields = (*AssignmentRow.Meta.fields, "lease", "editor_url")

    def get_editor_url(self, assignment: Assignment) -> str:
        return f"/annotate/{assignment.annotation.pk}"


class AnnotationRow(serializers.ModelSerializer):
    """An annotation in a list; it never carries masks."""

    author = AuthorRow(source="*")
    coverage = serializers.SerializerMethodField()
    revision = serializers.IntegerField(source="revision_number")

    class Meta:
        model = Annotation
        fields: tuple[str, ...] = (
            "id",
            "image",
            "author",
            "state",
            "revision",
            "void_px",
            "coverage",
            "map_sha256",
            "mask_count",
            "assignment",
            "prediction",
            "created_at",
            "changed_at",
            "submitted_at",
        )

    def get_coverage(self, annotation: Annotation) -> float:
        return coverage(annotation.image.width, annotation.image.height, annotation.void_px)


class AnnotationDetail(AnnotationRow):
    """What the editor needs to open an annotation, besides its bundle and masks."""

    image = serializers.SerializerMethodField()
    project = serializers.IntegerField(source="image.project_id")
    version = serializers.IntegerField(source="revision_number")
    policy = serializers.SerializerMethodField()
    assignment = serializers.SerializerMethodField()
    reviews = serializers.SerializerMethodField()
    can_edit = serializers.SerializerMethodField()
    can_review = serializers.SerializerMethodField()
    original = serializers.SerializerMethodField()
    replaced_by = serializers.SerializerMethodField()
    review_map = serializers.SerializerMethodField()
    open_comments = serializers.SerializerMethodField()
    task = serializers.SerializerMethodField(
        help_text="{instructions, phase: masks or names, locked_map: only names may be saved}"
    )

    class Meta(AnnotationRow.Meta):
        fields = (
            *AnnotationRow.Meta.fields,
            "project",
            "version",
            "policy",
            "reviews",
            "can_edit",
            "can_review",
            "original",
            "replaced_by",
            "review_map",
            "open_comments",
            "task",
        )

    def get_image(self, annotation: Annotation) -> dict[str, Any]:
        image = annotation.image
        return {
            "id": image.pk,
            "file_name": image.file_name,
            "width": image.width,
            "height": image.height,
            "dzi_url": f"/api/v1/images/{image.pk}/image.dzi",
            "thumbnail_url": f"/api/v1/images/{image.pk}/thumbnail",
        }

    def get_policy(self, annotation: Annotation) -> dict[str, Any]:
        project = annotation.image.project
        return {
            "min_coverage": project.min_coverage,
            "max_gap_px": project.max_gap_px,
            "names_required": project.names_required or _is_naming(annotation),
            "review_required": project.review_required,
        }

    def get_task(self, annotation: Annotation) -> dict[str, Any]:
        """What is asked of whoever draws it."""
        is_naming = _is_naming(annotation)
        round_ = annotation.assignment.round if annotation.assignment else None
        is_told = round_ not in (None, Assignment.Round.REVIEW)
        return {
            "instructions": instructions_of(annotation.image.project_id) if is_told else "",
            "phase": "names" if is_naming else "masks",
            "locked_map": is_naming,
        }

    def get_assignment(self, annotation: Annotation) -> dict[str, Any] | None:
        assignment = annotation.assignment
        return None if assignment is None else AssignmentRow(assignment, context=self.context).data

    def get_reviews(self, annotation: Annotation) -> list[dict[str, Any]]:
        rows = annotation.reviews.select_related("reviewer")
        return [ReviewRow(row).data for row in rows]

    def get_can_edit(self, annotation: Annotation) -> bool:
        """Whether this person may claim it now: the annotator, or a reviewer and above."""
        assignment = annotation.assignment
        if not annotation.is_editable or assignment is None or assignment.state not in WORKABLE:
            return False
        return assignment.annotator_id == self._user.pk or self._role in OVERSEERS

    def get_can_review(self, annotation: Annotation) -> bool:
        return (
            annotation.state == Annotation.State.SUBMITTED
            and self._role in OVERSEERS
            and may_review(self._user, annotation)
        )

    def get_original(self, annotation: Annotation) -> dict[str, Any] | None:
        """The submitted annotation that this reviewer's map corrects."""
        original = annotation.original
        if original is None:
            return None
        author = AuthorRow().to_representation(original)
        return {"id": original.pk, "author": author, "revision": annotation.original_revision}

    def get_replaced_by(self, annotation: Annotation) -> int | None:
        """The reviewer's map that was accepted in its place."""
        accepted = annotation.review_maps.filter(state=Annotation.State.ACCEPTED)
        return accepted.values_list("pk", flat=True).first()

    def get_review_map(self, annotation: Annotation) -> int | None:
        """The map this person is correcting it in."""
        begun = review_map_of(self._user, annotation)
        return begun.pk if begun else None

    def get_open_comments(self, annotation: Annotation) -> int:
        return len(open_comments(annotation))

    @property
    def _user(self) -> Any:
        return self.context["request"].user

    @property
    def _role(self) -> str | None:
        assert isinstance(self.instance, Annotation)
        return role_in(self._user, self.instance.image.project_id)


def _is_naming(annotation: Annotation) -> bool:
    """Whether the map is another's and only names are asked for."""
    return annotation.assignment is not None and annotation.assignment.round == Assignment.Round.NAMES


class MaskRow(serializers.ModelSerializer):
    """One entity; its pixels are those of its number in the label map."""

    term = serializers.IntegerField(source="term_id", allow_null=True)
    term_name = serializers.CharField(source="term.name", allow_null=True, default=None)
    bbox = serializers.SerializerMethodField()
    source = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="{annotation, number} of a prediction, or null"
    )

    class Meta:
        model = Mask
        fields = (
            "number",
            "term",
            "term_name",
            "raw_name",
            "colour",
            "area",
            "bbox",
            "score",
            "provenance",
            "version",
            "deleted",
            "source",
            "changed_share",
            "strokes",
            "active_ms",
        )

    def get_bbox(self, mask: Mask) -> list[int]:
        return [mask.x, mask.y, mask.width, mask.height]

    def get_source(self, mask: Mask) -> dict[str, int] | None:
        if mask.source_id is None:
            return None
        return {"annotation": mask.source_id, "number": mask.source_number}


class MasksAnswer(serializers.Serializer):
    revision = serializers.IntegerField()
    results = MaskRow(many=True)


class RevisionRow(serializers.ModelSerializer):
    """One saved state; `tiles` counts those it changed, `ops` the operations by tool."""

    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    ops = serializers.SerializerMethodField()
    tiles = serializers.SerializerMethodField()
    masks = serializers.SerializerMethodField()

    class Meta:
        model = Revision
        fields = (
            "number",
            "kind",
            "author",
            "created_at",
            "ops",
            "tiles",
            "masks",
            "void_px",
            "map_sha256",
        )

    def get_ops(self, revision: Revision) -> dict[str, int]:
        counted: dict[str, int] = {}
        for operation in revision.operations:
            tool = str(operation.get("tool", "other"))[:40]
            counted[tool] = counted.get(tool, 0) + 1
        return counted

    def get_tiles(self, revision: Revision) -> int:
        return len(bytes(revision.tile_changes)) // 68

    def get_masks(self, revision: Revision) -> list[int]:
        return [record["number"] for record in revision.mask_changes]


class ReviewRow(serializers.ModelSerializer):
    reviewer = serializers.CharField(source="reviewer.username")

    class Meta:
        model = Review
        fields = (
            *("id", "verdict", "reason", "reviewer", "comments", "revision_number", "map_sha256"),
            "created_at",
        )


class NextInput(serializers.Serializer):
    project = serializers.IntegerField()
    round = serializers.ChoiceField(choices=Assignment.Round.choices, default=Assignment.Round.DRAW)

    def validate_round(self, value: str) -> str:
        if value != Assignment.Round.DRAW:
            raise serializers.ValidationError(_("Work of a consistency study is assigned by the study."))
        return value


class LeaseInput(serializers.Serializer):
    lease = serializers.CharField(allow_null=True, default=None, max_length=64)


class LeaseAnswer(serializers.Serializer):
    lease_expires_at = serializers.DateTimeField()


class NumbersInput(serializers.Serializer):
    count = serializers.IntegerField(default=BLOCK, min_value=1, max_value=LARGEST_BLOCK)


class NumbersAnswer(serializers.Serializer):
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class RestoreInput(LeaseInput):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class SubmitInput(LeaseInput):
    allow_unnamed = serializers.BooleanField(default=False)


class Gap(serializers.Serializer):
    area = serializers.IntegerField()
    bbox = serializers.ListField(child=serializers.IntegerField())
    point = serializers.ListField(child=serializers.IntegerField())


class GapsAnswer(serializers.Serializer):
    coverage = serializers.FloatField()
    void_px = serializers.IntegerField()
    count = serializers.IntegerField()
    gaps = Gap(many=True)


class SaveAnswer(serializers.Serializer):
    revision = serializers.IntegerField()
    version = serializers.IntegerField()
    void_px = serializers.IntegerField()
    coverage = serializers.FloatField()
    map_sha256 = serializers.CharField()
    tiles = serializers.DictField(child=serializers.IntegerField())
    replayed = serializers.BooleanField()
