"""An editor without a screen: it loads an annotation, paints, and saves as the browser does."""

import uuid
from typing import Any

import numpy as np
from rest_framework.test import APIClient

from annotation_server.annotation.models import Annotation
from annotation_server.segmentation.bundle import decode_bundle, decompress_bundle
from annotation_server.segmentation.tiled_map import pack_map
from annotation_server.segmentation.transaction import (
    EntityChange,
    TileChange,
    Transaction,
    deflate_body,
    encode_transaction,
)


class Editor:
    """One tab: `pixels` is the label map uint16 [H, W] as it is on its screen."""

    def __init__(self, client: APIClient, annotation: Annotation) -> None:
        self.client = client
        self.url = f"/api/v1/annotations/{annotation.pk}"
        self.lease = str(annotation.assignment.lease) if annotation.assignment else None
        self.load()

    def load(self) -> None:
        response = self.client.get(f"{self.url}/bundle")
        assert response.status_code == 200, response.content
        label_map, self.versions = decode_bundle(decompress_bundle(response.content))
        self.saved, self.pixels = label_map, label_map.pixels()
        masks = self.client.get(f"{self.url}/masks").json()["results"]
        self.mask_versions = {mask["number"]: mask["version"] for mask in masks}

    def new_entity(self, **fields: Any) -> EntityChange:
        """An entity with a fresh number from the server."""
        number = self.client.post(f"{self.url}/numbers", {"count": 1}, format="json").json()["first"]
        return EntityChange(number=number, **fields)

    def change(self, number: int, **fields: Any) -> EntityChange:
        """New fields of an entity that exists."""
        return EntityChange(number=number, base=self.mask_versions[number], **fields)

    def transaction(self, *entities: EntityChange, **fields: Any) -> Transaction:
        """Everything painted since the last save, and these entities."""
        now = pack_map(self.pixels)
        tiles = tuple(
            TileChange(t, self.versions[t], tile)
            for t, tile in enumerate(now.tiles)
            if tile != self.saved.tiles[t]
        )
        values = {
            "txid": str(uuid.uuid4()),
            "lease": self.lease,
            "entities": entities,
            "tiles": tiles,
            "ops": ({"tool": "brush", "number": 1, "ms": 12},),
        }
        return Transaction(**{**values, **fields})

    def post(self, transaction: Transaction, *, deflated: bool = True) -> Any:
        body = encode_transaction(transaction)
        return self.post_body(deflate_body(body) if deflated else body, deflated=deflated)

    def post_body(self, body: bytes, *, deflated: bool = False) -> Any:
        headers = {"X-Body": "deflate-raw"} if deflated else {}
        return self.client.post(
            f"{self.url}/transactions", body, content_type="application/octet-stream", headers=headers
        )

    def save(self, *entities: EntityChange) -> dict[str, Any]:
        """Save and take over the answer; fails the test if the server refuses."""
        transaction = self.transaction(*entities)
        response = self.post(transaction)
        assert response.status_code == 200, response.content
        answer = response.json()
        self.saved = pack_map(self.pixels)
        for t, version in answer["tiles"].items():
            self.versions[int(t)] = version
        for entity in entities:
            self.mask_versions[entity.number] = answer["version"]
        return answer


def disc(pixels: np.ndarray, x: int, y: int, radius: int, number: int) -> None:
    """Paint a disc as a dab of the brush does."""
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    pixels[(rows - y) ** 2 + (columns - x) ** 2 <= radius * radius] = number
