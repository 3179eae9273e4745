"""Verifies a CSV or JSONL release; written from docs/releases.md alone, standard library only."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import pack, unpack
from unicodedata import normalize

KINDS = "policy schema import epoch decision adjudicate undo redo reopen erase skip refer release"
KINDS += " withdraw bulk resume"
ADDED = "label given status verdict reason by at quality priority guideline pending"
FLOATS = {"halffloat": "e", "float": "f", "double": "d"}
FINAL, CHANGED = {"confirmed", "relabeled", "removed"}, {"relabeled", "removed"}


def need(fine, what):
    if not fine:
        raise ValueError(what)


def written(said, **how):
    return json.dumps(said, ensure_ascii=False, sort_keys=True, **how).encode()


def canonical(said):
    return written(said, separators=(",", ":"))


def whole_number(text):
    need(abs(int(text)) < 2**53, f"{text} is not exact")  # of a fraction, int() makes an error
    return int(text)


def parsed(path, lines=True):
    """What each line says, or the whole file, and its bytes: only one way to write it is right."""
    numbers = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), whole_number)
    *pieces, end = path.read_bytes().split(b"\n") if lines else (path.read_bytes(), b"")
    need(end == b"", f"{path.name}: the last line is not whole")
    for piece in pieces:
        said = json.loads(piece, **numbers)
        right = canonical(said) if lines else written(said, indent=2) + b"\n"
        need(right == piece, f"{path.name}: not in its own bytes: {piece[:80]}")
        yield said, piece


class Letters(str):
    """A number as it was written."""


def letters(said):
    """Compact JSON, numbers in their letters."""
    if isinstance(said, dict):
        return "{" + ",".join(f"{letters(k)}:{letters(v)}" for k, v in said.items()) + "}"
    if isinstance(said, list):
        return "[" + ",".join(map(letters, said)) + "]"
    return str(said) if isinstance(said, Letters) else json.dumps(said, ensure_ascii=False)


def text_of(said):
    """A value of a row as text."""
    return "" if said is None else str(said) if isinstance(said, str) else letters(said)


def rows_of(path, about, columns):
    """The texts of each row, scores with six decimals: held against the hash of the values."""
    safe, scores = about["spec"]["flavour"] == "spreadsheet", [about["added"]["quality"]]
    values, scores = sha256(canonical(columns) + b"\n"), [*scores, about["added"]["priority"]]
    with path.open(encoding="utf-8-sig" if safe else "utf-8", newline="") as file:
        if about["csv"]:
            lines = csv.reader(file, delimiter=about["csv"]["separator"], strict=True)
            named, *rows = [[text.removeprefix("'" * safe) for text in line] for line in lines]
            need(named == header(about, columns), f"the header {named}")
            rows = [(columns, line) for line in rows]
        else:
            lines = [json.loads(line, parse_int=Letters, parse_float=Letters) for line in file]
            rows = [([*line], [text_of(said) for said in line.values()]) for line in lines]
    for there, texts in rows:
        row = dict.fromkeys(columns, "") | dict(zip(there, texts, strict=True))
        row |= {name: f"{float(row[name]):.6f}" for name in scores if row[name]}
        values.update(canonical(list(row.values())) + b"\n")
        need([*row] == columns, f"columns of {row}")
        yield row, there
    need(values.hexdigest() == about["values"][path.name], f"{path.name}: values")


def header(about, columns):
    """The columns' names as their file has them."""
    names = {}
    for said in about["imports"]:
        mended = said.get("writing", {}).get("header", said["columns"])
        names = dict(zip(said["columns"], mended, strict=True)) | names
    return [names.get(name, name) for name in columns]


def forms(text, kind):
    """What a label may have been read as."""
    if not kind:
        return {text}
    return {text, text.title(), text.removesuffix(".0")} | set(
        json.loads(text) if kind == "list" else []
    )


def fits(kind, text):
    """Whether a label can be written in a column of this kind."""
    if kind == "list":
        return True
    if kind in ("boolean", "bool"):
        return text.lower() in ("true", "false")
    fraction = r"(\.\d+)?([eE][-+]?\d+)?" if kind in ("number", *FLOATS) else ""
    return re.fullmatch(r"-?(0|[1-9]\d*)" + fraction, text) is not None


def as_kind(kind, text):
    """How a changed label is written there, as text."""
    if kind == "list":
        return canonical([text]).decode()
    if kind in FLOATS:
        return repr(unpack(FLOATS[kind], pack(FLOATS[kind], float(text)))[0])
    return text.lower() if kind in ("boolean", "bool") else text


