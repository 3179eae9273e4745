"""One project reviewed under the product's policy, with its interval watched at every draw."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass

import numpy as np

from app.noise.left import Left
from app.noise.running import RunningLeft
from app.noise.serves import Outcome, Serves
from app.noise.stopping import DECIDED_EVERY, allowed, may_stop, random_first
from app.noise.unseen import unseen_errors
from bench.audit.world import Project, Setting

USUAL_SHARE, CLOSING_SHARE = 0.10, 0.90
"""Random draws among the serves; in closing mode nine of ten."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a project went; all but the widths are counts of answers or labels."""

    missed: bool  # the truth lay outside the interval at some draw
    stopped_after: int | None  # answers until "you can stop"
    left_then: int  # wrong labels that were then left
    target_met_after: int | None  # answers until the target was truly met
    draws: int
    alarm_after: int | None
    left_high: int  # of the last interval
    truly_left: int
    seconds: float  # of the processor


class Review:
    """A project and the estimate of what is left, served step by step."""

    def __init__(self, setting: Setting, seed: tuple[int, ...], target: float) -> None:
        rng = np.random.default_rng(seed)
        self.project, self.target = Project(setting, rng), target
        self.running = RunningLeft(Serves.none(setting.examples))
        self.share = USUAL_SHARE
        self.answers, self.missed = 0, False
        self._due: list[tuple[int, int, int]] = []  # when, which serve, what it then is

    def step(self, *, watch: bool) -> Left:
        """Serve until the share is decided again; what is left by then."""
        drawn, outcome = self.project.serve(DECIDED_EVERY, self.share)
        known, waits = self.project.put_aside(outcome)
        start = 0
        for end in [*(np.flatnonzero(drawn) + 1).tolist(), len(drawn)]:
            if end == start:
                continue
            self.running.append(drawn[start:end], known[start:end])
            for place in range(start, end):
                if waits[place]:
                    when = self.answers + 1 + int(waits[place])
                    entry = (when, self.answers, int(outcome[place]))
                    heapq.heappush(self._due, entry)
                self.answers += 1
            self._settle()
            if watch and drawn[end - 1] and not self.running.keeps(self.project.total):
                self.missed = True
            start = end
        left = self.running.left()
        closing = random_first(left, self.running.serves, self.target)
        self.share = CLOSING_SHARE if closing else USUAL_SHARE
        return left

    def _settle(self) -> None:
        while self._due and self._due[0][0] <= self.answers:
            _, place, outcome = heapq.heappop(self._due)
            self.running.settle(place, Outcome(outcome))

    @property
    def truly_left(self) -> int:
        """Wrong labels that are unserved, or served with an answer still open."""
        return self.project.total - self.running.serves.found()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be seen of a setting: so many answers, or until reviewing may stop."""

    setting: Setting
    target: float
    answers: int | None = None
    watch: bool = True


def run(plan: Plan, seed: tuple[int, ...]) -> Course:
    """Review one project to the end of the plan."""
    begun = time.process_time()
    review = Review(plan.setting, seed, plan.target)
    pool = plan.setting.examples
    most = allowed(pool, plan.target)
    end = pool if plan.answers is None else min(plan.answers, pool)
    stopped = met = alarm = None
    left_then = 0
    left = review.running.left()
    while review.answers < end:
        left = review.step(watch=plan.watch)
        if met is None and review.truly_left <= most:
            met = review.answers
        if alarm is None and unseen_errors(review.running.serves).alarm:
            alarm = review.answers
        if stopped is None and may_stop(left, pool, plan.target):
            stopped, left_then = review.answers, review.truly_left
            if plan.answers is None:
                break
    return Course(
        missed=review.missed,
        stopped_after=stopped,
        left_then=left_then,
        target_met_after=met,
        draws=left.draws,
        alarm_after=alarm,
        left_high=-1 if left.high is None else left.high,
        truly_left=review.truly_left,
        seconds=time.process_time() - begun,
    )
