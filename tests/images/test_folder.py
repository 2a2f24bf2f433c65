"""Importing a folder of the server, by call and by command."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotation_server.images.folder import add_ready, import_folder
from annotation_server.images.models import Image
from annotation_server.images.pyramid import Unreadable
from annotation_server.images.upload import Offered
from tests.images import pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.jpg").write_bytes(pictures.encoded("JPEG"))
    (tmp_path / "deep/a.png").write_bytes(pictures.encoded("PNG"))
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / ".hidden.png").write_bytes(pictures.encoded("PNG", pictures.gradient(20, 20)))
    (tmp_path / "link.png").symlink_to(tmp_path / "deep/a.png")
    return tmp_path


def test_it_works(project, folder) -> None:
    taken = import_folder(project, folder)
    assert [(image.file_name, image.source) for image in taken.accepted] == [
        ("b.jpg", "b.jpg"),
        ("a.png", "deep/a.png"),
    ]
    assert [name for name, _ in taken.refused] == ["notes.txt"]
    assert taken.request.total == 2


def test_a_second_import_adds_only_what_is_new(project, folder) -> None:
    import_folder(project, folder)
    (folder / "new.png").write_bytes(pictures.encoded("PNG", pictures.gradient(30, 30)))
    assert [image.file_name for image in import_folder(project, folder).accepted] == ["new.png"]


def test_a_damaged_picture_added_here_and_now_leaves_nothing(project, media_root) -> None:
    before = {path for path in media_root.rglob("*") if path.is_file()}
    promised = pictures.png_of_header(400, 400, data=b"\0" * 1000)
    with pytest.raises(Unreadable):
        add_ready(project, Offered("short.png", promised))
    assert not Image.objects.exists()
    assert {path for path in media_root.rglob("*") if path.is_file()} == before


def test_by_command(project, folder, capsys) -> None:
    call_command("import_images", str(project.pk), str(folder))
    out = capsys.readouterr()
    assert "2 images added to Streets, 1 files refused." in out.out
    assert "notes.txt is text" in out.err
    assert Image.objects.count() == 2
    with pytest.raises(CommandError, match="no folder"):
        call_command("import_images", str(project.pk), str(folder / "missing"))
    with pytest.raises(CommandError, match="no project 999999"):
        call_command("import_images", "999999", str(folder))
