import pytest

from annotation_server.surveys.preference import preference
from annotation_server.surveys.resampling import wilson
from annotation_server.surveys.satisfaction import satisfaction
from annotation_server.surveys.votes import Vote, counted, judge


def scored(participant: str, image: int, score: int, role: str = "regular") -> Vote:
    return Vote(participant=participant, image=image, role=role, first=0, score=score)


def chosen(participant: str, image: int, choice: str, role: str = "regular", **fields: object) -> Vote:
    return Vote(participant=participant, image=image, role=role, first=0, second=1, choice=choice, **fields)  # type: ignore[arg-type]


def test_scores_are_told_by_people_and_by_image():
    votes = [scored("P001", 1, 4), scored("P001", 2, 9), scored("P002", 1, 6), scored("P002", 2, 10)]
    told = satisfaction(votes)
    assert told["score"]["mean"] == 7.25 and told["score"]["median"] == 7.5
    assert told["score"]["low"] <= 7.25 <= told["score"]["high"]
    assert [told["histogram"][score] for score in (4, 6, 9, 10)] == [1, 1, 1, 1]
    assert (told["people_histogram"][7], told["people_histogram"][8]) == (1, 1)
    assert [(row["image"], row["min"], row["median"], row["max"]) for row in told["by_image"]] == [
        (1, 4, 5, 6),
        (2, 9, 9.5, 10),
    ]


def test_no_votes_are_no_figures():
    assert satisfaction([])["score"]["mean"] is None
    told = preference([], 2)
    assert told["sets"][0]["log_strength"] is None and told["pairs"][0]["preferred"] is None
    assert told["left"]["share"] is None and told["agreement"] is None


def test_preferences_are_told_by_pair_image_and_side():
    votes = [
        *(chosen(f"P{n}", 1, "first", first_was_left=n % 2 == 0) for n in range(8)),
        *(chosen(f"P{n}", 2, "second" if n < 4 else "same", first_was_left=True) for n in range(8)),
    ]
    told = preference(votes, 2)
    (pair,) = told["pairs"]
    assert pair["votes"] == {"first": 8, "same": 4, "second": 4}
    assert pair["preferred"] == pytest.approx(8 / 12)
    assert pair["bootstrap"][0] <= 8 / 12 <= pair["bootstrap"][1]
    assert pair["sign_test"] == pytest.approx(0.3876953125)  # binomial, 12 throws
    assert [row["win_rate"] for row in told["sets"]] == [0.625, 0.375]
    assert [row["image"] for row in told["by_image"]] == [2, 1]
    assert told["left"]["votes"] == 12 and told["left"]["share"] == pytest.approx(4 / 12)


@pytest.mark.parametrize(
    ("votes", "allowed", "failed", "reason"),
    [
        ([chosen("P", 1, "first"), chosen("P", 9, "same", "identical")], 0, 0, ""),
        ([chosen("P", 1, "first"), chosen("P", 9, "first", "identical")], 0, 1, "failed_checks"),
        ([chosen("P", 1, "same"), chosen("P", 9, "same", "broken")], 1, 1, ""),
        ([chosen("P", 1, "first"), chosen("P", 9, "second", "broken")], 0, 1, "failed_checks"),
        ([scored("P", 1, 7), scored("P", 2, 7), scored("P", 9, 7, "broken")], 0, 1, "failed_checks"),
        ([scored("P", 1, 7), scored("P", 2, 8), scored("P", 9, 2, "broken")], 0, 0, ""),
        ([scored("P", 1, 7)], 0, 0, "too_few_answers"),
        ([], 0, 0, "too_few_answers"),
    ],
)
def test_who_counts(votes, allowed, failed, reason):
    verdict = judge("P", votes, asked=3, allowed_failures=allowed)
    assert (verdict.failed, verdict.reason) == (failed, reason)
    assert len(counted(votes, {"P": verdict})) == (
        0 if reason else sum(vote.role == "regular" for vote in votes)
    )


def test_wilsons_interval_is_the_published_one():
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) is None
