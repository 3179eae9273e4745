"""What is counted of each person while answers are read, example by example."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.audit.reviewers.reads import Read
from app.audit.reviewers.report import ConfusedPair, OtherwiseEnded
from app.db.words import Mode, ReadReason, Stream

MOST_OTHERWISE = 50
"""Answers of a person that ended otherwise are kept so far back."""

MOST_PAIRS, EXAMPLES_OF_A_PAIR = 40, 5


@dataclass
class Pull:
    """Random checks by whether the label was in sight: how many changed it.

    Of all that were answered before it was, also how many of those answers gave way to it.
    """

    blind: int = 0
    blind_changed: int = 0
    shown: int = 0
    shown_changed: int = 0
    first: int = 0
    first_changed: int = 0
    differed: int = 0
    went_back: int = 0

    def take(self, read: Read) -> None:
        if read.given is None or read.ruling or read.reason is not ReadReason.FIRST:
            return
        if read.said_first is not None and read.said_first != read.given:
            self.differed += 1
            self.went_back += not read.changes
        if read.stream is Stream.AUDIT:
            self._take_check(read)

    def _take_check(self, read: Read) -> None:
        if read.mode is Mode.BLIND:
            self.blind += 1
            self.blind_changed += read.changes
        elif read.mode is Mode.EVERYTHING:
            self.shown += 1
            self.shown_changed += read.changes
        elif read.said_first is not None:
            self.first += 1
            self.first_changed += read.said_first != read.given


@dataclass
class Tally:
    """One person."""

    measured: int = 0
    right: int = 0
    known: int = 0
    known_right: int = 0
    changes: int = 0
    overturned: int = 0
    ended: int = 0
    pull: Pull = field(default_factory=Pull)
    asked_of: Counter[int] = field(default_factory=Counter)  # measured, by the label it ended with
    right_of: Counter[int] = field(default_factory=Counter)
    swapped: Counter[tuple[int, int]] = field(default_factory=Counter)
    otherwise: list[tuple[int, int, int]] = field(default_factory=list)  # seq, example, said

    def take(self, read: Read) -> None:
        self.ended += 1
        self.pull.take(read)
        self.changes += read.changes
        self.overturned += read.changes and not read.right
        if not read.right:
            self.swapped[read.said, read.final] += 1
            heapq.heappush(self.otherwise, (read.seq, read.example, read.said))
            if len(self.otherwise) > MOST_OTHERWISE:
                heapq.heappop(self.otherwise)

    def measure(self, read: Read) -> None:
        """A read whose right outcome others settled."""
        self.measured += 1
        self.right += read.right
        self.asked_of[read.final] += 1
        self.right_of[read.final] += read.right
        if read.reason is ReadReason.KNOWN:
            self.known += 1
            self.known_right += read.right

    @property
    def last_otherwise(self) -> list[OtherwiseEnded]:
        """The last one first."""
        latest = sorted(self.otherwise, reverse=True)
        return [OtherwiseEnded(example, said, seq) for seq, example, said in latest]


@dataclass
class Together:
    """All of them: who said what of the same examples."""

    people: defaultdict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    pull: Pull = field(default_factory=Pull)
    shared: list[tuple[tuple[int, int], ...]] = field(default_factory=list)  # person, label
    _either: Counter[int] = field(default_factory=Counter)
    _both: Counter[tuple[int, int]] = field(default_factory=Counter)
    _where: defaultdict[tuple[int, int], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, reads: Sequence[Read]) -> None:
        """All answers to one example."""
        for read in reads:
            if not read.ruling:
                self.people[read.person].take(read)
                self.pull.take(read)
        for read in reads:
            if read.measures and is_settled_by_others(read, reads):
                self.people[read.person].measure(read)
        if any(read.measures for read in reads):
            said = {read.person: read.said for read in reads if read.shows}
            if len(said) > 1:
                self.shared.append(tuple(said.items()))
                self._pair(reads[0].example, sorted(set(said.values())))

    def _pair(self, example: int, labels: list[int]) -> None:
        self._either.update(labels)
        for place, one in enumerate(labels):
            for other in labels[place + 1 :]:
                self._both[one, other] += 1
                if len(self._where[one, other]) < EXAMPLES_OF_A_PAIR:
                    self._where[one, other].append(example)

    @property
    def pairs(self) -> list[ConfusedPair]:
        """The most frequent first."""
        most = sorted(self._both.items(), key=lambda item: (-item[1], item[0]))[:MOST_PAIRS]
        return [
            ConfusedPair(
                one,
                other,
                both,
                self._either[one] + self._either[other] - both,
                self._where[one, other],
            )
            for (one, other), both in most
        ]


def is_settled_by_others(read: Read, reads: Sequence[Read]) -> bool:
    """Whether somebody else says what the example became: an own answer alone proves nothing."""
    return any(other.person != read.person and other.right for other in reads)
