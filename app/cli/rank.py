"""`relabel rank`: order labels by your own probabilities, without a database."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from app.cli.screen import say
from app.errors import Invalid
from app.ranking.queue import DEFAULT_EPS, DEFAULT_METHOD, METHODS, MOST_EPS

_COLUMNS = ("id", "rank", "priority", "label_quality", "difficulty", "suggested_label")


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
    from app.cli.rank_files import add_neighbours, ranked_rows, read_given  # loads NumPy

    given = read_given(labels, pred_probs)
    if embeddings is not None:
        given = add_neighbours(given, embeddings)
    rows = ranked_rows(given, method=method, eps=eps)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
    unranked = sum(row[1] == "" for row in rows)
    say(f"{len(rows) - unranked:,} of {len(rows):,} rows are ranked in {out}.")
    if unranked:
        say(f"{unranked:,} cannot be scored: no usable probabilities, or a label no class has.")
        say("They stand last, without a rank.")
