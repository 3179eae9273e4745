"""L1 to L17: labels."""

from __future__ import annotations

from pathlib import Path

from tests.nasty.making import Case, Given, built, case

HEAD = "id,text,label\n"
MISSING = ("NA", "None", "null", "nan", "n/a", "N/A")
SAME = {"W303": "merge", "W304": "merge", "W306": "merge"}


def rows(*labels: str) -> str:
    return HEAD + "".join(f"{at},text {at},{label}\n" for at, label in enumerate(labels))


def with_list(*labels: str, listed: str, name: str = "labels.csv") -> object:
    def make(folder: Path) -> Given:
        (folder / "rows.csv").write_text(rows(*labels))
        (folder / name).write_text(listed)
        return Given(folder / "rows.csv", {"labels": folder / name})

    return make


NUMBERS = [f"{at}.25" for at in range(1950)]
DATES = [f"2024-01-{at % 28 + 1:02} 10:{at % 60:02}:{at // 60 % 60:02}" for at in range(100)]

LABEL_CASES: list[Case] = [
    case("L1", "a.csv", rows(*MISSING, "", "x"), "W304 E301", 7, (*MISSING, "x")),
    case(
        "L1-unlabeled", "a.csv", rows("x", "", "NA"), "W301", 3, ("x", "NA"),
        choices={"E301": "unlabeled"},
    ),
    built("L2", with_list("dog", "dgo", listed="name\ndog\ncat\n"), "E302", 1, ("dog", "cat")),
    built(
        "L2-codes",
        with_list("0", "1", "2", listed="code,name\n0,cat\n1,dog\n2,owl\n3,eel\n"),
        "",
        3,
        ("cat", "dog", "owl", "eel"),
    ),
    case("L3", "a.csv", rows("cat", "cat ", " dog"), "W303", 3, ("cat", "cat ", " dog")),
    case("L3-merge", "a.csv", rows("cat", "cat ", "dog"), "W303", 3, ("cat", "dog"), choices=SAME),
    case("L4", "a.csv", rows("Cat", "cat", "cat"), "W304", 3, ("Cat", "cat")),
    case("L4-merge", "a.csv", rows("Cat", "cat", "cat"), "W304", 3, ("cat",), choices=SAME),
    case("L5", "a.csv", rows("caf\u00e9", "cafe\u0301", "tea"), "W305", 3, ("caf\u00e9", "tea")),
    case(
        "L6",
        "a.csv",
        rows("cat", "\u0441at", "do\u200dg", "dog", "a\u00a0b"),
        "W331",
        5,
        ("cat", "\u0441at", "do\u200dg", "dog", "a\u00a0b"),
    ),
    case("L7", "a.csv", rows("True", "1", "False", "0"), "W306", 4, ("True", "1", "False", "0")),
    case(
        "L7-merge", "a.csv", rows("True", "1", "False", "0"), "W306", 4, ("True", "False"),
        choices=SAME,
    ),
    case("L8", "a.csv", rows("True", "False", "True"), "", 3, ("True", "False")),
    case(
        "L8-json", "a.jsonl", '{"text":"a b","label":true}\n{"text":"c","label":false}\n', "", 2,
        ("true", "false"),
    ),
    case("L9", "a.csv", rows("3", "4", "", "3"), "E301", 3, ("3", "4")),
    case("L10", "a.csv", rows(*NUMBERS, *NUMBERS[:50]), "W307", 2000, label="label"),
    case("L10-guessed", "a.csv", rows(*NUMBERS, *NUMBERS[:50]), "W150 W350"),
    case("L10-dates", "a.csv", rows(*DATES), "W307", 100, label="label"),
    case("L11", "a.csv", rows("x", "x", "x"), "", 3, ("x",)),
    case("L12", "a.csv", rows("x", "x", "y"), "", 3, ("x", "y")),
    case("L13", "a.csv", rows("x", "y", "z"), "", 3, ("x", "y", "z")),
    case("L14", "a.csv", rows(*(f"label {at}" for at in range(10_001))), "E305", label="label"),
    case("L14-most", "a.csv", rows(*[f"label {at}" for at in range(10_000)]), "W307", 10_000,
         label="label"),
    case("L15", "a.csv", rows("a", "b", "a|b"), "W308"),
    case("L15-list", "a.csv", HEAD + '1,x y,"[""a"",""b""]"\n2,y,c\n', "E310", 1, ("c",)),
    case("L15-json", "a.jsonl", '{"text":"a b","label":["a","b"]}\n', "W127 E310 E107"),
    case(
        "L16",
        "a.csv",
        HEAD + f'1,x,{"y" * 5000}\n2,x,"two\nlines"\n3,x,a\tb\n4,x,fine\n',
        "E309",
        1,
        label="label",
    ),
    case(
        "L17", "a.csv", rows("=cmd|' /C calc'!A0", "@SUM", "-2"), "", 3,
        ("=cmd|' /C calc'!A0", "@SUM", "-2"),
    ),
]  # fmt: skip
