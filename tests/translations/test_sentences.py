"""Sentences are found where they are written, and each is said in every language."""

from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils.translation import to_locale

from annotation_server.translations.browser import catalogue_address
from annotation_server.translations.compile import LOCALE, compile_stale
from annotation_server.translations.sentences import (
    NotLiteral,
    Sentence,
    javascript_sentences,
    places_of,
    python_sentences,
    sentences_of_browser,
    sentences_of_server,
    template_sentences,
)

OTHERS = [language for language, _name in settings.LANGUAGES if language != "en"]
SENTENCES = {"django": sentences_of_server, "djangojs": sentences_of_browser}


def catalogue(language: str, domain: str) -> Catalog:
    locale = to_locale(language)
    with (LOCALE / locale / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=locale)


def forms_of(message: Message | None) -> list[str]:
    if message is None:
        return [""]
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("domain", SENTENCES)
def test_every_sentence_is_translated_with_its_places(language: str, domain: str) -> None:
    translated = catalogue(language, domain)
    problems = []
    for sentence, where in SENTENCES[domain]().items():
        forms = forms_of(translated.get(sentence.text))
        if not all(forms):
            problems.append(f"{where[0]}: {sentence.text!r} is not translated (manage.py messages)")
        # A language with one form for every count, or whose "one" needs no figure, may leave {n} out there.
        wanted = [places_of(sentence.text), places_of(sentence.plural or sentence.text)]
        if any(form and places_of(form) not in wanted for form in forms):
            problems.append(f"{where[0]}: {sentence.text!r} has other places in {forms}")
    assert problems == []


@pytest.mark.parametrize("domain", SENTENCES)
def test_a_sentence_is_either_about_a_count_or_not(domain: str) -> None:
    """A catalogue has one entry for it."""
    texts = Counter(sentence.text for sentence in SENTENCES[domain]())
    assert [text for text, times in texts.items() if times > 1] == []


def test_sentences_are_found_in_modules() -> None:
    code = """
      say(t("Entity #{number} is locked.", { number: f(1, [2]) }));
      element("p", {}, `${t('inside a template')} ${plural(list.of(1, 2).length, "{n} gap", "{n} gaps")}`);
      format("not this", await("nor this"));
    """
    assert set(javascript_sentences(code)) == {
        Sentence("Entity #{number} is locked."),
        Sentence("inside a template"),
        Sentence("{n} gap", "{n} gaps"),
    }
    with pytest.raises(NotLiteral):
        list(javascript_sentences("t(`made of ${parts}`)"))
    with pytest.raises(NotLiteral):
        list(javascript_sentences('t("one" + "two")'))


def test_sentences_are_found_in_python_and_templates() -> None:
    code = """
class State(models.TextChoices):
    DRAFT = "draft", "Being drawn"
raise Refused(_("“%(name)s” is "
    "reserved.") % {"name": name})
ngettext("%(n)s image", "%(n)s images", n)
"""
    assert set(python_sentences(code)) == {
        Sentence("Being drawn"),
        Sentence("“%(name)s” is reserved."),
        Sentence("%(n)s image", "%(n)s images"),
    }
    html = '{% load i18n %}{% if a %}<b title="{% translate "Log in" %}">{% endif %}'
    html += "{% blocktranslate with file=a.b %}Loading {{ file }}…{% endblocktranslate %}"
    assert set(template_sentences(html)) == {Sentence("Log in"), Sentence("Loading %(file)s…")}


def test_catalogues_are_compiled_again_when_they_change(tmp_path: Path) -> None:
    folder = tmp_path / "de/LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Brush"\nmsgstr "Pinsel"\n'
    )
    (compiled,) = compile_stale(tmp_path)
    assert b"Pinsel" in compiled.read_bytes()
    assert compile_stale(tmp_path) == []
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


@pytest.mark.parametrize("language", OTHERS)
def test_the_page_brings_its_catalogue_cached_for_ever(language: str) -> None:
    client = Client()
    address = catalogue_address(language)
    assert address is not None
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer["Cache-Control"]
    assert answer.content.startswith(b"globalThis.tesseraCatalogue={")
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(answer.content) / 2
    assert client.get("/catalogue/en-000000000000.js").status_code == 404
