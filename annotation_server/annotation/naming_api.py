"""What helps naming: an example of a term, entities that look alike, and terms the model would give them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.access import find_annotation
from annotation_server.annotation.example import example_of
from annotation_server.annotation.mask_vectors import prepare
from annotation_server.annotation.models import Annotation, Assignment
from annotation_server.annotation.seen import note_drawing_seen
from annotation_server.annotation.similar import NO_SUMS, TermSums, Vectors, scale_of, similar, suggestions
from annotation_server.annotation.term_vectors import names_of, sums_of, vectors_of
from annotation_server.annotation.vector_models import MaskVectors
from annotation_server.errors import NotFound, Refused
from annotation_server.permissions import visible_projects
from annotation_server.requests.question_api import QuestionAsked, asked
from annotation_server.vocabulary.find import vocabulary_of
from annotation_server.vocabulary.models import Term

MOST_NUMBERS = 1000
MOST_SIMILAR = 100


class ExampleAnswer(serializers.Serializer):
    """A mask that bears the term; `window` is the part of its image to show, `rle` its pixels there.

    `window` and `bbox` are [x, y, width, height] in px of the image; `rle` is uncompressed COCO RLE of every
    `step`-th pixel of the window.
    """

    annotation = serializers.IntegerField()
    image = serializers.IntegerField()
    number = serializers.IntegerField()
    bbox = serializers.ListField(child=serializers.IntegerField())
    window = serializers.ListField(child=serializers.IntegerField())
    step = serializers.IntegerField()
    rle = serializers.DictField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    dzi_url = serializers.CharField()


class Prepared(serializers.Serializer):
    """The vectors are there."""

    state = serializers.ChoiceField(choices=["ready"])


class SimilarRow(serializers.Serializer):
    number = serializers.IntegerField()
    similarity = serializers.FloatField(help_text="0 to 1")


class SimilarAnswer(serializers.Serializer):
    """`is_current` is false where the label map has changed since the model looked at it."""

    is_current = serializers.BooleanField()
    results = SimilarRow(many=True)


class SuggestedTerm(serializers.Serializer):
    term = serializers.IntegerField()
    share = serializers.FloatField(help_text="0 to 1: the model's share for this term among all")


class SuggestionRow(serializers.Serializer):
    number = serializers.IntegerField()
    terms = SuggestedTerm(many=True)


class SuggestionsAnswer(serializers.Serializer):
    """Up to three terms for each unnamed entity; entities of which the model is not sure are left out."""

    is_current = serializers.BooleanField()
    named = serializers.IntegerField(help_text="named masks of the project that this rests on")
    results = SuggestionRow(many=True)


class TermExample(APIView):
    """A mask of the project that shows what a term means; 204 where there is none to be shown."""

    @extend_schema(
        parameters=[OpenApiParameter("not_image", int, description="An image to leave out.")],
        responses={200: ExampleAnswer, 204: None},
    )
    def get(self, request: Request, term_id: int) -> Response:
        term = get_object_or_404(Term.objects.filter(project__in=visible_projects(request.user)), pk=term_id)
        example = example_of(request.user, term, not_image=_number_asked(request, "not_image"))
        if example is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        mask = example.mask
        image = mask.annotation.image
        note_drawing_seen(request.user, mask.annotation)
        answer = {
            "annotation": mask.annotation_id,
            "image": image.pk,
            "number": mask.number,
            "bbox": [mask.x, mask.y, mask.width, mask.height],
            "window": list(example.window),
            "step": example.step,
            "rle": example.rle,
            "width": image.width,
            "height": image.height,
            "dzi_url": f"/api/v1/images/{image.pk}/image.dzi",
        }
        return Response(answer)


@method_decorator(gzip_page, name="dispatch")
class Words(APIView):
    """All terms that may be given here, as columns and rows, like `vocabulary`.

    Where the vocabulary is frozen, those made later are left out.
    """

    @extend_schema(operation_id="annotations_vocabulary", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        until = annotation.assignment.terms_until if annotation.assignment else None
        return Response(vocabulary_of(annotation.image.project_id, until))


class PrepareVectors(APIView):
    """See to it that similar entities and suggestions can be told: 200 they can, 202 a question is asked."""

    @extend_schema(request=None, responses={200: Prepared, 202: QuestionAsked})
    def post(self, request: Request, annotation_id: int) -> Response:
        question = prepare(request.user, find_annotation(request.user, annotation_id))
        return Response({"state": "ready"}) if question is None else asked(question)


class SimilarEntities(APIView):
    """The entities of an annotation that look like the ones named, most alike first."""

    @extend_schema(
        parameters=[OpenApiParameter("number", int, required=True, many=True)], responses=SimilarAnswer
    )
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        kept = _kept(annotation)
        numbers = _numbers_asked(request)
        vectors = vectors_of(kept)
        scale = scale_of(vectors, _sums(annotation, kept, vectors))
        found = similar(vectors, numbers, scale)[:MOST_SIMILAR]
        return Response(
            {"is_current": _is_current(annotation, kept), "results": [s._asdict() for s in found]}
        )


class Suggestions(APIView):
    """The terms a model would give the unnamed entities of an annotation."""

    @extend_schema(responses=SuggestionsAnswer)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        kept = _kept(annotation)
        vectors = vectors_of(kept)
        sums = _sums(annotation, kept, vectors)
        found = suggestions(vectors, _all_named(annotation, vectors), sums, scale_of(vectors, sums))
        late = _terms_made_late(annotation)
        rows = [
            {"number": n, "terms": [term._asdict() for term in terms if term.term not in late]}
            for n, terms in found.items()
        ]
        return Response(
            {
                "is_current": _is_current(annotation, kept),
                "named": int(sums.counts.sum()),
                "results": [row for row in rows if row["terms"]],
            }
        )


def _kept(annotation: Annotation) -> MaskVectors:
    kept = MaskVectors.objects.filter(pk=annotation.pk).first()
    if kept is None:
        raise NotFound(
            _("The model has not looked at these masks yet: POST …/vectors first."), code="no_vectors"
        )
    return kept


def _sums(annotation: Annotation, kept: MaskVectors, vectors: Vectors) -> TermSums:
    if not len(vectors.numbers):
        return NO_SUMS
    hidden = annotation.assignment is not None and annotation.assignment.round in Assignment.HIDDEN
    return sums_of(
        annotation.image.project_id,
        kept.model_sha256,
        vectors.matrix.shape[1],
        without_image=annotation.image_id if hidden else None,
    )


def _all_named(annotation: Annotation, vectors: Vectors) -> dict[int, int]:
    known = set(vectors.numbers.tolist())
    return {number: term for number, term in names_of(annotation.pk).items() if number in known}


def _terms_made_late(annotation: Annotation) -> set[int]:
    """Terms that are not offered where the vocabulary is frozen."""
    until = annotation.assignment.terms_until if annotation.assignment else None
    if until is None:
        return set()
    late = Term.objects.filter(project_id=annotation.image.project_id, created_at__gt=until)
    return set(late.values_list("pk", flat=True))


def _is_current(annotation: Annotation, kept: MaskVectors) -> bool:
    return kept.map_sha256 == annotation.map_sha256


def _numbers_asked(request: Request) -> set[int]:
    texts = request.query_params.getlist("number")
    if not texts or len(texts) > MOST_NUMBERS or not all(map(_is_number, texts)):
        raise Refused(
            _("Name 1 to %(most)s entities: ?number=3&number=4.") % {"most": MOST_NUMBERS}, code="invalid"
        )
    return set(map(int, texts))


def _number_asked(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not _is_number(text):
        raise Refused(_("“%(name)s” must be a number.") % {"name": name}, code="invalid")
    return int(text)


def _is_number(text: Any) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


urlpatterns = [
    path("terms/<int:term_id>/example", TermExample.as_view()),
    path("annotations/<int:annotation_id>/vocabulary", Words.as_view()),
    path("annotations/<int:annotation_id>/vectors", PrepareVectors.as_view()),
    path("annotations/<int:annotation_id>/similar", SimilarEntities.as_view()),
    path("annotations/<int:annotation_id>/suggestions", Suggestions.as_view()),
]
