"""Options of commands: a record of them is one parameter of the command that takes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Annotated, Any, get_type_hints

import typer

from app.cli.place import settings_from
from app.cli.serve import Data, Database
from app.datasets.mapping import Reading, columns_of
from app.datasets.reading_parts import PARTS, ReadingPart, said_of_reading
from app.datasets.roles import ROLES
from app.errors import Invalid
from app.settings import Settings

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the Relabel lives that a command works on."""

    data: Data = None
    database: Database = None

    def settings(self) -> Settings:
        return settings_from(self.data, self.database)


def spread(command: Command, extra: Iterable[inspect.Parameter] = ()) -> Command:
    """A command as typer reads it: each field of a record, and each extra, is an option.

    A typer command has one parameter an option; what the command is written with stays short.
    """
    signature = inspect.signature(command, eval_str=True)
    shown: list[inspect.Parameter] = []
    more: list[inspect.Parameter] = []
    records: dict[str, tuple[Any, list[str]]] = {}
    for name, parameter in signature.parameters.items():
        record = parameter.annotation
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            shown += extra  # first of the options: what the file's columns are
        elif isinstance(record, type) and is_dataclass(record):
            options = _options_of(record)
            records[name] = record, [option.name for option in options]
            more += options
        else:
            shown.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    shown += more

    def run(**given: Any) -> None:
        for name, (record, options) in records.items():
            given[name] = record(**{option: given.pop(option) for option in options})
        command(**given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]  # read
    run.__annotations__ = {one.name: one.annotation for one in shown}
    return run


def _options_of(record: type) -> list[inspect.Parameter]:
    hints = get_type_hints(record, include_extras=True)
    return [_option(one.name, hints[one.name], one.default) for one in fields(record)]


def _option(name: str, annotation: object, default: object = None) -> inspect.Parameter:
    given = inspect.Parameter.empty if default is MISSING else default
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=given
    )


def role_options() -> list[inspect.Parameter]:
    """`--text COLUMN`, `--columns A,B,C`: one option a role."""
    return [
        _option(name, Annotated[str | None, typer.Option(help=role.help)])
        for name, role in ROLES.items()
    ]


def roles_from(given: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    """The columns that were named, by role."""
    return {
        name: columns_of(value.split(",") if ROLES[name].many else value)
        for name, value in given.items()
        if value and name in ROLES
    }


def reading_options() -> list[inspect.Parameter]:
    """`--separator tab`, `--header none`: one option a part of the reading."""
    return [
        _option(
            name,
            Annotated[str, typer.Option(help=_help_of(part), show_default="found")],
            "",
        )
        for name, part in PARTS.items()
    ]


def _help_of(part: ReadingPart) -> str:
    more = f", {part.others}" if part.others else ""
    return f"{part.help}: {', '.join(part.values)}{more}."


def reading_from(given: Mapping[str, str | None]) -> Reading:
    """How the file is to be read, as far as it was said."""
    return Reading(**said_of_reading({name: given.get(name) or "" for name in PARTS}))


def choices_from(answers: Iterable[str]) -> dict[str, str]:
    """The answers that were given, by the codes of their questions."""
    said = {one: one.partition("=") for one in answers}
    for one, (code, _, choice) in said.items():
        if not (code and choice):
            raise Invalid(
                f"{one!r} is no answer: one is written CODE=ANSWER.",
                next_step="Take the code and the answer from the question, such as W303=merge.",
            )
    return {code: choice for code, _, choice in said.values()}
