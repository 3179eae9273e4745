"""Every command does what it says, and its exit code says how it went."""

from __future__ import annotations

import csv
import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from typer.testing import CliRunner

from app.accounts.links import use_link
from app.accounts.people import Newcomer, create_person, person_by_email
from app.cli import main
from app.cli.main import EXIT_CODES, relabel
from app.datasets.projects import project_by_slug
from app.db.engine import database_now, open_engine, reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.jobs import Worker
from app.db.tables.review import Event
from app.db.words import LinkKind
from app.errors import Conflict, DataProblem, Failure, Invalid, NotFound
from app.jobs.queue import TAKEOVER_SECONDS
from app.ranking.runs import current_run, scoring_job
from tests.ranking.filled import sentences
from tests.running.processes import relabel as as_process

README = Path(__file__).resolve().parents[2] / "README.md"


def run(*arguments: str) -> str:
    """Run a command in this process; an expected failure comes out as itself."""
    result = CliRunner().invoke(relabel, list(arguments))
    if isinstance(result.exception, Failure):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def topics_file(folder: Path, count: int = 200) -> Path:
    texts, topics = sentences(count)
    path = folder / "topics.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows((f"t{n}", *row) for n, row in enumerate(zip(texts, topics, strict=True)))
    return path


@pytest.fixture
def place(engine: Engine, database_url: str, tmp_path: Path) -> list[str]:
    """Options that point a command at the test's database."""
    return ["--data", str(tmp_path), "--database", database_url]


def test_help_lists_the_commands_that_the_readme_names() -> None:
    listed = set(re.findall(r"^  ([a-z][a-z-]*)  ", run("--help"), flags=re.MULTILINE))
    named = set(re.findall(r"^relabel ([a-z-]+)", README.read_text(), flags=re.MULTILINE))
    assert listed == named


def test_an_imported_file_is_ranked_by_score_wait(place: list[str], tmp_path: Path) -> None:
    file = str(topics_file(tmp_path))
    said = run("import", "Topics", file, "--label", "label", "--yes", *place)
    assert "200 of 200 rows are in topics; 0 were left out." in said
    assert "Next: relabel serve" in said
    assert "200 of 200 examples are ranked." in run("score", "topics", "--wait", *place)
    engine = open_engine(place[-1])
    with reading(engine) as session:
        project = project_by_slug(session, "topics")
        run_now = current_run(session, project.id)
        examples = session.execute(select(Example.id)).all()
        assert scoring_job(session, project.id) is None
    assert run_now is not None
    assert len(examples) == 200
    engine.dispose()


def test_a_release_is_written_and_verified_and_one_changed_byte_is_told(
    place: list[str], tmp_path: Path
) -> None:
    run("import", "Topics", str(topics_file(tmp_path, 20)), "--yes", *place)
    out = tmp_path / "clean"
    said = run("release", "topics", "--out", str(out), *place)
    head = re.search(r"--head (\S+)", said)
    assert head is not None
    assert "agrees with its log" in run("verify", str(out), "--head", head.group(1))
    with pytest.raises(Invalid, match="exists already"):
        run("release", "topics", "--out", str(out), *place)
    table = out / "data.csv"
    table.write_bytes(table.read_bytes().replace(b"rain", b"rein", 1))
    changed = CliRunner().invoke(relabel, ["verify", str(out)])
    assert changed.exit_code == 65
    assert "data.csv" in changed.output


def test_importing_the_same_file_twice_says_so_and_changes_nothing(
    place: list[str], tmp_path: Path
) -> None:
    file = str(topics_file(tmp_path))
    run("import", "Topics", file, "--yes", *place)
    assert "was imported before" in run("import", "Topics", file, "--yes", *place)


def test_an_answer_without_its_question_is_refused(place: list[str], tmp_path: Path) -> None:
    file = str(topics_file(tmp_path, 20))
    with pytest.raises(Invalid, match="'merge' is no answer: one is written CODE=ANSWER"):
        run("import", "Topics", file, "--answer", "merge", *place)
    with pytest.raises(Invalid, match="'=merge' is no answer"):
        run("import", "Topics", file, "--answer", "=merge", *place)


