"""J1 to J10, and Parquet: Q2 to Q6."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.nasty.making import Case, case

ROW = '{"id":"1","text":"one fish","label":"a"}\n'
LAST = '{"id":"9","text":"two fish","label":"b"}\n'
DEEP = '{"id":"2","text":"x","label":"b","more":' + "[" * 100_000 + "]" * 100_000 + "}\n"
THIRTY_THREE = '{"id":"2","text":"x","label":"b","more":' + "[" * 33 + "]" * 33 + "}\n"


def odd(field: str) -> str:
    return ROW + '{"id":"2","text":"x","label":"b",' + field + "}\n" + LAST


def parquet(table: Any, **more: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **more)
    return target.getvalue()


def small(**columns: Any) -> bytes:
    return parquet(pa.table({"text": ["a b", "c"], "label": ["x", "y"], **columns}))


def categories() -> bytes:
    words = pa.DictionaryArray.from_arrays([0, 1, 0], ["x", "y", "never"])
    return parquet(pa.table({"text": ["a", "b", "c d"], "label": words}))


def twice() -> bytes:
    return parquet(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]))


BOMB = parquet(pa.table({"text": ["x" * 10_000] * 20_000, "label": ["a"] * 20_000}))

JSON_CASES: list[Case] = [
    case(
        "J1", "a.jsonl", ROW + "\n\n" + '{"id":"2","text":"x","label":"b",}\n// no\n' + LAST,
        "E120", 2,
    ),
    case("J2", "a.json", json.dumps([json.loads(ROW), json.loads(LAST)], indent=1), "", 2),
    case(
        "J2-line", "a.jsonl",
        ROW + '{"id":"2","text":"' + "x" * (9 << 20) + '","label":"b"}\n' + LAST, "E121", 2,
    ),
    case("J3-nan", "a.jsonl", odd('"score":NaN'), "E122", 2),
    case("J3-infinity", "a.jsonl", odd('"score":-Infinity'), "E122", 2),
    case("J3-1e400", "a.jsonl", odd('"score":1e400'), "E122", 2),
    case("J3-array", "a.json", "[" + ROW + ',{"id":"2","text":NaN},' + LAST + "]", "E122", 2),
    case("J4", "a.jsonl", odd('"label":"a"'), "E123", 2),
    case("J5", "a.jsonl", ROW + DEEP + LAST, "E124", 2),
    case("J5-33", "a.jsonl", ROW + THIRTY_THREE + LAST, "E124", 2),
    case("J5-array", "a.json", f"[{ROW},{THIRTY_THREE},{LAST}]", "E124", 2),
    case("J6", "a.jsonl", odd('"size":' + "9" * 5000), "E125", 2),
    case("J7", "a.jsonl", odd('"more":"\\ud800"'), "E126", 2),
    case("J8", "a.jsonl", odd('"more":{"a":1}'), "W127 W128", 3),
    case("J8-text", "a.jsonl", ROW + '{"id":"2","text":{"en":"x"},"label":"b"}\n',
         "W127 W128 E127", 1),
    case(
        "J8-chosen", "a.jsonl", '{"id":"1","body":{"en":"one fish"},"label":"b"}\n', "W127", 1,
        text="body.en",
    ),
    case(
        "J9", "a.jsonl", '{"id":1,"text":"a b","label":"x"}\n{"id":"1b","text":"c","label":"y"}\n'
        '{"id":"3","text":"d","label":"y","extra":1}\n{"id":"4","text":"e","label":"y"}\n',
        "W128", 4,
    ),
    case("J10", "a.jsonl", odd('"more":"a\\u0000b"'), "E101", 2),
    case("Q2", "a.parquet", parquet(pa.table({"text": pa.array([], pa.string())})), "E106"),
    case("Q3-cut", "a.parquet", small()[:-30], "E131"),
    case("Q3-empty", "a.parquet", b"PAR1", "E131"),
    case("Q3-magic", "a.parquet", b"id,text\n1,this is no parquet\n", "E131"),
    case("Q4", "a.parquet", twice(), "E108"),
    case("Q5", "a.parquet", categories(), "W132", 3, ("x", "y")),
    case("Q6", "a.parquet", BOMB, "E216"),
    case("L9-parquet", "a.parquet", small(label=pa.array([3.0, None])), "W133 E301", 1, ("3",)),
    case("Q-good", "a.parquet", small(size=[1, None], ok=[True, False]), "", 2),
]  # fmt: skip
