"""`/api/v1/terms`: the names a project's entities may bear."""

import unicodedata
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.permissions import require_role, visible_projects
from annotation_server.projects.asked_for import project_asked_for
from annotation_server.projects.models import Role
from annotation_server.vocabulary.find import matching, rows_of, vocabulary_of, with_uses
from annotation_server.vocabulary.models import Term
from annotation_server.vocabulary.near import Near, near_names
from annotation_server.vocabulary.terms import change_term, propose_term

LONGEST_SEARCH = 100
UNPRINTABLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def _is_a_name(text: str) -> None:
    if not text.strip():
        raise serializers.ValidationError(_("A name has at least one letter."))
    if any(unicodedata.category(letter) in UNPRINTABLE for letter in text):
        raise serializers.ValidationError(_("The name holds a character that cannot be printed."))


class TermRow(serializers.ModelSerializer):
    """A term; `uses` counts the masks that bear it."""

    parent_name = serializers.CharField(source="parent.name", allow_null=True, default=None, read_only=True)
    uses = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Term
        fields: tuple[str, ...] = (
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


class NearName(serializers.Serializer):
    """A term whose name or alias a new name may have meant."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["spacing", "plural", "spelling"])


class NewTermRow(TermRow):
    """A term, and those that were there before whose names are nearly the same."""

    near = NearName(many=True, read_only=True)

    class Meta(TermRow.Meta):
        fields = (*TermRow.Meta.fields, "near")


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
        return with_uses(self._of_project()).order_by("normal_name")

    def _of_project(self) -> QuerySet[Term]:
        return Term.objects.filter(project_id=project_asked_for(self.request, Role.ANNOTATOR))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        typed = request.query_params.get("search", "").strip()[:LONGEST_SEARCH]
        if not typed:
            return super().list(request, *args, **kwargs)
        page = self.paginate_queryset(matching(typed, self.filter_queryset(self._of_project())))
        return self.get_paginated_response(TermRow(rows_of(page), many=True).data)

    @extend_schema(request=NewTerm, responses={200: NewTermRow, 201: NewTermRow})
    def post(self, request: Request) -> Response:
        given = NewTerm(data=request.data)
        given.is_valid(raise_exception=True)
        new = given.validated_data
        term, made = propose_term(request.user, new["project"], new["name"], new["kind"])
        near = _near(term) if made else []
        row = {**TermRow(with_uses(Term.objects.filter(pk=term.pk)).get()).data, "near": near}
        return Response(row, status=status.HTTP_201_CREATED if made else status.HTTP_200_OK)


@method_decorator(gzip_page, name="dispatch")
class Vocabulary(APIView):
    """All terms of a project in one answer, as the naming step loads them: columns, and a row for each term.

    `parent` is the id of the more general term; `uses` may be half a minute old.
    """

    @extend_schema(
        parameters=[OpenApiParameter("project", int, required=True)], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request) -> Response:
        return Response(vocabulary_of(project_asked_for(request, Role.ANNOTATOR)))


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


def _near(term: Term) -> list[dict[str, Any]]:
    """The project's other terms that this one may be a second spelling of."""
    others = Term.objects.filter(project_id=term.project_id).exclude(pk=term.pk)
    known = [
        (pk, name, 0)
        for pk, own, aliases in others.values_list("pk", "name", "aliases")
        for name in (own, *aliases)
    ]
    return [Near._asdict(near) for near in near_names(term.name, known)]


def _visible_term(request: Request, term_id: int) -> Term:
    terms = with_uses(Term.objects.filter(project__in=visible_projects(request.user)))
    return get_object_or_404(terms, pk=term_id)


urlpatterns = [
    path("terms", TermList.as_view()),
    path("vocabulary", Vocabulary.as_view()),
    path("terms/<int:term_id>", TermOne.as_view()),
]
