"""Sentences that workers kept in English, said in the language of whoever reads them."""

import re
from functools import cache

from django.utils.formats import get_format
from django.utils.translation import gettext, gettext_noop

from annotation_server.segmentation.worker_sentences import Sentence

# Places of the sentences below that hold a number with decimals.
FIGURES = {"candidate", "champion", "first", "second", "low", "high", "gain", "most"}
# The place in which another of the sentences may stand.
REASON = "why"

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
    gettext_noop(
        "Nothing to measure: of the images asked for %(truth)s are in “%(truth_label)s”, "
        "%(found)s in “%(found_label)s”, and none in both."
    ),
    gettext_noop(
        "Masks overlap on %(count)s images, among them %(examples)s. Choose to resolve overlaps (the "
        "better score has each pixel) or to allow them."
    ),
    gettext_noop(
        "Too few images to compare: “%(first_name)s” measured %(first_images)s, “%(second_name)s” "
        "%(second_images)s, %(shared)s are in both and %(common)s of these have the same truth; "
        "%(least)s are needed."
    ),
    gettext_noop("Tessera was updated while this report was worked out. Ask for it again."),
    gettext_noop(
        "The annotation of %(file_name)s is gone since this report was asked for. Ask for a new one."
    ),
    gettext_noop("The uploaded masks of %(file_name)s were deleted. Upload the file again."),
    gettext_noop("No image of the file is one of this project's, by name and size. %(problems)s"),
    gettext_noop("The zip holds %(count)s JSON files; put exactly one beside its PNGs."),
    gettext_noop("This is the JSON of COCO panoptic: upload a zip of it and its folder of PNGs."),
    gettext_noop("The file is no JSON: %(error)s."),
    gettext_noop(
        "The file is none of those that can be read: COCO instances, a COCO results list, EntitySeg, "
        "or a zip of COCO panoptic."
    ),
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
    gettext_noop("It was tried %(attempts)s times; the last time: %(why)s"),
    gettext_noop("The worker stopped %(attempts)s times while working on it. Look at the worker's log."),
    *Sentence,
)


def said(sentence: str) -> str:
    """The sentence in the reader's language, if it is one of KEPT; else as it was kept."""
    for kept in KEPT:
        if found := _pattern(kept).fullmatch(sentence):
            return gettext(kept) % {name: _written(name, value) for name, value in found.groupdict().items()}
    return sentence


def said_of_each(reasons: str) -> str:
    """The same of one reason a line, each of which may come after the name of what it is about."""
    return "\n".join(_said_after_name(line) for line in reasons.split("\n"))


def _said_after_name(line: str) -> str:
    whole = said(line)
    if whole != line:
        return whole
    for colon in re.finditer(": ", line):
        reason = said(line[colon.end() :])
        if reason != line[colon.end() :]:
            return line[: colon.end()] + reason
    return line


def _written(name: str, value: str) -> str:
    """A figure and a reason as the reader's language writes them; names and counts as they are."""
    if name == REASON:
        return said(value)
    return value.replace(".", get_format("DECIMAL_SEPARATOR")) if name in FIGURES else value


@cache
def _pattern(kept: str) -> re.Pattern[str]:
    places = re.split(r"%\((\w+)\)s", kept)
    parts = (
        f"(?P<{part}>.+?)" if number % 2 else re.escape(part.replace("%%", "%"))
        for number, part in enumerate(places)
    )
    return re.compile("".join(parts), re.DOTALL)
