"""What workers kept in English is read in every language."""

import pytest
from django.utils import translation

from annotation_server.requests import kept_sentences
from annotation_server.requests.kept_sentences import said, said_of_each
from annotation_server.segmentation.worker_sentences import Sentence


def test_it_works() -> None:
    with translation.override("de"):
        assert said("3 of 4 done, 1 failed.") == "3 von 4 fertig, 1 fehlgeschlagen."
        assert said("Building release v1 of 2.") == "Release v1 of 2 wird gebaut."


def test_other_sentences_stay_as_they_are() -> None:
    with translation.override("de"):
        assert said("street.png: not a picture") == "street.png: not a picture"
    assert said("3 of 4 done.") == "3 of 4 done."


def test_figures_are_written_as_the_language_writes_them() -> None:
    kept = (
        "Better: APᵉ 40.6, the champion 38.1 on 12 images; the difference lies between +0.8 and +4.1 (95 %)."
    )
    with translation.override("de"):
        assert "APᵉ 40,6" in said(kept) and "+0,8 und +4,1 (95 %)" in said(kept)
        assert said("Building release 1.2.") == "Release 1.2 wird gebaut."
    assert said(kept) == kept


def test_what_the_ml_worker_says_is_translated_reason_and_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_sentences, "gettext", lambda sentence: f"«{sentence}»")
    why = Sentence.FILE_GONE.about(key="a.png")
    kept = Sentence.IMAGE_GONE.about(why=why)
    wanted = (
        "«The image's file is gone: «There is no file a.png in the media folder.» Upload the image again.»"
    )
    assert said(kept) == wanted
    assert said_of_each(f"street: 1.png: {kept}\n{kept}\na.png: strange") == (
        f"street: 1.png: {wanted}\n{wanted}\na.png: strange"
    )
    assert set(Sentence) <= set(kept_sentences.KEPT)
