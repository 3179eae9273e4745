"""Whether JSON that was read back has the shape that its type says. Standard library only."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict


def misfit(value: object, hint: Any, where: str = "") -> str | None:
    """Where a value is not what the type says: a field too many, one missing, another kind."""
    if hint is object or type(value) is hint:
        return None
    if is_typeddict(hint):
        return _fields(value, hint, where)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is UnionType:
        found = [misfit(value, part, where) for part in parts]
        return None if None in found else next(filter(None, found))
    if origin is list:
        return _every(value, list, parts[0], where)
    if origin is dict:
        return _every(value, dict, parts[1], where)
    nothing = value is None and hint in (None, NoneType)
    return None if nothing else f"{where or 'it'} is not as a release writes it"


def _fields(value: object, hint: Any, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where or 'it'} is no object"
    hints = _hints(hint)
    for name in sorted(value.keys() ^ hints.keys()):
        if name in value or name in hint.__required_keys__:
            return f"{_at(where, name)} is {'unknown' if name in value else 'missing'}"
    for name, item in value.items():
        if not _is_plainly(item, hints[name]):
            wrong = misfit(item, hints[name], _at(where, name))
            if wrong:
                return wrong
    return None


def _is_plainly(value: object, hint: Any) -> bool:
    """Told at once, for a million lines hold nothing else: plain values, and lists of them."""
    if type(value) is list:
        kinds = _kinds_of_items(hint)
        return bool(kinds) and all(type(item) in kinds for item in value)
    return type(value) in _kinds(hint)


@cache
def _kinds_of_items(hint: Any) -> frozenset[type]:
    return _kinds(get_args(hint)[0]) if get_origin(hint) is list else frozenset()


@cache
def _kinds(hint: Any) -> frozenset[type]:
    """The types whose every value is as the type says."""
    if get_origin(hint) is UnionType:
        return frozenset[type]().union(*map(_kinds, get_args(hint)))
    plain = hint in (str, int, bool, float, NoneType)
    return frozenset({hint}) if plain else frozenset()


@cache
def _hints(hint: Any) -> dict[str, Any]:
    return get_type_hints(hint)


def _every(value: object, kind: type, part: Any, where: str) -> str | None:
    if not isinstance(value, kind):
        return f"{where or 'it'} is no {'list' if kind is list else 'object'}"
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]  # one of the two
    return next(filter(None, (misfit(item, part, _at(where, name)) for name, item in items)), None)


def _at(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)
