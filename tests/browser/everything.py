"""A site that holds one of everything, for the sweeps of every page.

What a page needs to open comes from `furnish` in tests/sweeps/world.py; here is what fills lists
and shows states. A new page is visited by itself; a new state of one gets its line in `STATES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.accounts.tokens import NewToken, make_token
from app.db.engine import writing
from app.db.tables.accounts import Activity
from app.db.tables.audit import Probe
from app.db.tables.datasets import DataImport, Example, Label, LeftOut, Project, Source
from app.db.tables.guidelines import Guideline, ReferenceExample
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.releases import Release
from app.db.tables.review import Batch, BatchPerson, Disagreement, Note
from app.db.words import (
    BatchState,
    Belongs,
    ImportState,
    JobState,
    LinkKind,
    Mode,
    Question,
    Reason,
    Role,
    RunState,
    Status,
)
from bench.desk_site import Filled, blob_store, fill, image_plan, tabular_plan, text_plan
from tests.sweeps.filling import Filler
from tests.sweeps.routes import Route, every_route
from tests.sweeps.world import RELEASED, World
from tests.web.cast import Actor, make_person
from tests.web.seeded import answer, claim

# Addresses that show what a page of the list of routes does not by itself: who looks, and where.
STATES = (
    ("lead", "/p/{slug}/examples?sort=row"),
    ("lead", "/p/{slug}/examples?q=nothing-has-this"),
    ("lead", "/p/{slug}/disagreements?notes=true"),
    ("lead", "/p/{slug}/disagreements?kind=private"),
    ("lead", "/p/{slug}/disagreements/{private}"),
    ("lead", "/p/{slug}/disagreements/{disputed}"),
    ("lead", "/p/{slug}/examples/{disputed_example}"),
    ("lead", "/p/{slug}/examples/{private_example}"),
    ("lead", "/p/{slug}/import/{imported}"),
    ("lead", "/p/{slug}/import/{failed_import}"),
    ("lead", "/p/{slug}/import/{busy_import}"),
    ("lead", "/p/{slug}/releases/{failed_release}"),
    ("lead", "/p/{slug}/releases/{running_release}"),
    ("lead", "/p/{slug}/batches/{closed_batch}"),
    ("lead", "/p/{slug}/batches/new?by=grid&label={label_id}"),
    ("lead", "/p/{slug}/people?done=role_changed"),
    ("lead", "/p/{empty}"),
    ("lead", "/p/{empty}/examples"),
    ("lead", "/p/{empty}/batches"),
    ("lead", "/p/{empty}/disagreements"),
    ("lead", "/p/{empty}/labels"),
    ("lead", "/p/{empty}/import"),
    ("lead", "/p/{empty}/scoring"),
    ("lead", "/p/{empty}/releases"),
    ("lead", "/p/{images}"),
    ("lead", "/p/{images}/examples"),
    ("lead", "/p/{images}/examples/{image}"),
    ("lead", "/p/{images}/import"),
    ("lead", "/p/{tables}/examples"),
    ("lead", "/p/{tables}/examples/{row}"),
    ("reviewer", "/review/{image_batch}"),
    ("reviewer", "/review/{table_batch}"),
    ("reviewer", "/review/{blind_batch}"),
    ("reviewer", "/review/{text_grid}/grid"),
    ("reviewer", "/review/{image_grid}/grid"),
    ("stranger", "/"),
)
# Answers that are no pages, an address that leads to its new one, and the one page that is there
# only before anybody has an account.
NO_PAGES = re.compile(
    r"/api/.*|/healthz|/readyz|/media/\{\w+\}|.*/(zip|files/\{\w+\}|[\w-]+\.csv)"
    r"|/review/expert/\{\w+\}"
)
FIRST_RUN = "/setup"
# The desk shows an example, says that there is none, or has led on.
SETTLED = """() => {
  const desk = document.querySelector("review-desk, review-grid");
  return !desk || desk.answerable || !desk.querySelector("[data-part=panel]").hidden;
}"""


@dataclass(frozen=True)
class Visit:
    """A page and who looks at it."""

    who: str
    url: str

    def __str__(self) -> str:
        return f"{self.url} ({self.who})"


@dataclass
class Everything:
    world: World
    known: dict[str, Any]

    def actor(self, who: str) -> Actor:
        found: Actor = getattr(self.world.cast, who)
        return found

    def visits(self) -> list[Visit]:
        """Every page of the site, found by asking it, and the states above.

        A page that nobody of the cast can open is an error: it would not be looked at.
        """
        found, missed = [], []
        for route in every_route(self.world.cast.app):
            if route.method != "GET" or NO_PAGES.fullmatch(route.path) or route.path == FIRST_RUN:
                continue
            seen = self._seen(route)
            found += seen
            if not seen:
                missed.append(route.name)
        assert not missed, f"nobody of the cast can open these pages: {missed}"
        return found + [Visit(who, path.format(**self.known)) for who, path in STATES]

    def _seen(self, route: Route) -> list[Visit]:
        """By the lead and by the reviewer, or else by whoever may."""
        known = self.known
        if route.path.startswith("/reset/"):
            known = known | {"token": known["reset"]}
        url, seen = Filler(known).request(route).url, []
        for who in ("anonymous",) if route.public else ("lead", "reviewer", "expert", "admin"):
            if who in ("expert", "admin") and seen:
                break
            reply = self.actor(who).get(url)
            assert reply.status_code in (200, 303, 404), (route.name, who, reply.status_code)
            if reply.status_code == 200:
                assert reply.headers["content-type"].startswith("text/html"), route.name
            if reply.status_code != 404:
                seen.append(Visit(who, url))
        return seen


def everything(world: World, folder: Path, *, rows: int) -> Everything:
    """The furnished world with `rows` of what is listed, and what the states show."""
    cast = world.cast
    with writing(cast.engine) as session:
        known = dict(world.ours)
        known |= _more(session, world, rows)
    known |= _answered(world, known)
    known |= _other_projects(world, folder)
    return Everything(world, known)


def _more(session: Session, world: World, rows: int) -> dict[str, Any]:
    now, lead, reviewer = world.cast.now, world.cast.lead.person, world.cast.reviewer.person
    project = session.get_one(Project, world.cast.project.id)
    project.about, project.guideline = "What people write to the bank.", "Look at the verb."
    labels = _labels(session, project.id, rows, world)
    examples = _examples(session, world, labels, rows)
    for place in range(rows):
        person = make_person(session, f"Person{place}", now=now)
        join(session, project.id, person.id, Role.REVIEWER, now=now)
        make_token(session, lead.id, NewToken(name=f"script {place}", days=9), now=now)
        grant = Grant(project_id=project.id, role=Role.EXPERT, created_by=lead.id,
                      email=f"guest{place}@example.org")  # fmt: skip
        make_link(session, LinkKind.INVITE, grant, now=now)
    known = _records(session, world, rows) | _cases(session, world, examples)
    for place in range(2, rows + 2):
        closed = place % 2 == 0
        made = Batch(project_id=project.id, number=place, name=f"Round {place}", size=4,
                     rule={"by": "label", "label": labels[0]}, everyone=place % 3 > 0,
                     state=BatchState.CLOSED if closed else BatchState.OPEN, created_by=lead.id,
                     due_at=now + timedelta(days=place), created_at=now,
                     closed_at=now if closed else None)  # fmt: skip
        session.add(made)
        session.flush()
        session.add(BatchPerson(batch_id=made.id, person_id=reviewer.id))
    reset = make_link(session, LinkKind.RESET, Grant(person_id=reviewer.id), now=now)
    return known | {"closed_batch": 2, "reset": reset}


def _labels(session: Session, project_id: int, rows: int, world: World) -> list[int]:
    now, first_id = world.cast.now, world.ours["label_id"]
    made = [
        Label(
            project_id=project_id,
            name=f"Kind {place}",
            code=f"K{place}",
            position=10 + place,
            description=f"What belongs under {place}.",
            synonyms=[f"sort {place}"],
            retired_at=now if place >= rows else None,
            replaced_by=first_id if place >= rows else None,
        )
        for place in range(rows + 2)
    ]
    session.add_all(made)
    session.flush()
    first = session.get_one(Label, first_id)
    first.description, first.synonyms = "A small animal of the house.", ["kitty"]
    first.display, first.key = "Cats", "q"
    for place, subject in enumerate(((), (first.id,), (first.id, made[0].id)), start=3):
        session.add(
            Guideline(
                project_id=project_id, subject="-".join(map(str, subject)), version=1,
                revision=place, label_id=next(iter(subject), None),
                other_id=subject[1] if len(subject) > 1 else None, text="It **meows**.",
                salt="0" * 32, person_id=world.cast.lead.person.id, at=now,
            )
        )  # fmt: skip
    return [first.id, *(label.id for label in made[:-2])]


def _examples(session: Session, world: World, labels: list[int], rows: int) -> list[int]:
    """Examples of every status, with scores, sources, splits and columns."""
    known, statuses = world.ours, [*Status][:6]
    sources = [
        Source(project_id=world.cast.project.id, origin=f"{place:064}", name=f"Agency {place}")
        for place in range(rows)
    ]
    session.add_all(sources)
    brought = DataImport(
        project_id=world.cast.project.id, state=ImportState.DONE, file_name="more.csv",
        sha256="e" * 64, size=1, mapping={}, mapping_hash="more", report={}, rows_good=rows,
        created_at=world.cast.now,
    )  # fmt: skip
    session.add(brought)
    session.flush()
    made = [
        Example(
            project_id=world.cast.project.id, import_id=brought.id, row=10 + place,
            key=f"more{place}", salt="0" * 32, content_hash=f"{place:064}",
            content={"text": f"Text {place}", "meta": [["channel", "chat"]]},
            columns={"text": f"Text {place}", "label": "Cat"}, split=f"part {place}",
            given_label_id=labels[place % len(labels)], source_id=sources[place].id,
            status=statuses[place % len(statuses)],
            final_label_id=labels[0] if statuses[place % len(statuses)] in
            (Status.CONFIRMED, Status.RELABELED) else None,
        )
        for place in range(rows)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    here = Example.project_id == world.cast.project.id
    decided = select(Example.id).where(here, Example.status == Status.CONFIRMED)
    session.add(
        ReferenceExample(
            project_id=world.cast.project.id, label_id=labels[0], belongs=Belongs.EXCLUDE,
            example_id=session.scalars(decided.where(Example.key == "g0")).one(),
            at=world.cast.now,
        )
    )  # fmt: skip
    first = session.get_one(Example, known["example_id"])
    first.source_id, first.split = sources[0].id, "train"
    first.content = first.content | {"meta": [["channel", "chat"]]}
    _scores(session, known, labels, [one.id for one in made])
    _slice(session, known, made, now=world.cast.now)
    return [one.id for one in made]


def _slice(session: Session, known: dict[str, Any], made: list[Example], *, now: datetime) -> None:
    """A group that fresh examples confirmed: all of them were wrong."""
    first = made[0]
    wrong = [
        Example(
            project_id=first.project_id, import_id=first.import_id, row=100_000 + place,
            key=f"wrong{place}", salt="0" * 32, content_hash=f"{100_000 + place:064}",
            content=first.content, columns=first.columns, given_label_id=first.given_label_id,
            status=Status.REMOVED, removed_reason=Reason.NO_LABEL,
        )
        for place in range(3)
    ]  # fmt: skip
    session.add_all(wrong)
    session.flush()
    session.add(
        Probe(
            project_id=first.project_id, round=2, words="channel is chat", limit_share=0.1,
            size=len(wrong), joined=len(wrong), example_ids=[one.id for one in wrong],
            batch_id=known["batch_id"], made_at=now,
        )
    )  # fmt: skip


def _scores(
    session: Session, known: dict[str, Any], labels: list[int], examples: list[int]
) -> None:
    pairs = [[label, 0.3] for label in labels[:9]]
    rows = [
        {"run_id": known["run_id"], "example_id": example, "priority": 0.5, "quality": 0.2,
         "difficulty": 0.4, "p_given": 0.3, "suggested_id": labels[-1], "suggestions": pairs,
         "neighbours": [[other, 0.9] for other in examples[:6]],
         "facts": {"top": labels[-1], "p_top": 0.7, "p_given": 0.1, "neighbours_used": 15,
                   "neighbours_top": [labels[-1], 9]}}
        for example in examples
    ]  # fmt: skip
    session.execute(insert(Score), rows)
    score = session.get_one(Score, (known["run_id"], known["example_id"]))
    score.suggestions, score.suggested_id = pairs, labels[-1]
    score.neighbours, score.facts = rows[0]["neighbours"], rows[0]["facts"]


def _records(session: Session, world: World, rows: int) -> dict[str, Any]:
    """Imports, releases, scoring runs and jobs of every state, and what was done."""
    now, project_id = world.cast.now, world.cast.project.id
    imports = []
    for place in range(rows + 3):
        state = [ImportState.DONE, ImportState.FAILED, ImportState.CHECKING][min(place, 2)]
        state = ImportState.DONE if place > 2 else state
        imports.append(
            DataImport(project_id=project_id, state=state, file_name=f"file{place}.csv",
                       sha256=f"{place:064}", size=1, mapping_hash=f"m{place}", created_at=now,
                       message="The file ends too early.", rows_left_out=1, finished_at=now)
        )  # fmt: skip
    session.add_all(imports)
    session.flush()
    staged = session.get_one(DataImport, world.ours["import_id"])
    staged.report, staged.rows_read, staged.rows_good = report(), 9, 8
    states = [RunState.FAILED, RunState.RUNNING, *[RunState.COMPLETE] * rows]
    releases = [
        Release(project_id=project_id, number=number, state=state, created_at=now,
                message="The disk is full.", counts=RELEASED,
                created_by=world.cast.lead.person.id)
        for number, state in enumerate(states, start=2)
    ]  # fmt: skip
    session.add_all(releases)
    session.flush()
    for number, state in enumerate([RunState.FAILED] * rows, start=2):
        session.add(ScoringRun(project_id=project_id, number=number, state=state, seed=1,
                               message="Out of memory.", started_at=now))  # fmt: skip
    tasks = ("score", "import_check", "release")
    arguments = ({}, {"import_id": imports[2].id}, {"release_id": releases[1].id})
    for task, given in zip(tasks, arguments, strict=True):
        session.add(Job(project_id=project_id, task=task, state=JobState.RUNNING, created_at=now,
                        run_after=now, step="Reading", arguments=given))  # fmt: skip
    kinds = ("batch_state", "invited", "role_changed", "release_started")
    for place in range(rows):
        detail = {"batch": 1, "state": "open", "name": f"a name {place}", "role": "lead"}
        session.add(Activity(at=now, person_id=world.cast.lead.person.id, project_id=project_id,
                             kind=kinds[place % len(kinds)], detail=detail))  # fmt: skip
        session.add(LeftOut(import_id=imports[0].id, row=place, code="E101", column="text",
                            message="It is empty.", excerpt="…"))  # fmt: skip
    return {"imported": imports[0].id, "failed_import": imports[1].id,
            "busy_import": imports[2].id, "failed_release": 2, "running_release": 3}  # fmt: skip


def report(write: Callable[[str], str] = lambda field: field.rpartition(".")[2]) -> dict[str, Any]:
    """What is stored of a checked file, with one of each kind of finding; `write` fills fields."""
    at = "import."
    finding = {"code": "E101", "row": 3, "column": write(at + "column"), "count": 1,
               "message": write(at + "message"), "fix": write(at + "fix"),
               "excerpt": write(at + "excerpt"), "severity": "row"}  # fmt: skip
    columns = [write(at + "column"), "text", "label", "id", "source", "split"]
    return {
        "columns": columns, "labels": [write(at + "label")],
        "roles": {"label": columns[0], "metadata": [columns[0]]},
        "stops": [finding], "warnings": [finding], "problems": [finding, finding],
        "questions": [finding | {"options": [["keep", write(at + "option")], ["drop", "Drop"]],
                                 "answer": ""}],
        "preview": [{"row": row, "id": f"r{row}",
                     "values": {name: write(at + "cell") for name in columns}}
                    for row in range(7)],
        "rows": 9, "good": 8, "counts": {"E101": 1},
    }  # fmt: skip


def _cases(session: Session, world: World, examples: list[int]) -> dict[str, Any]:
    """Questions of every kind for the lead, and notes."""
    now, project_id = world.cast.now, world.cast.project.id
    reviewer = world.cast.reviewer.person.id
    kinds = [Question.PRIVATE, Question.STUCK, Question.SKIPPED, Question.EXPERT]
    made = []
    for place, example in enumerate(examples):
        kind = kinds[min(place, 1) if place < 2 else 1 + place % 3]
        made.append(Disagreement(project_id=project_id, example_id=example, kind=kind,
                                 created_at=now))  # fmt: skip
        session.add(Note(project_id=project_id, example_id=example, salt="0" * 32, at=now,
                         person_id=reviewer, text=f"Note {place}"))  # fmt: skip
    session.add_all(made)
    session.flush()
    return {"private": made[0].id, "private_example": examples[0]}


def _answered(world: World, known: dict[str, Any]) -> dict[str, Any]:
    """Two readers answer the first example otherwise, each with a note."""
    cast, labels = world.cast, (known["label_id"], known["label"])
    answer(cast.reviewer, known["lease"], "relabel", label=labels[1], note="It barks.")
    cards = claim(cast.second, known["batch_id"], 8)
    lease = next(card["lease"] for card in cards if card["example"] == known["example_id"])
    answer(cast.second, lease, "remove", reason="several_labels", note="Both are there.")
    with writing(cast.engine) as session:
        case = session.scalars(
            select(Disagreement.id).where(
                Disagreement.example_id == known["example_id"],
                Disagreement.kind == Question.DISAGREEMENT,
            )
        ).one()
    return {"disputed": case, "disputed_example": known["example_id"]}


def _other_projects(world: World, folder: Path) -> dict[str, Any]:
    """Images, tables, grids, a blind batch and a project with nothing in it."""
    cast = world.cast
    people = {"Lead": cast.lead.person.id, "Reviewer": cast.reviewer.person.id}
    blobs = blob_store(folder)
    two = {"labels": ("Neutrophil", "Monocyte"), "grid": True, "quality": 0.99}

    def filled(plan: Any) -> Filled:
        return fill(cast.engine, plan, people)

    images = filled(image_plan(cast.engine, blobs, 8))
    tables = filled(tabular_plan(8))
    image_grid = filled(image_plan(cast.engine, blobs, 60, **two))
    text_grid = filled(text_plan(60, name="Texts in a grid", **two))
    blind = filled(text_plan(8, name="Blind texts", mode=Mode.BLIND))
    made = cast.lead.post("/api/v1/projects", json={"name": "Empty", "data_type": "text"})
    assert made.status_code == 201, made.text
    return {
        "images": images.slug, "image": images.examples[0], "image_batch": images.batch_id,
        "tables": tables.slug, "row": tables.examples[0], "table_batch": tables.batch_id,
        "image_grid": image_grid.batch_id, "text_grid": text_grid.batch_id,
        "blind_batch": blind.batch_id, "empty": made.json()["slug"],
    }  # fmt: skip
