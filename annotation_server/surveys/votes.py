"""The answers of a survey as plain values, and who is left out of its results, and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

REGULAR, IDENTICAL, BROKEN = "regular", "identical", "broken"
FIRST, SECOND, SAME = "first", "second", "same"
# Whoever has answered a smaller share of what they were asked is left out.
LEAST_ANSWERED = 0.5


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One answer: of satisfaction a ``score``, of preference a ``choice``; ``second`` only between sets."""

    participant: str
    image: int
    role: str
    first: int
    second: int | None = None
    score: int | None = None
    choice: str = ""
    first_was_left: bool | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the attention checks say of a participant; ``reason`` is empty for whoever counts."""

    participant: str
    answered: int
    asked: int
    checks: int
    failed: int
    reason: str

    @property
    def counts(self) -> bool:
        return not self.reason


def fails(vote: Vote, median_score: float | None) -> bool:
    """Whether an attention check was missed.

    Of two identical pictures one was preferred; a map moved out of place was not found worse than the map
    itself, or was given no lower score than the person's own median over all other images.
    """
    if vote.role == IDENTICAL:
        return vote.choice != SAME
    if vote.role != BROKEN:
        return False
    if vote.score is None:
        return vote.choice != FIRST
    return median_score is not None and vote.score >= median_score


def judge(participant: str, votes: Sequence[Vote], asked: int, allowed_failures: int) -> Verdict:
    """Whether a participant counts: ``votes`` are all theirs, ``asked`` what they were shown."""
    scores = [vote.score for vote in votes if vote.role == REGULAR and vote.score is not None]
    own_median = median(scores) if scores else None
    checks = [vote for vote in votes if vote.role != REGULAR]
    failed = sum(fails(vote, own_median) for vote in checks)
    reason = ""
    if failed > allowed_failures:
        reason = "failed_checks"
    elif len(votes) < LEAST_ANSWERED * asked or not votes:
        reason = "too_few_answers"
    return Verdict(
        participant=participant,
        answered=len(votes),
        asked=asked,
        checks=len(checks),
        failed=failed,
        reason=reason,
    )


def counted(votes: Sequence[Vote], verdicts: Mapping[str, Verdict]) -> list[Vote]:
    """The regular votes of those who count."""
    return [vote for vote in votes if vote.role == REGULAR and verdicts[vote.participant].counts]
