"""Each start-up check speaks up, with a hint, when its thing is wrong."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from annotation_server import startup_checks
from annotation_server.environment import env_text


def test_all_is_well_here():
    for check in (
        startup_checks.viewer_is_installed,
        startup_checks.files_can_be_kept,
        startup_checks.pictures_can_be_decoded,
    ):
        assert check(None) == []


def test_a_missing_viewer_is_an_error(settings, tmp_path):
    settings.FRONTEND_DIR = tmp_path
    (problem,) = startup_checks.viewer_is_installed(None)
    assert (problem.id, "make setup" in problem.hint) == ("tessera.E001", True)


def test_a_media_folder_that_cannot_be_made_is_an_error(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    assert startup_checks.files_can_be_kept(None)[0].id == "tessera.E002"


def test_a_bucket_without_keys_is_a_warning(settings, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    settings.S3_BUCKET = "pictures"
    assert startup_checks.files_can_be_kept(None)[0].id == "tessera.W002"


def test_a_short_key_is_a_warning(settings):
    settings.TESTING, settings.SECRET_KEY = False, "short"
    assert startup_checks.secret_key_is_strong(None)[0].id == "tessera.W001"
    settings.SECRET_KEY = "x" * 50
    assert startup_checks.secret_key_is_strong(None) == []


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE=.*nowhere cannot be read"):
        env_text("SECRET_KEY")
