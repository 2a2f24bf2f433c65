"""Saves: what they change, what they refuse, and that nothing is applied twice or by half."""

import json
import struct
import uuid
import zlib

import numpy as np
import pytest

from annotation_server.annotation import lease
from annotation_server.annotation.label_maps import read_map
from annotation_server.annotation.models import Annotation, Assignment, Mask, Revision
from annotation_server.annotation.start import start_annotation, store_prediction
from annotation_server.model_registry.models import ModelVersion
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.tiles import Tile, pack_tile, uniform_runs
from annotation_server.segmentation.transaction import EntityChange, TileChange, encode_transaction
from tests.annotation.editor import Editor, disc


def mask(annotation, number):
    return Mask.objects.get(annotation=annotation, number=number)


def assert_nothing_changed(annotation):
    now = Annotation.objects.get(pk=annotation.pk)
    assert now.revision_number == annotation.revision_number
    assert now.map_sha256 == annotation.map_sha256 == read_map(annotation.pk).sha256()
    assert now.revisions.count() == annotation.revision_number


def test_it_works(editor, annotation, agrees):
    disc(editor.pixels, 500, 400, 60, 1)
    answer = editor.save()
    assert (read_map(annotation.pk).pixels() == editor.pixels).all()
    assert answer["revision"] == answer["version"] == 2
    assert answer["replayed"] is False
    assert answer["void_px"] == 100
    assert answer["coverage"] == 1 - 100 / (900 * 700)
    assert answer["map_sha256"] == pack_map(editor.pixels).sha256()
    assert answer["tiles"] == {"0": 2, "1": 2}
    assert agrees(annotation)


def test_a_new_entity_gets_a_mask(editor, annotation, project, agrees):
    tree = project.terms.get(name="tree")
    entity = editor.new_entity(term=tree.pk, raw_name="tree", colour=5)
    disc(editor.pixels, 512, 512, 30, entity.number)
    editor.save(entity)
    row = mask(annotation, entity.number)
    assert (row.term, row.raw_name, row.colour, row.provenance) == (tree, "tree", 5, "human")
    assert (row.x, row.y, row.width, row.height) == (482, 482, 61, 61)
    assert row.version == 2
    assert agrees(annotation)


def test_areas_and_boxes_stay_exact_when_an_entity_shrinks_on_every_side(editor, annotation, agrees):
    for rows, columns in [
        (slice(100, 110), slice(None)),
        (slice(590, 600), slice(None)),
        (slice(None), slice(300, 310)),
        (slice(None), slice(790, 800)),
    ]:
        where = np.zeros(editor.pixels.shape, bool)
        where[rows, columns] = True
        editor.pixels[where & (editor.pixels == 2)] = 1
        editor.save()
        assert agrees(annotation)
    row = mask(annotation, 2)
    assert (row.x, row.y, row.width, row.height) == (310, 110, 480, 480)


def test_an_entity_may_lose_its_last_pixel_and_get_it_back(editor, annotation, agrees):
    before = editor.pixels.copy()
    editor.pixels[editor.pixels == 7] = 1
    editor.save()
    gone = mask(annotation, 7)
    assert (gone.area, gone.width, gone.deleted) == (0, 0, False)
    assert Annotation.objects.get(pk=annotation.pk).mask_count == 2
    assert agrees(annotation)
    editor.pixels[:] = before
    editor.save()
    assert mask(annotation, 7).area == 50 * 50 + 9
    assert agrees(annotation)


def test_a_deleted_entity_leaves_no_pixel(editor, annotation, agrees):
    editor.pixels[editor.pixels == 2] = 0
    editor.save(editor.change(2, deleted=True))
    assert mask(annotation, 2).deleted
    assert agrees(annotation)


def test_deleting_an_entity_that_keeps_pixels_is_refused(editor, annotation):
    response = editor.post(editor.transaction(editor.change(2, deleted=True)))
    assert response.status_code == 422
    assert_nothing_changed(annotation)


def test_a_models_mask_becomes_edited_when_touched(project, anna, make_image, drawing, client_of, agrees):
    model = ModelVersion.objects.create(name="starter", stage="champion")
    image = make_image(project, 900, 700)
    prediction = store_prediction(image, model, pack_map(drawing), {1: 0.5, 2: 0.9, 7: 0.3})
    assignment = Assignment.objects.create(image=image, annotator=anna)
    lease.take(assignment, anna)
    annotation = start_annotation(assignment, prediction=prediction)
    editor = Editor(client_of(anna), annotation)
    editor.pixels[300, 400] = 1
    editor.save()
    assert mask(annotation, 1).provenance == "edited"
    assert mask(annotation, 2).provenance == "edited"
    assert mask(annotation, 7).provenance == "model"
    assert mask(annotation, 2).score == 0.9
    assert agrees(annotation)
    assert read_map(prediction.pk) == pack_map(drawing)
    assert set(prediction.masks.values_list("provenance", flat=True)) == {"model"}


