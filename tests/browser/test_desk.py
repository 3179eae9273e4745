"""A reviewer at the desk: one key an answer, everything undoable, nothing chosen beforehand."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example
from app.db.tables.review import BatchMember, Lease, Note
from app.db.words import Mode, ReadReason, Reason, Verdict
from bench.desk_site import image_plan, tabular_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import (
    decisions,
    given_name,
    press,
    ready,
    said,
    saved,
    scripted,
    shown_key,
)


def test_two_reviewers_answer_twenty_each_by_keyboard_and_never_the_same_first(site: Site) -> None:
    filled = site.fill(text_plan(60, labels=("late", "lost", "stolen")))
    path = f"/review/{filled.batch_id}"
    pages = [site.open(name, path) for name in ("Amira Said", "Jonas Weber")]
    for turn in range(20):
        for page in pages:
            press(page, "123"[turn % 3])
    for page in pages:
        saved(page)
    stored = decisions(site)
    assert Counter(one.person_id for one in stored) == {
        site.people["Amira Said"]: 20,
        site.people["Jonas Weber"]: 20,
    }
    first = [one.example_id for one in stored if one.read_reason is ReadReason.FIRST]
    assert len(first) == len(set(first))
    assert len({one.idempotency_key for one in stored}) == 40
    assert site.noise == []


def test_what_is_chosen_is_what_is_stored(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    first = given_name(page)
    second = page.locator('.option[aria-keyshortcuts="2"] bdi').inner_text()
    press(page, "2")
    assert said(page, "last") == f"Last: relabeled as {second}"
    assert first != second
    press(page, "x")
    page.keyboard.press("4")
    assert said(page, "last") == "Last: removed, Duplicate"
    assert "Removed, Duplicate. 2 of 20" in page.locator("[data-part=live]").text_content()
    saved(page)
    relabel, remove = decisions(site)
    assert (relabel.verdict, relabel.label_id) == (Verdict.RELABEL, filled.labels[second])
    assert (remove.verdict, remove.reason) == (Verdict.REMOVE, Reason.DUPLICATE)
    assert (relabel.position, remove.position) == (1, 2)
    assert relabel.browser_seconds is not None


def test_any_label_is_a_few_letters_away(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "/")
    page.keyboard.type("exch fai")
    rows = page.get_by_role("option")
    assert rows.first.inner_text().startswith("Exchange rate failed twice")
    field = page.get_by_role("combobox")
    assert field.get_attribute("aria-expanded") == "true"
    assert rows.first.get_attribute("id") == field.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    saved(page)
    assert decisions(site)[0].label_id == filled.labels["Exchange rate failed twice"]
    press(page, "/")
    page.keyboard.type("no such label")
    assert "No label matches" in page.locator(".no-match").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert not page.locator(".label-panel").is_visible()
    assert len(decisions(site)) == 1


def test_a_note_travels_with_its_answer_and_other_reason_needs_one(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "n")
    page.keyboard.type("Two questions in one, a 1 s x")
    page.keyboard.press("Control+Enter")
    press(page, "a")
    press(page, "x")
    page.keyboard.press("6")
    page.keyboard.press("Control+Enter")
    assert page.locator("dialog[open] textarea").is_visible(), "the note is needed"
    page.keyboard.type("Advertising")
    page.keyboard.press("Control+Enter")
    saved(page)
    with reading(site.engine) as session:
        notes = [session.get_one(Note, one.note_id).text for one in decisions(site)]
    assert notes == ["Two questions in one, a 1 s x", "Advertising"]
    assert decisions(site)[1].reason is Reason.OTHER


def test_skip_and_expert_pass_the_example_on(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "s")
    press(page, "e")
    page.keyboard.type("Is this one of ours?")
    page.keyboard.press("Control+Enter")
    assert said(page, "last") == "Last: sent to expert"
    saved(page)
    with reading(site.engine) as session:
        ends = Counter(session.scalars(Lease.__table__.select().with_only_columns(Lease.ended_why)))
    assert (ends["skipped"], ends["referred"]) == (1, 1)
    assert decisions(site) == []


@pytest.mark.parametrize("how", ["s", "e"])
def test_what_was_passed_on_comes_back_by_undo_and_goes_again_by_redo(site: Site, how: str) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")

    def pass_on(key: str) -> None:
        ready(page)
        page.keyboard.press(key)
        if how == "e" and key == "e":
            page.keyboard.press("Control+Enter")

    ready(page)
    first = shown_key(page)
    pass_on(how)
    saved(page)
    page.keyboard.press("z")
    assert shown_key(page) == first
    saved(page)
    assert ends(site) == {"skip undone" if how == "s" else "referral undone": 1}
    page.keyboard.press("Shift+Z")
    saved(page)
    assert shown_key(page) != first
    page.keyboard.press("z")
    assert shown_key(page) == first
    saved(page)
    page.wait_for_timeout(300)  # its lease has come, and nobody has read it before that
    press(page, "1")
    saved(page)
    assert [one.verdict for one in decisions(site)] and said(page, "done") == "1 / 20"
    assert site.noise == []


def ends(site: Site) -> dict[str, int]:
    """How leases have ended."""
    with reading(site.engine) as session:
        why = session.scalars(Lease.__table__.select().with_only_columns(Lease.ended_why))
        return dict(Counter(word for word in why if word))


def test_undo_goes_back_to_the_start_of_the_batch_and_redo_forward(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    seen = []
    for key in ("a", "1", "2"):
        ready(page)
        seen.append(shown_key(page))
        page.keyboard.press(key)
    saved(page)
    for expected in reversed(seen):
        page.keyboard.press("z")
        assert shown_key(page) == expected
    assert said(page, "done") == "0 / 20"
    page.keyboard.press("Shift+Z")
    saved(page)
    assert shown_key(page) == seen[1]
    assert said(page, "done") == "1 / 20"
    page.wait_for_timeout(300)  # the redo's reply paints once more, and nobody has read that yet
    press(page, "3")
    page.wait_for_function(
        "() => document.querySelector('[data-part=done]').innerText === '2 / 20'"
    )
    saved(page)
    page.reload()
    ready(page)
    saved(page)
    page.reload()
    ready(page)
    assert said(page, "done") == "2 / 20"
    assert len(decisions(site)) == 4
    page.keyboard.press("z")
    page.wait_for_function(
        "key => document.querySelector('[data-part=meta] .mono').textContent === key", arg=seen[1]
    )
    assert site.noise == []


def test_what_is_taken_back_while_it_is_kept_does_not_come_back(browser: Browser) -> None:
    page = scripted(browser, "outbox-store.js")
    left = page.evaluate(
        """async () => {
          const { OutboxStore } = await import("/outbox-store.js");
          const store = new OutboxStore();
          const [undo, answer, refused] = ["undo", "answer", "refused"].map((key) => ({
            key, person: "amira", kind: "undo", payload: { key },
          }));
          const done = [store.keep(undo), store.settle(undo)];  // a redo follows at once
          done.push(store.keep(answer), store.keep(answer));  // it got its lease meanwhile
          done.push(store.keep(refused), store.setAside(refused));
          await Promise.all(done);
          const keys = (entries) => entries.map((entry) => entry.key);
          return [keys(await store.waiting("amira")), keys(await store.unsaved("amira"))];
        }"""
    )
    page.close()
    assert left == [["answer"], ["refused"]]


def test_undo_reaches_back_over_a_reload(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    seen = []
    for answer in ("a", "3"):
        ready(page)
        seen.append(shown_key(page))
        press(page, answer)
    saved(page)
    page.reload()
    ready(page)
    assert said(page, "done") == "2 / 20"
    page.keyboard.press("z")
    page.wait_for_function(
        "key => document.querySelector('[data-part=meta] .mono').textContent === key", arg=seen[1]
    )
    assert site.noise == []


def test_an_earlier_answer_is_looked_at_and_replaced(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "a", "a")
    saved(page)
    here = shown_key(page)
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert "Earlier answer: Confirmed" in page.locator("[data-part=messages]").inner_text()
    press(page, "1")
    assert shown_key(page) == here
    saved(page)
    first, _, changed = decisions(site)
    assert changed.supersedes == first.seq
    assert changed.example_id == first.example_id
    assert changed.verdict is Verdict.RELABEL


def test_double_and_held_keys_and_fifty_clicks_are_one_answer(site: Site) -> None:
    filled = site.fill(text_plan(30))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    page.keyboard.press("1")
    page.keyboard.press("1")
    saved(page)
    assert len(decisions(site)) == 1
    ready(page)
    for _ in range(20):
        page.keyboard.down("a")  # the browser marks all but the first as repeats
    page.keyboard.up("a")
    saved(page)
    assert len(decisions(site)) == 2
    ready(page)
    page.evaluate(
        "() => { for (let n = 0; n < 50; n += 1) document.querySelector('.option').click(); }"
    )
    saved(page)
    assert len(decisions(site)) == 3


def test_nothing_is_chosen_beforehand_and_enter_does_nothing(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    for key in ("Enter", "Enter", " ", "Tab"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert decisions(site) == []
    assert page.locator(".button-primary").count() == 0
    assert page.locator(".option[aria-pressed=true], .option[aria-selected=true]").count() == 0


def test_single_keys_can_be_switched_off_and_alt_still_works(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "?")
    page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    ready(page)
    page.keyboard.press("1")
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert decisions(site) == []
    page.keyboard.press("Alt+1")
    saved(page)
    assert len(decisions(site)) == 1


def test_a_batch_of_twenty_is_done_with_single_keys_off(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    for turn in range(20):
        press(page, "Alt+2" if turn % 3 == 0 else "Alt+a")
    page.wait_for_url("**/done")
    given = decisions(site)
    assert len(given) == 20
    assert Counter(one.verdict for one in given) == {Verdict.RELABEL: 7, Verdict.CONFIRM: 13}
    assert site.noise == []


def test_digits_never_move_where_all_labels_are_listed(site: Site) -> None:
    filled = site.fill(image_plan(site.engine, site.blobs, 20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    names = list(filled.labels)
    for place in range(4):
        ready(page)
        assert page.locator(".option bdi").all_inner_texts() == names
        page.keyboard.press(str(place + 3))
    saved(page)
    assert [
        one.label_id or filled.labels[names[n + 2]] for n, one in enumerate(decisions(site))
    ] == [filled.labels[name] for name in names[2:6]]
    assert (
        page.locator("image-view img").evaluate("image => getComputedStyle(image).imageRendering")
        == "pixelated"
    )
    assert site.noise == []


def test_a_table_is_a_list_of_fields(site: Site) -> None:
    filled = site.fill(tabular_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "1", "2")
    saved(page)
    assert page.locator(".field-list dt").all_inner_texts() == ["age", "balance", "occupation"]
    assert len(decisions(site)) == 2


def test_decide_first_shows_what_was_hidden_and_stores_both_answers(site: Site) -> None:
    filled = site.fill(text_plan(20, mode=Mode.DECIDE_FIRST))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    assert page.locator(".given-tag").count() == 0
    ready(page)
    page.keyboard.type("/Exchange rate is late")
    page.keyboard.press("Enter")
    panel = page.locator("first-answer dialog")
    panel.wait_for()
    assert panel.locator(".option").count() == 3
    given = panel.locator('[value="given"] bdi').inner_text()
    page.keyboard.press("a")
    saved(page)
    stored = decisions(site)[0]
    assert stored.verdict is Verdict.CONFIRM
    assert stored.first_answer is not None
    assert stored.first_answer["label"] == filled.labels["Exchange rate is late"]
    assert said(page, "last") == f"Last: confirmed {given}"


def test_blind_shows_no_given_label_and_the_field_is_ready(site: Site) -> None:
    filled = site.fill(text_plan(20, mode=Mode.BLIND))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    page.wait_for_selector(".label-panel:not([hidden])")
    assert page.locator(".given-tag, .dock .chip").count() == 0
    assert not page.locator(".confirm-button").is_visible(), "there is nothing to confirm"
    assert page.get_by_text("confirmed").count() == 0
    ready(page)
    page.keyboard.type("/exchange rate is late")
    page.keyboard.press("Enter")
    saved(page)
    assert said(page, "last") == "Last: labeled as Exchange rate is late"
    assert len(decisions(site)) == 1


def test_what_could_tell_a_random_draw_is_shown_looking_back_alone(site: Site) -> None:
    filled = site.fill(text_plan(40, batch_size=20, audit_share=20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    page.evaluate(
        """() => { window.shifts = [];
        new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(e => e.value)))
          .observe({ type: 'layout-shift', buffered: true }); }"""
    )
    ready(page)
    scores = page.locator(".scores")
    assert not scores.is_visible()
    press(page, "a")
    saved(page)
    page.keyboard.press("[")
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.scores')).visibility === 'visible'"
    )
    quality, difficulty = said(page, "quality"), said(page, "difficulty")
    assert 0 <= float(quality) <= 1 and float(difficulty) >= 0
    page.keyboard.press("]")
    ready(page)
    assert not scores.is_visible()
    page.keyboard.press("z")
    ready(page)
    assert not scores.is_visible(), "an undone answer is given without them again"
    assert page.evaluate("() => window.shifts") == []


def test_without_script_the_desk_is_a_form(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}", java_script_enabled=False)
    page.get_by_role("button", name="Show an example").click()
    page.locator(".option").nth(1).click()
    page.get_by_role("button", name="Confirm").click()
    page.locator("select[name=reason]").select_option("unreadable")
    page.get_by_role("button", name="Remove").click()
    page.locator("select[name=label]").select_option(label="Exchange rate is late")
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("button", name="Skip").click()
    verdicts = [one.verdict.value for one in decisions(site)]
    assert verdicts == ["relabel", "confirm", "remove", "relabel"]
    page.get_by_role("button", name="Undo").click()
    assert "Batch" in page.locator("h1").inner_text()


def test_a_second_tab_asks_before_it_takes_the_batch(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "a")
    other = site.page(page.context, f"/review/{filled.batch_id}")
    assert "This batch is open in another tab" in other.locator("[data-part=panel]").inner_text()
    other.keyboard.press("1")
    other.get_by_role("button", name="Use it here").click()
    press(other, "1")
    assert "This batch is open in another tab" in page.locator("[data-part=panel]").inner_text()
    page.keyboard.press("1")
    saved(other)
    assert len(decisions(site)) == 2


def test_the_batch_ends_on_a_page_that_says_how_it_went(site: Site) -> None:
    filled = site.fill(text_plan(5))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    press(page, "a", "1", "a", "a", "1")
    page.wait_for_url("**/done")
    assert page.locator("h1").inner_text() == "Batch 1 is done"
    assert page.locator(".done-counts dd").all_inner_texts() == ["2", "3", "0"]


def test_nothing_moves_when_the_example_changes(site: Site) -> None:
    filled = site.fill(text_plan(40))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    page.evaluate(
        """() => { window.shifts = [];
        new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(e => e.value)))
          .observe({ type: 'layout-shift', buffered: true }); }"""
    )
    for turn in range(15):
        press(page, "a" if turn % 2 else "1")
    press(page, "z", "[", "]", "x")
    page.keyboard.press("1")
    press(page, "a")
    assert page.evaluate("() => window.shifts") == []


def wait(site: Site, example: int, waiting: bool) -> None:
    """Whether an example of a batch is still to be handed out."""
    with writing(site.engine) as session:
        member = update(BatchMember).where(BatchMember.example_id == example)
        session.execute(member.values(waiting=waiting))


def test_an_answer_to_a_text_that_is_there_thrice_goes_to_all_and_undo_takes_all_back(
    site: Site,
) -> None:
    filled = site.fill(text_plan(21, labels=("late", "lost", "stolen")))
    with writing(site.engine) as session:
        alike = update(Example).where(Example.id != max(filled.examples))  # one is left to read
        session.execute(alike.values(content_hash="7" * 64))
    wait(site, max(filled.examples), False)  # what is handed out together comes in any order
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    told = page.locator("[data-part=together]")
    assert told.inner_text() == (
        "The same text appears 20 times, with 3 different labels: your answer goes to all of them."
    )
    wait(site, max(filled.examples), True)
    page.keyboard.press("1")
    saved(page)
    copies = page.locator("[data-part=copies]")
    expect(copies).to_have_text("19 identical")
    assert len(decisions(site)) == 20
    page.keyboard.press("z")
    saved(page)
    expect(copies).to_be_hidden()
    assert told.is_visible()
    assert site.noise == []
