"""C1 to C29: CSV and TSV."""

from __future__ import annotations

import gzip
import io
import zipfile

import zstandard

from tests.nasty.making import Case, case

HEAD = "id,text,label\n"
GOOD = HEAD + "1,one fish,a\n2,two fish,b\n"
ZEROS = gzip.compress(b"id,text,label\n1,x,a\n" + b"0" * 100_000_000, 9)


def _xlsx() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return target.getvalue()


WIDE = ",".join(f"c{number}" for number in range(100_000))
IDS = ("007", "1e5", "0x1F", "1.0")

CSV_CASES: list[Case] = [
    case("C1", "a.csv", b"\xef\xbb\xbf" + GOOD.encode(), "", 2, id="id"),
    case("C2", "a.csv", GOOD.replace("\n", "\r\n"), "", 2),
    case("C3", "a.csv", GOOD.replace("\n", "\r"), "", 2),
    case("C4", "a.csv", "id,text,label\r1,x y,a\r\n2,z,b\n3,w\n", "E110", 2),
    case("C5", "a.csv", HEAD + "1,a\0b,a\n2,c,b\n", "E101", 1),
    case("C6", "a.csv", HEAD.encode() + b"1,caf\xe9,a\n2,x,b\n", "E102"),
    case(
        "C6-chosen",
        "a.csv",
        HEAD.encode() + b"1,caf\xe9 x,a\n2,x,b\n",
        "W102",
        2,
        choices={"E102": "cp1252"},
    ),
    case("C7", "a.csv", GOOD.encode("utf-16"), "W102", 2),
    case("C8", "a.csv", GOOD.encode("utf-16-le"), "E102"),
    case("C9-semicolon", "a.csv", GOOD.replace(",", ";"), "W103", 2),
    case("C9-tab", "a.csv", GOOD.replace(",", "\t"), "W103", 2),
    case("C9-tsv", "a.tsv", GOOD.replace(",", "\t"), "", 2),
    case(
        "C10",
        "a.csv",
        "id;height;label\n1;0,5;a\n2;1,25;b\n",
        "W103 E104",
        columns=["height"],
    ),
    case("C11", "a.csv", b"", "E105"),
    case("C12", "a.csv", HEAD, "E106"),
    case("C13", "a.csv", "1,one fish,2.5\n2,two fish,3.5\n", "W107", 2, label="-"),
    case(
        "C13-data",
        "a.csv",
        "1,one fish,a\n2,two fish,b\n",
        "W107",
        2,
        choices={"W107": "data"},
        text="column 2",
        label="column 3",
        id="column 1",
    ),
    case("C14", "a.csv", "id,label,label\n1,a,b\n", "E108"),
    case("C15", "a.csv", GOOD, "E109", label="klass"),
    case("C16", "a.csv", HEAD + "1,x y\n2,z,b\n", "E110", 1),
    case("C17", "a.csv", HEAD + "1,x,a,more,more\n2,z,b\n", "E110", 1),
    case("C18", "a.csv", HEAD + "1,x,a\n2,z,b\n3,w,a,more\n4,v,b\n", "E110", 3),
    case("C19", "a.csv", HEAD + '1,x,a\n2,"z,b\n3,w,a\n4,v,b\n', "E111"),
    case("C20", "a.csv", HEAD + '1,"line\nline ""quoted""",a\n2,z,b\n', "", 2),
    case("C21", "a.csv", HEAD + f"1,{'x' * 200_000},a\n2,z,b\n", "", 2),
    case("C22", "a.csv", HEAD + f"1,{'x' * 10_000_000},a\n2,z,b\n", "E112", 1),
    case("C23", "a.csv", f"{WIDE}\n{WIDE}\n", "E113", choices={"W107": "names"}, text="c0"),
    case("C24", "a.csv", HEAD + "1,x,a\n2,y,b\n1,z,a\n", "E114", 2, id="id"),
    case("C24-guessed", "a.csv", HEAD + "1,x,a\n2,y,b\n1,z,a\n", "W150", 3),
    case("C25", "a.csv", HEAD + ",x,a\n9007199254740993,y,b\n", "E115", 1, id="id"),
    case("C25-guessed", "a.csv", HEAD + ",x,a\n9007199254740993,y,b\n", "W115", 2),
    case("C25-generate", "a.csv", HEAD + ",x,a\n2,y,b\n", "W115", 2, choices={"E115": "generate"}),
    case("C26", "a.csv", HEAD + "".join(f"{key},x,a\n" for key in IDS), "", 4),
    case("C27", "a.csv", HEAD + f"{2**64},x,a\n{10**30},y,b\n", "", 2),
    case("C28-gzip", "a.csv.gz", gzip.compress(GOOD.encode()), "", 2),
    case("C28-zstd", "a.csv.zst", zstandard.compress(GOOD.encode()), "", 2),
    case("C28-bomb", "a.csv.gz", ZEROS, "E216"),
    case("C28-cut", "a.csv.gz", gzip.compress(GOOD.encode())[:-9], "E116"),
    case("C29-xlsx", "a.csv", _xlsx(), "E136"),
    case("C29-html", "a.csv", "<!DOCTYPE html><html><body>no</body></html>", "E116"),
    case("C29-pdf", "a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "E116"),
    case("C29-pickle", "a.csv", b"\x80\x04\x95\x00", "E116"),
]
