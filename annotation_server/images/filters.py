"""What the list of images can be narrowed to and ordered by; there is nothing else."""

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.db.models.fields import FloatField
from rest_framework.filters import OrderingFilter

from annotation_server.images.models import Image, Split
from annotation_server.images.own_work import OwnWork, hidden_work_of
from annotation_server.images.rows import ASSIGNMENT_STATES, WORK_STATES, in_work_state

MEGA = 1_000_000
WITHOUT_SPLIT = "none"
_OF_THE_IMAGE = ("draw", "review")
_CURRENT = ("draft", "submitted", "returned", "accepted")
_PIXELS = F("width") * F("height")
Images = QuerySet[Image]


def newest_score() -> Subquery:
    """The mean score of an image's newest prediction."""
    predictions = Image.objects.filter(pk=OuterRef("pk"), annotations__model_version__isnull=False)
    return Subquery(predictions.order_by("-annotations__id").values("annotations__mean_score")[:1])


def _coverage() -> Combinable:
    void = ExpressionWrapper(F("work__annotation__void_px") * 1.0, output_field=FloatField())
    return 1.0 - void / (F("width") * F("height"))


class ImageFilter(django_filters.FilterSet):
    """The filters of the list."""

    project = django_filters.NumberFilter("project_id")
    state = django_filters.ChoiceFilter(choices=Image.State.choices)
    split = django_filters.ChoiceFilter(
        choices=[*Split.choices, (WITHOUT_SPLIT, "Without a split")], method="by_split"
    )
    work_state = django_filters.ChoiceFilter(
        choices=[(state, state) for state in WORK_STATES], method="by_work_state"
    )
    term = django_filters.BaseInFilter(
        method="with_terms", label="Ids of terms, separated by commas; an image has an entity of each"
    )
    annotator = django_filters.CharFilter(method="drawn_by", label="User name")
    reviewer = django_filters.CharFilter(method="reviewed_by", label="User name")
    megapixels_min = django_filters.NumberFilter(method="by_megapixels")
    megapixels_max = django_filters.NumberFilter(method="by_megapixels")
    side_min = django_filters.NumberFilter(method="by_side", label="Longer side, px")
    side_max = django_filters.NumberFilter(method="by_side", label="Longer side, px")
    coverage_min = django_filters.NumberFilter(method="by_coverage", label="0 to 1")
    coverage_max = django_filters.NumberFilter(method="by_coverage", label="0 to 1")
    agreement_min = django_filters.NumberFilter("work__annotation__agreement", lookup_expr="gte")
    agreement_max = django_filters.NumberFilter("work__annotation__agreement", lookup_expr="lte")
    score_min = django_filters.NumberFilter(method="by_score", label="0 to 1")
    score_max = django_filters.NumberFilter(method="by_score", label="0 to 1")
    comments = django_filters.ChoiceFilter(choices=[("open", "open")], method="with_open_comments")

    def by_split(self, images: Images, name: str, value: str) -> Images:
        return images.filter(split="" if value == WITHOUT_SPLIT else value)

    def by_work_state(self, images: Images, name: str, value: str) -> Images:
        return in_work_state(images, value)

    def with_terms(self, images: Images, name: str, value: list[str]) -> Images:
        for text in value:
            if not (text.isascii() and text.isdigit() and len(text) < 19):
                return images.none()
            images = images.filter(_among(_named(int(text), self._own)))
        return images

    def drawn_by(self, images: Images, name: str, value: str) -> Images:
        drawn = Q(
            ("assignments__annotator__username", value),
            ("assignments__round", "draw"),
            ("assignments__state__in", ASSIGNMENT_STATES),
        )
        found = _among(Image.objects.filter(drawn)) & ~Q(pk__in=self._own.images)
        is_oneself = value == self.request.user.username
        return images.filter(found | Q(pk__in=self._own.images) if is_oneself else found)

    def reviewed_by(self, images: Images, name: str, value: str) -> Images:
        found = Image.objects.filter(Q(("annotations__reviews__reviewer__username", value)))
        return images.filter(_among(found)).exclude(pk__in=self._own.images)

    def by_megapixels(self, images: Images, name: str, value: Any) -> Images:
        compared = "gte" if name.endswith("_min") else "lte"
        return images.alias(pixels=_PIXELS).filter(**{f"pixels__{compared}": float(value) * MEGA})

    def by_side(self, images: Images, name: str, value: Any) -> Images:
        if name.endswith("_min"):
            return images.filter(Q(width__gte=value) | Q(height__gte=value))
        return images.filter(width__lte=value, height__lte=value)

    def by_coverage(self, images: Images, name: str, value: Any) -> Images:
        compared = "gte" if name.endswith("_min") else "lte"
        return images.alias(covered=_coverage()).filter(**{f"covered__{compared}": float(value)})

    def by_score(self, images: Images, name: str, value: Any) -> Images:
        compared = "gte" if name.endswith("_min") else "lte"
        return images.alias(score=newest_score()).filter(**{f"score__{compared}": float(value)})

    def with_open_comments(self, images: Images, name: str, value: str) -> Images:
        open_ones = {
            "annotations__comments__id__isnull": False,
            "annotations__comments__parent__isnull": True,
            "annotations__comments__resolved_at__isnull": True,
        }
        return images.filter(_among(Image.objects.filter(**open_ones))).exclude(pk__in=self._own.images)

    @cached_property
    def _own(self) -> OwnWork:
        return hidden_work_of(self.request.user)


