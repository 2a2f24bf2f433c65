import hashlib
import json

from annotation_server.releases.manifest import FileRow, manifest_bytes, merkle_root

A = FileRow("a", 1, hashlib.sha256(b"a").hexdigest())
B = FileRow("b", 2, hashlib.sha256(b"bb").hexdigest())
C = FileRow("c", 3, hashlib.sha256(b"ccc").hexdigest())


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def test_the_root_is_that_of_the_tree_of_files():
    leaf = hashlib.sha256(b"\0a\0" + (1).to_bytes(8, "big") + hashlib.sha256(b"a").digest()).digest()
    assert merkle_root([A]) == leaf.hex()
    assert merkle_root([A, B, C]) == node(node(leaf, B.leaf()), C.leaf()).hex()


def test_the_order_of_files_does_not_matter_but_every_byte_does():
    assert merkle_root([C, A, B]) == merkle_root([A, B, C])
    others = [FileRow("d", 3, C.sha256), FileRow("c", 4, C.sha256), FileRow("c", 3, A.sha256)]
    assert len({merkle_root([A, B, row]) for row in [C, *others]}) == 4


def test_no_files_have_the_hash_of_nothing():
    assert merkle_root([]) == hashlib.sha256(b"").hexdigest()


def test_the_manifest_lists_every_file():
    manifest = json.loads(manifest_bytes([B, A], {"images": 2}))
    assert manifest["release"] == merkle_root([A, B])
    assert manifest["images"] == 2
    assert manifest["files"] == [
        {"path": "a", "bytes": 1, "sha256": A.sha256},
        {"path": "b", "bytes": 2, "sha256": B.sha256},
    ]
