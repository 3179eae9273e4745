"""How well the queue is ordered: ``python -m bench.ranking``.

Not part of the test suite. Prints tables, then the same as JSON.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from app.ranking.encoders.registry import PICTURES, is_installed
from bench.ranking import batches, detection, loop, pictures, pipeline, relabelling, stopping
from bench.ranking.cases import data_folder
from bench.ranking.methods import COMPARED, methods
from bench.ranking.tables import Bar, Cell, table

QUICK_DRAWS = 4
RELABELLING_BARS = (Bar("0.82", "0.90"), Bar("0.77", "0.86"), Bar("0.80", "0.88"))
DETECTION_BARS = {
    "share": Bar("0.835", "0.87"),
    "auroc": Bar(),
    "average_precision": Bar(),
    "precision": Bar(),
}
BATCHES_BAR = Bar("0.87", "0.93")
STOPPING_BARS = {
    "area": Bar("0.98", "1.25"),
    "accuracy": Bar(),
    "reads": Bar(),
    "broken": Bar(aim="<= 0.003"),
    "broken_early": Bar(aim="<= 0.003"),
}
LOOP_BARS = {
    "put_right": Bar(),
    "share": Bar(),
    "over_the_best_lever": Bar("1.000", "1.050"),
    "broken": Bar(aim="<= 0.003"),
    "examples": Bar(),
}
PIPELINE_LEAD = 0.05


def relabel(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    draws = QUICK_DRAWS if asked.quick else relabelling.DRAWS
    rows = list(relabelling.evaluate(methods(asked.methods), draws=draws))
    for place, bar in enumerate(RELABELLING_BARS):
        title = f"A relabelling, share of oracle area, {relabelling.BUDGETS[place]:g} x errors"
        show(title, [Cell(row.case, row.method, row.shares[place]) for row in rows], bar)
    yield from map(asdict, rows)


def detect(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rows = list(detection.evaluate(methods(asked.methods)))
    for measure, bar in DETECTION_BARS.items():
        cells = [Cell(row.case, row.method, getattr(row, measure)) for row in rows]
        show(f"B detection, {measure.replace('_', ' ')}", cells, bar)
    yield from map(asdict, rows)


def review_in_batches(_asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rows = list(batches.evaluate())
    cells = [Cell(row.case, row.way, row.share) for row in rows]
    show("C batches, share of oracle area", cells, BATCHES_BAR)
    yield from map(asdict, rows)


def stop(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    draws = QUICK_DRAWS if asked.quick else relabelling.DRAWS
    rows = list(stopping.evaluate(draws=draws))
    for measure, bar in STOPPING_BARS.items():
        cells = [Cell(row.case, row.rule, getattr(row, measure)) for row in rows]
        show(f"D stopping, {measure.replace('_', ' ')}", cells, bar, form=".4f")
    yield from map(asdict, rows)


def close_the_loop(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rows = list(loop.evaluate(draws=1 if asked.quick else loop.DRAWS))
    best = {
        row.case: max(
            other.put_right
            for other in rows
            if other.case == row.case and other.way in loop.SINGLE_LEVERS
        )
        for row in rows
    }
    measured = [
        asdict(row) | {"over_the_best_lever": row.put_right / best[row.case]} for row in rows
    ]
    for measure, bar in LOOP_BARS.items():
        cells = [Cell(row["case"], row["way"], row[measure]) for row in measured]
        show(f"E loop, {measure.replace('_', ' ')}", cells, bar, form=".4g")
    yield from measured


def start_from_texts(_asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rows = list(pipeline.evaluate())
    usual = fmean(row.share for row in rows if row.pipeline == pipeline.USUAL)
    seconds = fmean(row.seconds for row in rows if row.pipeline == pipeline.USUAL)
    for measure, bar in (
        ("share", Bar(f"> {usual:.3f}", f"{usual + PIPELINE_LEAD:.3f}")),
        ("seconds", Bar(aim=f"<= {seconds:.1f}")),
        ("cpu_seconds", Bar()),
    ):
        cells = [Cell(row.case, row.pipeline, getattr(row, measure)) for row in rows]
        show(f"F texts alone, {measure}", cells, bar)
    yield from map(asdict, rows)


def start_from_pictures(_asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if not is_installed(PICTURES):
        print("G: skipped: the encoder is not installed")
        return
    rows = list(pictures.evaluate())
    for measure in ("share", "auroc", "cpu_seconds"):
        cells = [Cell(row.case, row.pipeline, getattr(row, measure)) for row in rows]
        show(f"G pictures alone, {measure}", cells, Bar())
    yield from map(asdict, rows)


PROTOCOLS: dict[str, Callable[[argparse.Namespace], Iterator[dict[str, Any]]]] = {
    "A": relabel,
    "B": detect,
    "C": review_in_batches,
    "D": stop,
    "E": close_the_loop,
    "F": start_from_texts,
    "G": start_from_pictures,
}
QUICK_TO_RUN = ("A", "B", "C", "D")


def show(title: str, cells: Sequence[Cell], bar: Bar, *, form: str = ".3f") -> None:
    print(table(title, cells, bar, form=form), end="\n\n", flush=True)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(","))


def arguments(line: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ranking")
    parser.add_argument("--only", type=_names, default=QUICK_TO_RUN, help="as in A,B")
    parser.add_argument(
        "--loop", dest="only", action="store_const", const=("E",), help="the same as --only E"
    )
    parser.add_argument("--methods", type=_names, default=COMPARED, help="as in vpv,phi")
    parser.add_argument("--quick", action="store_true", help="few draws")
    asked = parser.parse_args(line)
    if set(asked.only) - set(PROTOCOLS):
        parser.error(f"--only takes {', '.join(PROTOCOLS)}")
    try:
        methods(asked.methods)
    except ValueError as refusal:
        parser.error(str(refusal))
    return asked


def main() -> None:
    asked = arguments()
    if not data_folder().is_dir():
        print("skipped: no data")
        return
    measured = {}
    for protocol in asked.only:
        begun = time.perf_counter()
        try:
            measured[protocol] = list(PROTOCOLS[protocol](asked))
        except FileNotFoundError:
            print(f"{protocol}: skipped: no data", end="\n\n")
            continue
        print(f"{protocol}: {time.perf_counter() - begun:.1f} s", end="\n\n")
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
