"""A file is read back as the cells it was written from, whatever its dialect."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.dialect import ONE_COLUMN, Dialect, find_dialect, line_ends, tried
from app.datasets.row_shape import shape_of

WORDS = ["card", "money", "please", "top up", "said it's", "(no)", "5/3", "a-b", "naïve", "映画"]
MARKS = (",", ";", "\t", "|")


def lines_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def written(rows: list[list[str]], dialect: Dialect, end: str = "\n") -> list[str]:
    """Our own writer: a cell that needs quotes has them."""
    mark, escaped = dialect.separator, '\\"' if dialect.escape == "backslash" else '""'
    lines = []
    for row in rows:
        cells = []
        for cell in row:
            if dialect.quoting == "doubled" and any(one in cell for one in (mark, '"', "\n")):
                if dialect.escape == "backslash":
                    cell = cell.replace("\\", "\\\\")
                cell = '"' + cell.replace('"', escaped) + '"'
            cells.append(cell)
        lines += lines_of(mark.join(cells) + end)
    return lines


def words(least: int = 2) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=least, max_size=9).map(" ".join)


@st.composite
def tables(draw: st.DrawFn, *, quoted: bool) -> tuple[list[list[str]], str]:
    """A header, and rows of an id, a text and a label; the text may hold separators."""
    mark = draw(st.sampled_from(MARKS))
    texts = draw(st.lists(words(), min_size=4, max_size=12))
    rows = [["id", "text", "label"]]
    for at, text in enumerate(texts):
        spice = draw(st.sampled_from(["", " , ", ' "so" ', " ; x", "\nand more", " | "]))
        bare = spice in ("", ' "so" ') and not (spice and not quoted)
        rows.append([str(at), text + (spice if quoted or bare else ""), "ab"[at % 2]])
    return rows, mark


@settings(max_examples=150, deadline=None)
@given(tables(quoted=True), st.sampled_from(["none", "backslash"]), st.sampled_from(["\n", "\r\n"]))
def test_a_quoted_file_is_read_back(
    made: tuple[list[list[str]], str], escape: str, end: str
) -> None:
    rows, mark = made
    lines = written(rows, Dialect(mark, "doubled", escape), end)
    found = find_dialect(lines)
    assert found.separator == mark
    if escape == "none" or any('"' in cell for row in rows for cell in row):
        assert tried(found, lines, whole=True).records == rows


@settings(max_examples=100, deadline=None)
@given(st.lists(words(), min_size=4, max_size=12), st.data())
def test_a_tsv_of_bare_quotes_is_read_back(texts: list[str], data: st.DataObject) -> None:
    spoilt = []
    for text in texts:
        shape = data.draw(st.sampled_from(["{}", '"{}', '{}"', '"{}" he said', 'a 5" {}']))
        spoilt.append(shape.format(text))
    spoilt[0] = f'"{texts[0]}" he said'
    rows = [["text", "label"], *([text, "ab"[at % 2]] for at, text in enumerate(spoilt))]
    lines = written(rows, Dialect("\t", "none"))
    found = find_dialect(lines, usual="\t")
    assert tried(found, lines, whole=True).records == rows


@settings(max_examples=60, deadline=None)
@given(tables(quoted=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(
    made: tuple[list[list[str]], str], chance: random.Random
) -> None:
    rows, mark = made
    head, *body = rows
    before = find_dialect(written([head, *body], Dialect(mark)))
    chance.shuffle(body)
    assert find_dialect(written([head, *body], Dialect(mark))) == before


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("id;height;label\n1;0,5;a\n2;1,25;b\n", ";"),
        ("a,b,c\n1,x|y,2\n3,z|w,4\n", ","),
        ('"a;b;c",x\n"d;e;f",y\n', ","),
        ("text\nhello, you\nwell\n", ONE_COLUMN),
        ("text\nhello\nwell\n", ","),
        ("label\ttext\na\tone, two\nb\tthree, four\n", "\t"),
        ("label,text\na,one, two\nb,three\nc,four, five, six\n", ","),
        ('id, text\n1, "one, two"\n2, "three, four, five"\n', ","),
        ("name|note\n1|a, b\n2|c, d\n", "|"),
    ],
)
def test_the_separator_is_the_one_that_makes_even_rows(text: str, mark: str) -> None:
    assert find_dialect(lines_of(text)).separator == mark


def test_what_is_said_is_taken() -> None:
    lines = lines_of('a;b\n"x;y"\n')
    assert find_dialect(lines, Dialect(",", "none", "")) == Dialect(",", "none", "none")
    dumped = lines_of("id\ttext\n1\ta\\tb\\\\n\\Nc\n2\t\\N\n")
    found = tried(Dialect("\t", "none", "backslash"), dumped, whole=True).records
    assert found[1:] == [["1", "a\tb\\nc"], ["2", ""]]


def test_a_row_that_swallowed_others() -> None:
    rows = [["id", "label", "text"], *([str(at), "ab"[at % 2], f"text {at}"] for at in range(8))]
    shape = shape_of(rows, 3)
    assert shape.swallowed(["3", "b", "one\n4\ta\ttwo"], "\t")
    assert not shape.swallowed(["3", "b", "one\n4\tc\ttwo"], "\t")  # no such label
    assert not shape.swallowed(["3", "b", "one\nfour\ta\ttwo"], "\t")  # no such id
    assert not shape.swallowed(["3", "b", "one\n4\ta\ttwo\n"], "\t")
    assert not shape.swallowed(["3", "b", "one and two"], "\t")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    names = {"\n": "lf", "\r\n": "crlf", "\r": "cr"}
    assert line_ends([f"a{end}", f"b{end}", "c"]) == names[end]
    assert line_ends([f"a{end}", "b\n", "c\r"]) == "mixed"
