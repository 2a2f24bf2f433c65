"""The masks of an annotation as a small picture."""

import io

import numpy as np
from PIL import Image as Picture

from annotation_server.annotation.models import Mask
from annotation_server.segmentation.overlay import PALETTE


def test_it_works(project, anna, carl, eve, make_image, make_annotation, client_of):
    label_map = np.zeros((8, 8), np.uint16)
    label_map[:4] = 3
    annotation = make_annotation(make_image(project, 8, 8), anna, label_map)
    Mask.objects.filter(annotation=annotation).update(colour=5)
    address = f"/api/v1/annotations/{annotation.pk}/overlay"
    answer = client_of(anna).get(address)
    pixels = np.asarray(Picture.open(io.BytesIO(answer.content)).convert("RGBA"))
    assert answer["Content-Type"] == "image/png"
    assert (pixels[:4] == [*PALETTE[5], 255]).all() and (pixels[4:] == 0).all()
    again = client_of(carl).get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert client_of(eve).get(address).status_code == 404