def test_a_save_without_tiles_changes_names_only(editor, annotation, project, agrees):
    answer = editor.save(editor.change(1, term=project.terms.get(name="road").pk, raw_name="street"))
    assert answer["tiles"] == {}
    assert mask(annotation, 1).raw_name == "street"
    assert mask(annotation, 1).area > 0
    assert agrees(annotation)


def test_a_save_that_changes_nothing_is_a_revision(editor, annotation, agrees):
    assert editor.save()["revision"] == 2
    assert agrees(annotation)


def test_an_uncompressed_body_is_taken(editor, annotation):
    disc(editor.pixels, 500, 400, 60, 1)
    assert editor.post(editor.transaction(), deflated=False).status_code == 200


def test_the_same_transaction_twice_is_applied_once(editor, annotation):
    disc(editor.pixels, 500, 400, 60, 1)
    transaction = editor.transaction()
    first, second = editor.post(transaction).json(), editor.post(transaction).json()
    assert second == {**first, "replayed": True}
    assert Revision.objects.filter(annotation=annotation).count() == 2


def test_a_replay_is_answered_although_the_lease_has_changed(editor, annotation, anna, client_of):
    disc(editor.pixels, 500, 400, 60, 1)
    transaction = editor.transaction()
    first = editor.post(transaction).json()
    client_of(anna).post(f"/api/v1/assignments/{annotation.assignment_id}/claim")
    assert editor.post(transaction).json() == {**first, "replayed": True}


def test_a_replay_is_answered_although_more_was_saved_since(editor, annotation):
    disc(editor.pixels, 500, 400, 60, 1)
    transaction = editor.transaction()
    first = editor.post(transaction).json()
    editor.load()
    disc(editor.pixels, 100, 100, 60, 2)
    assert editor.save()["revision"] == 3
    assert editor.post(transaction).json() == {**first, "replayed": True}
    assert Annotation.objects.get(pk=annotation.pk).revision_number == 3


def test_a_stale_save_is_refused_and_says_what_changed(editor, annotation, client_of, anna):
    other = Editor(client_of(anna), annotation)
    disc(other.pixels, 100, 100, 30, 2)
    other.save(other.change(7, raw_name="post"))
    disc(editor.pixels, 100, 300, 30, 2)
    disc(editor.pixels, 700, 300, 30, 1)
    response = editor.post(editor.transaction(editor.change(7, raw_name="pole")))
    assert response.status_code == 409
    refusal = response.json()
    assert refusal["code"] == "stale"
    assert refusal["conflict"] == [{"t": 0, "version": 2}]
    assert refusal["entities"] == [{"number": 7, "version": 2}]
    assert mask(annotation, 7).raw_name == "post"
    assert (read_map(annotation.pk).pixels() == other.pixels).all()


def test_a_number_that_was_never_given_is_refused(editor, annotation):
    editor.pixels[0, 0] = 5
    response = editor.post(editor.transaction())
    assert (response.status_code, response.json()["code"]) == (422, "unknown_entity")
    response = editor.post(editor.transaction(EntityChange(number=9)))
    assert (response.status_code, response.json()["code"]) == (422, "unknown_entity")
    assert_nothing_changed(annotation)


def test_a_term_of_another_project_is_refused(editor, annotation, eve):
    foreign = eve.memberships.get().project.terms.create(name="mine")
    response = editor.post(editor.transaction(editor.change(1, term=foreign.pk)))
    assert (response.status_code, response.json()["code"]) == (422, "unknown_term")
    assert_nothing_changed(annotation)


def with_tile(editor, tile, t=0):
    return editor.transaction(tiles=(TileChange(t, editor.versions[0], tile),))


@pytest.mark.parametrize(
    "tile",
    [
        Tile(-1, struct.pack("<4H", 1, 99, 2, 99)),
        Tile(-1, struct.pack("<4H", 1, 65535, 1, 65535) * 2 + struct.pack("<2H", 1, 0)),
        Tile(-1, struct.pack("<2H", 1, 0) * 4 + uniform_runs(1)),
        Tile(-1, struct.pack("<3H", 1, 2, 3)),
        Tile(65000),
    ],
    ids=["too few pixels", "too many pixels", "not joined", "half a run", "unknown uniform"],
)
def test_a_corrupt_tile_is_refused(editor, annotation, tile):
    body = encode_transaction(with_tile(editor, tile))
    response = editor.post_body(body)
    assert response.status_code == 422, response.content
    assert_nothing_changed(annotation)


