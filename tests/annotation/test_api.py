"""What is shown of an annotation, and to whom: bundles, masks, tiles, lists, and the roles that see them."""

import gzip

import pytest
from drf_spectacular.drainage import GENERATOR_STATS

from annotation_server.annotation.models import Annotation, Revision
from annotation_server.annotation.start import store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.bundle import decompress_bundle
from annotation_server.segmentation.tiled_map import pack_map
from tests.annotation.editor import disc
from tests.cast import join, make_user
from tests.segmentation.some_tiles import decode_tiles


@pytest.fixture
def otto(project):
    """Another annotator of the same project."""
    return join(make_user("otto"), project, "annotator")


@pytest.fixture
def prediction(project, make_image, drawing):
    model = ModelVersion.objects.create(name="starter", project=project)
    return store_prediction(make_image(project, 900, 700), model, pack_map(drawing), {1: 0.75})


def test_it_works(annotation, anna, client_of, project):
    detail = client_of(anna).get(f"/api/v1/annotations/{annotation.pk}").json()
    image = annotation.image
    assert detail["image"] == {
        "id": image.pk,
        "file_name": image.file_name,
        "width": 900,
        "height": 700,
        "dzi_url": f"/api/v1/images/{image.pk}/image.dzi",
        "thumbnail_url": f"/api/v1/images/{image.pk}/thumbnail",
    }
    assert detail["author"] == {"kind": "person", "name": "Anna"}
    assert (detail["state"], detail["revision"], detail["version"]) == ("draft", 1, 1)
    assert (detail["void_px"], detail["map_sha256"]) == (100, annotation.map_sha256)
    assert detail["policy"] == {
        "min_coverage": 0.995,
        "max_gap_px": 100,
        "names_required": True,
        "review_required": True,
    }
    assert detail["assignment"]["id"] == annotation.assignment_id
    assert (detail["can_edit"], detail["can_review"]) == (True, False)
    assert "lease" not in detail["assignment"]


def test_the_author_of_a_prediction_is_its_model(prediction, anna, client_of):
    detail = client_of(anna).get(f"/api/v1/annotations/{prediction.pk}").json()
    assert detail["author"] == {"kind": "model", "name": "starter"}
    assert (detail["state"], detail["assignment"], detail["can_edit"]) == ("frozen", None, False)
    masks = client_of(anna).get(f"/api/v1/annotations/{prediction.pk}/masks").json()["results"]
    assert masks[0] == {
        "number": 1,
        "term": None,
        "term_name": None,
        "raw_name": "",
        "colour": 1,
        "area": 900 * 700 - 500 * 500 - 50 * 50 - 9,
        "bbox": [0, 0, 900, 700],
        "score": 0.75,
        "provenance": "model",
        "version": 1,
        "deleted": False,
        "source": None,
        "changed_share": None,
        "strokes": 0,
        "active_ms": 0,
    }


