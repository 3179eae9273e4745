"""When an answer counts: the rules of deciding, worked by hand, and laws that always hold."""

from __future__ import annotations

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from app.db.words import EventKind, Question, ReadReason, Reason, Status, Verdict
from app.review.books.fold import Answer, Mark, fold

GIVEN = [7]


def confirm(seq: int, person: str = "ann", **more: object) -> Answer:
    return Answer(seq, person, Verdict.CONFIRM, confirmations=2, **more)  # type: ignore[arg-type]


def relabel(seq: int, person: str = "ann", label: int = 8, **more: object) -> Answer:
    more.setdefault("confirmations", 2)
    return Answer(seq, person, Verdict.RELABEL, (label,), **more)  # type: ignore[arg-type]


def remove(seq: int, person: str = "ann", reason: Reason = Reason.NO_LABEL) -> Answer:
    return Answer(seq, person, Verdict.REMOVE, reason=reason, confirmations=2)


@pytest.mark.parametrize(
    ("answers", "status", "labels", "questions"),
    [
        ([], Status.UNREVIEWED, (7,), []),
        ([confirm(1)], Status.CONFIRMED, (7,), []),
        ([relabel(1)], Status.PENDING, (7,), []),
        ([relabel(1, confirmations=1)], Status.RELABELED, (8,), []),
        ([relabel(1), relabel(2, "bob")], Status.RELABELED, (8,), []),
        ([relabel(1), confirm(2, "bob")], Status.CONFIRMED, (7,), [(Question.NOT_CONFIRMED, 2)]),
        (
            [relabel(1), relabel(2, "bob", 9)],
            Status.DISAGREEMENT,
            (7,),
            [(Question.DISAGREEMENT, 2)],
        ),
        ([relabel(1), remove(2, "bob")], Status.DISAGREEMENT, (7,), [(Question.DISAGREEMENT, 2)]),
        ([relabel(1), relabel(2, label=9)], Status.PENDING, (7,), []),
        ([relabel(1, label=7)], Status.CONFIRMED, (7,), []),
        ([confirm(1), relabel(2, "bob")], Status.CONFIRMED, (7,), [(Question.DIFFERS, 2)]),
        (
            [relabel(1, confirmations=1), relabel(2, "bob", confirmations=1)],
            Status.RELABELED,
            (8,),
            [],
        ),
        ([relabel(1), relabel(2, "bob", 9, confirmations=1)], Status.RELABELED, (9,), []),
        (
            [relabel(1), relabel(2, "bob", 9), relabel(3, "lea", 9, adjudicates=True)],
            Status.RELABELED,
            (9,),
            [],
        ),
        ([relabel(1, read_reason=ReadReason.LATE)], Status.UNREVIEWED, (7,), []),
        (
            [relabel(1, read_reason=ReadReason.LATE), confirm(2, "bob")],
            Status.CONFIRMED,
            (7,),
            [(Question.DIFFERS, 1)],
        ),
    ],
)
def test_the_status_follows_from_the_answers(
    answers: list[Answer],
    status: Status,
    labels: tuple[int, ...],
    questions: list[tuple[Question, int]],
) -> None:
    state = fold(GIVEN, answers)
    assert (state.status, state.labels, state.questions) == (status, labels, questions)


def test_removals_agree_whatever_their_reasons_and_the_first_reason_stands() -> None:
    state = fold(GIVEN, [remove(1), remove(2, "bob", Reason.DUPLICATE)])
    assert (state.status, state.reason, state.decided_seq) == (Status.REMOVED, Reason.NO_LABEL, 2)


def test_an_undone_answer_counts_no_more_and_a_redone_one_again() -> None:
    undo, redo = Mark(2, EventKind.UNDO, 1), Mark(3, EventKind.REDO, 1)
    assert fold(GIVEN, [confirm(1)], [undo]).status is Status.UNREVIEWED
    assert fold(GIVEN, [confirm(1)], [undo, redo]).status is Status.CONFIRMED


def test_a_new_own_answer_takes_its_place_at_its_own_seq() -> None:
    bob = relabel(2, "bob", 9)
    changed = relabel(3, "ann", 9, supersedes=1)
    state = fold(GIVEN, [relabel(1), bob, changed])
    assert (state.status, state.labels, state.decided_seq) == (Status.RELABELED, (9,), 3)
    undone = fold(GIVEN, [relabel(1), bob, changed], [Mark(4, EventKind.UNDO, 3)])
    assert undone.status is Status.DISAGREEMENT


def test_reopening_forgets_earlier_answers_and_erasing_everything() -> None:
    answers = [confirm(1), relabel(3, "bob")]
    assert fold(GIVEN, answers, [Mark(2, EventKind.REOPEN)]).status is Status.PENDING
    assert fold(GIVEN, answers, [Mark(2, EventKind.ERASE)]).status is Status.ERASED


def test_a_late_answer_does_not_stand_before_or_after_a_reopening() -> None:
    late = confirm(3, "bob", read_reason=ReadReason.LATE)
    assert fold(GIVEN, [confirm(1), late]).standing == [confirm(1)]
    assert fold(GIVEN, [confirm(1), late], [Mark(2, EventKind.REOPEN)]).standing == []


