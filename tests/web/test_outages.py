"""A full disk, a database that is away: in words and with the right status, at every door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app.datasets.blobs import BlobStore
from app.db.engine import open_engine, reading
from app.db.tables.datasets import Label
from app.main import create_app
from app.settings import Settings
from tests.outages import NOBODY_THERE, damage, full_disk, no_file_larger_than
from tests.web.cast import Actor, Cast, actor

JSON = {"accept": "application/json"}
LONG = "x" * 900
ASKED = (
    ("GET", "/"),
    ("GET", "/p/any/examples"),
    ("GET", "/signin"),
    ("GET", "/api/v1/projects"),
    ("POST", "/me/profile"),
    ("POST", "/api/v1/decisions"),
    ("POST", "/api/v1/batches/1/claim"),
)
"""A page, a public page, the API, a form, an act of the hot path, a claim."""


def labels(engine: Engine) -> int:
    with reading(engine) as session:
        return session.execute(select(func.count()).select_from(Label)).scalar_one()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_full_disk_is_507_and_nothing_was_stored(cast: Cast, as_json: bool) -> None:
    address, stored = f"/p/{cast.project.slug}/labels", 0
    with full_disk(cast.engine):
        for number in range(100):
            form = {"name": f"Label {number}", "description": LONG}
            page = cast.lead.post(address, data=form, headers=JSON if as_json else {})
            if page.status_code != 303:
                break
            stored += 1
        assert page.status_code == 507, page.text
        told = page.json()["detail"] if as_json else page.text
        assert "Nothing was stored." in told and "Make room on the disk" in page.text
        assert cast.lead.get(address).status_code == 200
    assert labels(cast.engine) == stored
    assert cast.lead.post(address, data={"name": "After"}).status_code == 303


def test_a_full_disk_never_keeps_a_page_from_being_read(cast: Cast) -> None:
    """Each visit is noted when the answer has left; a note that cannot be kept is no failure."""
    cast.step(hours=1)
    with full_disk(cast.engine):
        assert cast.lead.get("/").status_code == 200


@pytest.mark.parametrize(
    ("room", "size"), [(600_000, 900_000), (2_000_000, 4_000_000)], ids=["stored", "spooled"]
)
@pytest.mark.parametrize("door", ["/p/{slug}/import", "/api/v1/projects/{slug}/imports"])
def test_an_upload_beyond_the_room_of_the_disk_is_507(
    cast: Cast, settings: Settings, door: str, room: int, size: int
) -> None:
    address = door.format(slug=cast.project.slug)
    files = {"file": ("a.csv", b"text\n" + b"x" * size, "text/csv")}
    with no_file_larger_than(room):
        answer = cast.lead.post(address, files=files)
    assert answer.status_code == 507, answer.text
    assert "Nothing was stored." in answer.text and "Make room on the disk" in answer.text
    blobs = BlobStore(settings.blob_directory).directory
    assert [path for path in blobs.rglob("*") if path.is_file()] == []


@pytest.fixture(params=["postgresql", "sqlite"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    """Somebody who shows a session's cookie to a site whose database is not there."""
    urls = {"postgresql": NOBODY_THERE, "sqlite": f"sqlite:///{tmp_path}/gone/relabel.sqlite"}
    engine = open_engine(urls[request.param])
    app = create_app(Settings(data=tmp_path, log_level="CRITICAL"), engine=engine)
    client = actor(app, headers={"X-CSRF-Token": "some"})
    client.cookies.set("relabel", "a" * 43, domain="localhost.local", path="/")
    yield client
    client.close()
    engine.dispose()


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_database_that_is_away_is_503_before_any_route(
    away: Actor, method: str, path: str
) -> None:
    body = {} if method == "GET" else {"json": {}} if "/api/" in path else {"data": {"name": "x"}}
    page = away.request(method, path, **body)  # type: ignore[arg-type]
    assert page.status_code == 503, page.text
    assert int(page.headers["retry-after"]) > 0
    assert "Nothing was stored." in page.text
    assert "secret" not in page.text and "gone" not in page.text
    if path.startswith("/api/"):
        assert page.json()["code"] in ("database_away", "not_writable")
    else:
        assert "<h1" in page.text
    assert away.request(method, path, headers=JSON, **body).json()["next_step"]  # type: ignore[arg-type]


def test_a_token_is_told_that_the_database_is_away(away: Actor) -> None:
    answer = away.get("/api/v1/me", headers={"authorization": "Bearer rlb_x"})
    assert answer.status_code == 503 and answer.headers["retry-after"]


def test_a_damaged_database_is_told_to_whoever_asks(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "relabel.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    damage(file, "malformed")
    engine = open_engine(f"sqlite:///{file}")
    client = actor(create_app(Settings(data=tmp_path, log_level="CRITICAL"), engine=engine))
    client.cookies.set("relabel", "a" * 43, domain="localhost.local", path="/")
    page = client.get("/")
    assert page.status_code == 500
    assert "The database is damaged" in page.text and "newest backup" in page.text
    client.close()
    engine.dispose()
