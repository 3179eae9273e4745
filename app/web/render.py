"""Pages: one template, one frozen page, and the frame around it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.accounts.membership import projects_of
from app.accounts.people import Who
from app.datasets.display_names import name_on_screen
from app.datatypes.hidden_characters import written_out
from app.db.tables.datasets import Label
from app.db.words import Role
from app.insights.waiting import waits_for, waits_in
from app.settings import shipped
from app.web.asker import Asker, Here
from app.web.cookies import form_token, keep_form_token
from app.web.icons import icon
from app.web.notices import NOTICES
from app.web.public import asks_nobody, is_public
from app.web.rail import Group, rail
from app.web.screens import works_on_a_phone
from app.web.site import site_of

LONG = 20  # letters; a longer name of a label may be cut somewhere, so its tooltip has it whole


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame needs to know; templates read it as `shell`."""

    who: Who | None
    csrf: str
    theme: str
    rail: tuple[Group, ...]
    role_word: str
    at: Here | None
    notice: str
    path: str
    phone: bool


def static_url(path: str) -> str:
    """The address of a static file with its content's hash, so that it may be kept for ever."""
    file = shipped("static") / path
    return f"/static/{path}?v={_content_hash(file, file.stat().st_mtime_ns)}"


@lru_cache(maxsize=512)
def _content_hash(file: Path, changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def number(value: float) -> str:
    return f"{value:,}"


def day(value: datetime) -> str:
    return f"{value.day} {value:%b %Y}"


def minute(value: datetime) -> str:
    return f"{value.day} {value:%b %Y, %H:%M} UTC"


def initials(name: str) -> str:
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def label(name: str | Label) -> Markup:
    """A label wherever a page names one: it wraps, and a tooltip has the name it came with."""
    shown = name_on_screen(name)
    if shown.came == shown and len(shown) <= LONG:
        return Markup("<bdi>{}</bdi>").format(shown)
    return Markup('<bdi class="label-name" title="{}">{}</bdi>').format(shown.came, shown)


@cache
def make_templates() -> Environment:
    """One for the whole process: what it has compiled serves every app."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"static_url": static_url, "icon": icon}
    environment.filters |= {
        "number": number,
        "day": day,
        "minute": minute,
        "iso": datetime.isoformat,
        "initials": initials,
        "label": label,
        "label_words": name_on_screen,
        "written_out": written_out,
    }
    return environment


def compile_templates() -> None:
    """Beside the first requests, so that nobody waits for a page to be compiled."""
    environment = make_templates()
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


def _shell(request: Request, template: str, at: Here | None, csrf: str) -> Shell:
    asker: Asker | None = request.scope.get("state", {}).get("asker")
    path = request.url.path
    who = asker.who if asker and not is_public(path) else None
    return Shell(
        who=who,
        csrf=csrf or (asker.csrf if asker else ""),
        theme=asker.who.theme if asker else "system",
        rail=rail(
            who, at, path=path, known=site_of(request).shapes, waits=_waits(request, who, at)
        ),
        role_word=_role_word(who, at),
        at=at,
        notice=NOTICES.get(request.query_params.get("done", ""), ""),
        path=path,
        phone=works_on_a_phone(template),
    )


def _waits(request: Request, who: Who | None, at: Here | None) -> dict[str, int]:
    """What waits for this person, told beside the links; nothing where no transaction is open."""
    session: Session | None = request.scope.get("state", {}).get("session")
    if who is None or session is None or not (session.is_active and session.in_transaction()):
        return {}
    if at is not None:
        return waits_in(session, at.project.id) if at.member.leads else {}
    parts = [(one.id, role) for one, role in projects_of(session, who) if not one.archived]
    expert_in = [project_id for project_id, role in parts if role is Role.EXPERT]
    mine = [project_id for project_id, _ in parts]
    return {"queue": waits_for(session, who.id, mine, expert_in=expert_in)}


def _role_word(who: Who | None, at: Here | None) -> str:
    if who is None or who.is_admin:
        return "Admin" if who else ""
    return at.member.role.value.capitalize() if at and at.member.role else ""


def render(
    request: Request, template: str, page: object, *, at: Here | None = None, status: int = 200
) -> HTMLResponse:
    """Draw a page. `at` puts the project's links in the rail."""
    path = request.url.path
    token, new = "", False
    if is_public(path) and not asks_nobody(path):
        token, new = form_token(request)
    drawn = site_of(request).templates.get_template(template)
    html = drawn.render(page=page, shell=_shell(request, template, at, token))
    response = HTMLResponse(html, status)
    if new:
        keep_form_token(request, response, token)
    return response
