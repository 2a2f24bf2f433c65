"""Tiles and files: right bytes, right headers, from the local folder and from S3."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from annotation_server.images.folder import add_ready
from annotation_server.images.models import Image
from annotation_server.images.upload import Offered
from tests.images import pictures

URL = "/api/v1/images"


@pytest.fixture
def image(project: Any) -> Image:
    return add_ready(
        project, Offered('wide "gradient".png', pictures.encoded("PNG", pictures.gradient(1100, 600)))
    )


def test_a_viewer_finds_its_tiles(image, anna, client_of) -> None:
    client = client_of(anna)
    descriptor = client.get(f"{URL}/{image.pk}/image.dzi")
    assert descriptor["Content-Type"] == "application/xml"
    assert 'TileSize="512"' in descriptor.content.decode()
    assert '<Size Width="1100" Height="600"/>' in descriptor.content.decode()
    canvas = np.zeros((600, 1100, 3), int)
    for row in range(2):
        for column in range(3):
            tile = client.get(f"{URL}/{image.pk}/image_files/11/{column}_{row}.jpg")
            left, top = max(0, column * 512 - 1), max(0, row * 512 - 1)
            pixels = np.asarray(Picture.open(io.BytesIO(tile.content)))
            canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    assert np.abs(canvas - pictures.gradient(1100, 600)).mean() < 3


def test_tiles_are_kept_by_the_browser_and_asked_again_cheaply(image, anna, client_of) -> None:
    client = client_of(anna)
    address = f"{URL}/{image.pk}/image_files/9/0_0.jpg"
    first = client.get(address)
    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert first["X-Content-Type-Options"] == "nosniff"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, headers={"Accept": "image/webp"}).status_code == 200


@pytest.mark.parametrize("tile", ["11/3_0", "12/0_0", "11/0_2", "99999/0_0"])
def test_there_are_no_tiles_beyond_the_picture(tile: str, image, anna, client_of) -> None:
    answer = client_of(anna).get(f"{URL}/{image.pk}/image_files/{tile}.jpg")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_tile_costs_one_query_beyond_authentication(
    image, anna, client_of, django_assert_num_queries
) -> None:
    client = client_of(anna)
    client.get(f"{URL}/{image.pk}/image_files/11/0_0.jpg")
    with django_assert_num_queries(2):
        client.get(f"{URL}/{image.pk}/image_files/11/0_0.jpg")


def test_the_picture_is_a_download_under_the_users_name(image, anna, client_of) -> None:
    answer = client_of(anna).get(f"{URL}/{image.pk}/file")
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'attachment; filename="wide \\"gradient\\".png"'
    assert int(answer["Content-Length"]) == len(content)
    np.testing.assert_array_equal(np.asarray(Picture.open(io.BytesIO(content))), pictures.gradient(1100, 600))


@pytest.mark.services
def test_on_s3_a_pyramid_is_one_object_read_by_range(s3_storage, project, anna, client_of) -> None:
    from django.core.files.storage import default_storage

    image = add_ready(project, Offered("a.png", pictures.encoded("PNG", pictures.gradient(1100, 600))))
    keys = {found.key.rpartition("/")[2] for found in default_storage.bucket.objects.all()}
    assert keys == {"picture.png", "pyramid.szi", "thumbnail.jpg"}
    client = client_of(anna)
    tile = client.get(f"{URL}/{image.pk}/image_files/11/2_1.jpg")
    assert Picture.open(io.BytesIO(tile.content)).size == (1100 - 1023, 600 - 511)
    picture = b"".join(client.get(f"{URL}/{image.pk}/file").streaming_content)
    assert Picture.open(io.BytesIO(picture)).size == (1100, 600)