def test_a_file_that_cannot_be_used_is_a_data_error(place: list[str], tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    with pytest.raises(DataProblem) as refused:
        run("import", "Topics", str(file), "--yes", *place)
    assert refused.value.detail
    assert refused.value.next_step


def test_every_command_finds_a_project_as_import_named_it(
    place: list[str], engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        create_person(session, Newcomer("Lea", "lea@example.org"), now=database_now(session))
    run("import", "my_set", str(topics_file(tmp_path)), "--yes", *place)
    assert "200 of 200 examples are ranked." in run("score", "my_set", "--wait", *place)
    assert "my_set: whole" in run("doctor", "my_set", *place)
    assert "my_set is in" in run("release", "my_set", "--out", str(tmp_path / "out"), *place)
    joined = ("people", "add", "ann@example.org", "--name", "Ann", "--project", "My set")
    assert "Ann has an account" in run(*joined, *place)
    with reading(engine) as session:
        assert session.scalars(select(Project.slug)).all() == ["my-set"]


def test_an_import_that_fails_leaves_no_empty_project(
    place: list[str], engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    for content in (b"", b"id,text,label\n", b"id,text,label\n1,a,cat\n2,b,Cat\n", b"\x00\x01"):
        file.write_bytes(content)
        with pytest.raises(Failure):
            run("import", "my_set", str(file), *place)
        with reading(engine) as session:
            assert session.scalars(select(Project.slug)).all() == []
            assert session.scalars(select(Event.seq)).all() == []
    run("import", "my_set", str(topics_file(tmp_path, 20)), "--yes", *place)
    with pytest.raises(Failure):
        run("import", "my_set", str(file), *place)
    with reading(engine) as session:
        assert session.scalars(select(Project.slug)).all() == ["my-set"]
        assert len(session.scalars(select(Example.id)).all()) == 20


def test_scoring_without_waiting_says_that_no_worker_runs(place: list[str], tmp_path: Path) -> None:
    run("import", "Topics", str(topics_file(tmp_path)), "--yes", *place)
    said = run("score", "topics", *place)
    assert "Scoring of Topics waits for a worker: none is running." in said
    assert "No worker is running" in said


def test_a_job_whose_worker_was_killed_is_done_here(
    place: list[str], engine: Engine, tmp_path: Path
) -> None:
    """The row of a killed worker still speaks for it; who waits asks again until it does not."""
    run("import", "Topics", str(topics_file(tmp_path)), "--yes", *place)
    with writing(engine) as session:
        soon = database_now(session) - timedelta(seconds=TAKEOVER_SECONDS - 2)
        session.execute(insert(Worker).values(name="killed", seen_at=soon))
    assert "200 of 200 examples are ranked." in run("score", "topics", "--wait", *place)


@pytest.mark.parametrize(
    "command",
    [
        ("bulk", "apply", "Topics", str(2**63)),
        ("bulk", "undo", "Topics", "9" * 30),
        ("compare", "Topics", str(2**63)),
        ("withdraw", "Topics", str(2**63)),
        ("score", "Top\udcffics"),
    ],
)
def test_what_no_database_can_hold_is_refused_in_words(
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    topics_file(tmp_path, 20)
    place = ("--data", str(tmp_path / "data"))
    run("import", "Topics", str(tmp_path / "topics.csv"), "--yes", *place)
    monkeypatch.setattr(sys, "argv", ["relabel", *command, *place])
    with pytest.raises(SystemExit) as ended:
        main.run()
    said = capfd.readouterr().err
    assert ended.value.code == 1
    assert "outside what can be stored" in said and "Traceback" not in said


@pytest.mark.parametrize("command", [["score", "topics"], ["worker"]])
def test_a_setting_that_cannot_be_is_named(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELABEL_WORKER_THREADS", "abc")
    monkeypatch.setattr(sys, "argv", ["relabel", *command])
    with pytest.raises(SystemExit) as ended:
        main.run()
    said = capfd.readouterr().err
    assert ended.value.code == 78
    assert "RELABEL_WORKER_THREADS cannot be 'abc'" in said and "Traceback" not in said


def test_a_project_nobody_knows_is_an_ordinary_failure(place: list[str]) -> None:
    with pytest.raises(NotFound):
        run("score", "nothing-here", *place)


def test_a_person_is_added_with_a_link_and_can_get_another(place: list[str]) -> None:
    said = run("people", "add", "kim@example.org", "--name", "Kim", "--admin", *place)
    raw = re.search(r"/reset/(\S+)", said)
    assert raw is not None
    engine = open_engine(place[-1])
    with writing(engine) as session:
        now = database_now(session)
        link = use_link(session, LinkKind.RESET, raw.group(1), now=now)
        person = person_by_email(session, "kim@example.org")
        assert person is not None
        assert (link.person_id, person.is_admin, person.password_hash) == (person.id, True, None)
    engine.dispose()
    again = run("people", "reset", "KIM@example.org", "--url", "https://labels.test/", *place)
    assert "https://labels.test/reset/" in again
    with pytest.raises(NotFound, match="Nobody has an account"):
        run("people", "reset", "nobody@example.org", *place)


def test_a_person_can_be_added_to_a_project_with_a_role(place: list[str], tmp_path: Path) -> None:
    run("import", "Topics", str(topics_file(tmp_path, 20)), "--yes", *place)
    run(
        *("people", "add", "lee@example.org", "--name", "Lee"),
        *("--project", "topics", "--role", "lead"),
        *place,
    )
    engine = open_engine(place[-1])
    with reading(engine) as session:
        rows = session.execute(select(Activity.kind, Activity.detail).order_by(Activity.id)).all()
        lee = person_by_email(session, "lee@example.org")
        assert lee is not None
        assert [tuple(row) for row in rows[-2:]] == [
            ("joined", {"role": "lead"}),
            ("reset_link_made", {"person": lee.id}),
        ]
    engine.dispose()


def test_an_account_that_is_there_can_be_added_to_a_project(
    place: list[str], tmp_path: Path
) -> None:
    run("import", "Topics", str(topics_file(tmp_path, 20)), "--yes", *place)
    run("people", "add", "lee@example.org", "--name", "Lee", *place)
    join = ("people", "add", "LEE@example.org", "--project", "Topics", *place)
    said = run(*join)
    assert said == "Lee, whose account was there, takes part in Topics as reviewer.\n"
    assert run(*join) == "Lee takes part in Topics already, as reviewer.\n"
    lead = run(*join, "--role", "lead")
    assert lead == "Lee, whose account was there, takes part in Topics as lead (was reviewer).\n"
    less = run(*join, "--role", "expert")
    assert less == (
        "Lee takes part in Topics already, as lead; expert is less, and changes nothing.\n"
    )
    with pytest.raises(Conflict, match="Lee has an account with"):
        run("people", "add", "lee@example.org", "--name", "Lee", *place)
    with pytest.raises(Conflict, match="is no admin"):
        run(*join, "--admin")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0),
        (("score", "nothing", "--data", "{empty}"), 1),
        (("fly",), 2),
        (("serve", "--port", "many"), 2),
        (("import", "Topics", "{missing}", "--data", "{empty}"), 1),
        (("import", "Topics", "{blank}", "--data", "{empty}", "--yes"), 65),
        (("serve", "--host", "0.0.0.0", "--data", "{empty}"), 78),
    ],
)
def test_exit_codes_are_those_promised(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "blank.csv").write_bytes(b"")
    places = {
        "empty": str(tmp_path / "empty"),
        "missing": str(tmp_path / "missing.csv"),
        "blank": str(tmp_path / "blank.csv"),
    }
    ended = as_process(*(word.format(**places) for word in arguments))
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_data_directory_may_be_named_relative_to_where_one_stands(tmp_path: Path) -> None:
    topics_file(tmp_path, 20)
    place = ("--data", "here/data")
    ended = as_process("import", "Topics", "topics.csv", "--yes", *place, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "here" / "data" / "relabel.sqlite").is_file()


def test_no_command_makes_a_database_by_accident(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no Relabel database"):
        run("score", "topics", "--data", str(tmp_path / "typo"))
    assert not (tmp_path / "typo").exists()


def test_every_failure_has_a_code() -> None:
    assert EXIT_CODES[-1] == (Failure, 1)
    assert [code for _, code in EXIT_CODES] == [65, 65, 69, 75, 78, 78, 1]


def annotated(folder: Path) -> Path:
    path = folder / "annotated.csv"
    path.write_text(
        "id,text,label,annotator\n1,where is it,a,kim@example.org\n2,it is lost,b,KIM\n"
        "3,top up,a,lee\n4,no card,b,kim@example.org\n"
    )
    return path


@pytest.mark.parametrize(
    ("option", "linked"),
    [
        ((), {"kim@example.org"}),
        (("--own-labels", "email"), {"kim@example.org"}),
        (("--own-labels", "name"), {"kim@example.org", "KIM"}),
        (("--own-labels", "nobody"), set()),
        (("--yes",), {"kim@example.org"}),
    ],
)
def test_an_import_says_which_annotators_review_here(
    engine: Engine, place: list[str], tmp_path: Path, option: tuple[str, ...], linked: set[str]
) -> None:
    run("people", "add", "kim@example.org", "--name", "Kim", "--admin", *place)
    run("import", "first", str(topics_file(tmp_path)), *place)
    run("import", "first", str(annotated(tmp_path)), *option, *place)
    assert sources_linked(engine) == linked


def sources_linked(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.scalars(select(Source.name).where(Source.person_id.is_not(None))))


def test_an_annotator_is_linked_to_a_member_and_unlinked(
    engine: Engine, place: list[str], tmp_path: Path
) -> None:
    run("people", "add", "kim@example.org", "--name", "Kim", "--admin", *place)
    run("import", "first", str(annotated(tmp_path)), "--own-labels", "nobody", *place)
    said = run("people", "link", "kim@example.org", "lee", "--project", "first", *place)
    assert "kim@example.org gave the labels of lee" in said
    assert sources_linked(engine) == {"lee"}
    run("people", "link", "kim@example.org", "lee", "--project", "first", "--off", *place)
    assert sources_linked(engine) == set()
    for email, source in (("kim@example.org", "nobody"), ("lee@example.org", "lee")):
        with pytest.raises(NotFound):
            run("people", "link", email, source, "--project", "first", *place)
