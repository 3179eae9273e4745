"""The made-up projects are what they say, and one seed tells one course."""

from dataclasses import replace

import numpy as np
import pytest

from app.noise.serves import Outcome
from bench.audit.review import Plan, Review, run
from bench.audit.world import Project, Setting

SETTING = Setting(2_000, 0.05, 0.9)


def served(setting, share, count=2_000):
    project = Project(setting, np.random.default_rng(1))
    drawn, outcome = project.serve(count, share)
    return project, drawn, outcome


def test_a_project_has_the_wrong_labels_it_says_and_serves_each_example_once():
    project, drawn, outcome = served(SETTING, 0.3, count=5_000)
    assert project.total == outcome.sum() == 100 and len(drawn) == 2_000
    assert project.left == 0
    assert 0.25 < drawn[:500].mean() < 0.35


def test_the_queue_is_as_good_as_its_auroc():
    _, _, outcome = served(SETTING, 0.0)
    right_after = np.cumsum(outcome == 0)[-1] - np.cumsum(outcome == 0)
    assert right_after[outcome == 1].sum() / (100 * 1_900) == pytest.approx(0.9, abs=0.03)


def test_errors_in_a_blind_spot_come_last():
    _, _, outcome = served(replace(SETTING, blind=0.3), 0.0)
    assert outcome[1_000:].sum() >= 15


def test_random_draws_are_wrong_as_often_as_labels_are():
    _, drawn, outcome = served(SETTING, 1.0, count=1_000)
    assert drawn.all() and outcome.mean() == pytest.approx(0.05, abs=0.02)


def test_answers_that_come_late_do_come():
    review = Review(replace(SETTING, aside=0.2), (1,), 0.05)
    for _ in range(40):
        review.step(watch=False)
    outcome = review.running.serves.outcome
    assert (outcome == Outcome.OPEN).any() and not (outcome[:900] == Outcome.OPEN).any()
    assert review.truly_left == review.project.total - (outcome == Outcome.WRONG).sum()


def test_the_same_seed_tells_the_same_course_and_it_stops_in_time():
    plan = Plan(SETTING, 0.02)
    one, other = run(plan, (3, 1)), run(plan, (3, 1))
    assert replace(one, seconds=0) == replace(other, seconds=0)
    assert one.stopped_after is not None and one.left_then <= 40 and not one.missed
