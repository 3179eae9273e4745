"""`relabel labels`: what the labels page does, at the console."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.actions.labels import (
    add_from_console,
    change_from_console,
    merge_from_console,
    restore_from_console,
    retire_from_console,
    split_from_console,
)
from app.cli.options import Place, spread
from app.cli.place import existing_database
from app.cli.screen import say
from app.datasets.label_changes import LabelChange
from app.datasets.labels import NewLabel, label_named, labels_of
from app.datasets.projects import project_named
from app.db.engine import reading, writing
from app.db.tables.datasets import Label
from app.errors import Invalid
from app.insights.by_key import examples_by_key
from app.insights.label_counts import label_counts, touched_by_merge
from app.review.batches.picking import may_be_asked

Named = Annotated[str, typer.Argument(help="Project, by its name or its address.")]
Name = Annotated[str, typer.Argument(metavar="label", help="Label, as files or screens write it.")]
Meaning = Annotated[str | None, typer.Option(help="What it means.")]
Preview = Annotated[bool, typer.Option("--preview", help="Say what it would do, and do nothing.")]

labels = typer.Typer(
    help="See the labels of a project; rename, merge, split, retire and restore them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def listed(project: Named, place: Place) -> None:
    """Say how many examples came with each label, ended with it, and wait to be reviewed."""
    with existing_database(place.settings()) as engine, reading(engine) as session:
        project_id = project_named(session, project).id
        counts, every = label_counts(session, project_id), labels_of(session, project_id)
        gone = [one for one in labels_of(session, project_id, retired=True) if one.retired_at]
        lines = [_line(one, counts.given, counts.final, counts.unread) for one in every]
        lines += [_retired_line(session, one) for one in gone]
    for line in lines or ["No label yet."]:
        say(line)


def _line(label: Label, given: Counter[int], final: Counter[int], unread: Counter[int]) -> str:
    shown = f" (shown as {label.shown})" if label.shown != label.name else ""
    numbers = f"given {given[label.id]:,}, final {final[label.id]:,}"
    return f"{label.name}{shown}: {numbers}, not reviewed {unread[label.id]:,}"


def _retired_line(session: Session, label: Label) -> str:
    new = session.get(Label, label.current_id) if label.current_id else None
    return f"{label.name}: retired" + (f", now {new.name}" if new is not None else "")


def add(
    project: Named,
    name: Annotated[str, typer.Argument(help="Name, as files will write it.")],
    place: Place,
    description: Meaning = None,
) -> None:
    """Add a label that examples may be given from now on."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        made = add_from_console(session, project, NewLabel(name, description=description or ""))
        say(f"{made.name} is a label of {project} now.")


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    display: Annotated[
        str | None, typer.Option("--name", help="Name on screens; files keep its own.")
    ] = None
    description: Meaning = None
    synonyms: Annotated[
        str | None, typer.Option(help="Other words for it, with commas between.")
    ] = None
    key: Annotated[str | None, typer.Option(help="Its key at the desk.")] = None

    def wanted(self) -> LabelChange:
        words = None if self.synonyms is None else self.synonyms.split(",")
        return LabelChange(self.display, self.description, words, self.key)


def change(project: Named, label: Name, options: ChangeOptions, place: Place) -> None:
    """Change what screens call a label, what it means, its other words, its key."""
    wanted = options.wanted()
    if not wanted.said():
        raise Invalid(
            "Nothing is to be changed.",
            next_step="Say --name, --description, --synonyms or --key.",
        )
    with existing_database(place.settings()) as engine, writing(engine) as session:
        changed = change_from_console(session, project, label, wanted)
        say(f"{changed.name} is shown as {changed.shown}.")


@dataclass(frozen=True, slots=True)
class MergeOptions:
    into: Annotated[str, typer.Option(help="Label that stands for it from now on.")]
    preview: Preview = False


def merge(project: Named, label: Name, options: MergeOptions, place: Place) -> None:
    """Retire a label into another one: all that carries it counts as that one from now on."""
    with existing_database(place.settings()) as engine:
        if options.preview:
            with reading(engine) as session:
                say(_would_merge(session, project, label, options.into))
            return
        with writing(engine) as session:
            merge_from_console(session, project, label, options.into)
    say(f"{label} counts as {options.into} from now on; `relabel labels restore` brings it back.")


def _would_merge(session: Session, project: str, label: str, into: str) -> str:
    project_id = project_named(session, project).id
    old, new = (label_named(session, project_id, one) for one in (label, into))
    told = touched_by_merge(session, project_id, old.id)
    return (
        f"{old.name} would count as {new.name}: {told.examples:,} examples, {told.decided:,} of "
        f"them decided, {told.answers:,} answers, {told.open_reads:,} open reads. Nothing is "
        "changed yet."
    )


@dataclass(frozen=True, slots=True)
class SplitOptions:
    examples: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="File of their ids, one a line.")
    ]
    description: Meaning = None
    preview: Preview = False


def split(
    project: Named,
    label: Name,
    name: Annotated[str, typer.Argument(metavar="new", help="Name of the new label.")],
    options: SplitOptions,
    place: Place,
) -> None:
    """Add a label for some of another one's examples, and a batch that asks which have it."""
    keys = _lines(options.examples)
    with existing_database(place.settings()) as engine:
        if options.preview:
            with reading(engine) as session:
                say(_would_split(session, project, label, keys))
            return
        with writing(engine) as session:
            new = NewLabel(name, description=options.description or "")
            made = split_from_console(session, project, label, new, keys)
            asked = f"Batch {made.batch.number} asks about {made.batch.size:,} examples"
    say(f"{asked}: {label}, or {name}?{_elsewhere(made.left)}")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text.", next_step="Write one id a line.") from None


def _would_split(session: Session, project: str, label: str, keys: list[str]) -> str:
    project_id = project_named(session, project).id
    old = label_named(session, project_id, label)
    ids = examples_by_key(session, project_id, keys)
    asked = may_be_asked(session, project_id, ids)
    left = _elsewhere(len(ids) - len(asked))
    would = f"A batch would ask about {len(asked):,} examples of {old.name}."
    return f"{would}{left} Nothing is changed yet."


def _elsewhere(left: int) -> str:
    return f" {left:,} more are read, or waiting, elsewhere already." if left else ""


def retire(project: Named, label: Name, place: Place) -> None:
    """Take a label out of use that no example and no answer carries."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        retire_from_console(session, project, label)
    say(f"{label} is retired; `relabel labels restore` brings it back.")


def restore(project: Named, label: Name, place: Place) -> None:
    """Bring a retired label back; an estimate that began since begins anew."""
    with existing_database(place.settings()) as engine, writing(engine) as session:
        restored = restore_from_console(session, project, label)
        say(f"{restored.name} is in use again; what carried it carries it again.")


labels.command("list")(spread(listed))
for _command in (add, change, merge, split, retire, restore):
    labels.command(_command.__name__)(spread(_command))
