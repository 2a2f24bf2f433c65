"""`/api/v1/assignments` and `/api/v1/annotations`."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from annotation_server.annotation import lease
from annotation_server.annotation.access import (
    BLIND,
    find_annotation,
    find_assignment,
    visible_annotations,
    visible_assignments,
)
from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.autosave import answer_of, save
from annotation_server.annotation.history import manifest_at, masks_at, restore
from annotation_server.annotation.label_maps import Manifest, current_manifest, manifest_of, read_map
from annotation_server.annotation.models import Annotation, Assignment, LabelMap, Revision
from annotation_server.annotation.numbers import give_numbers
from annotation_server.annotation.seen import look_at
from annotation_server.annotation.serializers import (
    AnnotationDetail,
    AnnotationRow,
    AssignmentRow,
    ClaimedAssignment,
    GapsAnswer,
    LeaseAnswer,
    LeaseInput,
    MaskRow,
    MasksAnswer,
    NextInput,
    NumbersAnswer,
    NumbersInput,
    RestoreInput,
    RevisionRow,
    SaveAnswer,
    SubmitInput,
)
from annotation_server.annotation.submit import gap_report, submit
from annotation_server.errors import Refused, TooLarge
from annotation_server.segmentation.bundle import compress_bundle
from annotation_server.segmentation.transaction import MAX_BODY_BYTES

REVISION = OpenApiParameter("revision", int, description="A past state; the current one when left out.")
ELM1 = OpenApiResponse(OpenApiTypes.BINARY, description="ELM1, see docs/label_map_format.md")
MOST_TILES = 1024


def parsed(serializer: type[BaseSerializer], request: Request) -> dict[str, Any]:
    """The request's body as the serializer reads it."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


