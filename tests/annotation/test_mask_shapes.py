"""The shapes of masks are kept with the label map they are of, and only those are believed."""

import numpy as np
import pytest

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.mask_shapes import keep_shapes, kept_shapes
from annotation_server.annotation.models import Annotation, Mask
from annotation_server.annotation.start import start_from_earlier
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.shape import shapes

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(project, anna, make_image, make_annotation):
    """A disc, a comb and the rest, with odd floats for hulls and perimeters."""
    y, x = np.mgrid[:60, :90]
    label_map = np.full((60, 90), 3, np.uint16)
    label_map[(y - 20) ** 2 + (x - 21) ** 2 < 150] = 1
    label_map[(y > 40) & ((x % 4 < 2) | (y > 55))] = 2
    return make_annotation(make_image(project, 90, 60), anna, label_map)


def kept(annotation):
    annotation.refresh_from_db()
    return kept_shapes(annotation, annotation.map_sha256, extents(read_map(annotation.pk)))


def test_it_works(drawn):
    assert kept(drawn) is None, "not worked out yet"
    assert keep_shapes(drawn.pk)
    found = shapes(read_map(drawn.pk))
    assert list(kept(drawn).items()) == list(found.items()), "every bit, in the same order"
    assert not keep_shapes(drawn.pk), "the second time there is nothing to do"


def test_shapes_of_an_earlier_map_are_not_believed(drawn):
    keep_shapes(drawn.pk)
    Annotation.objects.filter(pk=drawn.pk).update(map_sha256="0" * 64)
    assert kept(drawn) is None


def test_a_mask_without_a_shape_makes_all_be_worked_out_again(drawn):
    keep_shapes(drawn.pk)
    Mask.objects.filter(annotation=drawn, number=2).update(perimeter=None)
    assert kept(drawn) is None


def test_a_copy_begins_without(drawn, rita):
    keep_shapes(drawn.pk)
    drawn.assignment.pk, drawn.assignment.annotator, drawn.assignment.round = None, rita, "review"
    drawn.assignment.save()
    assert kept(start_from_earlier(drawn.assignment, drawn)) is None
