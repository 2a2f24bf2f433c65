"""What the tests of annotation share."""

import numpy as np
import pytest

from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation
from annotation_server.segmentation.label_map import check, void_px
from tests.annotation.editor import Editor


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
def annotation(project, anna, make_image, make_annotation, drawing):
    """Anna's drawing, leased to her."""
    return make_annotation(make_image(project, 900, 700), anna, drawing)


@pytest.fixture
def editor(annotation, anna, client_of):
    """Anna's tab with that drawing."""
    return Editor(client_of(anna), annotation)


@pytest.fixture
def agrees():
    """Whether all that is kept of an annotation says what its pixels say; raises with the difference."""

    def agrees(annotation):
        annotation = Annotation.objects.get(pk=annotation.pk)
        label_map = read_map(annotation.pk)
        masks = {m.number: (m.area, [m.x, m.y, m.width, m.height]) for m in annotation.masks.all()}
        check(label_map, masks)
        assert annotation.map_sha256 == label_map.sha256()
        assert annotation.void_px == void_px(label_map)
        assert annotation.mask_count == sum(1 for m in annotation.masks.all() if m.area and not m.deleted)
        assert annotation.revisions.get(number=annotation.revision_number).map_sha256 == annotation.map_sha256
        return True

    return agrees
