"""Editing a label map as the editor does: strokes and fills that become tile transactions."""

import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from annotation_server.demo.client import Client, Row
from annotation_server.segmentation.tiled_map import TiledMap, valid_size
from annotation_server.segmentation.tiles import TILE, VOID, Pixels, Tile, pack_tile, unpack_tile
from annotation_server.segmentation.transaction import EntityChange, TileChange, Transaction

TILES_A_SAVE = 256


class Canvas:
    """One annotation as this client knows it: label map, tile versions and leased numbers."""

    def __init__(
        self, client: Client, annotation: int, lease: str, label_map: TiledMap, versions: list[int]
    ) -> None:
        self.client, self.annotation, self.lease = client, annotation, lease
        self.label_map, self.versions = label_map, versions
        self._numbers = iter(range(0))

    @classmethod
    def opened(cls, client: Client, annotation: int, lease: str) -> "Canvas":
        """The annotation as the server has it now."""
        return cls(client, annotation, lease, *client.bundle(annotation))

    def new_number(self) -> int:
        """A number never used before in this annotation, from a block leased from the server."""
        number = next(self._numbers, None)
        if number is None:
            block = self.client.post(f"annotations/{self.annotation}/numbers", count=256)
            self._numbers = iter(range(block["first"], block["last"] + 1))
            number = next(self._numbers)
        return number

    def pixels(self, t: int) -> Pixels:
        """Pixels of tile `t` inside the image, writable."""
        width, height = valid_size(self.label_map.width, self.label_map.height, t)
        return unpack_tile(self.label_map.tiles[t])[:height, :width].copy()

    def transaction(
        self, tiles: Mapping[int, Tile], entities: Iterable[EntityChange] = (), *, tool: str = "brush"
    ) -> Transaction:
        """The save that would make `tiles` (index → new tile) the current ones."""
        entities = tuple(entities)
        numbers = [entity.number for entity in entities] or [0]
        ops: tuple[dict[str, Any], ...] = ({"tool": tool, "number": numbers[0], "ms": 350},)
        changes = tuple(TileChange(t, self.versions[t], tile) for t, tile in sorted(tiles.items()))
        return Transaction(
            txid=str(uuid.uuid4()), lease=self.lease, entities=entities, ops=ops, tiles=changes
        )

    def save(self, transaction: Transaction) -> Row:
        """Send it and take over what the server says; raises Answered when refused."""
        answer: Row = self.client.save(self.annotation, transaction)
        tiles = list(self.label_map.tiles)
        for change in transaction.tiles:
            tiles[change.t] = change.tile
        for t, version in answer["tiles"].items():
            self.versions[int(t)] = version
        self.label_map = replace(self.label_map, tiles=tuple(tiles))
        if self.label_map.sha256() != answer["map_sha256"]:
            raise AssertionError(f"Server and client disagree on annotation {self.annotation} after a save.")
        return answer

    def stroke(self, number: int, points: list[tuple[float, float]], radius: float) -> dict[int, Tile]:
        """Tiles changed by a round brush drawn along `points` (x, y in px)."""
        dots = list(_along(points, radius / 2))
        return self._painted(number, dots, radius)

    def _painted(self, number: int, dots: list[tuple[float, float]], radius: float) -> dict[int, Tile]:
        changed = {}
        for t in sorted({t for x, y in dots for t in self._tiles_near(x, y, radius)}):
            row, column = divmod(t, self.label_map.columns)
            pixels = self.pixels(t)
            before = pixels.copy()
            ys, xs = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
            for x, y in dots:
                dx, dy = xs + column * TILE - x, ys + row * TILE - y
                pixels[dx * dx + dy * dy <= radius * radius] = number
            if (pixels != before).any():
                changed[t] = pack_tile(pixels)
        return changed

    def _tiles_near(self, x: float, y: float, radius: float) -> Iterable[int]:
        columns, rows = self.label_map.columns, self.label_map.rows
        for row in range(max(0, int(y - radius) // TILE), min(rows - 1, int(y + radius) // TILE) + 1):
            for column in range(
                max(0, int(x - radius) // TILE), min(columns - 1, int(x + radius) // TILE) + 1
            ):
                yield row * columns + column

    def filled(self, number: int) -> dict[int, Tile]:
        """Tiles changed by giving every void pixel to one entity."""
        changed = {}
        for t, tile in enumerate(self.label_map.tiles):
            if tile.uni == VOID:
                changed[t] = Tile(number)
            elif tile.uni < 0:
                pixels = self.pixels(t)
                if (pixels == VOID).any():
                    pixels[pixels == VOID] = number
                    changed[t] = pack_tile(pixels)
        return changed

    def replaced(self, target: TiledMap) -> dict[int, Tile]:
        """Tiles changed by making the label map equal to `target`."""
        pairs = enumerate(zip(self.label_map.tiles, target.tiles, strict=True))
        return {t: new for t, (old, new) in pairs if old != new}

    def save_in_parts(self, tiles: Mapping[int, Tile], entities: Iterable[EntityChange], *, tool: str) -> int:
        """Save any number of tiles in several transactions; how many there were."""
        entities, items, saves = tuple(entities), sorted(tiles.items()), 0
        for start in range(0, max(1, len(items)), TILES_A_SAVE):
            part = dict(items[start : start + TILES_A_SAVE])
            self.save(self.transaction(part, entities if start == 0 else (), tool=tool))
            saves += 1
        return saves


def _along(points: list[tuple[float, float]], step: float) -> Iterable[tuple[float, float]]:
    yield points[0]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / max(step, 1)))
        yield from ((x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(1, steps + 1))
