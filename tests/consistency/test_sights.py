"""Whoever opened somebody else's masks of an image does not draw it blind; opening costs next to nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation_server.annotation.assign import next_assignment
from annotation_server.annotation.seen import Sight, note_seen
from annotation_server.annotation.start import store_prediction
from annotation_server.consistency.protocol import close_study
from annotation_server.errors import NotFound
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.tiled_map import pack_map
from tests.consistency.conftest import HALVES

WAYS = ("bundle", "bundle?revision=1", "masks", "tiles?t=0", "overlay")


def opened(client, annotation, way="bundle"):
    assert client.get(f"/api/v1/annotations/{annotation.pk}/{way}").status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_what_was_opened_is_drawn_by_somebody_else(
    way, project, anna, bea, rita, client_of, make_accepted, make_study
):
    first = make_accepted(project, anna)
    make_study(project, members=["bea", "rita"])
    for _ in range(2):
        opened(client_of(rita), first, way)
    assert list(Sight.objects.values_list("person", "image")) == [(rita.pk, first.image_id)]
    with pytest.raises(NotFound):
        next_assignment(rita, project.pk)
    assert next_assignment(bea, project.pk).image == first.image


def test_a_study_tells_what_nobody_is_left_for(
    project, anna, bea, rita, ada, client_of, make_accepted, make_study
):
    first = make_accepted(project, anna)
    study = make_study(project, annotators=2, members=["bea", "rita"])

    def told():
        return client_of(ada).get(f"/api/v1/studies/{study.pk}").json()["too_few"]

    assert told() == 0
    next_assignment(bea, project.pk)
    assert told() == 0
    opened(client_of(rita), first)
    assert told() == 1
    close_study(ada, study.pk)
    assert told() == 0


def test_a_preview_tells_who_is_left_and_a_sample_leaves_out_what_too_few_could_draw(
    project, anna, bea, rita, ada, client_of, make_accepted, make_study
):
    shown, fresh = make_accepted(project, anna), make_accepted(project, anna)
    opened(client_of(rita), shown)
    body = {"project": project.pk, "annotators": 2, "members": ["bea", "rita"]}
    preview = client_of(ada).post("/api/v1/studies/preview", body, format="json").json()
    assert {row["username"]: row["could_draw"] for row in preview["annotators"]}["rita"] == 1
    assert preview["people_left"] == {"1": 1, "2": 1}
    assert (preview["images"], preview["too_few"], preview["suggested"]) == (2, 1, 1)
    study = make_study(project, annotators=2, members=["bea", "rita"])
    assert [one.image_id for one in study.images.all()] == [fresh.image_id]
    assert study.population_images == 2


def test_an_example_of_a_term_shows_a_mask_too(project, anna, bea, client_of, make_accepted):
    first = make_accepted(project, anna, named="tree")
    url = f"/api/v1/terms/{first.masks.first().term_id}/example"
    assert client_of(anna).get(url).status_code == 200 and not Sight.objects.exists()
    assert client_of(bea).get(url).json()["image"] == first.image_id
    assert Sight.objects.get().person == bea


def test_one_s_own_work_and_models_leave_no_trace_and_cost_nothing(
    project, anna, rita, make_image, make_accepted, client_of
):
    first = make_accepted(project, anna)
    version = ModelVersion.objects.create(name="m", architecture="classical", checkpoint_sha256="0" * 64)
    prediction = store_prediction(first.image, version, pack_map(HALVES), {1: 0.9, 2: 0.8})

    def asked(person, annotation):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            opened(client_of(person), annotation)
        return [query["sql"].split()[0] for query in queries if "annotation_server_sight" in query["sql"]]

    assert asked(anna, first) == asked(rita, prediction) == [] and not Sight.objects.exists()
    assert asked(rita, first) == ["SELECT", "INSERT"]
    assert asked(rita, first) == ["SELECT"]


def test_an_image_that_is_gone_is_not_kept(db, anna):
    note_seen(anna, 999)
    assert not Sight.objects.exists()
