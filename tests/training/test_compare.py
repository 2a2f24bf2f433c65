"""Whether the candidate is better: promoted only when it surely is, and the interval keeps its promise."""

from dataclasses import replace

import numpy as np
import pytest

from annotation_server.requests.kept_sentences import KEPT
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.training import compare as rules
from annotation_server.training.compare import Keep, Promote, Verdict, compare
from benchmarks.simulated_figures import difficulties, figures_of

HARD = difficulties(40, seed=1)


@pytest.fixture(scope="module")
def champion() -> list[ImageFigures]:
    return figures_of(HARD, quality=0.8, seed=1)


def against(champion: list[ImageFigures], candidate: list[ImageFigures], **settings: float) -> Verdict:
    return compare(champion, candidate, seed=7, **{"resamples": 400, **settings})


def test_a_clear_gain_is_promoted(champion: list[ImageFigures]) -> None:
    candidate = figures_of(HARD, quality=0.9, seed=2)
    verdict = against(champion, candidate)
    assert isinstance(verdict, Promote)
    assert verdict.champion_ap == model_figures(champion)["AP"]
    assert verdict.candidate_ap == model_figures(candidate)["AP"]
    assert 0 < verdict.low < verdict.difference < verdict.high
    assert (verdict.probability, verdict.images, verdict.resamples) == (1.0, 40, 400)
    percent = f"{100 * verdict.candidate_ap:.1f}, the champion {100 * verdict.champion_ap:.1f} on 40 images"
    assert verdict.reason.startswith(f"Better: APᵉ {percent}; the difference lies between +")
    assert verdict.to_dict()["interval"] == [verdict.low, verdict.high]


def test_a_gain_below_the_least_wanted_is_not(champion: list[ImageFigures]) -> None:
    verdict = against(champion, figures_of(HARD, quality=0.9, seed=2), min_gain=0.3)
    assert isinstance(verdict, Keep)
    assert verdict.reason.endswith("all of it must be above 30.0.")


def test_the_same_model_is_kept(champion: list[ImageFigures]) -> None:
    verdict = against(champion, champion)
    assert isinstance(verdict, Keep)
    assert (verdict.difference, verdict.low, verdict.high, verdict.probability) == (0, 0, 0, 0.5)
    assert verdict.reason.startswith("On all 40 images it scores exactly what the champion scores")


def test_a_poisoned_model_is_kept(champion: list[ImageFigures]) -> None:
    verdict = against(champion, figures_of(HARD, quality=0.3, seed=2))
    assert isinstance(verdict, Keep)
    assert verdict.high < 0
    assert verdict.reason.startswith("Worse: ")
    assert "\N{MINUS SIGN}" in verdict.reason


def test_one_that_covers_less_is_kept_however_good(champion: list[ImageFigures]) -> None:
    verdict = against(champion, figures_of(HARD, quality=0.9, seed=2, covered=0.92))
    assert isinstance(verdict, Keep)
    assert "covers 92.0% of what is annotated, the champion 95.0%" in verdict.reason


def test_few_images_prove_nothing(champion: list[ImageFigures]) -> None:
    verdict = against(champion[:9], figures_of(HARD[:9], quality=0.9, seed=2))
    assert isinstance(verdict, Keep)
    assert verdict.reason.startswith("Too few images to judge by: 9 with a mask, 10 are needed.")
    empty = [replace(one, true_areas=np.zeros(0, np.int64)) for one in champion]
    assert isinstance(against(empty, empty), Keep)


def test_scores_that_are_no_numbers_are_named(champion: list[ImageFigures]) -> None:
    broken = [replace(one, scores=np.full(8, np.nan)) if one.image == 3 else one for one in champion]
    assert "of image 3 are not numbers: its training went wrong" in against(champion, broken).reason
    assert against(broken, champion).reason.startswith("The champion's scores of image 3")


def test_other_images_are_no_comparison(champion: list[ImageFigures]) -> None:
    with pytest.raises(ValueError, match="40 images, the candidate 39"):
        against(champion, champion[1:])
    with pytest.raises(ValueError, match="not the same truth"):
        against(champion, [champion[1], champion[0], *champion[2:]])


def test_without_a_difference_one_in_forty_is_promoted_and_the_interval_holds_it() -> None:
    """Models of equal worth: 5 % of intervals should miss the true difference, 0; half of them above it."""
    verdicts = []
    for trial in range(50):
        hard = difficulties(30, seed=trial)
        pair = [figures_of(hard, quality=0.8, seed=1000 * side + trial) for side in (1, 2)]
        verdicts.append(compare(*pair, seed=trial, resamples=100))
    promoted = sum(isinstance(verdict, Promote) for verdict in verdicts)
    held = sum(verdict.low <= 0 <= verdict.high for verdict in verdicts)
    assert promoted <= 5  # binomial with 50 trials of 2.5 %: more than 5 happens once in 500
    assert 42 <= held < 50


def test_every_reason_can_be_said_in_other_languages() -> None:
    assert set(rules.REASONS) <= set(KEPT)
