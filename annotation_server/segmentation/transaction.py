"""Transactions: the changed tiles and entities of one save (docs/label_map_format.md, "Transaction")."""

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from annotation_server.segmentation.tiled_map import valid_size
from annotation_server.segmentation.tiles import (
    MAX_NUMBER,
    TILE,
    TILE_PX,
    BadTile,
    Lookup,
    Tile,
    UnknownNumber,
    check_tile,
)

Value = TypeVar("Value")

MAX_BODY_BYTES = 8 << 20
MAX_INFLATED_BYTES = 64 << 20
MAX_TXID_CHARACTERS = 64
MAX_NAME_CHARACTERS = 100


class BadTransaction(ValueError):
    """The body is no transaction; the sentence says why. ``code`` is the API's error code."""

    code = "bad_payload"


class TooLarge(BadTransaction):
    """The body, or what it inflates to, is over the limit."""

    code = "too_large"


class UnknownEntity(BadTransaction):
    """A tile uses a number that is no entity of this label map."""

    code = "unknown_entity"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Which prediction an entity was taken from, and its number there.

    ``number`` 0: one of the model's candidates, ``annotation`` 0: nothing it painted is known. ``edited``
    says whether a person has changed its pixels since.
    """

    annotation: int = 0
    number: int = 0
    score: float = 0.0
    edited: bool = False


@dataclass(frozen=True, kw_only=True)
class EntityChange:
    """New fields of one entity; ``base`` is the version of its mask row that the client knows, 0 if new."""

    number: int
    term: int | None = None
    raw_name: str = ""
    colour: int = 0
    deleted: bool = False
    base: int = 0
    source: Source | None = None


@dataclass(frozen=True)
class TileChange:
    """The new state of tile ``t``, made from its version ``base``."""

    t: int
    base: int
    tile: Tile


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One save. ``ops`` tell what the person did, for the audit trail; the tiles are the truth."""

    txid: str
    lease: str | None
    entities: tuple[EntityChange, ...] = ()
    ops: tuple[dict[str, Any], ...] = field(default=())
    tiles: tuple[TileChange, ...] = ()


