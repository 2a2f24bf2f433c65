"""`manage.py messages`: bring the .po files up to date with the sentences in the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.core.management.base import BaseCommand

from annotation_server.translations.compile import LOCALE, compile_stale
from annotation_server.translations.sentences import Sentence, sentences_of_browser, sentences_of_server

# Without dates and names: git has those, and the file changes only when a sentence does.
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {locale}\\n"
"Plural-Forms: {plural_forms}\\n"

"""


class Command(BaseCommand):
    """Add new sentences untranslated, drop those no longer said, say what is left to translate."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", metavar="LOCALE", help="begin a language, such as fr or pt_BR")

    def handle(self, *args: Any, new: str | None, **options: Any) -> None:
        if new:
            (LOCALE / new / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
        domains = {"django": sentences_of_server(), "djangojs": sentences_of_browser()}
        for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
            for domain, sentences in domains.items():
                missing = update(folder / f"{domain}.po", sentences)
                self.stdout.write(f"{folder.parent.name} {domain}: {len(sentences)}, {missing} to translate")
        compile_stale()


def update(file: Path, sentences: dict[Sentence, list[str]]) -> int:
    """Rewrite one .po file; returns how many of its sentences have no translation yet."""
    locale = file.parts[-3]
    before = Catalog(locale=locale)
    if file.exists():
        with file.open("rb") as source:
            before = read_po(source, locale=locale)
    after = Catalog(locale=locale, fuzzy=False)
    missing = 0
    for sentence, where in sorted(sentences.items(), key=lambda item: (item[1][0], item[0].text)):
        known = before.get(sentence.text)
        string = known.string if known else ""
        if sentence.plural:
            string = string if isinstance(string, tuple | list) else ("",) * after.num_plurals
        elif not isinstance(string, str):
            string = ""
        after.add(sentence.key, string, locations=[(name, 0) for name in where])
        missing += not (all(string) if isinstance(string, tuple | list) else string)
    with file.open("wb") as target:
        target.write(HEADER.format(locale=locale, plural_forms=after.plural_forms).encode())
        write_po(target, after, width=110, omit_header=True, include_lineno=False)
    return missing
