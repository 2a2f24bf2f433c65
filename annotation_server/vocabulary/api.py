"""`/api/v1/terms`: the names a project's entities may bear."""

from typing import Any

import django_filters
from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.errors import Refused
from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.models import Role
from annotation_server.vocabulary.models import Term
from annotation_server.vocabulary.search import Candidate, ranked
from annotation_server.vocabulary.terms import change_term, propose_term

LONGEST_SEARCH = 100


def _is_a_name(text: str) -> None:
    if "\0" in text or not text.strip():
        raise serializers.ValidationError("A name has at least one letter.")


class TermRow(serializers.ModelSerializer):
    """A term; `uses` counts the masks that bear it."""

    parent_name = serializers.CharField(source="parent.name", allow_null=True, default=None, read_only=True)
    uses = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Term
        fields = (
            "id",
            "project",
            "name",
            "kind",
            "aliases",
            "parent",
            "parent_name",
            "synset",
            "definition",
            "status",
            "uses",
        )


class NewTerm(serializers.Serializer):
    project = serializers.IntegerField()
    name = serializers.CharField(max_length=100, validators=[_is_a_name])
    kind = serializers.ChoiceField(choices=Term.Kind.choices, default=Term.Kind.UNDECIDED)


class TermChange(serializers.ModelSerializer):
    """What curators change."""

    name = serializers.CharField(max_length=100, validators=[_is_a_name], required=False)
    aliases = serializers.ListField(
        child=serializers.CharField(max_length=100, validators=[_is_a_name]), max_length=50, required=False
    )

    class Meta:
        model = Term
        fields = ("name", "kind", "aliases", "parent", "synset", "definition", "status")


class TermFilter(django_filters.FilterSet):
    parent = django_filters.NumberFilter(field_name="parent_id")

    class Meta:
        model = Term
        fields = ("status", "kind")


class TermList(generics.ListAPIView):
    """A project's terms by name, or ranked by what was typed; anyone in the project proposes new ones."""

    queryset = Term.objects.none()
    serializer_class = TermRow
    filterset_class = TermFilter
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend,)

    @extend_schema(
        parameters=[OpenApiParameter("project", int, required=True), OpenApiParameter("search", str)]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Term]:
        text = self.request.query_params.get("project", "")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise Refused("Name the project: ?project=1.", code="invalid")
        require_role(self.request.user, int(text), Role.ANNOTATOR)
        return with_uses(Term.objects.filter(project_id=int(text))).order_by("normal_name")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        typed = self.request.query_params.get("search", "").strip()[:LONGEST_SEARCH]
        if not typed:
            return rows
        order = ranked(typed, [Candidate(*row) for row in rows.values_list("pk", "name", "aliases", "uses")])
        places = [When(pk=pk, then=place) for place, pk in enumerate(order)]
        if not places:
            return rows.none()
        return rows.filter(pk__in=order).order_by(Case(*places, output_field=IntegerField()))

    @extend_schema(request=NewTerm, responses={200: TermRow, 201: TermRow})
    def post(self, request: Request) -> Response:
        given = NewTerm(data=request.data)
        given.is_valid(raise_exception=True)
        new = given.validated_data
        term, made = propose_term(request.user, new["project"], new["name"], new["kind"])
        row = TermRow(with_uses(Term.objects.filter(pk=term.pk)).get()).data
        return Response(row, status=status.HTTP_201_CREATED if made else status.HTTP_200_OK)


class TermOne(APIView):
    """One term."""

    @extend_schema(responses=TermRow)
    def get(self, request: Request, term_id: int) -> Response:
        return Response(TermRow(_visible_term(request, term_id)).data)

    @extend_schema(request=TermChange, responses=TermRow)
    def patch(self, request: Request, term_id: int) -> Response:
        term = _visible_term(request, term_id)
        require_role(request.user, term.project_id, Role.CURATOR)
        given = TermChange(term, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        change_term(request.user, term, **given.validated_data)
        return Response(TermRow(_visible_term(request, term_id)).data)


def with_uses(terms: QuerySet[Term]) -> QuerySet[Term]:
    """Terms with how many masks bear them, predictions and deleted masks left out."""
    counted = Count("masks", filter=Q(masks__deleted=False, masks__annotation__assignment__isnull=False))
    return terms.select_related("parent").annotate(uses=counted)


def _visible_term(request: Request, term_id: int) -> Term:
    terms = with_uses(Term.objects.filter(project__in=visible_projects(request.user)))
    return get_object_or_404(terms, pk=term_id)


urlpatterns = [
    path("terms", TermList.as_view()),
    path("terms/<int:term_id>", TermOne.as_view()),
]
