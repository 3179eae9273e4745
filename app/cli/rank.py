"""`relabel rank`: order labels by your own probabilities, without a database."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from app.cli.screen import errors, following, say
from app.datasets.findings import Findings
from app.errors import Failure, Invalid
from app.ranking.runs import DEFAULT_EPS, DEFAULT_METHOD, METHODS, MOST_EPS
from app.releases.durable import sync_directory, sync_file

if TYPE_CHECKING:
    from app.cli.rank_files import Given

_COLUMNS = ("id", "rank", "priority", "label_quality", "difficulty", "suggested_label")
_SEED = 0


def rank(
    labels: Annotated[Path, typer.Option(help="CSV with the columns id and label.")],
    pred_probs: Annotated[Path, typer.Option(help="NPZ with pred_probs, classes, and ids.")],
    out: Annotated[Path, typer.Option(help="CSV to write, most urgent first.")],
    method: Annotated[str, typer.Option(help="How to rank.")] = DEFAULT_METHOD,
    eps: Annotated[float, typer.Option(help="Unreliability of one review.")] = DEFAULT_EPS,
    embeddings: Annotated[
        Path | None, typer.Option(help="NPZ with embeddings and ids: neighbors are averaged in.")
    ] = None,
) -> None:
    """Rank a file of labels; needs no project and no database."""
    if method not in METHODS:
        raise Invalid(
            f"There is no way to rank called {method!r}.",
            next_step=f"Choose one of {', '.join(METHODS)}.",
        )
    if not 0 <= eps <= MOST_EPS:
        raise Invalid(f"eps lies between 0 and {MOST_EPS}.", next_step="Leave it out to use 0.2.")
    final = _place_for(out, [path for path in (labels, pred_probs, embeddings) if path])
    from app.cli.rank_files import USUAL, add_neighbours, read_given  # loads NumPy

    findings = Findings(dict(USUAL))
    with following(errors) as progress:
        progress("reading", 0, 4)
        given = read_given(labels, pred_probs, findings)
        if embeddings is not None:
            progress("neighbors", 1, 4)
            given = add_neighbours(given, embeddings, findings)
        progress("scoring", 2, 4)
        order = ranked(given, method=method, eps=eps)
        progress("writing", 3, 4)
        with _whole(final) as file:
            write_ranking(file, given, order)
    _warn(given, findings)
    say(f"{len(given.scorable):,} of {len(given.ids):,} rows are ranked in {out}.")


def _place_for(out: Path, inputs: list[Path]) -> Path:
    """Where the ranking will stand, refused before anything is computed."""
    final = out.resolve()
    if final in [path.resolve() for path in inputs]:
        raise Invalid(f"{out} is one of the inputs.", next_step="Give the ranking another name.")
    if final.exists() and not final.is_file():
        raise Invalid(f"{out} is not a file.", next_step="Name the CSV file to write.")
    if not final.parent.is_dir():
        raise Invalid(
            f"There is no directory {out.parent}.", next_step="Make it, or name another file."
        )
    return final


class Place(NamedTuple):
    """One row's place in the order: which row, and what is written of it."""

    row: int
    priority: float
    quality: float
    difficulty: float
    suggested: int


def ranked(given: Given, *, method: str, eps: float) -> list[Place]:
    """The rows that can be ranked, most urgent first; ties stand as in the file."""
    import numpy as np

    from app.scoring.methods import priority
    from app.scoring.quality import difficulty, label_quality
    from app.scoring.suggestions import suggestions

    if not len(given.scorable):
        return []
    labels, probs = given.labels[given.scorable], given.probs
    scores = priority(method, labels, probs, eps=eps, rng=np.random.default_rng(_SEED))
    order = np.argsort(-scores, kind="stable")
    columns = (
        given.scorable,
        scores,
        label_quality(labels, probs),
        difficulty(probs),
        suggestions(probs, count=1).labels[:, 0],
    )
    ordered = (column[order].tolist() for column in columns)
    return [Place(*row) for row in zip(*ordered, strict=True)]


def write_ranking(file: TextIO, given: Given, order: list[Place]) -> None:
    """One line for every row of the labels; those that are not scored last, with empty numbers."""
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    writer.writerows(
        (given.ids[at], place, score, quality, hard, given.classes[best])
        for place, (at, score, quality, hard, best) in enumerate(order, start=1)
    )
    scored = set(given.scorable.tolist())
    blank = ("",) * (len(_COLUMNS) - 1)
    writer.writerows((name, *blank) for at, name in enumerate(given.ids) if at not in scored)


@contextmanager
def _whole(final: Path) -> Iterator[TextIO]:
    """A file beside the final one that takes its name when all is written and on disk."""
    work = final.with_name(f".{final.name}.{secrets.token_hex(4)}.partial")
    try:
        with work.open("x", newline="", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        sync_file(work)
        work.replace(final)
        sync_directory(final.parent)
    except OSError as error:
        raise Failure(
            f"{final} could not be written: {error.strerror}.",
            next_step="Make room or name another place, and rank again.",
        ) from error
    finally:
        work.unlink(missing_ok=True)


def _warn(given: Given, findings: Findings) -> None:
    report = findings.report()
    for finding in (*report["warnings"], *report["questions"]):
        errors.print(f"{finding['code']} {finding['message']}", markup=False)
    for note in given.notes:
        errors.print(note, markup=False)