def test_retired_labels_agree_with_what_replaced_them() -> None:
    state = fold(GIVEN, [relabel(1, label=8), relabel(2, "bob", 9)], mapping={8: 9})
    assert (state.status, state.labels) == (Status.RELABELED, (9,))


def test_a_label_for_an_unlabelled_example_is_a_change() -> None:
    assert fold([], [relabel(1)]).status is Status.PENDING
    assert fold([], [relabel(1), relabel(2, "bob")]).status is Status.RELABELED


answer = st.builds(
    Answer,
    seq=st.integers(1, 50),
    person=st.sampled_from("abc"),
    verdict=st.sampled_from(Verdict),
    labels=st.sampled_from([(7,), (8,), (9,)]),
    reason=st.sampled_from(Reason),
    read_reason=st.sampled_from([ReadReason.FIRST, ReadReason.CONFIRM, ReadReason.LATE]),
    confirmations=st.sampled_from([1, 2]),
)
answers = st.lists(answer, max_size=8, unique_by=lambda a: a.seq)


@examples(answers)
def test_the_order_in_which_answers_are_read_back_does_not_matter(
    given_answers: list[Answer],
) -> None:
    assert fold(GIVEN, given_answers) == fold(GIVEN, list(reversed(given_answers)))


@examples(answers)
def test_with_two_confirmations_no_single_person_changes_a_label(
    given_answers: list[Answer],
) -> None:
    alone = [
        Answer(a.seq, "ann", a.verdict, a.labels, a.reason, a.read_reason, 2) for a in given_answers
    ]
    assert fold(GIVEN, alone).status not in (Status.RELABELED, Status.REMOVED)


@examples(answers)
def test_undoing_everything_leaves_the_example_as_it_came(given_answers: list[Answer]) -> None:
    undone = [Mark(100 + a.seq, EventKind.UNDO, a.seq) for a in given_answers]
    state = fold(GIVEN, given_answers, undone)
    assert (state.status, state.labels, state.questions) == (Status.UNREVIEWED, (7,), [])


def bulk(seq: int, label: int = 8) -> Mark:
    return Mark(seq, EventKind.BULK, labels=(label,))


@pytest.mark.parametrize(
    ("answers", "marks", "status", "labels", "bulk_labels"),
    [
        ([], [bulk(1)], Status.UNREVIEWED, (8,), (8,)),
        ([], [bulk(1), bulk(2, 7)], Status.UNREVIEWED, (7,), ()),
        ([], [bulk(1), bulk(2, 9)], Status.UNREVIEWED, (9,), (9,)),
        ([confirm(2)], [bulk(1)], Status.RELABELED, (8,), (8,)),
        ([confirm(1)], [bulk(2)], Status.CONFIRMED, (7,), ()),
        ([relabel(1)], [bulk(2)], Status.PENDING, (7,), ()),
        ([relabel(2, label=8)], [bulk(1)], Status.RELABELED, (8,), (8,)),
        ([relabel(2, label=7)], [bulk(1)], Status.PENDING, (8,), (8,)),
        ([relabel(2, label=7), relabel(3, "bob", 7)], [bulk(1)], Status.CONFIRMED, (7,), (8,)),
        ([relabel(2, label=9), confirm(3, "bob")], [bulk(1)], Status.RELABELED, (8,), (8,)),
        ([confirm(2)], [bulk(1), bulk(3, 7)], Status.RELABELED, (8,), (8,)),
        (
            [confirm(2)],
            [bulk(1), Mark(3, EventKind.UNDO, 2)],
            Status.UNREVIEWED,
            (8,),
            (8,),
        ),
        ([confirm(2)], [bulk(1), Mark(3, EventKind.REOPEN)], Status.UNREVIEWED, (8,), (8,)),
        (
            [confirm(1)],
            [Mark(2, EventKind.UNDO, 1), bulk(3), Mark(4, EventKind.REDO, 1)],
            Status.CONFIRMED,
            (7,),
            (),
        ),
        ([], [bulk(1), Mark(2, EventKind.ERASE)], Status.ERASED, (), ()),
    ],
)
def test_a_bulk_fix_sets_what_a_later_confirm_confirms(answers, marks, status, labels, bulk_labels):
    state = fold(GIVEN, answers, marks)
    assert (state.status, state.labels, state.bulk) == (status, labels, bulk_labels)


def test_a_bulk_fix_names_labels_as_they_are_called_now() -> None:
    merged = fold(GIVEN, [], [bulk(1, 8)], mapping={8: 9})
    assert (merged.labels, merged.bulk) == ((9,), (9,))
    assert fold(GIVEN, [], [bulk(1, 8)], mapping={8: 7}).bulk == ()
    assert fold(GIVEN, [], [bulk(1, 8)], mapping={7: 8}).bulk == ()


def test_what_a_bulk_fix_changed_is_not_reviewed() -> None:
    assert fold(GIVEN, [], [bulk(1)]).why == "unreviewed: bulk"
    assert fold(GIVEN, [confirm(2)], [bulk(1)]).why == "relabeled"
    assert fold(GIVEN, [], [bulk(1), bulk(2, 7)]).why == "unreviewed"
