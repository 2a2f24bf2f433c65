"""What a release consists of: every file with its hash, and one hash over all of them.

The Merkle root is that of RFC 6962 (leaf = SHA-256(0x00 ‖ data), node = SHA-256(0x01 ‖ left ‖ right)) over
the files sorted by path; a leaf's data is path, a zero byte, the size as u64 big-endian, the file's SHA-256.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = "tessera-release-1"


@dataclass(frozen=True, order=True)
class FileRow:
    """A file of a release: path below the release's root, size, hex SHA-256."""

    path: str
    size: int
    sha256: str

    def leaf(self) -> bytes:
        """Its leaf of the Merkle tree."""
        data = self.path.encode() + b"\0" + self.size.to_bytes(8, "big") + bytes.fromhex(self.sha256)
        return hashlib.sha256(b"\0" + data).digest()


def merkle_root(files: Sequence[FileRow]) -> str:
    """Hex root over files in any order; that of no files is the hash of nothing."""
    return _root([row.leaf() for row in sorted(files)]).hex()


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def manifest_bytes(files: Sequence[FileRow], about: dict[str, Any]) -> bytes:
    """MANIFEST.json: ``about`` says of what project, vocabulary and code; one file a line."""
    head = {"format": FORMAT, "release": merkle_root(files), **about}
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in head.items()]
    listed = ({"path": row.path, "bytes": row.size, "sha256": row.sha256} for row in sorted(files))
    rows = (json.dumps(row, ensure_ascii=False) for row in listed)
    return ("{\n" + ",\n".join(lines) + ',\n"files": [\n' + ",\n".join(rows) + "\n]\n}\n").encode()
