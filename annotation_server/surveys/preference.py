"""What a preference survey says: votes by pair and image, and the strength of every set. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from math import comb, exp
from typing import Any

import numpy as np
import numpy.typing as npt

from annotation_server.surveys.bradley_terry import Strengths, fit, fit_many
from annotation_server.surveys.krippendorff import alpha, same_share
from annotation_server.surveys.resampling import drawn_again, interval, wilson
from annotation_server.surveys.votes import FIRST, SAME, SECOND, Vote

Floats = npt.NDArray[np.float64]
_AS_NUMBER = {FIRST: 1.0, SAME: 0.0, SECOND: -1.0}


def preference(votes: Sequence[Vote], sets: int) -> dict[str, Any]:
    """Figures of the counted votes about ``sets`` sets; they are named by their numbers.

    A win rate counts no difference as half a win. ``preferred`` of a pair is the share of the first among
    the votes that saw a difference, as the model with ties has it; its interval is by resampling people.
    ``left`` tells whether people favoured a side,
    ``same_answers`` how often two people said the same of one image and pair.
    """
    people = sorted({vote.participant for vote in votes})
    wins, ties = _tables(votes, people, sets)
    pairs = [_votes_of(votes, first, second) for first, second in combinations(range(sets), 2)]
    units = _units(votes)
    return {
        **_strengths(wins, ties, pairs),
        "by_image": _by_image(votes),
        "left": _left(votes),
        "agreement": alpha(units, "nominal"),
        "same_answers": same_share(units),
    }


def _tables(votes: Sequence[Vote], people: Sequence[str], sets: int) -> tuple[Floats, Floats]:
    """Wins and ties [people, sets, sets] of each participant."""
    place = {name: at for at, name in enumerate(people)}
    wins = np.zeros((len(people), sets, sets))
    ties = np.zeros_like(wins)
    for vote in votes:
        who, i, j = place[vote.participant], vote.first, vote.second
        if vote.choice == SAME:
            ties[who, i, j] += 1
            ties[who, j, i] += 1
        else:
            winner, loser = (i, j) if vote.choice == FIRST else (j, i)
            wins[who, winner, loser] += 1
    return wins, ties


def _strengths(wins: Floats, ties: Floats, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """The fitted model, with what each set won; without votes only the counts."""
    all_wins, all_ties = wins.sum(axis=0), ties.sum(axis=0)
    model = fit(all_wins, all_ties) if all_wins.sum() + all_ties.sum() else None
    again = _resampled(wins, ties) if model is not None and len(wins) > 1 else None
    return {
        "sets": [_set_row(number, all_wins, all_ties, model, again) for number in range(all_wins.shape[0])],
        "pairs": [_pair_row(row, model, again) for row in pairs],
        "tie_parameter": exp(model.eta) if model else None,
        "is_bounded": model.is_bounded if model else None,
    }


def _resampled(wins: Floats, ties: Floats) -> Floats:
    """Log strengths [resamples, sets]."""
    weights = drawn_again(len(wins))
    return fit_many(np.einsum("rp,pij->rij", weights, wins), np.einsum("rp,pij->rij", weights, ties))


def _set_row(
    number: int, wins: Floats, ties: Floats, model: Strengths | None, again: Floats | None
) -> dict[str, Any]:
    won, lost, tied = wins[number].sum(), wins[:, number].sum(), ties[number].sum()
    total = won + lost + tied
    return {
        "set": number,
        "wins": int(won),
        "losses": int(lost),
        "ties": int(tied),
        "win_rate": float((won + tied / 2) / total) if total else None,
        "log_strength": float(model.theta[number]) if model else None,
        "fisher": model.interval(number) if model else None,
        "bootstrap": interval(again[:, number]) if again is not None else None,
    }


def _pair_row(row: dict[str, Any], model: Strengths | None, again: Floats | None) -> dict[str, Any]:
    first, second = row["first"], row["second"]
    fisher = model.difference(first, second) if model else None
    spread = interval(again[:, first] - again[:, second]) if again is not None else None
    return {
        **row,
        "preferred": _share(fisher[0]) if fisher else None,
        "fisher": [_share(fisher[1]), _share(fisher[2])] if fisher else None,
        "bootstrap": [_share(value) for value in spread] if spread else None,
        "sign_test": _sign_test(row["votes"][FIRST], row["votes"][SECOND]),
    }


def _share(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-700.0, min(700.0, log_odds))))


def _sign_test(first: int, second: int) -> float | None:
    """Two-sided probability of votes at least as uneven if people had no preference; None without votes."""
    total = first + second
    if not total:
        return None
    tail = sum(comb(total, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / 2**total)


def _counts(votes: Sequence[Vote]) -> dict[str, int]:
    return {choice: sum(vote.choice == choice for vote in votes) for choice in (FIRST, SAME, SECOND)}


def _votes_of(votes: Sequence[Vote], first: int, second: int) -> dict[str, Any]:
    of_pair = [vote for vote in votes if (vote.first, vote.second) == (first, second)]
    return {"first": first, "second": second, "votes": _counts(of_pair)}


def _by_image(votes: Sequence[Vote]) -> list[dict[str, Any]]:
    """The votes of every image and pair, from where the first set is least liked to where it is most."""
    found: dict[tuple[int, int, int | None], list[Vote]] = defaultdict(list)
    for vote in votes:
        found[vote.image, vote.first, vote.second].append(vote)
    rows = [
        {"image": image, "first": first, "second": second, "votes": _counts(group)}
        for (image, first, second), group in found.items()
    ]
    return sorted(rows, key=_order)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    total = sum(row["votes"].values())
    first, second = row["votes"][FIRST] / total, row["votes"][SECOND] / total
    return (row["first"], row["second"], first - second, first, row["image"])


def _left(votes: Sequence[Vote]) -> dict[str, Any]:
    decided = [vote for vote in votes if vote.choice != SAME and vote.first_was_left is not None]
    left = sum((vote.choice == FIRST) == vote.first_was_left for vote in decided)
    return {
        "votes": len(decided),
        "share": left / len(decided) if decided else None,
        "interval": wilson(left, len(decided)),
    }


def _units(votes: Sequence[Vote]) -> list[list[float]]:
    found: dict[Any, list[float]] = defaultdict(list)
    for vote in votes:
        found[vote.image, vote.first, vote.second].append(_AS_NUMBER[vote.choice])
    return list(found.values())
