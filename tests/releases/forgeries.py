"""Forgeries of a release, each by its name: what is done, in which format, and what is signed."""

from __future__ import annotations

import os
import shutil
import socket
import unicodedata
from collections.abc import Callable
from contextlib import chdir
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from app.datasets.given import cells_hash
from tests.releases.forging import Forger, Rows

NOTHING, FILES, EVENT = "nothing", "the manifest", "the release's own event"
"""How far the forger goes: what is made to agree with the change."""

Edit = Callable[[Forger], None]


class Forgery(NamedTuple):
    edit: Edit
    way: str
    names: str  # the file that must be named
    signs: str
    values: bool


FORGERIES: dict[str, Forgery] = {}
REWRITTEN: dict[str, Forgery] = {}
"""A log written anew, consistent in everything: only the hash that was kept apart tells."""


def forgery(
    name: str,
    names: str,
    *,
    way: str = "jsonl-exact",
    signs: str = EVENT,
    values: bool = True,
    into: dict[str, Forgery] = FORGERIES,
) -> Callable[[Edit], Edit]:
    """`values`: the manifest's hash of what the rows say is made anew too (JSON lines only)."""

    def add(edit: Edit) -> Edit:
        assert name not in into, name
        into[name] = Forgery(edit, way, names, signs, values and way == "jsonl-exact")
        return edit

    return add


def simple(name: str, names: str, edit: Edit, **how: Any) -> None:
    forgery(name, names, **how)(edit)


# What lies in the directory


def beside(name: str, shown: str, put: Edit) -> None:
    simple(f"beside: {name}", shown, put, signs=NOTHING)


def file_named(name: str | bytes) -> Edit:
    def put(f: Forger) -> None:
        with open(os.path.join(os.fsencode(f.place), os.fsencode(name)), "wb"):  # noqa: PTH118, PTH123
            pass

    return put


beside("a file", "extra.txt", file_named("extra.txt"))
beside("a hidden file", ".hidden", file_named(".hidden"))
beside("a second data file", "data.csv", file_named("data.csv"))
beside("a name that ends in a space", "'data.jsonl '", file_named("data.jsonl "))
beside("a letter that looks alike", "'d\\u0430ta.jsonl'", file_named("d\u0430ta.jsonl"))
beside("a letter without width", "'data\\u200b.jsonl'", file_named("data\u200b.jsonl"))
beside("a name that turns around", "'\\u202elnosj.atad'", file_named("\u202elnosj.atad"))
beside("a name with a line feed", "'x\\ny'", file_named("x\ny"))
beside("a name that is no text", "'\\udcff'", file_named(b"\xff"))
beside("another case", "DATA.jsonl", file_named("DATA.jsonl"))
beside("an empty directory", "more", lambda f: f.path("more").mkdir())
beside("a link to nothing", "gone", lambda f: f.path("gone").symlink_to("nowhere"))
beside("a link to a listed file", "also", lambda f: f.path("also").symlink_to("data.jsonl"))
beside("a pipe", "pipe", lambda f: os.mkfifo(f.path("pipe")))


@forgery("beside: a socket", "s", signs=NOTHING)
def _(f: Forger) -> None:
    with chdir(f.place), socket.socket(socket.AF_UNIX) as made:
        made.bind("s")


def in_place_of(what: str, name: str, put: Callable[[Forger, str], None]) -> None:
    def edit(f: Forger) -> None:
        shutil.copy(f.path(name), f.place.parent / "away")
        f.path(name).unlink()
        put(f, name)

    simple(f"{name} is {what}", name, edit, signs=NOTHING)


for listed in ("data.jsonl", "events.jsonl", "manifest.json"):
    in_place_of("a link", listed, lambda f, name: f.path(name).symlink_to("../away"))
    in_place_of("a pipe", listed, lambda f, name: os.mkfifo(f.path(name)))
in_place_of("a hard link", "given.jsonl", lambda f, n: f.path(n).hardlink_to(f.place / "../away"))
in_place_of("a directory", "labels.json", lambda f, name: f.path(name).mkdir())
in_place_of("missing", "removed.jsonl", lambda f, name: None)


# The manifest


