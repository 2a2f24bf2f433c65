"""Whatever is sent to be saved: a refusal with a reason and nothing changed, or a state that agrees."""

import json
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation_server.annotation.models import Annotation, Revision
from annotation_server.segmentation.transaction import encode_transaction
from tests.annotation.editor import disc

FUZZ = settings(max_examples=60)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=8,
)
small = st.integers(-2, 9) | json_values
entities = st.fixed_dictionaries(
    {"number": small},
    optional={name: small for name in ("term", "raw_name", "colour", "deleted", "base", "extra")},
)
tiles = st.fixed_dictionaries({"t": small, "base": small, "uni": small, "n": small})
headers = st.fixed_dictionaries(
    {},
    optional={
        "entities": st.lists(entities, max_size=3) | json_values,
        "ops": st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=3), max_size=3)
        | json_values,
        "tiles": st.lists(tiles, max_size=3) | json_values,
    },
)


@pytest.fixture
def send(editor, annotation, agrees):
    """Send a body; the answer's status, after a look at what it did."""

    def send(body, *, deflated=False):
        before = Annotation.objects.get(pk=annotation.pk)
        response = editor.post_body(body, deflated=deflated)
        assert response.status_code in (200, 409, 413, 422, 423), response.content
        if response.status_code != 200:
            refusal = response.json()
            assert refusal["error"]
            assert refusal["code"]
            now = Annotation.objects.get(pk=annotation.pk)
            assert now.revision_number == before.revision_number
            assert now.map_sha256 == before.map_sha256
            assert Revision.objects.filter(annotation=annotation).count() == before.revision_number
        assert agrees(annotation)
        return response.status_code

    return send


@FUZZ
@given(body=st.binary(max_size=300), deflated=st.booleans())
def test_any_bytes(send, body, deflated):
    send(body, deflated=deflated)


@FUZZ
@given(header=headers, runs=st.binary(max_size=64), txid=st.uuids(), real=st.booleans())
def test_any_header(send, editor, header, runs, txid, real):
    if real:
        header = {"txid": str(txid), "lease": editor.lease, **header}
    text = json.dumps(header).encode()
    send(struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1) + runs)


@FUZZ
@given(
    x=st.integers(0, 899),
    y=st.integers(0, 699),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_right_body_with_some_bytes_changed(send, editor, x, y, damage):
    editor.load()
    disc(editor.pixels, x, y, 40, 7)
    body = bytearray(encode_transaction(editor.transaction()))
    for place, byte in damage:
        body[int(place * (len(body) - 1))] = byte
    send(bytes(body))


@FUZZ
@given(cut=st.floats(0, 1), deflated=st.booleans())
def test_a_body_cut_short(send, editor, cut, deflated):
    editor.load()
    disc(editor.pixels, 300, 300, 40, 7)
    body = encode_transaction(editor.transaction())
    if deflated:
        packer = zlib.compressobj(wbits=-15)
        body = packer.compress(body) + packer.flush()
    assert send(body[: int(cut * (len(body) - 1))], deflated=deflated) == 422
