"""A report's matrices as CSV: one line a figure. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = ("measure", "truth", "other", "value", "low", "high")


def report_csv(report: Mapping[str, Any]) -> str:
    """Lines of measure, place of the truth, place of the other, value and, where there is one, interval."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(report))
    return file.getvalue()


def _rows(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    masks, names = report["masks"], report["names"]
    other = masks["other_tie_break"]
    yield from _lines(report, f"AP pooled, {masks['tie_break']} first", masks["pooled"], masks["intervals"])
    yield from _lines(report, f"AP per image, {masks['tie_break']} first", masks["per_image"])
    yield from _lines(report, f"AP pooled, {other['tie_break']} first", other["pooled"])
    yield from _lines(report, f"AP per image, {other['tie_break']} first", other["per_image"])
    yield from _lines(report, "F1 at IoU .5", report["f1"])
    yield from _lines(report, "PQ", report["pq"], report["pq_intervals"])
    yield from _lines(report, "covering", report["covering"])
    if names is not None:
        yield from _lines(report, "names, as typed", names["accuracy"], names["intervals"])
        yield from _lines(report, "names, merged", names["accuracy_merged"], names["intervals_merged"])
    for kind, count in report["kinds"].items():
        yield (f"disagreements: {kind}", "", "", count, "", "")


def _lines(
    report: Mapping[str, Any],
    measure: str,
    matrix: list[list[Any]],
    intervals: list[list[Any]] | None = None,
) -> Iterator[tuple[Any, ...]]:
    places = [one["place"] for one in report["places"]]
    for row, truth in enumerate(places):
        for column, other in enumerate(places):
            value = matrix[row][column]
            bounds = intervals[row][column] if intervals else None
            if value is not None:
                yield (measure, truth, other, value, *(bounds or ("", "")))