def manifest(
    name: str,
    edit: Callable[[dict[str, Any]], None],
    *,
    signs: str = EVENT,
    names: str = "manifest.json",
) -> None:
    simple(f"manifest: {name}", names, lambda f: f.json("manifest.json", edit), signs=signs)


def lists_another(name: str) -> Callable[[dict[str, Any]], None]:
    def edit(said: dict[str, Any]) -> None:
        said["files"][name] = said["files"].pop("data.jsonl")

    return edit


manifest("lists a file above", lists_another("../data.jsonl"), signs=NOTHING)
manifest("lists a file by its whole path", lists_another("/etc/hostname"), signs=NOTHING)
manifest("lists nothing", lambda said: said.update(files={}), signs=NOTHING)
manifest("another key", lambda said: said.update(more=1), signs=NOTHING)
manifest("another key in the release", lambda said: said["release"].update(more=1))
manifest("a key less in the release", lambda said: said["release"].pop("warnings"))
manifest("another time", lambda said: said.update(at="2026-05-04T12:00:00.001Z"))
manifest(
    "another project's name", lambda said: said["release"]["project"].update(name="X"), signs=FILES
)
manifest(
    "another count of events", lambda said: said.update(events=said["events"] + 1), signs=NOTHING
)
manifest("another head", lambda said: said.update(head="0" * 64), signs=NOTHING)


def release_says(name: str, edit: Callable[[dict[str, Any]], None], **how: Any) -> None:
    manifest(name, lambda said: edit(said["release"]), **how)


release_says("a number is a fraction", lambda about: about.update(guideline_revision=1.0))
release_says("a number is true", lambda about: about.update(guideline_revision=True))
release_says(
    "another count", lambda about: about["counts"].update(kept=about["counts"]["kept"] + 1)
)
release_says("counts of statuses", lambda about: about["counts"]["status"].update(unreviewed=99))
release_says("another policy", lambda about: about["policy"].update(confirmations=9))
release_says("no ranking", lambda about: about.update(scoring_run=None), names="data.jsonl")
release_says(
    "the seq before", lambda about: about.update(up_to=about["up_to"] - 1), names="data.jsonl"
)
release_says(
    "a seq to come", lambda about: about.update(up_to=about["up_to"] + 5), names="events.jsonl"
)
release_says("an old format", lambda about: about.update(format_version=1))
release_says("another label column", lambda about: about["imports"][0].update(label="text"))
release_says("no label column", lambda about: about["imports"][0].update(label=None))
release_says("another file's hash", lambda about: about["imports"][0].update(sha256="1" * 64))
release_says("fewer rows", lambda about: about["imports"][0].update(rows=3))
release_says("another separator", lambda about: about["imports"][0].update(separator=";"))
release_says("an import less", lambda about: about["imports"].pop())
release_says("rows left out", lambda about: about["spec"].update(what="changed"))
release_says("unknown options", lambda about: about["spec"].update(what="some"))


def in_bytes(name: str, file: str, edit: Callable[[bytes], bytes], **how: Any) -> None:
    simple(f"{file}: {name}", file, lambda f: f.bytes(file, edit), **how)


for file, signs in (
    ("manifest.json", NOTHING), ("labels.json", EVENT), ("given.jsonl", EVENT),
    ("events.jsonl", EVENT), ("data.jsonl", EVENT),
):  # fmt: skip
    in_bytes("a byte order mark", file, lambda c: b"\xef\xbb\xbf" + c, signs=signs, values=False)
    in_bytes("carriage returns", file, lambda c: c.replace(b"\n", b"\r\n"), signs=signs)
    in_bytes(
        "a line more",
        file,
        lambda c: c + b"\n",
        signs=NOTHING if "eve" in file else signs,
        values=False,
    )
    in_bytes("no end of line", file, lambda c: c[:-1], signs=NOTHING if "eve" in file else signs)
    in_bytes("a space", file, lambda c: c.replace(b'":', b'" :', 1), signs=signs)
in_bytes(
    "a key twice",
    "manifest.json",
    lambda c: c.replace(b'  "at"', b'  "at": "",\n  "at"', 1),
    signs=NOTHING,
)
in_bytes(
    "keys in another order",
    "manifest.json",
    lambda c: orjson.dumps(
        dict(reversed(orjson.loads(c).items())),
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    ),
    signs=NOTHING,
)


# Labels and given lines