def time_text(at):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fold(given, events, follow):
    """Status, labels, reason, deciding and pending event of one example; if a bulk fix's stand."""
    answers = {e["seq"]: e["data"] for e in events if e["kind"] in ("decision", "adjudicate")}
    out, gone, change = set(), set(), None
    for e in events:
        if e["kind"] in ("undo", "redo"):
            (out.add if e["kind"] == "undo" else out.discard)(e["data"]["decision"])
    for seq, data in answers.items():
        while seq not in out and (data := answers.get(before := data["supersedes"])):
            gone.add(before)
    came = stands = follow(given)
    state = new = ("unreviewed", came, None, None, None)
    for e in events:
        if e["kind"] == "erase":
            return ("erased", [], None, None, None, False)
        if e["kind"] == "bulk" and state[0] == "unreviewed":
            state = new = ("unreviewed", stands := follow(e["data"]["labels"]), *new[2:])
        state = new if e["kind"] == "reopen" else state
        if e["seq"] not in answers or e["seq"] in out | gone:
            continue
        data, pending, once = e["data"], state[4], e["confirmations"] == 1
        what = stands if data["verdict"] == "confirm" else follow(data["labels"])
        what = None if data["verdict"] == "remove" else what  # None: removed
        word = "removed" if what is None else "confirmed" if what == came != [] else "relabeled"
        final, sure = (word, what or stands, data["reason"], e, None), once or what == stands
        if e["kind"] == "adjudicate":
            state = final
        elif data["read"] == "late" or state[0] in FINAL | {"disagreement"}:
            continue
        elif pending is None or pending["actor"] == e["actor"]:
            state, change = final if sure else ("pending", *new[1:4], e), what
        elif not once and what == change:
            state = (*final[:2], pending["data"]["reason"], e, None)
        else:
            state = final if sure else ("disagreement", *new[1:])
    return (*state, stands != came and state[0] not in FINAL)


def verify(directory, head=None):
    """Raises an exception at the first thing that is wrong."""
    files, link, log, confirmations = {}, bytes(32), [], None
    for path in directory.iterdir():
        need(path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1, path.name)
        content = path.read_bytes()
        files[path.name] = {"sha256": sha256(content).hexdigest(), "size": len(content)}
    [(manifest, _)] = parsed(directory / "manifest.json", lines=False)
    about = manifest["release"]
    need(files.pop("manifest.json") and files == manifest["files"], "files or checksums")
    for e, line in parsed(directory / "events.jsonl"):
        link = sha256(link + line).digest()
        need(set(e) == {"actor", "at", "data", "kind", "seq", "v"}, "an event's fields")
        need(e["seq"] == len(log) + 1 and e["v"] in (1, 2) and e["kind"] in KINDS.split(), "event")
        e["confirmations"] = confirmations = e["data"].get("confirmations", confirmations)
        log.append(e)
    need(link.hex() == manifest["head"] and head in (None, link.hex()), "another log")
    own, log = log[-1], log[: min(log[-1]["data"]["up_to"], len(log) - 1)]
    del files["events.jsonl"]
    bound = {"release": about["number"], "run": about["scoring_run"], "up_to": about["up_to"]}
    bound |= {"manifest": sha256(written(about, indent=2) + b"\n").hexdigest()}
    bound |= {"counts": check_rows(directory, about, log), "files": files}
    need(canonical(own["data"]) == canonical(bound), "the release's own event")
    need(about["up_to"] < own["seq"] and about["format_version"] == 3, "up_to or version")
    told = (manifest["events"], manifest["at"], about["policy"], about["record_format"])
    policy = {"confirmations": log[-1]["confirmations"]}
    need(told == (own["seq"], time_text(own["at"]), policy, own["v"]), "the manifest")


