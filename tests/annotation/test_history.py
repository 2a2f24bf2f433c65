"""History: every state an annotation ever had can be opened again, bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_server.annotation.history import manifest_at, masks_at
from annotation_server.annotation.models import Annotation, Mask, Revision
from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from tests.annotation.editor import Editor, disc

MASK_FIELDS = ("number", "term_id", "raw_name", "colour", "deleted", "provenance", "version")
BOX_FIELDS = ("area", "x", "y", "width", "height")


def masks_now(annotation):
    return sorted(Mask.objects.filter(annotation=annotation).values_list(*MASK_FIELDS, *BOX_FIELDS))


def masks_then(annotation, number):
    names = (*MASK_FIELDS, *BOX_FIELDS)
    return sorted(tuple(getattr(m, name) for name in names) for m in masks_at(annotation, number))


def random_edit(editor, rng, terms):
    """One save of the kinds an editor makes: dabs, erasing, filling, new, named and deleted entities."""
    height, width = editor.pixels.shape
    alive = sorted(set(np.unique(editor.pixels).tolist()) - {0})
    kind = rng.integers(5)
    if kind == 0 or not alive:
        entity = editor.new_entity(colour=int(rng.integers(24)))
        disc(editor.pixels, rng.integers(width), rng.integers(height), rng.integers(1, 90), entity.number)
        return editor.save(entity)
    number = int(rng.choice(alive))
    if kind == 1:
        disc(editor.pixels, rng.integers(width), rng.integers(height), rng.integers(1, 200), number)
        return editor.save()
    if kind == 2:
        disc(editor.pixels, rng.integers(width), rng.integers(height), rng.integers(1, 200), 0)
        return editor.save(editor.change(number, term=int(rng.choice(terms)), raw_name=f"name {number}"))
    if kind == 3:
        editor.pixels[editor.pixels == number] = rng.choice([0, *alive])
        gone = not (editor.pixels == number).any()
        return editor.save(editor.change(number, deleted=gone))
    editor.pixels[editor.pixels == 0] = number
    return editor.save()


@pytest.mark.parametrize("seed", range(3))
def test_every_revision_opens_again_with_the_hash_it_was_saved_with(
    seed, annotation, anna, editor, project, agrees
):
    rng = np.random.default_rng(seed)
    terms = list(project.terms.values_list("pk", flat=True))
    states = {1: (editor.pixels.copy(), masks_now(annotation), annotation.map_sha256)}
    for _ in range(25):
        answer = random_edit(editor, rng, terms)
        states[answer["revision"]] = (editor.pixels.copy(), masks_now(annotation), answer["map_sha256"])
    assert agrees(annotation)
    now = Annotation.objects.get(pk=annotation.pk)
    for number, (pixels, masks, map_sha256) in states.items():
        manifest = manifest_at(now, number)
        assert manifest.sha256() == map_sha256
        assert manifest.sha256() == Revision.objects.get(annotation=now, number=number).map_sha256
        assert (manifest.read().pixels() == pixels).all()
        assert masks_then(now, number) == masks


def test_restoring_makes_a_new_revision_equal_to_the_old(annotation, editor, project, agrees):
    before = editor.pixels.copy()
    tree = project.terms.get(name="tree")
    new = editor.new_entity(raw_name="tree", term=tree.pk)
    disc(editor.pixels, 500, 300, 100, new.number)
    editor.save(new, editor.change(1, raw_name="floor"))
    body = {"revision": 1, "lease": editor.lease}
    response = editor.client.post(f"{editor.url}/restore", body, format="json")
    assert response.status_code == 200, response.content
    assert response.json()["map_sha256"] == annotation.map_sha256
    assert response.json()["revision"] == 3
    editor.load()
    assert (editor.pixels == before).all()
    rows = {mask.number: mask for mask in annotation.masks.all()}
    assert rows[1].raw_name == ""
    assert (rows[new.number].deleted, rows[new.number].area, rows[new.number].raw_name) == (True, 0, "tree")
    assert rows[1].version == rows[new.number].version == 3
    assert agrees(annotation)
    restored = Revision.objects.get(annotation=annotation, number=3)
    assert (restored.kind, restored.operations) == ("restore", [{"tool": "restore", "revision": 1}])


def test_a_restore_can_itself_be_undone(annotation, editor, agrees):
    disc(editor.pixels, 500, 300, 100, 7)
    edited = editor.save()
    for revision in (1, 2):
        body = {"revision": revision, "lease": editor.lease}
        answer = editor.client.post(f"{editor.url}/restore", body, format="json").json()
    assert answer["map_sha256"] == edited["map_sha256"]
    assert masks_then(annotation, 2)[2][-5:] == masks_now(annotation)[2][-5:]
    assert agrees(annotation)


def test_the_bundle_and_masks_of_an_old_revision(annotation, editor):
    before = editor.pixels.copy()
    disc(editor.pixels, 500, 300, 100, 7)
    editor.save()
    response = editor.client.get(f"{editor.url}/bundle?revision=1")
    assert response["X-Revision"] == "1"
    label_map, versions = decode_bundle(decompress_bundle(response.content))
    assert (label_map.pixels() == before).all()
    assert versions == [1, 1, 1, 1]
    masks = editor.client.get(f"{editor.url}/masks?revision=1").json()
    assert masks["revision"] == 1
    assert [mask["area"] for mask in masks["results"]][-1] == 50 * 50 + 9


def test_revisions_are_listed_newest_first(annotation, editor):
    disc(editor.pixels, 500, 300, 100, 7)
    editor.save()
    rows = editor.client.get(f"{editor.url}/revisions").json()
    assert [row["number"] for row in rows["results"]] == [2, 1]
    newest = rows["results"][0]
    assert (newest["author"], newest["kind"], newest["ops"], newest["tiles"]) == (
        "anna",
        "save",
        {"brush": 1},
        2,
    )
    assert newest["masks"] == [2, 7]
    until = editor.client.get(f"{editor.url}/revisions?until=1").json()
    assert [row["number"] for row in until["results"]] == [1]
    assert editor.client.get(f"{editor.url}/revisions?until=x").status_code == 400


@pytest.mark.parametrize("revision", ["0", "9", "-1", "x", "99999999999", "²"])
def test_a_revision_that_never_was_is_refused(editor, revision):
    for address in ("bundle", "masks"):
        response = editor.client.get(f"{editor.url}/{address}?revision={revision}")
        assert response.status_code in (400, 404)
    body = {"revision": revision, "lease": editor.lease}
    assert editor.client.post(f"{editor.url}/restore", body, format="json").status_code in (400, 404)


def test_restoring_needs_the_lease_and_an_open_annotation(annotation, editor):
    body = {"revision": 1, "lease": None}
    assert editor.client.post(f"{editor.url}/restore", body, format="json").status_code == 423
    Annotation.objects.update(state="accepted")
    body["lease"] = editor.lease
    assert editor.client.post(f"{editor.url}/restore", body, format="json").status_code == 409


@settings(max_examples=15)
@given(
    rectangles=st.lists(
        st.tuples(
            st.integers(0, 899),
            st.integers(0, 699),
            st.integers(1, 900),
            st.integers(1, 700),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_areas_and_boxes_agree_after_any_rectangles(annotation, editor, agrees, rectangles):
    known = {1: 1, 2: 2, 3: 7, 4: 1, 0: 0}
    for x, y, width, height, which in rectangles:
        editor.pixels[y : y + height, x : x + width] = known[which]
        editor.save()
    assert agrees(annotation)


def test_the_editor_of_the_tests_sees_what_the_server_keeps(annotation, editor, anna, client_of):
    disc(editor.pixels, 500, 300, 100, 7)
    editor.save()
    fresh = Editor(client_of(anna), annotation)
    assert (fresh.pixels == editor.pixels).all()
    assert fresh.versions == editor.versions
    assert fresh.mask_versions == editor.mask_versions