def test_a_tile_outside_the_map_is_refused(editor, annotation):
    assert editor.post(with_tile(editor, Tile(1), t=4)).status_code == 422
    assert editor.post(with_tile(editor, Tile(1), t=2**31 - 1)).status_code == 422
    assert_nothing_changed(annotation)


def test_an_edge_tile_with_other_padding_is_refused(editor, annotation):
    pixels = np.zeros((512, 512), np.uint16)
    pixels[:, 400] = 1
    assert editor.post(with_tile(editor, pack_tile(pixels), t=1)).status_code == 422
    assert_nothing_changed(annotation)


@pytest.mark.parametrize(
    "fields",
    [
        {"txid": "not a uuid"},
        {"entities": (EntityChange(number=1, raw_name="x" * 101),)},
        {"entities": (EntityChange(number=1, raw_name="a\nb"),)},
        {"entities": (EntityChange(number=1, colour=70000),)},
        {"entities": (EntityChange(number=1), EntityChange(number=1))},
        {"ops": ({"tool": "a\0b"},)},
        {"ops": ({"tool": "\ud800"},)},
        {"ops": ({"tool": 10**400},)},
        {"ops": ({"tool": "x" * 300_000},)},
    ],
    ids=["txid", "long name", "control", "colour", "twice", "nul", "surrogate", "huge", "long ops"],
)
def test_fields_that_cannot_be_stored_are_refused(editor, annotation, fields):
    transaction = editor.transaction(**fields)
    if fields.get("ops") == ({"tool": "\ud800"},):
        header = json.dumps(
            {"txid": transaction.txid, "lease": transaction.lease, "ops": [{"tool": "\ud800"}]}
        )
        text = header.encode()
        response = editor.post_body(struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1))
    else:
        response = editor.post(transaction)
    assert response.status_code == 422, response.content
    assert_nothing_changed(annotation)


def test_too_large_a_body_is_refused_unread(editor, annotation):
    response = editor.post_body(b"\0" * ((8 << 20) + 1))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert_nothing_changed(annotation)


def test_a_bomb_is_refused(editor, annotation):
    bomb = zlib.compressobj(9, wbits=-15)
    body = b"".join(bomb.compress(b"\0" * (1 << 20)) for _ in range(65)) + bomb.flush()
    response = editor.post_body(body, deflated=True)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_form_is_refused(editor, annotation):
    response = editor.client.post(f"{editor.url}/transactions", {"a": "b"}, format="multipart")
    assert response.status_code == 400


def test_without_the_lease_nothing_is_saved(editor, annotation, anna, client_of):
    editor.pixels[0, 0] = 2
    for token in (None, "", str(uuid.uuid4())):
        response = editor.post(editor.transaction(lease=token))
        assert (response.status_code, response.json()["code"]) == (423, "lease_lost")
    assert_nothing_changed(annotation)


def test_the_payload_is_judged_before_the_lease_and_the_lease_before_the_versions(editor, annotation):
    bad_tile = with_tile(editor, Tile(65000))
    assert editor.post(bad_tile.__class__(**{**vars(bad_tile), "lease": None})).status_code == 422
    stale = editor.transaction(tiles=(TileChange(0, 77, Tile(1)),), lease=None)
    assert editor.post(stale).status_code == 423


def test_a_submitted_annotation_cannot_be_saved(editor, annotation):
    Annotation.objects.filter(pk=annotation.pk).update(state="submitted")
    editor.pixels[0, 0] = 2
    response = editor.post(editor.transaction())
    assert (response.status_code, response.json()["code"]) == (409, "frozen")


def test_a_prediction_cannot_be_saved(editor, project, make_image, drawing, rita, client_of):
    model = ModelVersion.objects.create(name="starter")
    prediction = store_prediction(make_image(project, 900, 700), model, pack_map(drawing), {})
    tab = Editor(client_of(rita), prediction)
    response = tab.post(tab.transaction())
    assert (response.status_code, response.json()["code"]) == (409, "frozen")


def test_a_whole_map_in_one_save(editor, annotation, agrees):
    rng = np.random.default_rng(3)
    editor.pixels[:] = rng.integers(0, 3, editor.pixels.shape)
    editor.save()
    assert (read_map(annotation.pk).pixels() == editor.pixels).all()
    assert agrees(annotation)