class AssignmentFilter(django_filters.FilterSet):
    project = django_filters.NumberFilter(field_name="image__project_id")
    image = django_filters.NumberFilter(field_name="image_id")
    mine = django_filters.ChoiceFilter(choices=[("1", "yes"), ("0", "no")], method="only_mine")
    round = django_filters.ChoiceFilter(choices=Assignment.Round.choices, method="shown_as")

    class Meta:
        model = Assignment
        fields = ("state",)

    def only_mine(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return rows.filter(annotator=self.request.user) if value == "1" else rows

    def shown_as(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        """By the round that this person is told: one's own hidden work is drawing."""
        looks_drawn = BLIND | Q(annotator=self.request.user, round__in=Assignment.HIDDEN)
        if value == Assignment.Round.DRAW:
            return rows.filter(looks_drawn | Q(round=value))
        return rows.filter(round=value).exclude(looks_drawn)


class AssignmentList(generics.ListAPIView):
    """One's assignments; for reviewers and above, everyone's."""

    queryset = Assignment.objects.none()
    serializer_class = AssignmentRow
    filterset_class = AssignmentFilter
    search_fields = ("image__file_name",)
    ordering_fields = ("id", "created_at", "state")

    def get_queryset(self) -> QuerySet[Assignment]:
        rows = visible_assignments(self.request.user)
        return rows.select_related("image", "annotator", "lease_holder", "annotation")


class NextAssignment(APIView):
    """The person's next piece of work, leased to this tab."""

    @extend_schema(request=NextInput, responses=ClaimedAssignment)
    def post(self, request: Request) -> Response:
        wanted = parsed(NextInput, request)
        return Response(ClaimedAssignment(next_assignment(request.user, wanted["project"])).data)


class AssignmentOne(APIView):
    """One assignment."""

    @extend_schema(responses=AssignmentRow)
    def get(self, request: Request, assignment_id: int) -> Response:
        found = find_assignment(request.user, assignment_id)
        return Response(AssignmentRow(found, context={"request": request}).data)


class Claim(APIView):
    """Take the lease, in this tab; whoever held it gets 423 from now on."""

    @extend_schema(request=None, responses=ClaimedAssignment)
    def post(self, request: Request, assignment_id: int) -> Response:
        return Response(ClaimedAssignment(lease.claim(request.user, assignment_id)).data)


class Heartbeat(APIView):
    """Keep the lease."""

    @extend_schema(request=LeaseInput, responses=LeaseAnswer)
    def post(self, request: Request, assignment_id: int) -> Response:
        token = parsed(LeaseInput, request)["lease"]
        expires_at = lease.heartbeat(request.user, assignment_id, token)
        return Response(LeaseAnswer({"lease_expires_at": expires_at}).data)


class Release(APIView):
    """Give the lease back."""

    @extend_schema(request=LeaseInput, responses=AssignmentRow)
    def post(self, request: Request, assignment_id: int) -> Response:
        token = parsed(LeaseInput, request)["lease"]
        return Response(AssignmentRow(lease.release(request.user, assignment_id, token)).data)


class AnnotationFilter(django_filters.FilterSet):
    project = django_filters.NumberFilter(field_name="image__project_id")
    image = django_filters.NumberFilter(field_name="image_id")
    author = django_filters.ChoiceFilter(
        choices=[("person", "person"), ("model", "model")], method="of_author"
    )

    class Meta:
        model = Annotation
        fields = ("state",)

    def of_author(self, rows: QuerySet[Annotation], name: str, value: str) -> QuerySet[Annotation]:
        return rows.filter(model_version__isnull=value == "person")


class AnnotationList(generics.ListAPIView):
    """Annotations without their masks."""

    queryset = Annotation.objects.none()
    serializer_class = AnnotationRow
    filterset_class = AnnotationFilter
    search_fields = ("image__file_name",)
    ordering_fields = ("id", "created_at", "changed_at", "submitted_at", "void_px")

    def get_queryset(self) -> QuerySet[Annotation]:
        rows = visible_annotations(self.request.user)
        return rows.select_related("image", "assignment__annotator", "model_version")


class AnnotationOne(APIView):
    """One annotation: state, policy, and what this person may do with it."""

    @extend_schema(responses=AnnotationDetail)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        return Response(AnnotationDetail(annotation, context={"request": request}).data)


class Bundle(APIView):
    """The whole label map, gzipped."""

    @extend_schema(parameters=[REVISION], responses={200: ELM1})
    def get(self, request: Request, annotation_id: int) -> HttpResponseBase:
        look_at(request.user, annotation_id)
        # One query for the tiles and the revision they belong to: a save may come at any moment.
        row = LabelMap.objects.select_related("annotation").get(pk=annotation_id)
        asked = _revision_asked(request)
        number = row.annotation.revision_number if asked is None else asked
        etag = f'"{_sha256_at(row.annotation, number)}.{number}"'
        if request.headers.get("If-None-Match") == etag:
            response = HttpResponse(status=304)
        else:
            response = _gzipped(_manifest(row, number).bundle())
        response["ETag"] = etag
        response["X-Revision"] = str(number)
        response["Cache-Control"] = "private, no-cache"
        return response


class Tiles(APIView):
    """Some tiles as they are now, for the dialog about a conflict."""

    @extend_schema(
        parameters=[OpenApiParameter("t", str, description="Tile numbers: 3,4,17")], responses={200: ELM1}
    )
    def get(self, request: Request, annotation_id: int) -> HttpResponseBase:
        annotation = look_at(request.user, annotation_id)
        chosen = _tiles_asked(request)
        response = _gzipped(current_manifest(annotation.pk).some_tiles(chosen))
        response["X-Revision"] = str(annotation.revision_number)
        response["Cache-Control"] = "no-store"
        return response


class Masks(APIView):
    """The entities of an annotation, those deleted or without a pixel included."""

    @extend_schema(parameters=[REVISION], responses=MasksAnswer)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = look_at(request.user, annotation_id)
        number = _revision_asked(request)
        masks = (
            annotation.masks.select_related("term").order_by("number")
            if number is None
            else masks_at(annotation, number)
        )
        shown = annotation.revision_number if number is None else number
        return Response({"revision": shown, "results": MaskRow(masks, many=True).data})


class Gaps(APIView):
    """Coverage and the connected gaps, largest first."""

    @extend_schema(responses=GapsAnswer)
    def get(self, request: Request, annotation_id: int) -> Response:
        annotation = find_annotation(request.user, annotation_id)
        return Response(gap_report(annotation, read_map(annotation.pk)))


class Transactions(APIView):
    """Save changed tiles and entities in one transaction."""

    @extend_schema(request={"application/octet-stream": OpenApiTypes.BINARY}, responses=SaveAnswer)
    def post(self, request: Request, annotation_id: int) -> Response:
        deflated = request.headers.get("X-Body") == "deflate-raw"
        return Response(save(request.user, annotation_id, _body(request), deflated=deflated))


class Numbers(APIView):
    """A block of entity numbers that were never given before."""

    @extend_schema(request=NumbersInput, responses=NumbersAnswer)
    def post(self, request: Request, annotation_id: int) -> Response:
        count = parsed(NumbersInput, request)["count"]
        first, last = give_numbers(request.user, annotation_id, count)
        return Response({"first": first, "last": last})


UNTIL = OpenApiParameter("until", int, description="The newest revision listed; the last one when left out.")


@extend_schema(parameters=[UNTIL])
class RevisionList(generics.ListAPIView):
    """The saved states of an annotation, newest first."""

    queryset = Revision.objects.none()
    serializer_class = RevisionRow
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Revision]:
        annotation = find_annotation(self.request.user, self.kwargs["annotation_id"])
        rows = annotation.revisions.select_related("author").order_by("-number")
        until = _number_asked(self.request, "until")
        return rows if until is None else rows.filter(number__lte=until)


class Restore(APIView):
    """Make a new revision that equals an old one."""

    @extend_schema(request=RestoreInput, responses=SaveAnswer)
    def post(self, request: Request, annotation_id: int) -> Response:
        wanted = parsed(RestoreInput, request)
        revision = restore(request.user, annotation_id, wanted["revision"], wanted["lease"])
        return Response(answer_of(revision.annotation, revision, replayed=False))


class Submit(APIView):
    """Close the annotation for review, if it meets the project's policy."""

    @extend_schema(request=SubmitInput, responses=AnnotationDetail)
    def post(self, request: Request, annotation_id: int) -> Response:
        wanted = parsed(SubmitInput, request)
        submit(request.user, annotation_id, wanted["lease"], allow_unnamed=wanted["allow_unnamed"])
        return _detail(request, annotation_id)


def _detail(request: Request, annotation_id: int) -> Response:
    annotation = find_annotation(request.user, annotation_id)
    return Response(AnnotationDetail(annotation, context={"request": request}).data)


def _revision_asked(request: Request) -> int | None:
    return _number_asked(request, "revision")


def _number_asked(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(_("“%(name)s” must be a number.") % {"name": name}, code="invalid")
    return int(text)


def _tiles_asked(request: Request) -> list[int]:
    parts = [part for part in request.query_params.get("t", "").split(",") if part]
    if not parts or len(parts) > MOST_TILES:
        raise Refused(
            _("Name 1 to %(most_tiles)s tiles: ?t=3,4,17.") % {"most_tiles": MOST_TILES}, code="invalid"
        )
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise Refused(_("“t” must be tile numbers separated by commas."), code="invalid")
    return [int(part) for part in parts]


def _sha256_at(annotation: Annotation, number: int) -> str:
    if number == annotation.revision_number:
        return annotation.map_sha256
    revision = Revision.objects.filter(annotation=annotation, number=number).first()
    return revision.map_sha256 if revision else ""


def _manifest(row: LabelMap, number: int) -> Manifest:
    if number == row.annotation.revision_number:
        return manifest_of(row)
    return manifest_at(row.annotation, number)


def _body(request: Request) -> bytes:
    """The raw body, refused by its announced length before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise TooLarge(
            _("A save may have %(max_body_bytes)s bytes; this one has %(length)s.")
            % {"max_body_bytes": MAX_BODY_BYTES, "length": length}
        )
    if request.content_type.startswith("multipart/"):
        raise Refused(_("Send the transaction itself as the body, not a form."), code="invalid")
    try:
        return bytes(request.body)
    except UnreadablePostError:
        raise Refused(_("The connection broke before the save had arrived."), code="cut_off") from None


def _gzipped(bundle: bytes) -> HttpResponse:
    response = HttpResponse(compress_bundle(bundle), content_type="application/octet-stream")
    response["Content-Encoding"] = "gzip"
    return response


urlpatterns = [
    path("assignments", AssignmentList.as_view()),
    path("assignments/next", NextAssignment.as_view()),
    path("assignments/<int:assignment_id>", AssignmentOne.as_view()),
    path("assignments/<int:assignment_id>/claim", Claim.as_view()),
    path("assignments/<int:assignment_id>/heartbeat", Heartbeat.as_view()),
    path("assignments/<int:assignment_id>/release", Release.as_view()),
    path("annotations", AnnotationList.as_view()),
    path("annotations/<int:annotation_id>", AnnotationOne.as_view()),
    path("annotations/<int:annotation_id>/bundle", Bundle.as_view()),
    path("annotations/<int:annotation_id>/tiles", Tiles.as_view()),
    path("annotations/<int:annotation_id>/masks", Masks.as_view()),
    path("annotations/<int:annotation_id>/gaps", Gaps.as_view()),
    path("annotations/<int:annotation_id>/transactions", Transactions.as_view()),
    path("annotations/<int:annotation_id>/numbers", Numbers.as_view()),
    path("annotations/<int:annotation_id>/revisions", RevisionList.as_view()),
    path("annotations/<int:annotation_id>/restore", Restore.as_view()),
    path("annotations/<int:annotation_id>/submit", Submit.as_view()),
]