def labels(name: str, edit: Callable[[Any], None], *, names: str = "labels.json") -> None:
    simple(f"labels: {name}", names, lambda f: f.json("labels.json", edit))


labels("renamed", lambda said: said["labels"][0].update(name="omega"))
labels(
    "names swapped",
    lambda said: said["labels"][0].update(name="beta") or said["labels"][1].update(name="alpha"),
)
labels("another code", lambda said: said["labels"][0].update(code="a"))
labels(
    "another successor", lambda said: said["labels"][0].update(replaced_by=said["labels"][1]["id"])
)
labels("one more", lambda said: said["labels"].append({**said["labels"][0], "id": 99}))
labels("another order", lambda said: said["labels"].reverse())
labels("another key", lambda said: said.update(more=[]))
labels(
    "a spelling more",
    lambda said: said["imports"][0]["written"].update(x=said["labels"][0]["id"]),
    names="manifest.json",
)
labels("an import less", lambda said: said["imports"].pop())
labels("a spelling of nothing", lambda said: said["imports"][0]["written"].update(x=99))


def given(name: str, edit: Callable[[Rows], None]) -> None:
    simple(f"given: {name}", "given.jsonl", lambda f: f.given(edit))


given("another label", lambda rows: rows[5].update(given=rows[6]["given"]))
given("another salt", lambda rows: rows[5].update(salt="00" * 16))
given("another key", lambda rows: rows[5].update(key="nobody"))
given("another row", lambda rows: rows[0].update(row=1))
given("other cells", lambda rows: rows[5].update(cells="0" * 64))
given("cells absent", lambda rows: rows[5].update(absent=[1]))
given("without its cells", lambda rows: [rows[5].pop(name) for name in ("cells", "absent")])
given("a field more", lambda rows: rows[5].update(more=1))
given("two swapped", lambda rows: rows.insert(4, rows.pop(5)))
given("one less", lambda rows: rows.pop(5))
given("one twice", lambda rows: rows.insert(5, rows[5]))
given(
    "one erased",
    lambda rows: rows.__setitem__(
        5, {"erased": "0" * 64, "example": rows[5]["example"], "row": rows[5]["row"]}
    ),
)
given(
    "another erased hash",
    lambda rows: next(r for r in rows if "erased" in r).update(erased="0" * 64),
)


# The log


def log(name: str, edit: Callable[[Rows], None], *, names: str = "events.jsonl") -> None:
    simple(f"log: {name}", names, lambda f: f.events(edit))


def of_kind(events: Rows, kind: str) -> dict[str, Any]:
    return next(event for event in events if event["kind"] == kind)


def tied(events: Rows) -> dict[str, Any]:
    """An answer that came with the answer to an identical example."""
    return next(event for event in events if "with" in event["data"])


def about(events: Rows, seq: int) -> int:
    """The example of an answer."""
    return int(events[seq - 1]["data"]["example"])


def without(events: Rows, place: int) -> None:
    """Taken out, and the rest counted anew."""
    del events[place]
    for seq, event in enumerate(events, start=1):
        event["seq"] = seq


log("two swapped", lambda events: events.insert(8, events.pop(9)))
log("one taken out", lambda events: events.pop(8))
log("the release's own event taken out", lambda events: events.pop())
log("another field", lambda events: events[8].update(more=1))
log("a field less", lambda events: events[8].pop("actor"))
log("another record format", lambda events: events[8].update(v=3))
log("an unknown kind", lambda events: of_kind(events, "epoch").update(kind="wish"))
log("a bulk event", lambda events: of_kind(events, "epoch").update(kind="bulk"))
log("no policy", lambda events: of_kind(events, "policy").update(kind="epoch"))
log("an answer of nobody", lambda events: of_kind(events, "decision").update(actor=None))
log(
    "an answer about nothing",
    lambda events: of_kind(events, "decision")["data"].update(example=999),
)
log(
    "an answer with a label that is not",
    lambda events: of_kind(events, "decision")["data"].update(labels=[999]),
)
log(
    "an undo of another's answer",
    lambda events: of_kind(events, "undo")["data"].update(example=999),
)
log(
    "an answer with none",
    lambda events: tied(events)["data"].update({"with": 999}),
)
log(
    "an answer with one of its own example",
    lambda events: tied(events)["data"].update(example=about(events, tied(events)["data"]["with"])),
)
log(
    "another file imported",
    lambda events: of_kind(events, "import")["data"].update(sha256="1" * 64),
    names="manifest.json",
)
log(
    "other lines imported",
    lambda events: of_kind(events, "import")["data"].update(lines="0" * 64),
    names="given.jsonl",
)
log(
    "another form imported",
    lambda events: of_kind(events, "import")["data"].update(form="0" * 64),
    names="manifest.json",
)
log(
    "an import without its form",
    lambda events: of_kind(events, "import")["data"].pop("form"),
    names="given.jsonl",
)
log(
    "a renamed label",
    lambda events: of_kind(events, "schema")["data"]["labels"][0].update(name="x"),
    names="labels.json",
)


