"""Sentences that workers kept in English, said in the language of whoever reads them."""

import re
from functools import cache

from django.utils.translation import gettext, gettext_noop

KEPT = (
    gettext_noop("%(done)s of %(total)s done."),
    gettext_noop("%(done)s of %(total)s done, %(failed)s failed."),
    gettext_noop("Cancelled."),
    gettext_noop("New images, by themselves."),
    gettext_noop("Building release %(name)s."),
)


def said(sentence: str) -> str:
    """The sentence in the reader's language, if it is one of KEPT; else as it was kept."""
    for kept in KEPT:
        if found := _pattern(kept).fullmatch(sentence):
            return gettext(kept) % found.groupdict()
    return sentence


@cache
def _pattern(kept: str) -> re.Pattern[str]:
    places = re.split(r"%\((\w+)\)s", kept)
    parts = (
        f"(?P<{part}>.+?)" if number % 2 else re.escape(part.replace("%%", "%"))
        for number, part in enumerate(places)
    )
    return re.compile("".join(parts), re.DOTALL)
