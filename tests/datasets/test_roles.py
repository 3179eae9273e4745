"""What every role of a column keeps to, at every door: this suite runs over the whole registry."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from app.cli.main import relabel
from app.datasets.chosen_columns import choose_columns
from app.datasets.findings import Stop
from app.datasets.mapping import NO_COLUMN, ImportMapping, columns_of, mapping_of
from app.datasets.roles import KEPT, ROLES, roles_for
from app.datasets.staged import GoodRow, line_of, row_of
from app.datatypes.column_role import ColumnRole, Part
from app.db.engine import reading
from app.db.tables.datasets import DataImport, Example, Source
from app.db.words import DataType, ImportState
from app.settings import Settings
from tests.datasets.bringing import bring_in
from tests.web.cast import Cast
from tests.web.test_imports import work

EVERY = pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
COLUMNS = ("first", "second", "third")


def type_of(role: ColumnRole) -> DataType:
    """A type of data that has this role."""
    return next(one for one in DataType if role in roles_for(one))


def said(role: ColumnRole, *columns: str) -> ImportMapping:
    return ImportMapping(roles={role.name: columns}, data_type=type_of(role))


@EVERY
def test_a_role_is_described_for_pages_and_for_the_command_line(role: ColumnRole) -> None:
    assert role.words and role.help.endswith((".", "…", "C."))
    assert re.fullmatch("[a-z]+", role.name) and ROLES[role.name] is role
    assert type_of(role)
    assert len(set(role.usual_names)) == len(role.usual_names)


def test_no_two_roles_want_a_column_of_the_same_name() -> None:
    for data_type in DataType:
        names = [name for role in roles_for(data_type) for name in role.usual_names]
        assert len(names) == len(set(names)), data_type
        assert any(role.part is Part.CONTENT for role in roles_for(data_type))


@EVERY
def test_a_named_column_plays_its_role_and_is_kept_in_the_stored_mapping(role: ColumnRole) -> None:
    mapping = said(role, "second")
    assert choose_columns(mapping, COLUMNS, []).every(role) == ("second",)
    assert mapping_of(mapping.as_json()).hash == mapping.hash
    assert columns_of(mapping.as_json()[role.name]) == ("second",)


@EVERY
def test_a_column_that_is_not_there_stops_the_file(role: ColumnRole) -> None:
    with pytest.raises(Stop) as stopped:
        choose_columns(said(role, "fourth"), COLUMNS, [])
    assert stopped.value.code == "E109"
    path = said(role, "first.inner")
    if role.nested:
        assert choose_columns(path, COLUMNS, []).one(role) == "first.inner"
    else:
        with pytest.raises(Stop):
            choose_columns(path, COLUMNS, [])


@EVERY
def test_every_usual_name_is_guessed_however_it_is_written(role: ColumnRole) -> None:
    for name in role.usual_names:
        written = name.replace("_", " ").title()
        guessing = ImportMapping(data_type=type_of(role), guess=True)
        chosen = choose_columns(guessing, ["nothing", written], [])
        assert chosen.every(role) == (written,), name


@EVERY
def test_a_role_left_empty_on_purpose_is_not_guessed(role: ColumnRole) -> None:
    for name in role.usual_names[:1]:
        mapping = said(role, NO_COLUMN).for_type(type_of(role))
        assert choose_columns(mapping, ["other", name], []).every(role) == ()


@EVERY
def test_a_report_says_which_columns_play_it(role: ColumnRole) -> None:
    shown = choose_columns(said(role, "third"), COLUMNS, []).shown()
    assert columns_of(shown[role.reported or role.name]) == ("third",)


@EVERY
def test_the_command_line_has_an_option_for_it(role: ColumnRole) -> None:
    told = CliRunner().invoke(relabel, ["import", "--help"], env={"COLUMNS": "200"}).output
    told = " ".join(told.split())
    assert f"--{role.name} " in told
    assert role.help in told


@EVERY
def test_programs_name_it_in_the_mapping_and_change_it(cast: Cast, role: ColumnRole) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/imports"
    told = ["first"] if role.many else "first"
    reply = cast.lead.post(
        url,
        files={"file": ("q.csv", b"first,text\na,b\n")},
        data={"mapping": json.dumps({role.name: told})},
    )
    assert reply.status_code == 200, reply.text
    stored = f"{url}/{reply.json()['id']}"
    with reading(cast.engine) as session:
        assert session.scalars(select(DataImport)).one().mapping[role.name] == told
    told = ["text"] if role.many else "text"
    assert cast.lead.post(f"{stored}/roles", json={role.name: told}).status_code == 200
    with reading(cast.engine) as session:
        assert session.scalars(select(DataImport)).one().mapping[role.name] == told
    wrong = {role.name: 7}
    assert cast.lead.post(f"{stored}/roles", json=wrong).status_code == 422
    refused = cast.lead.post(
        url, files={"file": ("r.csv", b"a\n")}, data={"mapping": json.dumps(wrong)}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "mapping")


def test_the_page_offers_every_role_of_the_data_and_takes_it(cast: Cast) -> None:
    """In its table of columns each column has one use; here every role has a column of its own."""
    roles = roles_for(DataType.TEXT)
    names = [f"column {number}" for number in range(len(roles))]
    lines = [",".join(names), ",".join(f"b {name}" for name in names)]
    sent = cast.lead.post(
        f"/p/{cast.project.slug}/import", files={"file": ("q.csv", "\n".join(lines).encode())}
    )
    page = sent.headers["location"]
    work(cast)
    shown = cast.lead.get(page).text
    for role in roles:
        assert f'<option value="{role.name}"' in shown and f">{role.words}</option>" in shown
    form = {"column": names, "use": [role.name for role in roles]}
    assert cast.lead.post(f"{page}/columns", data=form).status_code == 303
    work(cast)
    with reading(cast.engine) as session:
        read = session.scalars(select(DataImport)).one().report["roles"]
    for role, name in zip(roles, names, strict=True):
        assert columns_of(read[role.reported or role.name]) == (name,)


def test_short_text_is_kept_with_the_example_up_to_its_length(
    engine: Engine, tmp_path: Path
) -> None:
    names = [role.name for role in KEPT]
    lines = [",".join(["text", *names]), ",".join(["fine", *(f"a {name}" for name in names)])]
    for role in KEPT:
        assert role.most_letters is not None
        most = ["x" * role.most_letters if one is role else "" for one in KEPT]
        lines += [",".join([f"most {role.name}", *most])]
        over = ["x" * (role.most_letters + 1) if one is role else "" for one in KEPT]
        lines += [",".join([f"over {role.name}", *over])]
    (tmp_path / "k.csv").write_text("\n".join(lines))
    said = {name: name for name in names}
    settings = Settings(data=tmp_path / "data")
    result = bring_in(engine, settings, "Kept", tmp_path / "k.csv", text="text", label="-", **said)
    assert result.state is ImportState.DONE, result
    assert (result.rows_good, result.codes) == (1 + len(KEPT), {"E118": len(KEPT)})
    with reading(engine) as session:
        first = session.scalars(select(Example).order_by(Example.row)).first()
        assert first is not None
        sources = set(session.scalars(select(Source.name)))
    assert (first.split, first.group_key) == ("a split", "a group")
    assert "a source" in sources


def test_a_staged_line_says_every_kept_role_again() -> None:
    kept = {role.name: f"a {role.name}" for role in KEPT}
    row = GoodRow(2, "k", {"text": "t"}, {"text": "t"}, None, kept, "0" * 64, [])
    assert row_of(line_of(row)) == row