def check_rows(directory, about, log):
    """What the manifest should count, if every row is what the log makes of it."""
    [(labels, _)] = parsed(directory / "labels.json", lines=False)
    schemas = [e["data"]["labels"] for e in log if e["kind"] == "schema"]
    need(labels["labels"] == schemas[-1], "labels.json")
    named, statuses, left = {one["id"]: one for one in schemas[-1]}, {}, {}
    added, columns = about["added"], [c for said in about["imports"] for c in said["columns"]]
    columns = [*dict.fromkeys(columns), *(added[n] for n in ADDED.split() if n in added)]
    rows = {name: rows_of(directory / name, about, columns) for name in about["values"]}
    gone = {e["data"]["import"] for e in log if e["kind"] == "withdraw"}
    imports = [e for e in log if e["kind"] == "import" and e["data"]["import"] not in gone]
    given = parsed(directory / "given.jsonl")

    def follow(listed):
        after = {named[label]["replaced_by"] or label for label in listed}
        return sorted(after) if after == set(listed) else follow(after)

    for e, said, spelled in zip(imports, about["imports"], labels["imports"], strict=True):
        spell, digest = spelled["written"], sha256()
        form = {n: said[n] for n in ("columns", "id", "label", "separator", "writing") if n in said}
        form["written"] = sorted([text, label] for text, label in spell.items())
        writing = said.get("writing", {})
        kind, sparse = writing.get("label_type"), writing.get("values") == "json"
        sparse = sparse and about["spec"]["format"] == "jsonl"
        facts = said | {"form": sha256(canonical(form)).hexdigest(), "lines": e["data"]["lines"]}
        facts = {n: facts[n] for n in ("import", "rows", "left_out", "sha256", "lines", "form")}
        need((facts, said["seq"]) == (e["data"], e["seq"]), "an import")
        codes = [t for t, n in spell.items() if t == named[n]["code"] != named[n]["name"]]

        def text(listed, coded=codes or not spell):
            label = named[listed[0]] if listed else {"name": "", "code": ""}
            return (coded and label["code"]) or label["name"]

        answers = [e["data"] for e in log if e["kind"] in ("decision", "adjudicate", "bulk")]
        need({d["with"] for d in answers if "with" in d} <= {e["seq"] for e in log}, "a copy")
        known = follow([*spell.values(), *(label for data in answers for label in data["labels"])])
        typed = kind and all(fits(kind, text([label])) for label in known)
        for _ in range(said["rows"]):
            line, raw = next(given)
            own = [e for e in log if e["data"].get("example") == line["example"]]
            status, final, reason, last, pending, bulk = fold(line.get("given", []), own, follow)
            statuses[status] = statuses.get(status, 0) + 1
            salt = bytes.fromhex(line.get("salt", ""))
            digest.update(bytes.fromhex(line.get("erased") or sha256(salt + raw).hexdigest()))
            if status == "erased" or "erased" in line:
                need(own[-1]["data"].get("line") == line["erased"], "an erased line")
                continue
            wanted = {"all": {status}, "final": FINAL, "changed": CHANGED}[about["spec"]["what"]]
            if status not in wanted or (status == "unreviewed" and not about["spec"]["unreviewed"]):
                why = "unchanged" if status == "confirmed" else status
                left[why] = left.get(why, 0) + 1
                continue
            stem = "removed." if status == "removed" else "data."
            row, there = next(rows[stem + about["spec"]["format"]])
            cells = [row[added["given"] if c == said["label"] else c] for c in said["columns"]]
            cells = [None if n in line["absent"] and not c else c for n, c in enumerate(cells)]
            nothing = "null" if writing.get("values") == "json" else "NaN"
            cells = [
                [c or nothing] if n in line.get("json", []) else c for n, c in enumerate(cells)
            ]
            need(sha256(salt + canonical(cells)).hexdigest() == line["cells"], f"the text of {row}")
            came = text(line["given"]) if said["label"] is None else row[added["given"]]
            read = forms(came, writing.get("label_type"))
            meant = {spell[form] for form in read if form in spell}
            need(text(line["given"]) in read or meant == {*line["given"]}, f"given: {row}")
            own = came and {named[line["given"][0]][n] for n in ("name", "code")}
            merged = not came or any(normalize("NFC", form) in own for form in read)
            as_came = status == "removed" or final == line["given"]
            shown = came if as_came and merged else text(line["given"] if as_came else final)
            if typed and shown and not (as_came and merged):
                shown = as_kind(kind, shown)
            if sparse:
                keys = [n for n in range(len(cells)) if n not in line["absent"]]
                need(sorted(line.get("order", keys)) == keys, "the order of a row")
                keys = [said["columns"][n] for n in line.get("order", keys)]
                keys += [said["label"]] if shown and said["label"] not in [*keys, None] else []
                need(there == [*keys, *columns[len(about["columns"]) :]], f"the columns of {there}")
            else:
                need(there == columns, f"the columns of {there}")
            told = {"label": "", "given": came, "status": status, "reason": reason}
            told |= {} if about["scoring_run"] else {"quality": "", "priority": ""}
            told |= {"by": last and last["actor"], "at": last and time_text(last["at"])}
            told |= {name: last and str(last["data"][name]) for name in ("verdict", "guideline")}
            told |= {"verdict": "bulk"} if bulk else {}
            what = pending and (pending["data"]["reason"] or text(pending["data"]["labels"]))
            told["pending"] = pending and f"{pending['data']['verdict']}: {what}"
            right = {added[name]: cell or "" for name, cell in told.items() if name in added}
            right |= dict.fromkeys({*about["columns"]} - {*said["columns"]}, "")
            right[said["label"] or added["label"]] = shown
            need(row == row | right, f"{row} should say {right}")
        need(digest.hexdigest() == e["data"]["lines"], "lines of given.jsonl")
    need(not [*given, *(row for file in rows.values() for row in file)], "a line or row too many")
    counts = {name: statuses.get(name, 0) for name in ("removed", "erased")}
    counts |= {"imported": sum(statuses.values()), "left_out": left, "status": statuses}
    counts["left_out_at_import"] = sum(said["left_out"] for said in about["imports"])
    counts["in_file"] = counts["imported"] + counts["left_out_at_import"]
    counts["kept"] = counts["imported"] - counts["removed"] - counts["erased"]
    return counts | {"rows": counts["kept"] - sum(left.values())}
