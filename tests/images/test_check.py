"""Which files are pictures we take; every refusal names the file, what is wrong and what to do."""

import numpy as np
import pytest

from annotation_server.images import hevc
from annotation_server.images.check import MIN_SIDE, BadPicture, Limits, Picture, check_picture
from tests.images import pictures

LIMITS = Limits(max_side=20_000, max_pixels=300_000_000, max_bytes=10_000_000)


def refusal(name: str, content: bytes, limits: Limits = LIMITS) -> BadPicture:
    with pytest.raises(BadPicture) as caught:
        check_picture(name, content, limits)
    assert caught.value.sentence.startswith(name)
    assert caught.value.sentence.endswith(".")
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_it_takes_ordinary_pictures(kind: str, tmp_path) -> None:
    content = pictures.encoded(kind)
    name = {"AVIF": "heif"}.get(kind, kind.lower())
    assert check_picture("a", content, LIMITS) == Picture(name, 64, 48)
    path = tmp_path / "a"
    path.write_bytes(content)
    assert check_picture("a", path, LIMITS) == Picture(name, 64, 48)


def test_a_heic_is_taken_only_where_it_can_be_decoded() -> None:
    if hevc.decodes_hevc():
        assert check_picture("phone.heic", hevc.SAMPLE, LIMITS) == Picture("heif", 16, 16)
    else:
        refused = refusal("phone.heic", hevc.SAMPLE)
        assert refused.code == "format" and "JPEG" in refused.sentence


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_upright_picture(orientation: int) -> None:
    picture = check_picture("a.jpg", pictures.jpeg_turned(orientation), LIMITS)
    assert (picture.width, picture.height) == ((48, 64) if orientation >= 5 else (64, 48))


def test_the_content_decides_not_the_extension() -> None:
    assert check_picture("really_a_webp.jpg", pictures.encoded("WEBP"), LIMITS).format == "webp"


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.jpg", b"", "empty", "0 bytes"),
        ("notes.png", "Schöne Grüße, kein Bild\n".encode() * 9, "format", "is text"),
        ("logo.svg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "format", "SVG"),
        ("logo.png", b"<svg onload='alert(1)'/>", "format", "SVG"),
        ("dance.gif", pictures.animated("GIF"), "format", "GIF"),
        ("still.gif", pictures.encoded("GIF"), "format", "GIF"),
        ("dance.webp", pictures.animated("WEBP"), "animated", "animated"),
        ("dance.png", pictures.animated("PNG"), "animated", "animated"),
        ("scan.tif", pictures.animated("TIFF"), "pages", "2 pages"),
        ("report.pdf", b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "format", "JPEG, PNG"),
        ("dot.png", pictures.encoded("PNG", np.zeros((1, 1, 3), np.uint8)), "too_small", f"{MIN_SIDE} px"),
        ("huge.png", pictures.png_of_header(30_000, 30_000), "too_large", "20,000 px"),
        ("many.png", pictures.png_of_header(19_000, 19_000), "too_large", "300,000,000"),
        ("slow.png", pictures.png_of_header(14_000, 9_000, interlaced=True), "too_large", "progressive PNG"),
        ("head.png", pictures.encoded("PNG")[:20], "truncated", "cut short"),
        ("bad.png", pictures.encoded("PNG").replace(b"IHDR", b"IHDX"), "damaged", "header is damaged"),
        ("half.png", pictures.encoded("PNG")[:-40], "truncated", "cut short"),
        ("half.jpg", pictures.encoded("JPEG", quality=95)[:-200], "truncated", "cut short"),
        ("half.webp", pictures.encoded("WEBP")[:-20], "truncated", "cut short"),
    ],
)
def test_it_refuses(name: str, content: bytes, code: str, words: str) -> None:
    error = refusal(name, content)
    assert error.code == code
    assert words in error.sentence


def test_a_file_over_the_byte_limit_is_refused() -> None:
    assert refusal("a.png", pictures.encoded("PNG"), Limits(100, 10_000, max_bytes=50)).code == "too_large"


def test_floating_point_samples_are_refused() -> None:
    depth = pictures.encoded("TIFF", np.zeros((20, 20), np.float32))
    assert refusal("depth.tif", depth).code == "samples"


def test_a_picture_of_15000_by_15000_is_within_the_default_limits() -> None:
    content = pictures.png_of_header(15_000, 15_000)
    assert check_picture("a.png", content, LIMITS) == Picture("png", 15_000, 15_000)


def test_a_camera_jpeg_may_have_something_after_its_end() -> None:
    check_picture("motion.jpg", pictures.encoded("JPEG") + b"\0" * 70_000, LIMITS)
