"""Statements of the hot path are built once and go to the driver as they are, past the ORM.

SQLAlchemy compiles a statement and runs it the first time. From then on it is run here, for to
find what was compiled and to make ready for every kind of result takes longer than the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Engine, Executable, Result, SelectBase
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule, Dialect
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

Parameters = Mapping[str, Any]
Processor = Callable[[Any], Any]

_CONNECTION = "prepared_connection"  # where a session keeps the one of its transaction
LONGEST = 64  # an IN list of more values is left to SQLAlchemy: each length has a text of its own


class Place(NamedTuple):
    """Where a parameter stands in a statement, and how the driver takes it."""

    at: int
    key: str
    item: int | None  # of a list, in an IN
    processor: Processor | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement in the driver's words, for one dialect and one set of parameters."""

    text: str
    constants: tuple[Any, ...]  # all values, with nothing yet where a parameter stands
    places: tuple[Place, ...]
    names: tuple[str, ...] | None  # of the places, where the driver knows them by name
    columns: SimpleResultMetaData
    processors: tuple[tuple[int, Processor], ...]

    def values(self, given: Parameters) -> Any:
        """The parameters as the driver takes them."""
        taken = list(self.constants)
        for at, key, item, processor in self.places:
            value = given[key] if item is None else given[key][item]
            taken[at] = processor(value) if processor else value
        return tuple(taken) if self.names is None else dict(zip(self.names, taken, strict=True))

    def rows(self, cursor: DBAPICursor) -> Result[Any]:
        """Whatever a query found, in the types of its columns."""
        rows = cursor.fetchall()
        if self.processors:
            rows = [list(row) for row in rows]
            for place, processor in self.processors:
                for row in rows:
                    row[place] = processor(row[place])
        return IteratorResult(self.columns, iter(rows))


@dataclass(frozen=True, slots=True)
class Known:
    """What the first run told of a statement: which parameters fill an IN, ready by lengths."""

    plain: bool
    lists: tuple[str, ...] = ()
    ready: dict[tuple[int, ...], Ready] = field(default_factory=dict)


# By dialect, one or many, and names: engines of one dialect are alike, for `open_engine` opens
# them all. A statement that was made for one call is forgotten with it.
_Key = tuple[str, bool, tuple[str, ...]]
_known: WeakKeyDictionary[Executable, dict[_Key, Known]] = WeakKeyDictionary()


def run(
    session: Session,
    statement: Executable,
    parameters: Parameters | Sequence[Parameters] | None = None,
) -> Result[Any]:
    """Execute in the session's transaction; pending objects are not flushed first."""
    connection = _connection(session)
    many = parameters if isinstance(parameters, Sequence) else (parameters or {},)
    if not many or connection.dispatch.before_cursor_execute:
        return connection.execute(statement, parameters)  # somebody watches what is executed
    by_key = _known.setdefault(statement, {})
    key = connection.dialect.name, len(many) > 1, tuple(many[0])
    known = by_key.get(key)
    ready = _ready(known, many[0]) if known else None
    if ready:
        return _execute(connection, connection.connection.cursor(), ready, many)
    result = connection.execute(statement, parameters)
    if known is None or known.plain:
        by_key[key] = _learn(known, connection.dialect, statement, many, result)
    return result


def look_up(at: Session | Engine, query: Executable, parameters: Parameters) -> Result[Any]:
    """Run a query in a transaction, or by itself: one statement sees one moment anyway."""
    if isinstance(at, Session):
        return run(at, query, parameters)
    assert query.is_select  # a change needs its transaction
    known = _known.get(query, {}).get((at.dialect.name, False, tuple(parameters)))
    ready = _ready(known, parameters) if known else None
    if ready is None or at.dispatch.before_cursor_execute:
        with Session(at) as session:
            result = run(session, query, parameters)
            return IteratorResult(SimpleResultMetaData(tuple(result.keys())), iter(result.all()))
    pooled = _pooled(at)
    try:
        return _execute(at, pooled.cursor(), ready, (parameters,))
    finally:
        pooled.close()


def _pooled(at: Engine) -> PoolProxiedConnection:
    """A connection of the pool; one that cannot be opened fails as it does everywhere."""
    try:
        return at.raw_connection()
    except at.dialect.loaded_dbapi.Error as error:
        driver = at.dialect.loaded_dbapi.Error
        raise DBAPIError.instance("", None, error, driver, dialect=at.dialect) from error


def _connection(session: Session) -> Connection:
    """The connection of the session's transaction; to ask the session takes a tenth of a run.

    After a failure that rolled back it is asked again, and refuses to go on.
    """
    connection: Connection | None = session.info.get(_CONNECTION)
    if connection is None or not (session.in_transaction() and connection.in_transaction()):
        connection = session.info[_CONNECTION] = session.connection()
    return connection


