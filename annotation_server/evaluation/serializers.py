"""Evaluation reports, comparisons and uploads as JSON."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from annotation_server.evaluation.models import EvaluationComparison, EvaluationReport, EvaluationUpload
from annotation_server.evaluation.sets import KINDS, label_of
from annotation_server.evaluation.start import OVERLAP_RULES, VOID_RULES
from annotation_server.images.models import Split
from annotation_server.requests.kept_sentences import said
from annotation_server.requests.models import WorkState

SIMILARITIES = ("identity", "word_tree", "embedding")


class KnownFields(serializers.Serializer[Any]):
    """Refuses fields that there are not, so that a misspelt option is not taken for its default."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({unknown[0]: _("There is no such option.")})
        return super().to_internal_value(data)


class SetSpec(KnownFields):
    """A set of masks: its kind, and which of that kind."""

    kind = serializers.ChoiceField(KINDS)
    release = serializers.IntegerField(required=False)
    model_version = serializers.IntegerField(required=False)
    user = serializers.CharField(required=False, help_text="A username")
    upload = serializers.IntegerField(required=False)


class ReportOptions(KnownFields):
    """How a report measures."""

    overlap = serializers.ChoiceField(OVERLAP_RULES, default="refuse", help_text="Of masks of an upload")
    void = serializers.ChoiceField(VOID_RULES, default="crowd", help_text="What VOID of the truth counts as")
    similarity = serializers.ChoiceField(SIMILARITIES, default="identity", help_text="Of names")
    boundary = serializers.BooleanField(default=True, help_text="Measure borders too")


class NewReport(KnownFields):
    """What one says to have two sets compared."""

    project = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    truth = SetSpec()
    found = SetSpec()
    split = serializers.ChoiceField([("", "All"), *Split.choices], required=False, default="")
    options = ReportOptions(required=False)


class ReportRow(serializers.Serializer[Any]):
    """A report as lists show it."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    name = serializers.CharField()
    state = serializers.ChoiceField(WorkState.choices)
    request = serializers.IntegerField(source="request_id", allow_null=True)
    truth = serializers.DictField()
    found = serializers.DictField()
    truth_label = serializers.SerializerMethodField()
    found_label = serializers.SerializerMethodField()
    split = serializers.CharField(help_text="Empty: all images")
    options = serializers.DictField()
    inputs_sha256 = serializers.CharField(help_text="The same inputs give the same report, byte for byte")
    same_as = serializers.IntegerField(
        source="same_as_id", allow_null=True, help_text="The earlier report whose figures were taken"
    )
    images = serializers.IntegerField(help_text="Measured")
    left_out = serializers.ListField(
        child=serializers.DictField(), help_text="[{kind, count, examples}] of images"
    )
    headline = serializers.DictField()
    error = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_truth_label(self, report: EvaluationReport) -> str:
        return label_of(report.truth)

    def get_found_label(self, report: EvaluationReport) -> str:
        return label_of(report.found)

    def get_error(self, report: EvaluationReport) -> str:
        return said(report.error)


class FullReport(ReportRow):
    """A report with all its figures, and the names they speak of."""

    figures = serializers.DictField()
    names = serializers.DictField(help_text="{id: {name, kind, parent}}")


class UploadRow(serializers.Serializer[Any]):
    """An uploaded file of masks."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    name = serializers.CharField()
    format = serializers.CharField(help_text="Empty until it is read")
    state = serializers.ChoiceField(WorkState.choices)
    request = serializers.IntegerField(source="request_id", allow_null=True)
    images = serializers.IntegerField()
    masks = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.DictField(), help_text="[{kind, count, examples}]")
    sha256 = serializers.CharField()
    error = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()

    def get_error(self, upload: EvaluationUpload) -> str:
        return said(upload.error)


class NewUpload(serializers.Serializer[Any]):
    """A file of masks: COCO instances or results, EntitySeg, or a zip of COCO panoptic."""

    project = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    file = serializers.FileField(allow_empty_file=True, error_messages={"required": _("Choose a file.")})


class NewComparison(KnownFields):
    """Two reports to be compared."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()


class NamedReport(serializers.Serializer[Any]):
    """A report as other rows name it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ComparisonRow(serializers.Serializer[Any]):
    """Two reports beside each other."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    first = NamedReport()
    second = NamedReport()
    state = serializers.ChoiceField(WorkState.choices)
    request = serializers.IntegerField(source="request_id", allow_null=True)
    images = serializers.IntegerField(help_text="That both measured against the same truth")
    figures = serializers.DictField()
    verdict = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_verdict(self, comparison: EvaluationComparison) -> str:
        return said(comparison.verdict)

    def get_error(self, comparison: EvaluationComparison) -> str:
        return said(comparison.error)


class MeasuredImage(serializers.Serializer[Any]):
    """One image's figures in a report; null where a measure says nothing of it."""

    image = serializers.IntegerField()
    file_name = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    AP = serializers.FloatField(allow_null=True)
    AP50 = serializers.FloatField(allow_null=True)
    PQ = serializers.FloatField(allow_null=True)
    F1 = serializers.FloatField(allow_null=True)
    covering = serializers.FloatField(allow_null=True)
    boundary_AP = serializers.FloatField(allow_null=True)
    true = serializers.IntegerField(help_text="Entities of the truth")
    found = serializers.IntegerField(help_text="Entities found")


class ImageDetail(serializers.Serializer[Any]):
    """One image of a report: every entity of both sides."""

    image = serializers.IntegerField()
    file_name = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    annotations = serializers.DictField(
        help_text="The annotation of each side, where it is one: {truth, found}"
    )
    counts = serializers.DictField(help_text="By kind: right, border, name, missing, extra, in_void")
    pairs = serializers.ListField(
        child=serializers.DictField(),
        help_text="{kind, true, found, iou, score, true_term, found_term, and box and area of each side}",
    )
    legend = serializers.DictField(help_text="The colour of every kind in the picture of errors")
