"""Sentences that workers kept in English, said in the language of whoever reads them."""

import re
from functools import cache

from django.utils.formats import get_format
from django.utils.translation import gettext, gettext_noop

# Places of the sentences below that hold a number with decimals.
FIGURES = {"candidate", "champion", "first", "second", "low", "high", "gain", "most"}

KEPT = (
    gettext_noop("%(done)s of %(total)s done."),
    gettext_noop("%(done)s of %(total)s done, %(failed)s failed."),
    gettext_noop("Cancelled."),
    gettext_noop("New images, by themselves."),
    gettext_noop("Building release %(name)s."),
    gettext_noop("Painting the pictures of survey %(name)s."),
    gettext_noop("There is nothing to learn from: accept annotations of images of split train."),
    gettext_noop(
        "There is nothing to judge a new model by: accept annotations of at least %(n)s images of split val."
    ),
    gettext_noop("Another model became champion while this one was judged: train again to compare with it."),
    gettext_noop(
        "Better: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
        "the difference lies between %(low)s and %(high)s (95 %%)."
    ),
    gettext_noop(
        "Not surely better: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
        "the difference lies between %(low)s and %(high)s (95 %%), all of it must be above %(gain)s."
    ),
    gettext_noop(
        "Worse: APᵉ %(candidate)s, the champion %(champion)s on %(images)s images; "
        "the difference lies between %(low)s and %(high)s (95 %%)."
    ),
    gettext_noop("On all %(images)s images it scores exactly what the champion scores: APᵉ %(champion)s."),
    gettext_noop(
        "It leaves more unlabelled: it covers %(candidate)s of what is annotated, the champion %(champion)s; "
        "at most %(most)s may be lost."
    ),
    gettext_noop(
        "Too few images to judge by: %(images)s with a mask, %(least)s are needed. "
        "Accept more annotations of split val."
    ),
    gettext_noop("The candidate's scores of image %(image)s are not numbers: its training went wrong."),
    gettext_noop("The champion's scores of image %(image)s are not numbers."),
    gettext_noop(
        "“%(second_name)s” is better than “%(first_name)s”: AP %(second)s, not %(first)s, on %(images)s "
        "images; the difference lies between %(low)s and %(high)s (95 %%)."
    ),
    gettext_noop(
        "“%(second_name)s” is worse than “%(first_name)s”: AP %(second)s, not %(first)s, on %(images)s "
        "images; the difference lies between %(low)s and %(high)s (95 %%)."
    ),
    gettext_noop(
        "Neither is surely better: AP %(first)s of “%(first_name)s” and %(second)s of “%(second_name)s” on "
        "%(images)s images; the difference lies between %(low)s and %(high)s (95 %%)."
    ),
    gettext_noop("Both score the same: AP %(first)s on %(images)s images."),
    gettext_noop("On %(images)s images nothing is to be found, so that there is no AP to compare."),
    gettext_noop(
        "Ships with Tessera: a small CropFormer trained from scratch on generated scenes, "
        "without photographs and without annotations by people."
    ),
    gettext_noop(
        "Ships with Tessera: superpixels merged by colour, texture and border contrast. "
        "It learns nothing, and proposes regions rather than entities."
    ),
    gettext_noop("Trained from “%(name)s” on %(masks)s masks of %(images)s images of this project."),
    gettext_noop("Imported from published weights (SHA-256 %(sha256)s…)."),
)


def said(sentence: str) -> str:
    """The sentence in the reader's language, if it is one of KEPT; else as it was kept."""
    for kept in KEPT:
        if found := _pattern(kept).fullmatch(sentence):
            return gettext(kept) % {name: _written(name, value) for name, value in found.groupdict().items()}
    return sentence


def _written(name: str, value: str) -> str:
    """A figure with the decimal sign of the reader's language; names and counts as they are."""
    return value.replace(".", get_format("DECIMAL_SEPARATOR")) if name in FIGURES else value


@cache
def _pattern(kept: str) -> re.Pattern[str]:
    places = re.split(r"%\((\w+)\)s", kept)
    parts = (
        f"(?P<{part}>.+?)" if number % 2 else re.escape(part.replace("%%", "%"))
        for number, part in enumerate(places)
    )
    return re.compile("".join(parts), re.DOTALL)
