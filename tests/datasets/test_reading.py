"""How a table is read: found, said and answerable, the same at every door."""

from __future__ import annotations

import io
import json
import zipfile
from inspect import signature
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import select

from app.cli.import_file import import_file
from app.cli.imports import ImportRequest
from app.datasets.formats.registry import FORMATS
from app.datasets.mapping import ImportMapping, Reading, mapping_of
from app.datasets.reading_parts import PARTS, said_of_reading
from app.db.engine import reading
from app.db.tables.datasets import DataImport, LeftOut
from app.db.words import DataType, ImportState
from app.errors import Invalid
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast
from tests.web.test_imports import work

TEXTS = [f"a film worth seeing number {number}" for number in range(12)]
LABELS = [str(number % 2) for number in range(12)]
IDS = [str(number) for number in range(12)]


def table(texts: list[str], mark: str, head: str = "id{0}label{0}sentence") -> bytes:
    rows = zip(IDS, LABELS, texts, strict=True)
    lines = [head.format(mark), *(mark.join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def with_quotes(**changed: str) -> list[str]:
    """The texts, some of them other ones: `r3='"great'`."""
    return [changed.get(f"r{at}", text) for at, text in enumerate(TEXTS)]


BARE = {
    "swallowing": with_quotes(r3='"great movie , bad ending', r6='simply the best"'),
    "never closed": with_quotes(r3='"great movie , bad ending'),
    "around a word": with_quotes(r3='"Great" is the word'),
    "far apart": with_quotes(r0='"great movie', r11='simply the "best"'),
    "an inch": with_quotes(r5='a 5" screen', r8='" alone'),
}


@each_door
@pytest.mark.parametrize("texts", BARE.values(), ids=BARE)
def test_quotes_of_a_tsv_that_never_quotes_are_text(
    cast: Cast, door: Door, texts: list[str]
) -> None:
    came = door(cast, Sent("films.tsv", table(texts, "\t")))
    assert [(row.key, row.content, row.given) for row in came.rows] == [
        *zip(IDS, texts, LABELS, strict=True)
    ]
    assert came.codes["W170"] == 1
    said = "tab-separated, quotes are text, UTF-8, 12 rows, first row holds names"
    assert said in came.shown


@each_door
def test_a_quote_that_comes_late_is_judged_when_it_comes(cast: Cast, door: Door) -> None:
    lines = [f"{at}\t{at % 3}\ttext number {at}" for at in range(2_500)]
    lines[1_700] = '1700\t2\t"a quote that opens'
    lines[1_705] = '1705\t1\tand one that closes"'
    content = "\n".join(["id\tlabel\ttext", *lines]).encode()
    came = door(cast, Sent("late.tsv", content))
    assert len(came.rows) == 2_500
    assert came.rows[1_700].content == '"a quote that opens'
    assert came.codes == {"W170": 1}


@each_door
def test_a_cell_that_may_be_rows_is_asked_about(cast: Cast, door: Door) -> None:
    content = table(BARE["swallowing"], ",").replace(b" , ", b" - ")
    came = door(cast, Sent("films.csv", content, answers=False))
    assert (came.state, came.open) == (ImportState.STAGED, {"W158"})
    assert "Row 5 holds 4 lines" in came.shown
    rows = door(cast, Sent("films.csv", content, {"choices": {"W158": "rows"}}))
    assert [row.key for row in rows.rows] == IDS
    text = door(cast, Sent("films.csv", content, {"choices": {"W158": "text"}}))
    assert [row.key for row in text.rows] == [*IDS[:4], *IDS[7:]]
    said = door(cast, Sent("films.csv", content, {"quoting": "none"}, answers=False))
    assert [row.content for row in said.rows][3] == '"great movie - bad ending'


@each_door
def test_texts_of_several_lines_are_no_question(cast: Cast, door: Door) -> None:
    texts = with_quotes(r3='"Hello, you\nand you, too\n\nBye, all"', r5='"one, two\nthree"')
    came = door(cast, Sent("letters.csv", table(texts, ",")))
    assert [row.content for row in came.rows][3] == "Hello, you\nand you, too\n\nBye, all"
    assert (len(came.rows), came.codes) == (12, {})


@each_door
def test_a_quote_that_swallows_the_rest_is_named_and_can_be_text(cast: Cast, door: Door) -> None:
    content = table(BARE["never closed"], ",").replace(b" , ", b" - ")
    came = door(cast, Sent("films.csv", content))
    assert came.state is ImportState.STAGED and came.codes == {"E111": 1}
    assert "Row 5 (line 5): a quote opens a cell and nothing closes it" in came.shown
    answered = door(cast, Sent("films.csv", content, {"choices": {"E111": "text"}}))
    assert [row.content for row in answered.rows][3] == '"great movie - bad ending'


@each_door
def test_backslashes_before_quotes(cast: Cast, door: Door) -> None:
    texts = [f'"he said \\"no, {at}\\" to C:\\new"' for at in range(12)]
    came = door(cast, Sent("said.csv", table(texts, ",")))
    assert [row.content for row in came.rows] == [
        f'he said "no, {at}" to C:\\new' for at in range(12)
    ]
    assert came.codes == {"W171": 1}
    assert "backslash escapes" in came.shown


@each_door
def test_the_first_line_may_say_the_separator(cast: Cast, door: Door) -> None:
    content = b"sep=;\r\n" + table([text.replace(" ", ", ") for text in TEXTS], ";")
    came = door(cast, Sent("excel.csv", content))
    assert came.rows[0].content == "a, film, worth, seeing, number, 0"
    assert (len(came.rows), came.codes["W159"], came.rows[0].key) == (12, 1, "0")


@each_door
def test_any_character_may_separate(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("odd.csv", table(TEXTS, "~"), {"separator": "~"}))
    assert [row.content for row in came.rows] == TEXTS
    assert "~-separated" in came.shown


UNLABELED, TAB = {"label": "-"}, "\t"
HEADERLESS = {
    "quoted.csv": ('"a text number {0} for you, really",{1}\n', ("neg", "pos")),
    "labels-first.tsv": ("{1}\ta text number {0} for you\n", ("ham", "spam")),
    "coded.csv": ("item-{0},{1},what is number {0} about\n", ("A", "B", "C")),
}


@each_door
@pytest.mark.parametrize("name", HEADERLESS)
def test_a_first_row_that_is_data_is_asked_about(cast: Cast, door: Door, name: str) -> None:
    line, labels = HEADERLESS[name]
    content = "".join(line.format(at, labels[at % len(labels)]) for at in range(12)).encode()
    usual = door(cast, Sent(name, content, UNLABELED))
    assert (len(usual.rows), usual.codes["W107"]) == (12, 1)
    assert usual.rows[0].columns.keys() <= {"column 1", "column 2", "column 3"}
    waiting = door(cast, Sent(name, content, UNLABELED, answers=False))
    assert (waiting.state, waiting.open) == (ImportState.STAGED, {"W107"})
    column = f"column {line.split('{1}')[0].count(',') + line.split('{1}')[0].count(TAB) + 1}"
    column = {"quoted.csv": "column 2"}.get(name, column)  # its text holds a comma
    said = door(cast, Sent(name, content, {"header": "none", "label": column}, answers=False))
    assert said.given == [labels[at % len(labels)] for at in range(12)], said.shown
    names = door(cast, Sent(name, content, {"header": "names", **UNLABELED}, answers=False))
    assert len(names.rows) == 11


NAMED = [
    b"text,label\nhello there my friend,a\nhow are you,b\nfine thanks,a\nwell,b\n",
    b"phrase,verdict\nhello there my friend,a\nhow are you,b\nfine thanks,a\nwell,b\n",
    b"q,2019,2020\nhello there you,1,2\nfine thanks a lot,3,4\n",
    b"\xef\xbb\xbf\"the phrase\",'kind'\nhello there my friend,a\nhow are you all,b\nok,a\nno,b\n",
]


@each_door
@pytest.mark.parametrize("content", NAMED)
def test_names_stay_names(cast: Cast, door: Door, content: bytes) -> None:
    came = door(cast, Sent("named.csv", content, {} if b",label" in content else UNLABELED))
    assert len(came.rows) == content.count(b"\n") - 1


@each_door
def test_short_rows_and_surplus_separators(cast: Cast, door: Door) -> None:
    short = "id,text,label,note\n0,some text 0,y,n\n" + "".join(
        f"{at},some text {at},{'xy'[at % 2]}\n" for at in range(1, 12)
    )
    came = door(cast, Sent("short.csv", short.encode()))
    assert [row.given for row in came.rows][:3] == ["y", "y", "x"]
    assert (len(came.rows), came.codes) == (12, {"W172": 11})
    surplus = "id,text,label\n" + "".join(f"{at},text {at},{'xy'[at % 2]},,\n" for at in range(9))
    came = door(cast, Sent("surplus.csv", surplus.encode()))
    assert (len(came.rows), came.codes, came.labels) == (9, {"W173": 9}, ["x", "y"])


@each_door
def test_the_same_fault_in_most_rows_is_one_question(cast: Cast, door: Door) -> None:
    content = "id,text,label\n" + "".join(f"{at},well, text {at},{at % 2}\n" for at in range(8))
    content += "8,fine,1\n"
    came = door(cast, Sent("commas.csv", content.encode()))
    assert (came.state, came.open) == (ImportState.STAGED, {"E110"})
    assert "8 of 9 rows have another number of cells" in came.shown
    joined = door(cast, Sent("commas.csv", content.encode(), {"choices": {"E110": "join"}}))
    assert [row.content for row in joined.rows][:2] == ["well, text 0", "well, text 1"]
    assert (len(joined.rows), joined.codes["W161"]) == (9, 8)
    left = door(cast, Sent("commas.csv", content.encode(), {"choices": {"E110": "leave_out"}}))
    assert [row.key for row in left.rows] == ["8"]


@each_door
def test_row_names_that_have_no_name(cast: Cast, door: Door) -> None:
    content = '"text" "label"\n"1" "good film" "a"\n"2" "bad film" "b"\n"3" "odd film" "a"\n'
    came = door(cast, Sent("r.csv", content.replace('" "', '"\t"').encode()))
    assert [(row.content, row.given) for row in came.rows] == [
        ("good film", "a"),
        ("bad film", "b"),
        ("odd film", "a"),
    ]
    assert came.codes["W157"] == 1
    commas = b"id,text,label\n0,hello, you,a\n1,well, me,b\n2,fine, all,a\n"
    came = door(cast, Sent("commas.csv", commas))
    assert came.open == {"E110"}  # no row names: the ids are there


@each_door
@pytest.mark.parametrize("title", ["Export of 2024", "Export of 2024,,"])
def test_a_title_above_the_names(cast: Cast, door: Door, title: str) -> None:
    content = f"{title}\n".encode() + table(TEXTS, ",")
    came = door(cast, Sent("titled.csv", content))
    assert [row.content for row in came.rows] == TEXTS
    assert came.codes == {"W162": 1}


@each_door
@pytest.mark.parametrize(
    "above",
    ["# exported 2026-01-01\n# by a tool\n", "Report of May\n\nMade by a tool\n", "# one line\n"],
)
def test_lines_above_the_names(cast: Cast, door: Door, above: str) -> None:
    came = door(cast, Sent("above.csv", above.encode() + table(TEXTS, ",")))
    assert [row.content for row in came.rows] == TEXTS
    assert came.codes in ({"W166": 1}, {"W162": 1})


@each_door
def test_what_only_looks_like_lines_above_a_table(cast: Cast, door: Door) -> None:
    decimals = "width\n" + "".join(f"{at},5\n" for at in range(12))
    came = door(cast, Sent("one.csv", decimals.encode(), {"text": "width", "label": "-"}))
    assert "W166" not in came.codes
    names = "#id,text,label\n" + "".join(f"{at},text {at},{'ab'[at % 2]}\n" for at in range(6))
    came = door(cast, Sent("names.csv", names.encode(), {"text": "text", "label": "label"}))
    assert [row.content for row in came.rows] == [f"text {at}" for at in range(6)]
    assert "W166" not in came.codes


@each_door
def test_lists_in_place_of_objects(cast: Cast, door: Door) -> None:
    rows = [[f"text {at}", "ab"[at % 2]] for at in range(6)]
    said = {"text": "column 1", "label": "column 2"}
    for content in (json.dumps(rows), "\n".join(map(json.dumps, rows))):
        came = door(cast, Sent("lists.json", content.encode(), said))
        assert [(row.content, row.given) for row in came.rows] == [tuple(row) for row in rows]
    mixed = json.dumps([{"text": "a", "label": "x"}, ["b", "y"], {"text": "c", "label": "x"}])
    came = door(cast, Sent("mixed.json", mixed.encode()))
    assert [row.content for row in came.rows] == ["a", "c"]
    assert came.codes["E120"] == 1, "a row that is written otherwise is refused, never lost"


@each_door
def test_a_pointer_of_git_lfs_is_told_from_data(cast: Cast, door: Door) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    for name in ("a.csv", "a.jsonl"):
        assert door(cast, Sent(name, pointer)).codes == {"E138": 1}


@each_door
def test_escapes_and_spaces_around_separators(cast: Cast, door: Door) -> None:
    escaped = table([f"well\\, text {at}" for at in range(12)], ",")
    came = door(cast, Sent("escaped.csv", escaped))
    assert [row.content for row in came.rows] == [f"well, text {at}" for at in range(12)]
    spaced = table([f'"well, text {at}"' for at in range(12)], ", ")
    came = door(cast, Sent("spaced.csv", spaced))
    assert [(row.content, row.given) for row in came.rows] == [
        (f"well, text {at}", LABELS[at]) for at in range(12)
    ]


@each_door
def test_a_tsv_that_does_quote(cast: Cast, door: Door) -> None:
    texts = [f'"Dear ""all"", hello {at}\tand\nbye"' for at in range(12)]
    came = door(cast, Sent("quoted.tsv", table(texts, "\t")))
    assert [row.content for row in came.rows] == [
        f'Dear "all", hello {at}\tand\nbye' for at in range(12)
    ]


@each_door
def test_files_that_were_put_together(cast: Cast, door: Door) -> None:
    part = "id,text,label\n{0},text {0},a\n{1},text {1},b\n,,\n"
    content = part.format(1, 2) + part.format(3, 4)
    came = door(cast, Sent("joined.csv", content.encode()))
    assert [row.key for row in came.rows] == ["1", "2", "3", "4"]
    assert came.codes == {"W174": 1, "W155": 2}


@each_door
def test_names_that_come_twice(cast: Cast, door: Door) -> None:
    content = b"id,text,label,extra,extra,extra (2)\n1,a b,x,1,2,3\n2,c d,y,4,5,6\n"
    came = door(cast, Sent("twice.csv", content))
    assert came.rows[0].columns == {
        **{"id": "1", "text": "a b", "label": "x"},
        **{"extra": "1", "extra (3)": "2", "extra (2)": "3"},
    }
    assert came.codes == {"W156": 1}
    came = door(cast, Sent("twice.csv", b"id,text,label,label\n1,a b,x,y\n2,c d,y,x\n"))
    assert came.codes == {"E108": 1}


@each_door
def test_one_column_with_commas_in_it(cast: Cast, door: Door) -> None:
    content = b"text\nhello, you\nno comma here\nwell, well, well\n"
    came = door(cast, Sent("one.csv", content, UNLABELED))
    assert [row.content for row in came.rows] == ["hello, you", "no comma here", "well, well, well"]
    assert "one column" in came.shown


@each_door
def test_rows_are_counted_as_a_person_counts_them(cast: Cast, door: Door) -> None:
    content = b'\n\nid,text,label\n1,"two\nlines",a\n\n2,good,b\n3,broken,b,more\n'
    came = door(cast, Sent("rows.csv", content))
    assert [row.columns["id"] for row in came.rows] == ["1", "2"]
    with reading(cast.engine) as session:
        left = session.scalars(select(LeftOut.row).join(DataImport)).all()
    assert left[-1] == 7


@each_door
def test_fasttext_lines(cast: Cast, door: Door) -> None:
    lines = [f"__label__{'ab'[at % 2]} a text, number {at} for you" for at in range(4)]
    lines += ["__label__a __label__b two labels", "a text that has none", "", "x"]
    for name in ("train.txt", "train.csv", "train.unheard"):
        came = door(cast, Sent(name, "\n".join(lines).encode()))
        assert [(row.content, row.given) for row in came.rows] == [
            ("a text, number 0 for you", "a"),
            ("a text, number 1 for you", "b"),
            ("a text, number 2 for you", "a"),
            ("a text, number 3 for you", "b"),
        ]
        assert came.codes == {"E150": 1, "E301": 2}
        assert "fastText, UTF-8, 7 rows" in came.shown


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


@each_door
def test_a_zip_that_holds_one_table(cast: Cast, door: Door) -> None:
    content = zipped(data__films_tsv=table(BARE["swallowing"], "\t"), README_txt=b"about films")
    came = door(cast, Sent("films.zip", content))
    assert [row.content for row in came.rows] == BARE["swallowing"]
    assert came.codes == {"W170": 1, "W160": 1}
    assert "data/films.tsv" in came.shown
    lines = [json.dumps({"text": text, "label": "ab"[at % 2]}) for at, text in enumerate(TEXTS)]
    came = door(cast, Sent("films.zip", zipped(films_jsonl="\n".join(lines).encode())))
    assert [row.content for row in came.rows] == TEXTS
    rows = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.table({"text": TEXTS, "label": LABELS}), rows)
    came = door(cast, Sent("films.zip", zipped(films_parquet=rows.getvalue().to_pybytes())))
    assert [(row.content, row.given) for row in came.rows] == [*zip(TEXTS, LABELS, strict=True)]
    two = zipped(a_csv=table(TEXTS, ","), b_csv=table(TEXTS, ","))
    came = door(cast, Sent("two.zip", two))
    assert (came.state, came.codes) == (ImportState.STAGED, {"E116": 1})
    assert "a.csv, b.csv" in came.shown
    cut = zipped(films_csv=table(TEXTS, ",") * 50)
    came = door(cast, Sent("cut.zip", cut[:200] + b"\0" * 20 + cut[220:]))
    assert came.state is ImportState.STAGED and not came.rows


def test_a_zip_of_a_table_makes_a_project_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "films.zip"
    beside = {"README_md": b"films", "_cache__films_csv": b"0", "films__Thumbs_db": b"0"}
    for more in ({}, beside):
        path.write_bytes(zipped(films_csv=table(TEXTS, ","), **more))
        assert ImportRequest("films", path).data_type is DataType.TEXT
    path.write_bytes(zipped(cat__1_png=b"png"))
    assert ImportRequest("films", path).data_type is DataType.IMAGE


def test_every_part_of_a_reading_can_be_said_at_every_door(cast: Cast) -> None:
    """One registry: the page's fields, the payload's names, the options of the command."""
    options = signature(import_file).parameters
    schema = cast.app.openapi()["components"]["schemas"]["ReadingPayload"]["properties"]
    files = {"file": ("a.csv", table(TEXTS, ","))}
    reply = cast.lead.post(f"/p/{cast.project.slug}/import", files=files)
    work(cast)
    page = str(reply.headers["location"])
    shown = cast.lead.get(page).text
    for name, part in PARTS.items():
        assert name in options
        assert name in schema
        assert f'name="{name}"' in shown
        for choice in part.choices:
            assert f'value="{choice.value}"' in shown
            assert said_of_reading({name: choice.value})[name] == choice.value
            assert mapping_of({name: choice.value}).read_as == Reading(**{name: choice.value})
        for one in FORMATS.values():
            assert set(one.asks) <= set(PARTS)
        with pytest.raises(Invalid):
            said_of_reading({name: "nonsense\n"})


def test_the_api_says_parts_of_a_reading(cast: Cast) -> None:
    client = cast.lead
    base = f"/api/v1/projects/{cast.project.slug}/imports"
    sent = client.post(base, files={"file": ("a.csv", table(TEXTS, "|"))}).json()
    work(cast)
    url = f"{base}/{sent['id']}"
    found = client.get(url).json()["reading"]
    assert found["parts"] == {
        **{"separator": "bar", "quoting": "doubled", "escape": "none"},
        **{"header": "names", "encoding": "utf-8"},
    }
    assert found["words"].startswith("separated by vertical bars, ")
    assert client.post(f"{url}/reading", json={"separator": "tab"}).status_code == 200
    work(cast)
    assert client.get(url).json()["reading"]["parts"]["separator"] == "tab"
    assert client.post(f"{url}/reading", json={"separator": ""}).status_code == 200
    work(cast)
    assert client.get(url).json()["reading"]["parts"]["separator"] == "bar"
    assert client.post(f"{url}/reading", json={"separator": "abc"}).status_code == 422
    assert client.post(f"{url}/reading", json={"header": "maybe"}).status_code == 422
    mapping = json.dumps({"quoting": "sometimes"})
    wrong = client.post(base, files={"file": ("a.csv", b"x")}, data={"mapping": mapping})
    assert wrong.status_code == 422


def test_the_answer_to_the_question_and_the_part_are_one() -> None:
    by_answer = ImportMapping(choices={"W107": "data"})
    by_part = ImportMapping(reading=Reading(header="none"))
    assert by_answer.hash == by_part.hash
    assert by_answer.with_reading({"header": "names"}).read_as.header == "names"
    assert by_part.with_choices({"W107": "names"}).read_as.header == "names"
    assert by_part.answers["W107"] == "data"
    assert ImportMapping(choices={"W158": "rows"}).hash == mapping_of({"quoting": "none"}).hash
    nothing = ImportMapping()
    assert nothing.with_reading({"header": "", "quoting": ""}).hash == nothing.hash
