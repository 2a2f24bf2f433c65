"""From every kind of picture to upright sRGB pixels, tiles and a thumbnail, in bounded memory."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image as Picture

from annotation_server.images.check import Limits, check_picture
from annotation_server.images.pyramid import Prepared, Stopped, Unreadable, prepare
from tests.images import pictures

REPOSITORY = Path(__file__).resolve().parents[2]
LIMITS = Limits(20_000, 300_000_000, 10**9)


def prepared(content: bytes, folder: Path) -> Prepared:
    upload = folder / "upload"
    upload.write_bytes(content)
    kind = check_picture("a", upload, LIMITS).format
    return prepare(upload, kind, folder, progress=lambda share: True)


def pixels_of(path: Path) -> np.ndarray:
    with Picture.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_it_works(tmp_path: Path) -> None:
    made = prepared(pictures.encoded("PNG", pictures.gradient(1300, 700)), tmp_path)
    assert (made.width, made.height) == (1300, 700)
    np.testing.assert_array_equal(pixels_of(made.picture), pictures.gradient(1300, 700))
    with zipfile.ZipFile(made.pyramid) as archive:
        names = {name.partition("_files/")[2] for name in archive.namelist()}
        assert {"0/0_0.jpg", "11/0_0.jpg", "11/2_1.jpg"} <= names
        assert "11/3_0.jpg" not in names
        tile = next(name for name in archive.namelist() if name.endswith("/11/1_1.jpg"))
        assert archive.getinfo(tile).compress_type == zipfile.ZIP_STORED
        middle = Picture.open(io.BytesIO(archive.read(tile)))
    assert middle.size == (514, 189)  # one pixel of overlap on each inner side
    difference = np.asarray(middle).astype(int) - pictures.gradient(1300, 700)[511:700, 511:1025]
    assert np.abs(difference).mean() < 4
    assert Picture.open(made.thumbnail).size == (512, 276)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_was_held(orientation: int, tmp_path: Path) -> None:
    made = prepared(pictures.jpeg_turned(orientation), tmp_path)
    turned = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: np.rot90,
    }[orientation](pictures.gradient(64, 48))
    pixels = pixels_of(made.picture)
    assert pixels.shape == turned.shape == (made.height, made.width, 3)
    assert np.abs(pixels - turned).max() < 12


def test_a_plain_jpeg_keeps_its_coded_pixels_and_loses_its_metadata(tmp_path: Path) -> None:
    exif = Picture.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    content = pictures.encoded("JPEG", quality=91, exif=exif, comment=b"SECRET-COMMENT")
    made = prepared(content + b"SECRET-TRAILER", tmp_path)
    kept = made.picture.read_bytes()
    assert b"SECRET" in content
    assert b"SECRET" not in kept
    scan = content[content.index(b"\xff\xda") : content.rindex(b"\xff\xd9") + 2]
    assert kept.endswith(scan)
    np.testing.assert_array_equal(pixels_of(made.picture), np.asarray(Picture.open(io.BytesIO(content))))


def test_cmyk_becomes_srgb(tmp_path: Path) -> None:
    pixels = pixels_of(prepared(pictures.cmyk_jpeg(), tmp_path).picture)
    cyan, paper = pixels[24, 8], pixels[24, 56]
    assert cyan[0] < 90 and cyan[2] > 180
    assert (paper > 245).all()


def test_16_bits_become_8(tmp_path: Path) -> None:
    made = prepared(pictures.png_16_bit(), tmp_path)
    assert pyvips.Image.new_from_file(str(made.picture)).format == "uchar"
    np.testing.assert_array_equal(pixels_of(made.picture), pictures.gradient(64, 48))


def test_16_bit_grey_with_alpha_is_laid_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((48, 64, 2), np.uint16)
    pixels[:, :32] = (40 * 257, 65535)
    image = pyvips.Image.new_from_array(pixels, interpretation="grey16")
    made = prepared(image.pngsave_buffer(), tmp_path)
    result = pixels_of(made.picture)
    assert (result[:, :32] == 40).all()
    assert (result[:, 32:] == 255).all()


def test_wide_gamut_colours_are_converted_by_their_profile(tmp_path: Path) -> None:
    colour = (180, 120, 100)
    pixels = pixels_of(prepared(pictures.display_p3_jpeg(colour), tmp_path).picture)
    assert np.abs(pixels[24, 32] - srgb_of_display_p3(colour)).max() <= 3
    assert np.abs(pixels[24, 32] - np.array(colour)).max() >= 6  # so ignoring the profile would show


def srgb_of_display_p3(colour: tuple[int, int, int]) -> np.ndarray:
    """By the primaries of the two spaces; they share white point and transfer curve."""
    value = np.array(colour) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[1.22494, -0.22494, 0], [-0.04206, 1.04206, 0], [-0.01964, -0.07864, 1.09828]])
    linear = matrix @ linear
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_a_broken_colour_profile_is_ignored(tmp_path: Path) -> None:
    content = pictures.encoded("PNG", icc_profile=b"not a profile at all" * 10)
    np.testing.assert_array_equal(pixels_of(prepared(content, tmp_path).picture), pictures.gradient(64, 48))


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "AVIF"])
def test_other_formats_become_png(kind: str, tmp_path: Path) -> None:
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 95}}.get(kind, {})
    made = prepared(pictures.encoded(kind, **options), tmp_path)
    assert made.picture.suffix == ".png"
    assert np.abs(pixels_of(made.picture) - pictures.gradient(64, 48)).mean() < 4


def test_a_grey_jpeg_stays_grey(tmp_path: Path) -> None:
    made = prepared(pictures.encoded("JPEG", pictures.gradient(64, 48)[..., 0]), tmp_path)
    assert Picture.open(made.picture).mode == "L"


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_damage_inside_the_data_is_told(share: float, tmp_path: Path) -> None:
    content = bytearray(pictures.encoded("PNG", pictures.noise(200, 200)))
    at = int(len(content) * share)
    content[at : at + 200] = b"\0" * 200
    with pytest.raises(Unreadable, match="damaged or cut short"):
        prepared(bytes(content), tmp_path)


def test_a_header_that_promises_more_than_the_data_holds_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        prepared(pictures.png_of_header(4000, 4000, data=b"\0" * 10_000), tmp_path)


def test_a_tiff_in_one_huge_strip_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    options = {"compression": "packbits", "tiffinfo": {278: 4000}}
    content = pictures.encoded("TIFF", pictures.noise(4500, 4000), **options)
    with pytest.raises(Unreadable, match="smaller strips"):
        prepared(content, tmp_path)


def test_it_stops_when_told(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(pictures.encoded("PNG", pictures.gradient(2000, 2000), compress_level=1))
    with pytest.raises(Stopped):
        prepare(upload, "png", tmp_path, progress=lambda share: share < 0.2)


MEASURE = """
import sys
from pathlib import Path

import django

django.setup()
from annotation_server.images.pyramid import prepare

upload, folder = Path(sys.argv[1]), Path(sys.argv[2])
prepare(upload, sys.argv[3], folder, progress=lambda share: True)
# Not ru_maxrss: that begins with what pytest itself used when it started this process.
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.parametrize("kind", ["jpeg", "turned jpeg", "png"])
def test_memory_stays_bounded_for_108_megapixels(kind: str, tmp_path: Path) -> None:
    """12,000 × 9,000: 309 MiB of pixels, over 600 MiB if they were held upright and turned."""
    line = pyvips.Image.xyz(12_000, 9_000)
    image = (line[0] % 256).bandjoin([line[1] % 256, (line[0] + line[1]) % 251])
    image = image.cast("uchar").copy(interpretation="srgb")
    upload = tmp_path / "upload"
    if kind == "png":
        image.pngsave(str(upload), compression=1)
    else:
        image.set_type(pyvips.GValue.gint_type, "orientation", 6 if kind.startswith("turned") else 1)
        image.jpegsave(str(upload), Q=75)
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-c", MEASURE, str(upload), str(out), kind.split()[-1]]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "annotation_server.settings"}
    answer = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) < 600
