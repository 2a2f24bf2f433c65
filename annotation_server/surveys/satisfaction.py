"""What a satisfaction survey says: scores over people and over images. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from annotation_server.surveys.krippendorff import alpha
from annotation_server.surveys.resampling import mean_interval
from annotation_server.surveys.votes import Vote

SCORES = range(11)


def satisfaction(votes: Sequence[Vote]) -> dict[str, Any]:
    """Figures of the counted votes; means and medians are None where there is none.

    ``histogram`` counts scores 0 to 10, ``people_histogram`` participants by their mean score, rounded
    half up. ``by_image`` is sorted from the lowest median to the highest.
    """
    by_image, by_person = _grouped(votes, "image"), _grouped(votes, "participant")
    everything = [score for scores in by_image.values() for score in scores]
    interval = mean_interval(list(by_person.values()))
    people = [
        {"participant": name, **_summary(scores)}
        for name, scores in sorted(by_person.items(), key=lambda row: (fmean(row[1]), row[0]))
    ]
    images = [{"image": image, **_summary(scores)} for image, scores in by_image.items()]
    return {
        "score": {
            **_summary(everything),
            "low": interval[0] if interval else None,
            "high": interval[1] if interval else None,
        },
        "histogram": [everything.count(score) for score in SCORES],
        "people_histogram": [sum(int(row["mean"] + 0.5) == score for row in people) for score in SCORES],
        "by_participant": people,
        "by_image": sorted(images, key=lambda row: (row["median"], row["mean"], row["image"])),
        "agreement": alpha(list(by_image.values()), "interval"),
    }


def _grouped(votes: Sequence[Vote], name: str) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = defaultdict(list)
    for vote in votes:
        if vote.score is not None:
            found[getattr(vote, name)].append(vote.score)
    return found


def _summary(scores: Sequence[int]) -> dict[str, Any]:
    if not scores:
        return {"answers": 0, "mean": None, "min": None, "median": None, "max": None}
    return {
        "answers": len(scores),
        "mean": fmean(scores),
        "min": min(scores),
        "median": median(scores),
        "max": max(scores),
    }