def encode_transaction(transaction: Transaction) -> bytes:
    """The body to POST, not deflated."""
    header = {
        "txid": transaction.txid,
        "lease": transaction.lease,
        "entities": [_entity_row(entity) for entity in transaction.entities],
        "ops": list(transaction.ops),
        "tiles": [
            {"t": change.t, "base": change.base, "uni": change.tile.uni, "n": len(change.tile.runs) // 2}
            for change in transaction.tiles
        ],
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    padding = b"\0" * (len(text) & 1)
    runs = (change.tile.runs for change in transaction.tiles)
    return b"".join((struct.pack("<I", len(text)), text, padding, *runs))


def _entity_row(entity: EntityChange) -> dict[str, Any]:
    row = asdict(entity)
    if entity.source is None:
        del row["source"]
    return row


def deflate_body(body: bytes) -> bytes:
    """The body as it travels with the header ``X-Body: deflate-raw``."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(body) + deflate.flush()


def inflate_body(body: bytes, max_bytes: int = MAX_INFLATED_BYTES) -> bytes:
    """Undo :func:`deflate_body`, never holding more than ``max_bytes``; raises BadTransaction."""
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        inflated = inflate.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise BadTransaction("The body is not deflated as its X-Body header says.") from error
    if len(inflated) > max_bytes:
        raise TooLarge(f"The body inflates to more than {max_bytes} bytes; save in smaller steps.")
    if not inflate.eof or inflate.unused_data:
        raise BadTransaction("The deflated body is cut short or followed by other bytes.")
    return inflated


def decode_transaction(body: bytes, *, deflated: bool = False) -> Transaction:
    """Read a POSTed body; raises BadTransaction, TooLarge among them.

    The tiles' runs are cut out but not judged: :func:`check_tiles` does that, with the numbers that the
    label map knows.
    """
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"A save may have {MAX_BODY_BYTES} bytes; this one has {len(body)}.")
    if deflated:
        body = inflate_body(body)
    header, start = _read_header(body)
    return Transaction(
        txid=_text(header, "txid", MAX_TXID_CHARACTERS),
        lease=_optional(header, "lease", str),
        entities=tuple(_entity(row) for row in _rows(header, "entities")),
        ops=tuple(_rows(header, "ops")),
        tiles=tuple(_tiles(_rows(header, "tiles"), body, start)),
    )


def check_tiles(tiles: Sequence[TileChange], width: int, height: int, known: Lookup) -> None:
    """Refuse tiles that are not canonical, outside the map or of unknown numbers; raises BadTransaction."""
    count = -(-width // TILE) * -(-height // TILE)
    for change in tiles:
        if change.t >= count:
            raise BadTransaction(f"Tile {change.t} lies outside the map, which has {count} tiles.")
        try:
            check_tile(change.tile, known, *valid_size(width, height, change.t))
        except UnknownNumber as error:
            raise UnknownEntity(f"Tile {change.t}: {error}") from error
        except BadTile as error:
            raise BadTransaction(f"Tile {change.t}: {error}") from error


def _read_header(body: bytes) -> tuple[dict[str, Any], int]:
    if len(body) < 4:
        raise BadTransaction("The body is shorter than the length of its header.")
    (length,) = struct.unpack_from("<I", body)
    start = 4 + length + (length & 1)
    if start > len(body):
        raise BadTransaction("The body ends within its header.")
    try:
        header = json.loads(body[4 : 4 + length].decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadTransaction("The header is not JSON.") from error
    if not isinstance(header, dict):
        raise BadTransaction("The header is not a JSON object.")
    if body[4 + length : start].strip(b"\0"):
        raise BadTransaction("The padding after the header is not zero.")
    return header, start


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")


def _tiles(rows: Sequence[dict[str, Any]], body: bytes, start: int) -> list[TileChange]:
    changes = []
    seen: set[int] = set()
    for row in rows:
        t, base = _integer(row, "t", 0), _integer(row, "base", 0)
        uni, count = _integer(row, "uni", -1, MAX_NUMBER), _integer(row, "n", 0, 2 * TILE_PX)
        if t in seen:
            raise BadTransaction(f"Tile {t} appears twice.")
        if (uni < 0) != (count > 0):
            raise BadTransaction(f"Tile {t} must have either one number or runs.")
        end = start + 2 * count
        if end > len(body):
            raise BadTransaction(f"The body ends within the runs of tile {t}.")
        seen.add(t)
        changes.append(TileChange(t, base, Tile.from_runs(body[start:end]) if count else Tile(uni)))
        start = end
    if start != len(body):
        raise BadTransaction(f"{len(body) - start} bytes follow the last tile.")
    return changes


def _entity(row: dict[str, Any]) -> EntityChange:
    term = row.get("term")
    return EntityChange(
        number=_integer(row, "number", 1, MAX_NUMBER),
        term=None if term is None else _integer(row, "term", 1),
        raw_name=_text(row, "raw_name", MAX_NAME_CHARACTERS, required=False),
        colour=_integer({"colour": 0, **row}, "colour", 0, 1 << 24),
        deleted=bool(_optional(row, "deleted", bool)),
        base=_integer({"base": 0, **row}, "base", 0),
        source=_source(_optional(row, "source", dict)),
    )


def _source(row: dict[str, Any] | None) -> Source | None:
    if row is None:
        return None
    score = row.get("score", 0.0)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise BadTransaction("“score” must be a number from 0 to 1.")
    return Source(
        annotation=_integer({"annotation": 0, **row}, "annotation", 0, (1 << 53) - 1),
        number=_integer({"number": 0, **row}, "number", 0, MAX_NUMBER),
        score=float(score),
        edited=bool(_optional(row, "edited", bool)),
    )


def _rows(header: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = header.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadTransaction(f"“{key}” must be a list of objects.")
    return rows


def _integer(row: dict[str, Any], key: str, least: int, most: int = (1 << 31) - 1) -> int:
    value = row.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadTransaction(f"“{key}” must be an integer from {least} to {most}.")
    return value


def _text(row: dict[str, Any], key: str, most: int, *, required: bool = True) -> str:
    value = row.get(key, None if required else "")
    if not isinstance(value, str) or len(value) > most or (required and not value):
        raise BadTransaction(f"“{key}” must be a text of at most {most} characters.")
    if "\0" in value:
        raise BadTransaction(f"“{key}” holds a character that cannot be stored.")
    return value


def _optional(row: dict[str, Any], key: str, kind: type[Value]) -> Value | None:
    value = row.get(key)
    if value is not None and not isinstance(value, kind):
        raise BadTransaction(f"“{key}” must be {kind.__name__} or null.")
    return value