def release_event(name: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """The last event is changed and the chain made anew, with nothing else."""

    def forge(f: Forger) -> None:
        f.events(lambda events: edit(events[-1]["data"]))
        f.chain()

    simple(f"release's own event: {name}", "manifest.json", forge, signs=FILES)


release_event("another checksum", lambda data: data["files"]["data.jsonl"].update(sha256="1" * 64))
release_event("a file more", lambda data: data["files"].update(x=data["files"]["data.jsonl"]))
release_event("another hash of the manifest", lambda data: data.update(manifest="0" * 64))
release_event("another number", lambda data: data.update(release=7))
release_event("other counts", lambda data: data["counts"].update(kept=0))


def body(name: str, old: bytes, new: bytes) -> None:
    """One event written in another way; what it says stays the same."""

    def forge(f: Forger) -> None:
        f.swap("events.jsonl", old, new)
        f.chain()

    simple(f"event in other bytes: {name}", "events.jsonl", forge, signs=FILES)


body("a space", b'"data":{', b'"data": {')
body("an escape", b'"kind":"policy"', b'"kind":"pol\\u0069cy"')
body("a solidus", b'"kind":"policy"', b'"kind":"pol\\/icy"')
body("a key twice", b'"kind":"policy"', b'"kind":"schema","kind":"policy"')
body("a fraction", b'"seq":1,', b'"seq":1.0,')
body("an exponent", b'"seq":1,', b'"seq":1e0,')
body("a minus", b'"revision":1', b'"revision":-0')
body("too large", b'"revision":1', b'"revision":9007199254740993')
body("a key of other letters", b'"revision":1', b'"revision":1,"r\xc3\xa9vision":1')
body("another order", b'"kind":"policy","seq":1,', b'"seq":1,"kind":"policy",')
body("a tab at the end", b"}\n", b"}\t\n")
body("a carriage return", b"}\n", b"}\r\n")
body("a blank line", b"}\n", b"}\n\n")


@forgery("log of another project", "manifest.json")
def _(f: Forger) -> None:
    shutil.copy(f.place.parent / "stranger" / "events.jsonl", f.place)


@forgery("log: the last decision taken out", "data.jsonl")
def _(f: Forger) -> None:
    f.events(lambda events: without(events, -2))
    f.about(lambda about: about.update(up_to=about["up_to"] - 1))


# The rows


def rows(name: str, edit: Callable[[Rows], None], **how: Any) -> None:
    simple(f"rows: {name}", "data.jsonl", lambda f: f.rows("data.jsonl", edit), **how)


def other(row: dict[str, Any], column: str) -> None:
    """Another of the words that may stand there."""
    words = {"label": ["alpha", "beta"], "relabel_status": ["confirmed", "unreviewed"]}
    row[column] = next(word for word in words[column] if word != row[column])


rows("another label", lambda rows: other(rows[2], "label"))
rows("another status", lambda rows: other(rows[2], "relabel_status"))
rows(
    "another given label",
    lambda rows: rows[2].update(
        relabel_given="gamma" if rows[2]["relabel_given"] != "gamma" else "beta"
    ),
)
for column in ("verdict", "reason", "by", "at", "guideline", "pending"):
    rows(
        f"another {column}",
        lambda rows, column=column: rows[0].update({f"relabel_{column}": "otherwise"}),
    )
rows("another id", lambda rows: rows[2].update(id="nobody"))
rows("another text", lambda rows: rows[2].update(text="otherwise"))
rows(
    "the same text in another form",
    lambda rows: rows[0].update(text=unicodedata.normalize("NFD", rows[0]["text"])),
)
rows("a space behind the text", lambda rows: rows[2].update(text=rows[2]["text"] + " "))
rows("texts swapped", lambda rows: rows[2].update(text=rows[3]["text"]))
rows("an empty text for none", lambda rows: rows[0].update(category=""))
rows(
    "none for an empty text",
    lambda rows: next(r for r in rows if r.get("note") == "").update(note=None),
)
rows("text in another file's column", lambda rows: rows[0].update(category="x"))
rows("another quality", lambda rows: rows[2].update(relabel_quality=0.123), values=False)
rows("another priority", lambda rows: rows[2].update(relabel_priority=0.123), values=False)
rows("too fine a quality", lambda rows: rows[2].update(relabel_quality=0.1234567))
rows("a quality that is text", lambda rows: rows[2].update(relabel_quality="0.5"))
rows("a whole number as quality", lambda rows: rows[2].update(relabel_quality=1))
rows("no quality", lambda rows: rows[2].update(relabel_quality=None), values=False)
rows("a column more", lambda rows: [row.update(relabel_more=1) for row in rows])
rows("a column more in one row", lambda rows: rows[2].update(relabel_more=1))
rows("a column less", lambda rows: [row.pop("relabel_quality") for row in rows])
rows("a column renamed", lambda rows: [row.update(words=row.pop("text")) for row in rows])
rows(
    "columns in another order",
    lambda rows: rows.__setitem__(slice(None), [dict(reversed(row.items())) for row in rows]),
)
rows("two swapped", lambda rows: rows.insert(2, rows.pop(3)))
rows("one less", lambda rows: rows.pop(3))
rows("the last one less", lambda rows: rows.pop())
rows("one twice", lambda rows: rows.append(rows[0]))
rows("none at all", lambda rows: rows.clear())


@forgery("rows: a removed one among the kept", "data.jsonl")
def _(f: Forger) -> None:
    gone: Rows = []
    f.rows("removed.jsonl", lambda rows: gone.append(rows.pop(0)))
    f.rows("data.jsonl", lambda rows: rows.append(gone[0]))


@forgery("rows: a kept one among the removed", "removed.jsonl")
def _(f: Forger) -> None:
    kept: Rows = []
    f.rows("data.jsonl", lambda rows: kept.append(rows.pop()))
    f.rows("removed.jsonl", lambda rows: rows.append(kept[0]))


@forgery("rows: another text, and its hash", "given.jsonl")
def _(f: Forger) -> None:
    another_text(f)


@forgery("rows: columns in another order, everywhere", "manifest.json")
def _(f: Forger) -> None:
    def turn(row: dict[str, Any]) -> dict[str, Any]:
        return {"text": row["text"], "id": row["id"]} | row

    f.rows("data.jsonl", lambda rows: rows.__setitem__(slice(None), map(turn, rows)))
    f.rows("removed.jsonl", lambda rows: rows.__setitem__(slice(None), map(turn, rows)))

    def edit(about: dict[str, Any]) -> None:
        for names in (about["columns"], *(one["columns"] for one in about["imports"])):
            names[:2] = ["text", "id"]

    f.about(edit)


in_bytes("an escape", "data.jsonl", lambda c: c.replace(b'"alpha"', b'"\\u0061lpha"', 1))
in_bytes("a key twice", "data.jsonl", lambda c: c.replace(b'{"id"', b'{"id":"x","id"', 1))
in_bytes("a blank line within", "data.jsonl", lambda c: c.replace(b"\n", b"\n\n", 1), values=False)
in_bytes("a number in another form", "data.jsonl", lambda c: c.replace(b":1.0,", b":1.00,", 1))


def csv(name: str, edit: Callable[[bytes], bytes], *, way: str = "csv-exact", **how: Any) -> None:
    simple(f"{way}: {name}", "data.csv", lambda f: f.bytes("data.csv", edit), way=way, **how)


csv("all quoted", lambda c: c.replace(b"id,text", b'"id",text', 1))
csv("a quoted cell", lambda c: c.replace(b",alpha,", b',"alpha",', 1))
csv("a byte order mark", lambda c: b"\xef\xbb\xbf" + c)
csv("carriage returns", lambda c: c.replace(b"\n", b"\r\n"))
csv("a line more", lambda c: c + b"\n")
csv("no end of line", lambda c: c[:-1])
csv("a column renamed", lambda c: c.replace(b"relabel_quality", b"relabel_quallty", 1))
csv("a cell more", lambda c: c.replace(b"\n", b",\n", 2))
csv("another text", lambda c: c.replace(b"mple 1,", b"mqle 1,", 1))
csv("a number in another form", lambda c: c.replace(b",1.0,", b",1.00,", 1))
csv("an apostrophe less", lambda c: c.replace(b"'=", b"=", 1), way="csv-spreadsheet")
csv("an apostrophe more", lambda c: c.replace(b",alpha,", b",'alpha,", 1), way="csv-spreadsheet")
csv("no byte order mark", lambda c: c[3:], way="csv-spreadsheet")


@forgery("csv-exact: another separator everywhere", "manifest.json", way="csv-exact")
def _(f: Forger) -> None:
    for name in ("data.csv", "removed.csv"):
        f.bytes(name, lambda content: content.replace(b",", b";"))
    f.about(lambda about: about["csv"].update(separator=";"))


def parquet(name: str, edit: Callable[[pa.Table], pa.Table], **how: Any) -> None:
    simple(f"parquet: {name}", "data.parquet", lambda f: f.table(edit, **how), way="parquet-exact")


def set_cell(column: str, row: int, value: object) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        place, values = table.schema.get_field_index(column), table[column].to_pylist()
        values[row] = value
        return table.set_column(place, table.schema.field(place), [values])

    return edit


def as_type(column: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(column)
        return table.set_column(place, column, table[column].cast(kind))

    return edit


parquet("another label", set_cell("label", 1, "omega"))
parquet("another text", set_cell("text", 1, "otherwise"))
parquet("another quality", set_cell("relabel_quality", 1, 0.123))
parquet("an empty text for none", set_cell("relabel_reason", 1, ""))
parquet("another type", as_type("text", pa.large_string()))
parquet("a number of another type", as_type("relabel_guideline", pa.int32()))
parquet("more metadata", lambda table: table.replace_schema_metadata({"secret": "x"}))
parquet("columns in another order", lambda table: table.select(table.column_names[::-1]))
parquet("a column more", lambda table: table.append_column("more", [["x"] * len(table)]))
parquet("two rows swapped", lambda table: table.take([1, 0, *range(2, len(table))]))
parquet("another compression", lambda table: table, compression="snappy")
parquet("other row groups", lambda table: table, row_group_size=3)


# A log written anew: consistent in everything


def another_text(f: Forger) -> None:
    """In the row, and in the hash of its cells."""
    changed: Rows = []

    def edit(rows: Rows) -> None:
        rows[2]["text"] = "otherwise"
        changed.append(rows[2])

    f.rows("data.jsonl", edit)
    row = changed[0]

    def bind(lines: Rows) -> None:
        line = next(line for line in lines if line.get("key") == row["id"])
        cells = [row["id"], row["text"], row["relabel_given"]]
        line["cells"] = cells_hash(line["salt"], cells)

    f.given(bind)


@forgery("another text, from the import's event on", "", into=REWRITTEN)
def _(f: Forger) -> None:
    another_text(f)
    f.bind_first_import()


@forgery("another decision, and its row", "", into=REWRITTEN)
def _(f: Forger) -> None:
    changed: Rows = []

    def decide(events: Rows) -> None:
        event = next(e for e in reversed(events) if e["kind"] == "decision" and e["data"]["labels"])
        labels = of_kind(events, "schema")["data"]["labels"]
        event["data"]["labels"] = [next(label["id"] for label in labels if label["name"] == "beta")]
        changed.append(event["data"])

    f.events(decide)
    lines = map(orjson.loads, f.path("given.jsonl").read_bytes().splitlines())
    key = next(line["key"] for line in lines if line["example"] == changed[0]["example"])
    f.rows("data.jsonl", lambda rows: next(r for r in rows if r["id"] == key).update(label="beta"))


@forgery("another quality, and the release's own event", "", into=REWRITTEN)
def _(f: Forger) -> None:
    f.rows("data.jsonl", lambda rows: rows[2].update(relabel_quality=0.123))
