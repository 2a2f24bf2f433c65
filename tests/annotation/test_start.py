"""How annotations begin."""

import numpy as np
import pytest

from annotation_server.annotation.label_maps import current_manifest, read_map
from annotation_server.annotation.models import Annotation, Assignment, Mask, Tile
from annotation_server.annotation.start import start_annotation, start_from_map, store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.label_map import check
from annotation_server.segmentation.tiled_map import pack_map, void_map


@pytest.fixture
def drawing():
    """Uint16 [700, 900]: three entities, one of them in two parts, and a gap."""
    label_map = np.full((700, 900), 1, np.uint16)
    label_map[100:600, 300:800] = 2
    label_map[200:210, 310:320] = 0
    label_map[650:, 850:] = 7
    label_map[:3, :3] = 7
    return label_map


@pytest.fixture
def prediction(project, make_image, drawing):
    model = ModelVersion.objects.create(name="starter", stage=ModelVersion.Stage.CHAMPION)
    image = make_image(project, 900, 700)
    return store_prediction(image, model, pack_map(drawing), {1: 0.5, 2: 0.9, 7: 0.25})


def masks_of(annotation):
    rows = Mask.objects.filter(annotation=annotation)
    return {mask.number: (mask.area, [mask.x, mask.y, mask.width, mask.height]) for mask in rows}


def test_it_works(project, anna, make_image):
    image = make_image(project, 900, 700)
    annotation = start_annotation(Assignment.objects.create(image=image, annotator=anna))
    assert annotation.state == Annotation.State.DRAFT
    assert annotation.void_px == 900 * 700
    assert annotation.map_sha256 == void_map(900, 700).sha256()
    assert read_map(annotation.pk) == void_map(900, 700)
    assert (annotation.revision_number, annotation.next_number, annotation.mask_count) == (1, 1, 0)
    assert annotation.revisions.get().map_sha256 == annotation.map_sha256


def test_a_prediction_is_frozen_and_agrees_with_its_map(prediction, drawing):
    assert prediction.state == Annotation.State.FROZEN
    assert (read_map(prediction.pk).pixels() == drawing).all()
    assert prediction.void_px == 100
    assert prediction.next_number == 8
    check(read_map(prediction.pk), masks_of(prediction))
    assert dict(prediction.masks.values_list("number", "score")) == {1: 0.5, 2: 0.9, 7: 0.25}


def test_starting_from_a_prediction_copies_tiles_and_masks(prediction, anna):
    tiles = Tile.objects.count()
    assignment = Assignment.objects.create(image=prediction.image, annotator=anna)
    annotation = start_annotation(assignment, prediction=prediction)
    assert Tile.objects.count() == tiles
    assert annotation.map_sha256 == prediction.map_sha256
    assert annotation.prediction == prediction
    assert annotation.void_px == prediction.void_px
    assert annotation.next_number == 8
    assert masks_of(annotation) == masks_of(prediction)
    assert set(annotation.masks.values_list("provenance", flat=True)) == {"model"}
    assert current_manifest(annotation.pk).sha256() == annotation.map_sha256


def test_a_map_of_another_size_is_refused(project, anna, make_image):
    assignment = Assignment.objects.create(image=make_image(project, 900, 700), annotator=anna)
    with pytest.raises(ValueError, match="900 × 700"):
        start_from_map(assignment, void_map(700, 900))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (512, 512), (513, 1), (1, 1025)])
def test_odd_sizes(project, anna, make_image, make_annotation, width, height):
    label_map = np.full((height, width), 65000, np.uint16)
    annotation = make_annotation(make_image(project, width, height), anna, label_map)
    check(read_map(annotation.pk), masks_of(annotation))
    assert annotation.void_px == 0
    assert annotation.next_number == 65001