def test_a_bundle_is_sent_once(annotation, editor):
    first = editor.client.get(f"{editor.url}/bundle")
    assert first["Content-Encoding"] == "gzip"
    assert gzip.decompress(first.content)[:4] == b"ELM1"
    assert first["X-Revision"] == "1"
    assert annotation.map_sha256 in first["ETag"]
    again = editor.client.get(f"{editor.url}/bundle", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_bundle_is_sent_again_when_only_its_versions_changed(annotation, editor):
    """After an edit and its undo the pixels are the same, but a save needs the new tile versions."""
    first = editor.client.get(f"{editor.url}/bundle")
    before = editor.pixels.copy()
    disc(editor.pixels, 500, 300, 100, 7)
    editor.save()
    editor.pixels[:] = before
    assert editor.save()["map_sha256"] == annotation.map_sha256
    again = editor.client.get(f"{editor.url}/bundle", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200


def test_some_tiles_for_the_conflict_dialog(annotation, editor):
    response = editor.client.get(f"{editor.url}/tiles?t=3,0,77")
    tiles = decode_tiles(decompress_bundle(response.content))
    assert set(tiles) == {0, 3}
    assert tiles[3].tile == editor.saved.tiles[3]
    assert tiles[3].version == 1


@pytest.mark.parametrize("chosen", ["", "x", "-1", "1,,x", ",".join("1" * 2000)])
def test_tiles_that_make_no_sense_are_refused(editor, chosen):
    assert editor.client.get(f"{editor.url}/tiles?t={chosen}").status_code == 400


def test_numbers_are_never_given_twice(annotation, editor):
    def ask(**body):
        return editor.client.post(f"{editor.url}/numbers", body, format="json")

    assert ask().json() == {"first": 8, "last": 263}
    assert ask(count=2).json() == {"first": 264, "last": 265}
    Annotation.objects.update(next_number=64_999)
    assert ask().json() == {"first": 64_999, "last": 65_000}
    assert (ask().status_code, ask().json()["code"]) == (409, "no_numbers_left")
    assert ask(count=0).status_code == 400
    assert ask(count="many").status_code == 400


def test_lists_carry_no_masks_and_filter(annotation, prediction, rita, client_of):
    client = client_of(rita)
    rows = client.get("/api/v1/annotations").json()
    assert rows["count"] == 2
    assert "masks" not in rows["results"][0]
    assert client.get("/api/v1/annotations?author=model").json()["results"][0]["id"] == prediction.pk
    assert client.get("/api/v1/annotations?state=draft").json()["results"][0]["id"] == annotation.pk
    assert client.get(f"/api/v1/annotations?image={prediction.image_id}").json()["count"] == 1
    assert client.get("/api/v1/annotations?state=nonsense").status_code == 400


READS = ("", "/bundle", "/masks", "/tiles?t=0", "/gaps", "/revisions")
WRITES = {
    "/transactions": None,
    "/numbers": {},
    "/restore": {"revision": 1},
    "/submit": {},
    "/review": {"verdict": "accept"},
}


def ask_all(client, annotation):
    """The statuses of every address of an annotation."""
    address = f"/api/v1/annotations/{annotation.pk}"
    found = {path: client.get(address + path).status_code for path in READS}
    for path, body in WRITES.items():
        found[path] = client.post(address + path, body or {}, format="json").status_code
    return found


def test_a_stranger_learns_nothing(annotation, prediction, eve, client_of):
    client = client_of(eve)
    for one in (annotation, prediction):
        statuses = ask_all(client, one)
        # What is no transaction at all is refused before anything is looked up.
        assert statuses.pop("/transactions") == 422
        assert set(statuses.values()) == {404}
    assert client.get("/api/v1/annotations").json()["count"] == 0
    assert Revision.objects.count() == 2


def test_a_stranger_saves_nothing(annotation, editor, eve, client_of):
    editor.pixels[0, 0] = 2
    transaction = editor.transaction()
    editor.client = client_of(eve)
    assert editor.post(transaction).status_code == 404
    assert Revision.objects.count() == 1


def test_another_annotator_is_refused(annotation, prediction, editor, otto, client_of):
    client = client_of(otto)
    statuses = ask_all(client, annotation)
    assert statuses.pop("/transactions") == 422
    assert set(statuses.values()) == {403}
    editor.pixels[0, 0] = 2
    transaction = editor.transaction()
    editor.client = client
    assert editor.post(transaction).status_code == 403
    assert [row["id"] for row in client.get("/api/v1/annotations").json()["results"]] == [prediction.pk]
    assert {client.get(f"/api/v1/annotations/{prediction.pk}{path}").status_code for path in READS} == {200}


def test_without_an_account_nothing_is_shown(annotation, client_of):
    assert set(ask_all(client_of(None), annotation).values()) == {401}


@pytest.mark.parametrize("who", ["rita", "carl", "ada"])
def test_reviewers_and_above_see_all(annotation, request, client_of, who):
    client = client_of(request.getfixturevalue(who))
    for path in READS:
        assert client.get(f"/api/v1/annotations/{annotation.pk}{path}").status_code == 200
    assert client.get(f"/api/v1/annotations/{annotation.pk}").json()["can_edit"] is True


def test_who_has_left_the_project_is_a_stranger(annotation, anna, editor, project):
    project.memberships.filter(user=anna).delete()
    editor.pixels[0, 0] = 2
    assert editor.post(editor.transaction()).status_code == 404
    assert editor.client.get(editor.url).status_code == 404


def test_what_does_not_exist_is_404(anna, client_of):
    assert client_of(anna).get("/api/v1/annotations/999999999").status_code == 404
    assert client_of(anna).get("/api/v1/assignments/999999999").status_code == 404


def test_the_schema_is_made_without_complaint(client, anna):
    GENERATOR_STATS.reset()
    client.force_login(anna)
    paths = client.get("/api/schema/?format=json").json()["paths"]
    assert "/api/v1/annotations/{annotation_id}/transactions" in paths
    assert not GENERATOR_STATS
    assert client.get("/api/docs/").status_code == 200
