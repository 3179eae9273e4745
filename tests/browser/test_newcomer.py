"""The whole job as a newcomer does it: from the link on the console to a release that verifies."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.samples.digits import as_zip, digits
from app.samples.docstrings import docstrings
from app.samples.sample import as_csv
from tests.browser.hands import press, ready, saved, shown_key
from tests.running.processes import relabel, running, serve

PASSWORD = "seven quiet brass lanterns"
LABELS = 3
ROWS = 40  # of each label
WRONG = 9
BATCH = 20
SLOW = 60_000  # milliseconds that a worker may take


@dataclass
class Newcomer:
    """Somebody in front of a browser; `noise` is what its console complained about."""

    home: str
    context: BrowserContext
    noise: list[str] = field(default_factory=list)

    def go(self, address: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        page.goto(address if address.startswith("http") else self.home + address)
        return page

    def join(self, link: str, name: str, button: str) -> Page:
        page = self.go(link)
        page.get_by_label("Your name").fill(name)
        page.get_by_label("E-mail").fill(f"{name.split()[0].lower()}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name=button).click()
        return page


@dataclass
class House:
    """A fresh `relabel serve`: its address and the link it printed."""

    address: str
    setup: str
    data: Path
    browser: Browser
    people: list[Newcomer] = field(default_factory=list)

    def somebody(self) -> Newcomer:
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        self.people.append(Newcomer(self.address, context))
        return self.people[-1]


@pytest.fixture
def house(tmp_path: Path, browser: Browser) -> Iterator[House]:
    data = tmp_path / "data"
    with running(*serve(data)) as started:
        address = started.address
        setup = next(line.strip() for line in started.lines if "/setup?token=" in line)
        made = House(address, setup, data, browser)
        yield made
        for person in made.people:
            person.context.close()


@dataclass(frozen=True)
class Truth:
    """Which label each example should have, and the file that holds some others."""

    file: Path
    right: dict[str, str]
    given: dict[str, str]

    @property
    def wrong(self) -> list[str]:
        return [one for one, label in self.given.items() if label != self.right[one]]

    @property
    def labels(self) -> list[str]:
        return sorted(set(self.right.values()))


def texts(folder: Path) -> Truth:
    """First sentences of functions; every tenth comes with the label of another package."""
    rows = docstrings()
    names = sorted(set(rows.labels), key=lambda name: (-rows.labels.count(name), name))[:LABELS]
    ids, contents, right = [], [], {}
    for name in names:
        places = [place for place, label in enumerate(rows.labels) if label == name][:ROWS]
        ids += [rows.ids[place] for place in places]
        contents += [rows.contents[place] for place in places]
        right |= {rows.ids[place]: name for place in places}
    wrong = {ids[place] for place in range(5, 5 + 10 * WRONG, 10)}
    next_to = {name: names[(place + 1) % LABELS] for place, name in enumerate(names)}
    given = {one: next_to[right[one]] if one in wrong else right[one] for one in ids}
    path = folder / "functions.csv"
    path.write_bytes(as_csv(ids, {"text": contents, "label": list(given.values())}))
    return Truth(path, right, given)


def pictures(folder: Path) -> Path:
    """Digits in folders named by their label."""
    rows = digits()
    files = {
        f"{label}/{name}": rows.files[name]
        for name, label in list(zip(rows.contents, rows.labels, strict=True))[:200]
    }
    path = folder / "digits.zip"
    path.write_bytes(as_zip(files))
    return path


def new_project(lead: Newcomer, name: str, kind: str, who: str) -> Page:
    page = lead.go("/projects")
    page.get_by_role("link", name="New project").first.click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("radio", name=who).check()
    page.get_by_role("button", name="Make project").click()
    return page


def imported(page: Page, file: Path, rows: int) -> None:
    """Choose a file in the wizard, see what was found, import the good rows."""
    page.get_by_label("File with the examples").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name=f"Import the {rows} good rows").click(timeout=SLOW)
    expect(page.get_by_text(f"{rows} imported, 0 left out.")).to_be_visible(timeout=SLOW)


def scored(page: Page) -> None:
    page.get_by_role("link", name="See the scoring").click()
    expect(page.get_by_text("in use", exact=True)).to_be_visible(timeout=SLOW)


def invited(people: Page, role: str) -> str:
    people.get_by_role("radio", name=re.compile(f"^{role}")).check()
    people.get_by_role("button", name="Make invitation link").click()
    return people.get_by_label("Link", exact=True).input_value()


def choose(page: Page, label: str) -> None:
    """Answer with a label: confirm where it is shown as given, else the digit beside it."""
    given = page.locator(".option.given .option-name bdi")
    if given.count() and given.inner_text() == label:
        press(page, "a")
        return
    option = page.locator(".option", has=page.get_by_text(label, exact=True))
    press(page, option.first.get_attribute("aria-keyshortcuts") or "")


def answer(page: Page, truth: Truth, *, answers: int) -> dict[str, str]:
    """Give the right label of as many examples as asked for."""
    given = {}
    for _ in range(answers):
        ready(page)
        key = shown_key(page)
        choose(page, truth.right[key])
        given[key] = truth.right[key]
    saved(page)
    return given


def second_reads(page: Page, truth: Truth, by_another: dict[str, str]) -> str:
    """Read what waits; one that another has changed gets a third label. Its id, for the lead."""
    odd = ""
    while True:
        page.wait_for_function(
            "() => location.pathname.endsWith('/done')"
            " || document.querySelector('review-desk')?.answerable"
        )
        if page.url.endswith("/done"):
            return odd
        key, right = shown_key(page), truth.right[shown_key(page)]
        if key in truth.wrong and key in by_another and not odd:
            odd = key
            other = {right, truth.given[key]}
            right = next(label for label in truth.labels if label not in other)
        choose(page, right)
        page.wait_for_function(
            "key => location.pathname.endsWith('/done')"
            " || document.querySelector('[data-part=meta] .mono')?.textContent !== key"
            " || !document.querySelector('review-desk').answerable",
            arg=key,
        )


def test_from_the_first_link_to_a_release_that_verifies(house: House, tmp_path: Path) -> None:
    truth = texts(tmp_path)
    lead = house.somebody()
    lead.join(house.setup, "Lena Koch", "Make the account").wait_for_url("**/projects*")
    page = new_project(lead, "Functions", "A text", "A team")
    page.goto(house.address + "/p/functions/import")
    imported(page, truth.file, len(truth.right))
    scored(page)

    page.goto(house.address + "/p/functions/people")
    readers = []
    for name in ("Amira Said", "Jonas Weber"):
        link = invited(page, "Reviewer")
        readers.append(house.somebody().join(link, name, "Make my account"))
        page.reload()

    page.goto(house.address + "/p/functions/batches/new")
    page.get_by_label("How many").fill(str(BATCH))
    page.get_by_role("radio", name="10%").check()
    for name in ("Amira Said", "Jonas Weber"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Create batch").click()
    expect(page.get_by_role("status")).to_contain_text("The batch is open.")

    amira, jonas = readers
    for reader in readers:
        reader.goto(house.address + "/")
        reader.get_by_role("link", name="Start").click()
    first = answer(amira, truth, answers=BATCH // 2)
    desk, away = amira.url, amira.context
    amira.close()  # what she holds goes back to the others
    odd = second_reads(jonas, truth, first)
    assert odd in first
    amira = away.new_page()
    amira.goto(desk)
    second_reads(amira, truth, {})

    page.goto(house.address + "/p/functions/disagreements")
    page.get_by_role("link", name=odd).click()
    right = truth.right[odd]
    page.get_by_role("button", name=right, exact=False).first.click()
    expect(page.get_by_text("Nothing to settle.")).to_be_visible()

    page.goto(house.address + "/p/functions/releases")
    page.get_by_role("button", name="Make release").click()
    expect(page.get_by_role("heading", name="Prove it")).to_be_visible(timeout=SLOW)
    head = page.get_by_label("Head hash").input_value()
    with page.expect_download() as held:
        page.get_by_role("link", name="Download all").click()
    kept = tmp_path / "release"
    with zipfile.ZipFile(held.value.path()) as archive:
        archive.extractall(kept)
    directory = next(kept.rglob("manifest.json")).parent
    proved = relabel("verify", str(directory), "--head", head)
    assert proved.returncode == 0, proved.stdout + proved.stderr

    cleaned = dict(_id_and_label(directory / "data.csv"))
    reviewed = [one for one in truth.wrong if cleaned[one] == truth.right[one]]
    assert odd in reviewed
    assert len(reviewed) >= WRONG // 2  # the queue found them: twenty of 120 were read
    assert len(cleaned) == len(truth.right)
    assert [one.noise for one in house.people] == [[]] * len(house.people)


def _id_and_label(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            yield row["id"], row["label"]


def test_a_zip_of_images_is_on_the_desk_in_a_few_steps(house: House, tmp_path: Path) -> None:
    lead = house.somebody()
    lead.join(house.setup, "Lena Koch", "Make the account").wait_for_url("**/projects*")
    page = new_project(lead, "Handwriting", "An image", "One person")
    page.goto(house.address + "/p/handwriting/import")
    imported(page, pictures(tmp_path), 200)
    scored(page)
    page.goto(house.address + "/p/handwriting/batches/new")
    page.get_by_label("How many").fill("20")
    page.get_by_role("button", name="Create batch").click()
    page.goto(house.address + "/")
    page.get_by_role("link", name="Start").click()
    for _ in range(BATCH):
        ready(page)
        width = page.locator("image-view img").first.evaluate("one => one.naturalWidth")
        assert width == 8
        press(page, "a")
    page.wait_for_url("**/done")
    assert lead.noise == []
