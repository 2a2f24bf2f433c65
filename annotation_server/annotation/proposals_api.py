"""`/api/v1/annotations/{id}/proposals`: which predictions of its image there are, and what was rejected."""

from collections import defaultdict
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.assign import newest_prediction
from annotation_server.annotation.models import Annotation, Assignment, RejectedProposal


class PredictionRow(serializers.ModelSerializer[Annotation]):
    """A prediction whose masks may be taken over."""

    model = serializers.CharField(source="model_version.name")
    has_alternatives = serializers.SerializerMethodField()

    class Meta:
        model = Annotation
        fields = ("id", "model", "model_version", "mask_count", "created_at", "has_alternatives")

    def get_has_alternatives(self, prediction: Annotation) -> bool:
        return bool(prediction.alternatives_key)


class ProposalsAnswer(serializers.Serializer[Any]):
    """The predictions of an annotation's image, newest first."""

    predictions = PredictionRow(many=True)
    chosen = serializers.IntegerField(
        allow_null=True, help_text="Where the annotation started, else the champion's newest"
    )
    rejected = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Numbers by prediction that this annotation does not want",
    )


class Proposals(APIView):
    """What models propose for an annotation's image, and what was rejected here."""

    @extend_schema(operation_id="annotations_proposals", responses=ProposalsAnswer)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        predictions = Annotation.objects.filter(image=annotation.image, model_version__isnull=False)
        newest = newest_prediction(annotation.image)
        if annotation.assignment is not None and annotation.assignment.round in Assignment.HIDDEN:
            # What it began from, as for whoever drew the image first; nothing that came later.
            predictions, newest = predictions.filter(pk=annotation.prediction_id or 0), None
        rejected: dict[str, list[int]] = defaultdict(list)
        rows = RejectedProposal.objects.filter(annotation=annotation)
        for prediction, number in rows.values_list("prediction_id", "number"):
            rejected[str(prediction)].append(number)
        return Response(
            {
                "predictions": PredictionRow(
                    predictions.select_related("model_version").order_by("-id"), many=True
                ).data,
                "chosen": annotation.prediction_id or (newest.pk if newest else None),
                "rejected": rejected,
            }
        )


urlpatterns = [path("annotations/<int:annotation_id>/proposals", Proposals.as_view())]