def _named(term: int, own: OwnWork) -> Images:
    """Images whose current drawing has an entity of this name; of one's hidden work only one's own."""
    return Image.objects.filter(
        Q(("annotations__assignment__round__in", _OF_THE_IMAGE), ~Q(pk__in=own.images))
        | Q(("annotations__assignment__in", own.assignments)),
        Q(
            ("annotations__state__in", _CURRENT),
            ("annotations__masks__term", term),
            ("annotations__masks__deleted", False),
            ("annotations__masks__area__gt", 0),
        ),
    )


def _among(images: Images) -> Q:
    return Q(pk__in=images.order_by().values("pk"))


class ImageOrdering(OrderingFilter):
    """Orders by a column or by a figure of the work; images without that figure come last."""

    ordering_description = (
        "Any of: id, file_name, created_at, width, height, pixels, coverage, agreement, changed_at, score"
    )

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        asked = self.get_ordering(request, queryset, view) or ["id"]
        expressions = [_ordered_by(name) for name in asked]
        # Equal values would otherwise change places between pages.
        return queryset.order_by(*expressions, "id")

    def get_valid_fields(self, queryset: Any, view: Any, context: Any = None) -> list[tuple[str, str]]:
        return [(name, name) for name in ORDERINGS]


def _ordered_by(name: str) -> Any:
    plain = name.lstrip("-")
    expression = ORDERINGS[plain]()
    if plain in _NEVER_EMPTY:  # An index orders these as they are; saying where NULLs go would hide that.
        return expression.desc() if name.startswith("-") else expression.asc()
    return expression.desc(nulls_last=True) if name.startswith("-") else expression.asc(nulls_last=True)


ORDERINGS: dict[str, Any] = {
    "id": lambda: F("id"),
    "file_name": lambda: F("file_name"),
    "created_at": lambda: F("created_at"),
    "width": lambda: F("width"),
    "height": lambda: F("height"),
    "pixels": lambda: ExpressionWrapper(_PIXELS, output_field=FloatField()),
    "coverage": lambda: ExpressionWrapper(_coverage(), output_field=FloatField()),
    "agreement": lambda: F("work__annotation__agreement"),
    "changed_at": lambda: F("work__annotation__changed_at"),
    "score": newest_score,
}
_NEVER_EMPTY = {"id", "file_name", "created_at", "width", "height", "pixels"}
