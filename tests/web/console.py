"""Commands at the machine that the site of a test runs on."""

from __future__ import annotations

from typer.testing import CliRunner

from app.cli.main import relabel
from app.errors import Failure
from tests.web.cast import Cast


def place_of(cast: Cast) -> list[str]:
    """The options that lead a command to the data of this site."""
    url = cast.engine.url.render_as_string(hide_password=False)
    return ["--data", str(cast.app.state.settings.data), "--database", url]


def command(cast: Cast, *words: str) -> str:
    """Run it, which must go well; what it said."""
    ran = CliRunner().invoke(relabel, [*words, *place_of(cast)])
    if isinstance(ran.exception, Failure):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output
