"""What workers kept in English is read in every language."""

from django.utils import translation

from annotation_server.requests.kept_sentences import said


def test_it_works() -> None:
    with translation.override("de"):
        assert said("3 of 4 done, 1 failed.") == "3 von 4 fertig, 1 fehlgeschlagen."
        assert said("Building release v1 of 2.") == "Release v1 of 2 wird gebaut."


def test_other_sentences_stay_as_they_are() -> None:
    with translation.override("de"):
        assert said("street.png: not a picture") == "street.png: not a picture"
    assert said("3 of 4 done.") == "3 of 4 done."
