"""`/api/v1/annotations/{id}/agreement?with={other}`: how far any two annotations of an image agree, now."""

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.seen import look_at
from annotation_server.consistency.figures import TIE_BREAK, VOID, terms_of
from annotation_server.consistency.report_api import told
from annotation_server.errors import Refused
from annotation_server.segmentation.agreement import agreement_figures, compare_people
from annotation_server.segmentation.disagreement import count_kinds, disagreements


class Agreement(APIView):
    """PQ, F1, AP and covering of two annotations of one image, the first the truth, and what differs."""

    @extend_schema(
        operation_id="annotations_agreement",
        parameters=[OpenApiParameter("with", int, required=True, description="The other annotation")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, annotation_id: int) -> Response:
        first = look_at(request.user, annotation_id)
        other = look_at(request.user, _asked(request))
        if first.image_id != other.image_id:
            raise Refused(_("Only annotations of the same image can be compared."), code="invalid")
        a, b = read_map(first.pk), read_map(other.pk)
        figures = compare_people(a, b, image=first.image_id, order=TIE_BREAK, void=VOID)
        summed = agreement_figures([figures])
        found = disagreements(a, b, terms_a=terms_of(first), terms_b=terms_of(other))
        return Response(
            {
                "pq": summed["pq"],
                "f1": summed["f1"]["50"],
                "ap": summed["per_image"]["AP"],
                "covering": summed["covering"],
                "tie_break": TIE_BREAK,
                "entities": [int(figures.true_areas.size), int(figures.scores.size)],
                "kinds": count_kinds(found),
                "disagreements": [told(one) for one in found],
            }
        )


def _asked(request: Request) -> int:
    text = request.query_params.get("with", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(_("Name the other annotation: ?with=1."), code="invalid")
    return int(text)


urlpatterns = [path("annotations/<int:annotation_id>/agreement", Agreement.as_view())]
