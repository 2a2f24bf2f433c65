from pathlib import Path

import pytest
from PIL import Image as Picture

from annotation_server.projects.models import Project
from annotation_server.releases.datasheet import datasheet
from annotation_server.releases.inputs import Input
from annotation_server.releases.layout import Entry
from annotation_server.releases.plots import write_plots
from annotation_server.releases.statistics import Statistics
from annotation_server.segmentation.shape import Shape


@pytest.fixture
def summary():
    statistics = Statistics()
    shape = Shape(area=50, hull_area=100, perimeter=40)
    statistics.add(10, 10, {1: shape}, split="train", source="cost $x^ a_b", terms=["tree", "tree", "$"])
    return statistics.summary()


def entry(image: int, **fields: str) -> Entry:
    row = Input(image=image, annotation=1, revision=1, map_sha256="", split="train", labelled=True)
    names = {"source": "", "licence": "", "file_key": "a/b.jpg", "folder": "01", "folder_name": "entity_01_1"}
    return Entry(input=row, width=10, height=10, **(names | fields))


def test_every_plot_is_a_png_and_an_svg(summary, tmp_path: Path):
    write_plots(summary, tmp_path)
    names = {"resolution", "entities", "sources", "terms"}
    assert {path.name for path in tmp_path.iterdir()} == {f"{n}.{e}" for n in names for e in ("png", "svg")}
    with Picture.open(tmp_path / "terms.png") as picture:
        assert picture.size == (720, 432)
    assert "cost $x^ a_b" in (tmp_path / "sources.svg").read_text(encoding="utf-8")


def test_the_same_statistics_give_the_same_bytes(summary, tmp_path: Path):
    for name in ("a", "b"):
        write_plots(summary, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_nothing_can_be_plotted_too(tmp_path: Path):
    write_plots(Statistics().summary(), tmp_path)
    assert (tmp_path / "terms.svg").is_file()


def test_the_datasheet_tells_the_figures_and_the_licences(summary):
    text = datasheet(Project(name="Streets"), [entry(1, licence="CC BY 4.0"), entry(2)], summary)
    assert "| Entities an image, mean | 1.0 | 11.2 | 13.6 | 18.1 |" in text
    assert "* licence CC BY 4.0: 1 images" in text
    assert "* licence not stated: 1 images" in text
    assert "* train: 1 images" in text


def test_what_people_typed_stays_text(summary):
    text = datasheet(Project(name="<img>\n# x", description="*a*"), [entry(1, source="[x](y)")], summary)
    assert "# Datasheet: \\<img\\> \\# x" in text
    assert "\\*a\\*" in text
    assert "\\[x\\](y)" in text
