"""What a project's statistics say is what a release of the same annotations says."""

import pytest
from django.core.cache import cache

from annotation_server.annotation.mask_shapes import keep_shapes
from annotation_server.annotation.models import Annotation

pytestmark = pytest.mark.django_db(transaction=True)
SAME = (
    *("images", "masks", "image_resolution", "entities_mean", "entities_max"),
    *("convexity", "simplicity", "valid_area"),
)


def test_it_works(accepted_maps, build, project, anna, eve, client_of):
    address = f"/api/v1/projects/{project.pk}/statistics"
    cache.clear()
    before = client_of(anna).get(address).json()
    assert (before["images"], before["shaped"], before["convexity"]) == (6, 0, None)
    for annotation_id in Annotation.objects.values_list("pk", flat=True):
        keep_shapes(annotation_id)
    cache.clear()
    found = client_of(anna).get(address).json()
    released = build("v1").statistics
    assert {name: found[name] for name in SAME} == pytest.approx(
        {name: released[name] for name in SAME}, abs=1e-6
    )
    assert found["shaped"] == found["masks"]
    assert found["published"] == released["published"]
    assert client_of(eve).get(address).status_code == 404


def test_nothing_accepted_is_no_figure(project, anna, client_of):
    cache.clear()
    found = client_of(anna).get(f"/api/v1/projects/{project.pk}/statistics").json()
    assert (found["images"], found["masks"], found["entities_mean"], found["simplicity"]) == (
        0,
        0,
        None,
        None,
    )