def _ready(known: Known, first: Parameters) -> Ready | None:
    return known.ready.get(tuple([len(first[name]) for name in known.lists]))


def _execute(
    at: Connection | Engine, cursor: DBAPICursor, ready: Ready, many: Sequence[Parameters]
) -> Result[Any]:
    try:
        if len(many) == 1:
            cursor.execute(ready.text, ready.values(many[0]))
        else:
            cursor.executemany(ready.text, [ready.values(one) for one in many])
        return ready.rows(cursor) if cursor.description else _nothing()
    except at.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(at, ready, cursor, error) from error
    finally:
        cursor.close()


def _as_sqlalchemy(
    at: Connection | Engine, ready: Ready, cursor: DBAPICursor, error: DBAPIModule.Error
) -> BaseException:
    """The driver's failure in the class that everybody catches."""
    lost = False
    if isinstance(at, Connection):
        lost = at.dialect.is_disconnect(error, at.connection.dbapi_connection, cursor)
        if lost:
            at.invalidate(error)
    return DBAPIError.instance(
        ready.text,
        None,
        error,
        at.dialect.loaded_dbapi.Error,
        connection_invalidated=lost,
        dialect=at.dialect,
    )


_NOTHING = SimpleResultMetaData([])


def _nothing() -> Result[Any]:
    return IteratorResult(_NOTHING, iter(()))


def _learn(
    known: Known | None,
    dialect: Dialect,
    statement: Any,
    many: Sequence[Parameters],
    result: CursorResult[Any],
) -> Known:
    """Put the statement in the driver's words, unless SQLAlchemy has more to do than run it."""
    first, several = many[0], len(many) > 1
    compiled = statement.compile(
        dialect=dialect, column_keys=sorted(first), for_executemany=several
    )
    if not _is_plain(statement, compiled, first):
        return Known(plain=False)
    lists = tuple(bind.key for bind in compiled.post_compile_params if bind.key in first)
    known = known or Known(plain=True, lists=lists)
    lengths = tuple(len(first[name]) for name in lists)
    if not (several and lists) and max(lengths, default=0) <= LONGEST:
        known.ready[lengths] = _make_ready(dialect, statement, compiled, first, result)
    return known


def _is_plain(statement: Any, compiled: Any, first: Parameters) -> bool:
    """A query, or a change that gives nothing back and has no values that Python makes."""
    if not isinstance(compiled, SQLCompiler):
        return False
    written_in = any(bind.key in first for bind in compiled.literal_execute_params)
    if written_in or compiled.escaped_bind_names:
        return False
    if isinstance(statement, SelectBase):
        names = [column.key for column in statement.selected_columns]
        return len(set(names)) == len(names)
    if isinstance(statement, UpdateBase):
        return not (
            compiled.insert_prefetch or compiled.update_prefetch or statement.exported_columns
        )
    return False


def _make_ready(
    dialect: Dialect,
    statement: Any,
    compiled: SQLCompiler,
    first: Parameters,
    result: CursorResult[Any],
) -> Ready:
    state = compiled.construct_expanded_state(first)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    whole = {
        part: (name, item)
        for name, parts in state.parameter_expansion.items()
        for item, part in enumerate(parts)
    }
    names = state.positiontup if state.positiontup is not None else tuple(state.parameters)
    constants, places = [], []
    for at, part in enumerate(names):
        name, item = whole.get(part, (part, None))
        bind = binds[name]
        processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
        constant = None
        if bind.key in first:
            places.append(Place(at, bind.key, item, processor))
        else:
            value = state.parameters[part]
            constant = processor(value) if processor else value
        constants.append(constant)
    return Ready(
        state.statement,
        tuple(constants),
        tuple(places),
        None if state.positiontup is not None else tuple(names),
        *_columns(dialect, statement, result),
    )


def _columns(
    dialect: Dialect, statement: Any, result: CursorResult[Any]
) -> tuple[SimpleResultMetaData, tuple[tuple[int, Processor], ...]]:
    """The names of what a query finds, and what turns the driver's values into ours."""
    if not isinstance(statement, SelectBase):
        return _NOTHING, ()
    columns = list(statement.selected_columns)
    described = result.cursor.description if result.cursor else [(None, None)] * len(columns)
    processors = []
    for place, (column, told) in enumerate(zip(columns, described, strict=True)):
        processor = column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        if processor is not None:
            processors.append((place, processor))
    return SimpleResultMetaData([str(column.key) for column in columns]), tuple(processors)
