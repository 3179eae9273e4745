"""What is found by its name: labels, batches and people, by the starts of its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import NOT_YET
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import BatchState
from app.review.books.progress import asked_to_read

MOST = 10_000  # names looked through, the newest or first ones
SHOWN = 12  # of each kind
EXACT, PREFIX, WORDS, OTHER = range(4)

_between = re.compile(r"[\W_]+")
_bare = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # scripts without spaces


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name. `also` are names as good as its own, `other` words that lead to it."""

    id: int
    name: str
    about: str = ""
    also: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    rank: int = EXACT


def folded(text: str) -> str:
    """Words without case, accents or punctuation, each after one space."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in apart if unicodedata.category(sign)[0] != "M")
    return " " + _between.sub(" ", text.lower()).strip()


def named(candidates: Iterable[Named], query: str, *, most: int = SHOWN) -> list[Named]:
    """Those that match every word: exact names first, then prefixes, then starts of words."""
    whole = folded(query)
    if whole == " ":
        return [one for one, _ in zip(candidates, range(most), strict=False)]
    bare = _bare.search(query)
    words = [word if bare else f" {word}" for word in whole.split()]
    ranked = [
        (rank, place, one, why)
        for place, one in enumerate(candidates)
        for rank, why in _ranks(one, whole, words)
    ]
    first = nsmallest(most, ranked, key=lambda match: match[:2])
    return [replace(one, rank=rank, about=why or one.about) for rank, _, one, why in first]


def _ranks(one: Named, whole: str, words: Sequence[str]) -> Iterable[tuple[int, str]]:
    """How it matches, once or not at all, and by which of its other words."""
    titles = [folded(name) for name in (one.name, *one.also)]
    if whole in titles:
        yield EXACT, ""
    elif any(title.startswith(whole) for title in titles):
        yield PREFIX, ""
    elif any(all(word in title for word in words) for title in titles):
        yield WORDS, ""
    elif one.other:
        others = [(text, folded(text)) for text in one.other]
        every = "".join((*titles, *(plain for _, plain in others)))
        if all(word in every for word in words):
            known = any(word in plain for word in words for _, plain in others)
            shown = [text for text, plain in others if any(word in plain for word in words)]
            yield OTHER, f"also: “{shown[0]}”" if known else ""


def labels_named(session: Session, project_id: int, query: str) -> list[Named]:
    """Labels in use, by what screens call them, name, code and synonyms."""
    rows = session.execute(
        select(Label.id, Label.name, Label.display, Label.code, Label.synonyms)
        .where(
            Label.project_id == project_id,
            Label.schema_revision > NOT_YET,
            Label.retired_at.is_(None),
        )
        .order_by(Label.position, Label.id)
        .limit(MOST)
    )
    every = (
        Named(
            id_,
            display or name,
            also=(name,) if display else (),
            other=tuple(str(word) for word in (code, *synonyms) if word),
        )
        for id_, name, display, code, synonyms in rows
    )
    return named(every, query)


def batches_named(session: Session, project_id: int, query: str) -> list[Named]:
    """Batches of a project, the newest first; `id` is the number. Without words: the open ones."""
    asked = select(Batch.number, Batch.name, Batch.state).where(Batch.project_id == project_id)
    if not query.strip():
        asked = asked.where(Batch.state == BatchState.OPEN)
    rows = session.execute(asked.order_by(Batch.number.desc()).limit(MOST))
    every = (
        Named(number, name, f"Batch {number}, {state.value}", also=(f"Batch {number}",))
        for number, name, state in rows
    )
    return named(every, query)


def people_named(session: Session, project_id: int, query: str) -> list[Named]:
    """Who takes part in a project, by name, pseudonym and e-mail."""
    rows = session.execute(
        select(Person.id, Person.name, Person.pseudonym, Person.email, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id, Membership.left_at.is_(None))
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    every = (
        Named(id_, name, role.value.capitalize(), other=(pseudonym, email))
        for id_, name, pseudonym, email, role in rows
    )
    return named(every, query)


def everybody_named(session: Session, query: str) -> list[Named]:
    """Everybody with an account, for admins."""
    rows = session.execute(
        select(Person.id, Person.name, Person.pseudonym, Person.email)
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    every = (Named(id_, name, other=(pseudonym, email)) for id_, name, pseudonym, email in rows)
    return named(every, query)


def own_batches_named(
    session: Session, person_id: int, project_ids: Sequence[int], query: str
) -> list[Named]:
    """The batches a person finds in the queue, by due date."""
    columns = select(Batch.id, Batch.number, Batch.name, Project.name)
    rows = session.execute(asked_to_read(columns, person_id, project_ids).limit(MOST))
    every = (
        Named(id_, name, f"Batch {number}, {project}", also=(f"Batch {number}",))
        for id_, number, name, project in rows
    )
    return named(every, query)
