"""docs/errors.md: every code, its status, what it says, what to do."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import app
from app.cli.main import EXIT_CODES
from app.datasets.codes import CODES
from app.datasets.severity import Severity
from app.errors import Failure
from app.web.failures import STATUS
from docs.generate.failures import (
    GAP,
    Kinds,
    Site,
    constants_of,
    kinds_of,
    sites_of,
    spoken_codes,
    trees,
)
from docs.generate.tables import page, table

OF_A_FILE = re.compile(r"[EW]\d{3}")
NO_WORDS = "(names what was found)"

ADVICE = {
    "Failure": "Read what it says. The log of the process has the rest.",
    "NotFound": "Check the address. If it should be there, ask a lead whether you are a member.",
    "Gone": "Put it back from a backup of the data directory, or import the same file again.",
    "SignInNeeded": "Sign in, or send a token that still holds.",
    "WrongPassword": "Try again, or ask a lead for a link to set a new password.",
    "Forbidden": "Ask somebody who has the role.",
    "Invalid": "Correct what is named, and send it again.",
    "Conflict": "Look at it again, then repeat what you did.",
    "DataProblem": "Mend the file, then try again.",
    "TooMany": "Wait as long as `Retry-After` says, then try again.",
    "TooLarge": "Send less at once.",
    "TooSlow": "Check the connection, then send it again.",
    "Malformed": "Send the request as api.md describes it.",
    "WrongMedia": "Send JSON, with `Content-Type: application/json`.",
    "WrongMethod": "Use a method that api.md names for this address.",
    "Busy": "Wait a moment and try again.",
    "DatabaseAway": "Wait a moment and try again; start the database if it stays away.",
    "DiskFull": "Make room on the disk, then try again.",
    "NotWritable": "Let the user that runs Relabel write there, or name another place.",
    "DatabaseDamaged": "Stop Relabel and put back the newest backup.",
    "Broken": "Try again. If it fails again, tell an admin the reference.",
    "UnsafeConfiguration": "Make it safe, or accept the risk with the option that is named.",
    "DirectoryInUse": "Use the Relabel that runs there, or stop it first.",
}
"""What to do where the message itself does not say it, by kind."""

SEVERITIES = {
    Severity.STOP: "stops the import",
    Severity.ROW: "leaves out the row",
    Severity.CHOICE: "asks a question",
    Severity.WARNING: "is a warning",
}

INTRO = """\
Every failure that is expected has a **code**. The code never changes its meaning; the words may.

- **API**: the answer is `application/problem+json` with `code`, `title`, `detail` (what happened),
  `next_step` (what to do) and `reference` (find it in the log of the web process). Some codes add
  fields, such as `problems`.
- **Pages** show the same words. **Commands** print them and end with an exit code.
- `…` below stands for a name or a number that is filled in. A kind without HTTP happens on the
  command line alone.
"""

FILES = """\
What the check of a file can find. These codes stand in the report of an import and of a pushed
array (`stops`, `questions`, `problems`, `warnings`), on the page of the import, and in the output
of `relabel import`, `relabel push` and `relabel rank`. A command that stops on one ends with 65.
"""

MESSAGES = """\
These stand at the beginning of a message: on a page, in `message` of a job or an import, or in the
output of a command.
"""


def errors_page() -> str:
    modules = trees(Path(app.__file__ or "").parent)
    constants = constants_of(modules.values())
    kinds = kinds_of(modules, constants)
    sites = [site for site in sites_of(modules, kinds, constants) if site.code]
    by_code: dict[str, list[Site]] = {}
    for site in sites:
        if not OF_A_FILE.fullmatch(site.code or ""):
            by_code.setdefault(site.code or "", []).append(site)
    return page(
        "Errors",
        INTRO.splitlines(),
        ["", "## Kinds", "", "What to do where the message does not say it.", ""],
        table(("kind", "HTTP", "exit code", "what to do"), _kinds(kinds, sites)),
        ["## Codes", ""],
        (line for code in sorted(by_code) for line in _code(code, by_code[code], kinds)),
        ["## Codes of files", "", *FILES.splitlines(), ""],
        table(("code", "it", "says", "what to do"), _of_files()),
        ["## Codes in messages", "", *MESSAGES.splitlines(), ""],
        table(("code", "says"), _of_messages(spoken_codes(modules))),
    )


def _class(kind: str, kinds: Kinds) -> type[Failure]:
    found: type[Failure] = getattr(importlib.import_module(kinds[kind].module), kind)
    return found


def status(kind: str, kinds: Kinds) -> int | None:
    """None for what happens on the command line alone."""
    return next((STATUS[one] for one in _class(kind, kinds).__mro__ if one in STATUS), None)


def _exit_code(kind: str, kinds: Kinds) -> int:
    return next(code for one, code in EXIT_CODES if issubclass(_class(kind, kinds), one))


def advice(kind: str, kinds: Kinds) -> str:
    """Of the kind itself, or of what it is a case of."""
    return ADVICE.get(kind) or advice(kinds[kind].parent, kinds)


def _kinds(kinds: Kinds, sites: Sequence[Site]) -> list[tuple[str, ...]]:
    made = {site.kind for site in sites}
    rows = {
        (
            _class(kind, kinds).title,
            str(status(kind, kinds) or "none"),
            str(_exit_code(kind, kinds)),
            advice(kind, kinds),
        )
        for kind in made
    }
    return sorted(rows)


def _code(code: str, sites: Sequence[Site], kinds: Kinds) -> Iterator[str]:
    answers = {(status(site.kind, kinds), _class(site.kind, kinds).title) for site in sites}
    said = [f"HTTP {one}: {title}." if one else f"{title}." for one, title in answers]
    yield from (f"### `{code}`", "", " ".join(sorted(said)), "")
    yield from table(("it says", "what to do"), _words(sites, kinds))


def _words(sites: Sequence[Site], kinds: Kinds) -> list[tuple[str, str]]:
    told = [site for site in sites if site.says] or list(sites)
    rows = {
        (says, do)
        for site in told
        for says in site.says or (NO_WORDS,)
        for do in site.do or (advice(site.kind, kinds),)
    }
    return sorted(rows)


def _of_files() -> Iterable[tuple[str, ...]]:
    for code, found in sorted(CODES.items()):
        words = (re.sub(r"\{\w+\}", GAP, text) for text in (found.sentence, found.fix))
        yield (f"`{code}`", SEVERITIES[found.severity], *words)


def _of_messages(spoken: dict[str, set[str]]) -> Iterable[tuple[str, str]]:
    for code, texts in sorted(spoken.items()):
        says = sorted(text.rstrip(GAP + " ") for text in texts if text.strip(GAP + " "))
        yield f"`{code}`", says[0] if says else NO_WORDS


def every_code() -> set[str]:
    """For the tests: what errors.md has to name."""
    modules = trees(Path(app.__file__ or "").parent)
    constants = constants_of(modules.values())
    sites = sites_of(modules, kinds_of(modules, constants), constants)
    return {site.code for site in sites if site.code} | set(CODES) | set(spoken_codes(modules))
