"""The datasheet of a release: what it holds and how it came to be, in words."""

from collections import Counter
from typing import Any

from annotation_server.projects.models import Project
from annotation_server.releases.layout import Entry

_ROWS = (
    ("Resolution, √(width · height), mean, px", "image_resolution", ".1f"),
    ("Entities an image, mean", "entities_mean", ".1f"),
    ("Entities an image, most", "entities_max", "d"),
    ("Convexity, mean over entities", "convexity", ".3f"),
    ("Simplicity, mean over entities", "simplicity", ".3f"),
    ("Valid area, mean over images", "valid_area", ".3f"),
)


def datasheet(project: Project, images: list[Entry], summary: dict[str, Any]) -> str:
    """Markdown; it names no release, so that the same content is the same file."""
    labelled = sum(image.input.labelled for image in images)
    review = (
        "A second person has accepted every annotation."
        if project.review_required
        else ("Annotations count as accepted when they are submitted.")
    )
    return "\n".join(
        [
            f"# Datasheet: {_plain(project.name)}",
            "",
            _plain(project.description) or "No description was given.",
            "",
            "## Content",
            "",
            f"{summary['images']} images with {summary['masks']} masks of entities, things and stuff alike. "
            "Masks never overlap: every pixel belongs to one entity or to none. In "
            f"{labelled} images every mask bears a term of the vocabulary.",
            "",
            *_table(summary),
            "",
            "## Splits",
            "",
            *[f"* {split}: {count} images" for split, count in summary["splits"].items()],
            "",
            "An image keeps its split in every later release.",
            "",
            "## How it was annotated",
            "",
            f"An annotation can be submitted when at least {project.min_coverage:.1%} of the image's pixels "
            f"belong to an entity and no gap is larger than {project.max_gap_px} px. {review}",
            "",
            "## Licences and sources of the pictures",
            "",
            *_counted("licence", Counter(image.licence for image in images)),
            *_counted("source", Counter(image.source for image in images)),
            "",
            "## Format",
            "",
            "COCO instances and COCO panoptic; see MANIFEST.json for every file and its SHA-256.",
            "",
        ]
    )


def _table(summary: dict[str, Any]) -> list[str]:
    published = summary["published"]
    lines = [f"| figure | here | {' | '.join(published)} |", "|---|---|" + "---|" * len(published)]
    for title, key, form in _ROWS:
        cells = [format(row[key], form) for row in (summary, *published.values())]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def _counted(what: str, names: Counter[str]) -> list[str]:
    ordered = sorted(names.items(), key=lambda row: (-row[1], row[0]))
    return [f"* {what} {_plain(name) or 'not stated'}: {count} images" for name, count in ordered]


def _plain(text: str) -> str:
    """Text a person typed, on one line and without a meaning in Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in " ".join(text.split()))
