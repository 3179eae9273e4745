"""Every act of `app/actions`, and the doors that lead to it: page, API, command line.

`Door("POST /review/{batch_id}", answer="skip")` is a route and what is sent beside what the sweeps
fill in by themselves. A word alone is a command, `worker` what the worker does, `link` a route that
asks who has the link, not who has the role: those are the operator's, or have tests of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.web.bodies import is_upload
from tests.sweeps.filling import Filler
from tests.sweeps.persons import Person
from tests.sweeps.routes import Route
from tests.sweeps.world import SPLIT, known_at

KEY = "00000000-0000-4000-8000-000000000000"
ROWS = ("a.csv", b"id,text,label\n1,one,a\n2,two,b\n", "text/csv")
PREDICTIONS = ("m.csv", b"id,label\nk0,Cat\n", "text/csv")
LOSSES = ("losses.csv", b"id,first\nk0,0.5\n", "text/csv")
API, PAGE = "/api/v1/projects/{slug}", "/p/{slug}"


@dataclass(frozen=True)
class Door:
    route: str
    sent: dict[str, Any]
    without: tuple[str, ...]
    at: dict[str, str]  # what its address names, where it is not the usual one

    def open(self, route: Route, person: Person) -> Any:
        """What the site answers to this person at this door."""
        there = person.known | {name: person.known.get(other, 0) for name, other in self.at.items()}
        known = known_at(there, route.path)
        request = Filler(known, texts=lambda name: f"some {name}").request(route)
        kind = "json" if "/api/" in route.path and not is_upload(route.path) else "form"
        body = getattr(request, kind)
        sent = {name: self._told(one, person) for name, one in self.sent.items()}
        files = {name: one for name, one in sent.items() if isinstance(one, tuple)}
        if files:
            request.files = files
        if body is not None or sent:
            kept = {name: one for name, one in (body or {}).items() if name not in self.without}
            plain = {name: one for name, one in sent.items() if name not in files}
            setattr(request, kind, kept | plain)
        return request.send(person.client)

    def _told(self, value: Any, person: Person) -> Any:
        """`"{seq}"` is what the person knows under that name."""
        named = isinstance(value, str) and value[:1] == "{"
        return person.known[value.strip("{}")] if named else value


def door(route: str, *, without: str = "", at: dict[str, str] | None = None, **sent: Any) -> Door:
    return Door(route, sent, tuple(without.split()), at or {})


Doors = tuple[Door | str, ...]

AT_GRID = {"batch_id": "grid", "batch": "grid"}
AT_IDLE = {"import_id": "idle"}  # an import that is done, and that nobody has worked on
AT_RULED = {"case_id": "ruled"}  # by the lead, who alone may take it back
AT_DIFFERS, AT_ANSWERED = {"case_id": "differs"}, {"example_id": "answered"}
DESK, GRID = "POST /review/{batch_id}", "POST /review/{batch_id}/grid"
EXPERTS, READS = "POST /review/expert/{slug}", "POST /review/reads/{slug}"
DECISIONS, UNDO = "POST /api/v1/decisions", "POST /api/v1/undo"
STANDING = "POST /admin/members/{person_id}/standing"
DECIDE = f"POST {PAGE}/examples/{{example_id}}/decide"

ACTS: dict[str, Doors] = {
    "account.accept_invitation": ("link",),
    "account.bind_keys": (door("POST /me/keys"), door("PATCH /api/v1/me/keys")),
    "account.change_password": (door("POST /me/password"),),
    "account.choose_theme": (door("POST /me/appearance"),),
    "account.default_keys": (door("POST /me/keys"),),
    "account.end_other_sessions": (door("POST /me/sessions/end"),),
    "account.make_own_token": (
        door("POST /me/tokens", name="script", days=30),
        door("POST /api/v1/me/tokens"),
    ),
    "account.rename": (door("POST /me/profile", name="Someone"),),
    "account.revoke_own_token": (
        door("POST /me/tokens/{token_id}/revoke"),
        door("DELETE /api/v1/me/tokens/{token_id}"),
    ),
    "account.set_password_by_link": ("link",),
    "account.set_up": ("link",),
    "account.sign_in": ("link",),
    "answering.answer": (
        door(DESK, answer="confirm", key=KEY),
        door(DECISIONS, verdict="confirm", key=KEY, without="example supersedes label"),
    ),
    "answering.answer (directly)": (
        door(DECIDE, how="answer", answer="confirm", key=KEY),
        door(DECISIONS, verdict="confirm", key=KEY, example="{example}", without="lease label"),
    ),
    "answering.answer (in place of an own one)": (
        door("POST /review/{batch_id}/again", answer="confirm", key=KEY, seq="{seq}"),
        door(
            DECISIONS,
            verdict="confirm",
            key=KEY,
            supersedes="{seq}",
            example="{answered}",
            without="lease label",
        ),
    ),
    "answering.answer (of the experts)": (door(EXPERTS, answer="confirm", key=KEY),),
    "answering.claim": (door(DESK, answer="start"), door("POST /api/v1/batches/{batch_id}/claim")),
    "answering.claim_owed": (
        door(READS, answer="start"),
        door(EXPERTS, answer="start"),
        door(f"POST {API}/reads/claim"),
        door(f"POST {API}/expert/claim"),
    ),
    "answering.give_back": (door("POST /api/v1/leases/give-back"),),
    "answering.redo": (door("POST /api/v1/redo", example="{answered}", seq="{seq}"),),
    "answering.refer": (door(DESK, answer="refer", key=KEY), door("POST /api/v1/leases/refer")),
    "answering.show": (door("POST /api/v1/reveal"),),
    "answering.skip": (door(DESK, answer="skip", key=KEY), door("POST /api/v1/leases/skip")),
    "answering.undo_in_batch": (
        door(DESK, answer="undo", key=KEY),
        door(UNDO, without="example seq"),
    ),
    "answering.undo_named": (door(UNDO, example="{answered}", seq="{seq}", without="batch"),),
    "answering.undo_read": (door(READS, answer="undo", key=KEY),),
    "arrays.answer_questions": (
        door(f"POST {PAGE}/scoring/arrays/{{array_id}}/answer"),
        door(f"POST {API}/arrays/{{array_id}}/answers"),
    ),
    "arrays.check_pushed": ("push", "worker"),
    "arrays.push_array": (
        door(f"POST {PAGE}/scoring/arrays", kind="losses", file=LOSSES),
        door(f"POST {API}/arrays", kind="losses", file=LOSSES),
    ),
    "arrays.push_from_console": ("push",),
    "arrays.take_out": (
        door(f"POST {PAGE}/scoring/arrays/{{array_id}}/remove"),
        door(f"DELETE {API}/arrays/{{array_id}}"),
    ),
    "models.push_model": (
        door(f"POST {PAGE}/test-audit/models", file=PREDICTIONS, size="1", split=""),
        door(f"POST {API}/models", file=PREDICTIONS, size="1", split=""),
    ),
    "models.push_model_from_console": ("push",),
    "models.check_pushed_model": ("push", "worker"),
    "models.take_out_model": (
        door(f"POST {PAGE}/test-audit/models/{{model_id}}/remove"),
        door(f"DELETE {API}/models/{{model_id}}"),
    ),
    "model_audits.open_test_audit": (
        door(f"POST {PAGE}/test-audit", split=""),
        door(f"POST {API}/test-audit", split=""),
    ),
    "model_audits.open_from_console": ("test-audit",),
    "model_audits.read_more": (
        door(f"POST {PAGE}/test-audit/read"),
        door(f"POST {API}/test-audit/read"),
    ),
    "model_audits.read_more_from_console": ("test-audit",),
    "model_audits.compare_again": (
        door(f"POST {PAGE}/test-audit/again"),
        door(f"POST {API}/test-audit/again"),
    ),
    "model_audits.close_test_audit": (
        door(f"POST {PAGE}/test-audit/close"),
        door(f"POST {API}/test-audit/close"),
    ),
    "split_audits.open_split_audit": (
        door(f"POST {PAGE}/test-audit/splits", split=SPLIT),
        door(f"POST {API}/split-audits", split=SPLIT),
    ),
    "split_audits.open_split_from_console": ("split-audit",),
    "split_audits.draw_more": (
        door(f"POST {PAGE}/test-audit/splits/read", split=SPLIT),
        door(f"POST {API}/split-audits/read", split=SPLIT),
    ),
    "split_audits.draw_more_from_console": ("split-audit",),
    "split_audits.tell_split_again": (
        door(f"POST {PAGE}/test-audit/splits/again", split=SPLIT),
        door(f"POST {API}/split-audits/again", split=SPLIT),
    ),
    "split_audits.close_split_audit": (
        door(f"POST {PAGE}/test-audit/splits/close", split=SPLIT),
        door(f"POST {API}/split-audits/close", split=SPLIT),
    ),
    "split_audits.start_due_split_audits": ("worker",),
    "split_audits.tell_split": ("split-audit", "worker"),
    "model_audits.start_due_test_audits": ("worker",),
    "model_audits.compare_models": ("test-audit", "worker"),
    "batches.change": (
        door(f"POST {PAGE}/batches/{{number}}/state", state="paused"),
        door(f"POST {PAGE}/batches/{{number}}/people"),
        door("PATCH /api/v1/batches/{batch_id}", state="paused"),
    ),
    "views.save_view": (
        door(f"POST {PAGE}/views", name="Cats", filter="q=cat"),
        door(f"POST {API}/views", name="Cats", filter="q=cat"),
    ),
    "views.rename_view": (
        door(f"POST {PAGE}/views/{{view_id}}", name="Dogs"),
        door(f"PATCH {API}/views/{{view_id}}", name="Dogs"),
    ),
    "views.delete_view": (
        door(f"POST {PAGE}/views/{{view_id}}/delete"),
        door(f"DELETE {API}/views/{{view_id}}"),
    ),
    "recurring.add_recurring": (
        door(f"POST {PAGE}/batches/new", step="create", name="R", repeat="week"),
        door(f"POST {API}/recurring", every="week"),
    ),
    "recurring.change_recurring": (
        door(f"POST {PAGE}/batches/recurring/{{recurring_id}}", step="create", repeat="day"),
    ),
    "recurring.pause_recurring": (
        door(f"POST {PAGE}/batches/recurring/{{recurring_id}}/state", paused="true"),
        door(f"PATCH {API}/recurring/{{recurring_id}}", paused=True),
    ),
    "recurring.delete_recurring": (
        door(f"POST {PAGE}/batches/recurring/{{recurring_id}}/delete"),
        door(f"DELETE {API}/recurring/{{recurring_id}}"),
    ),
    "recurring.add_from_console": ("recurring add",),
    "recurring.pause_from_console": ("recurring pause",),
    "recurring.delete_from_console": ("recurring delete",),
    "making_due.make_due_batch": ("worker",),
    "batches.make_from_console": ("batches new",),
    "batches.change_from_console": (
        "batches hand",
        "batches pause",
        "batches resume",
        "batches close",
    ),
    "batches.make": (
        door(f"POST {PAGE}/batches/new", step="create", name="B"),
        door(f"POST {API}/batches"),
        "demo",
    ),
    "founding.found_own_project": (
        door("POST /projects/new", name="New"),
        door("POST /api/v1/projects"),
    ),
    "erasing.erase_example": (
        door(f"POST {PAGE}/examples/{{example_id}}/erase", confirm="k0"),
        door(f"POST {API}/examples/{{example_id}}/erase", confirm="k0"),
    ),
    "erasing.erase_files": ("worker", "erase"),
    "erasing.erase_from_console": ("erase",),
    "erasing_people.erase_person": (
        door("POST /admin/members/{person_id}/erase", confirm="reviewer@example.org"),
    ),
    "erasing_people.erase_person_from_console": ("erase",),
    "estimating.estimates_due": ("worker",),
    "estimating.estimate_project": ("estimate", "worker"),
    "founding.found_project": ("import",),
    "founding.lead_from_console": ("import",),
    "grid.answer_tiles": (
        door(GRID, step="confirm", key=KEY, at=AT_GRID),
        door("POST /api/v1/grid", at=AT_GRID),
    ),
    "grid.claim_tiles": (
        door(GRID, step="start", at=AT_GRID),
        door("POST /api/v1/batches/{batch_id}/grid/claim", at=AT_GRID),
    ),
    "grid.take_back_last": (door(GRID, step="undo", key=KEY, at=AT_GRID),),
    "grid.take_back_page": (door("POST /api/v1/grid/undo", at=AT_GRID),),
    "deleting.delete_by_name": (
        door(f"POST {PAGE}/settings/delete", name="{project_name}"),
        door(f"POST {API}/delete", name="{project_name}"),
    ),
    "deleting.delete_from_console": ("delete",),
    "deleting.restore": (
        door("POST /projects/{project_id}/restore"),
        door("POST /api/v1/deleted-projects/{project_id}/restore"),
    ),
    "deleting.restore_from_console": ("delete",),
    "deleting.remove_when_due": ("worker",),
    "deleting.no_empty_project": ("import",),
    "deleting.remove_for_good": ("import", "worker"),
    "importing.answer_from_console": ("import",),
    "importing.answer_questions": (
        door(f"POST {PAGE}/import/{{import_id}}/answer"),
        door(f"POST {API}/imports/{{import_id}}/answers"),
    ),
    "importing.bring_file": (
        door(f"POST {PAGE}/import", file=ROWS),
        door(f"POST {API}/imports", file=ROWS),
    ),
    "importing.bring_from_console": ("import",),
    "importing.bring_media": (
        door(f"POST {PAGE}/import/{{import_id}}/media", media=ROWS),
        door(f"POST {API}/imports/{{import_id}}/media", media=ROWS),
    ),
    "importing.check_file": ("import", "worker"),
    "importing.commit_file": ("import", "worker"),
    "importing.give_up": (
        door(f"POST {PAGE}/import/{{import_id}}/cancel"),
        door(f"POST {API}/imports/{{import_id}}/cancel"),
    ),
    "importing.givers_from_console": ("import",),
    "importing.look_from_console": ("import",),
    "importing.likely_from_console": ("import",),
    "importing.set_reading": (
        door(f"POST {PAGE}/import/{{import_id}}/reading"),
        door(f"POST {API}/imports/{{import_id}}/reading"),
    ),
    "importing.set_roles": (
        door(f"POST {PAGE}/import/{{import_id}}/columns"),
        door(f"POST {API}/imports/{{import_id}}/roles"),
    ),
    "importing.start_import": (
        door(f"POST {PAGE}/import/{{import_id}}/commit"),
        door(f"POST {API}/imports/{{import_id}}/commit"),
    ),
    "labels.add_from_console": ("labels add",),
    "labels.change_from_console": ("labels change",),
    "labels.merge_from_console": ("labels merge",),
    "labels.restore_from_console": ("labels restore",),
    "labels.retire_from_console": ("labels retire",),
    "labels.split_from_console": ("labels split",),
    "labels.add_label": (
        door(f"POST {PAGE}/labels", name="Bird"),
        door(f"POST {API}/labels", name="Bird"),
    ),
    "labels.add_reference": (
        door(f"POST {PAGE}/labels/{{label_id}}/references", example="{answered_key}", act="add"),
        door(
            f"PUT {API}/labels/{{label_id}}/references/{{example_id}}",
            belongs="include",
            at=AT_ANSWERED,
        ),
    ),
    "labels.change_label": (
        door(f"POST {PAGE}/labels/{{label_id}}", display="Cats", key="q"),
        door(f"PATCH {API}/labels/{{label_id}}", display="Cats", key="q"),
    ),
    "labels.remove_reference": (
        door(f"DELETE {API}/labels/{{label_id}}/references/{{example_id}}"),
    ),
    "labels.restore_label": (
        door(f"POST {PAGE}/labels/{{label_id}}/restore", at={"label_id": "retired_label"}),
        door(f"POST {API}/labels/{{label_id}}/restore", at={"label_id": "retired_label"}),
    ),
    "labels.retire_label": (
        door(f"POST {PAGE}/labels/{{label_id}}/merge", into="{label}"),
        door(f"POST {API}/labels/{{label_id}}/merge", into="{label}"),
    ),
    "labels.retire_unused": (
        door(f"POST {PAGE}/labels/{{label_id}}/retire", at={"label_id": "idle_label"}),
        door(f"POST {API}/labels/{{label_id}}/retire", at={"label_id": "idle_label"}),
    ),
    "labels.split_label": (
        door(f"POST {PAGE}/labels/{{label_id}}/split", name="Kitten", examples="k4\nk5"),
        door(f"POST {API}/labels/{{label_id}}/split", name="Kitten", examples="{unread}"),
    ),
    "guidelines.write_guideline": (
        door(f"POST {PAGE}/guidelines/rule", label="{label_id}", text="Like this.", base=0),
        door(f"POST {API}/guidelines", labels=[], text="Like this.", without="base"),
    ),
    "guidelines.read_again": (
        door(f"POST {PAGE}/guidelines/read-again", version=1, expected=1, without="label other"),
        door(f"POST {API}/guidelines/read-again", labels=[], version=1, without="expected"),
    ),
    "own_labels.likely_in": ("import",),
    "own_labels.link_from_console": ("people link",),
    "own_labels.link_imported": ("worker", "import"),
    "own_labels.link_source": (
        door(f"PUT {API}/sources/{{source_id}}/person"),
        door(f"DELETE {API}/sources/{{source_id}}/person"),
    ),
    "own_labels.say_givers": ("import",),
    "own_labels.say_own_labels": (door(f"POST {PAGE}/people/{{person_id}}/labels"),),
    "own_labels.unlink_from_console": ("people link",),
    "people.add_by_name": (
        door(f"POST {PAGE}/people/add", person="{colleague}"),
        door(f"POST {API}/people", person="{colleague}"),
    ),
    "people.add_from_console": ("people add",),
    "people.change_role": (door(f"POST {PAGE}/people/{{person_id}}/role", role="expert"),),
    "people.disable_account": (door(STANDING, standing="closed"),),
    "people.enable_account": (door(STANDING, standing="open"),),
    "people.give_admin": (door(STANDING, standing="admin"),),
    "people.invite": (door(f"POST {PAGE}/people/invites"),),
    "people.invite_member": (door("POST /admin/members/invites"),),
    "people.remove": (door(f"POST {PAGE}/people/{{person_id}}/remove"),),
    "people.reset_from_console": ("people reset",),
    "people.reset_link": (door(f"POST {PAGE}/people/{{person_id}}/reset"),),
    "people.reset_link_of_member": (door("POST /admin/members/{person_id}/reset"),),
    "people.take_admin": (door(STANDING, standing="plain"),),
    "people.withdraw_invitation": (door(f"POST {PAGE}/people/invites/{{link_id}}/withdraw"),),
    "studying.study_again": (
        door(f"POST {PAGE}/insights/look"),
        door(f"POST {API}/noise"),
    ),
    "comparing_reviewers.compare_again": (
        door(f"POST {PAGE}/reviewers/compare"),
        door(f"POST {API}/reviewers"),
    ),
    "comparing_reviewers.compare_reviewers": ("reviewers", "worker"),
    "comparing_reviewers.start_due_comparisons": ("worker",),
    "practising.practise": (
        door(f"POST {PAGE}/reviewers/{{person_id}}/practice"),
        door(f"POST {API}/reviewers/{{person_id}}/practice"),
    ),
    "studying.study_project": ("noise", "worker"),
    "studying.start_due_studies": ("worker",),
    "studying.make_of_group": (door(f"POST {PAGE}/insights/slices/{{place}}/batch", words="a"),),
    "studying.make_of_slice": (door(f"POST {PAGE}/insights/slices/confirmed/{{probe_id}}/batch"),),
    "recovering.measure_again": (door(f"POST {PAGE}/recovery"), door(f"POST {API}/recovery")),
    "recovering.measure_project": ("recovery", "worker"),
    "recovering.check_can_measure": ("recovery",),
    "probing.probe_groups": (
        door(f"POST {PAGE}/insights/slices/probe"),
        door(f"POST {API}/noise/probe"),
    ),
    "probing.probe_from_console": ("noise",),
    "source_checks.check_source": (
        door(f"POST {PAGE}/insights/sources/check", source_id="{gave_all}"),
        door(f"POST {API}/sources/{{source_id}}/check", at={"source_id": "gave_all"}),
    ),
    "duplicates.review_duplicates": (
        door(f"POST {PAGE}/insights/duplicates/review"),
        door(f"POST {API}/duplicates/review"),
    ),
    "probing.carry_on": ("worker",),
    "bulk_starting.start_bulk_fix": (
        door(f"POST {PAGE}/insights/bulk/new", floor=0.9, failures=1),
        door(f"POST {API}/bulk", floor=0.9, failures=1),
    ),
    "bulk_starting.start_from_console": ("bulk start",),
    "bulk_fixing.apply_bulk_fix": (
        door(f"POST {PAGE}/insights/bulk/{{number}}/apply", at={"number": "ready"}),
        door(f"POST {API}/bulk/{{number}}/apply", at={"number": "ready"}),
    ),
    "bulk_fixing.undo_bulk_fix": (
        door(f"POST {PAGE}/insights/bulk/{{number}}/undo", at={"number": "applied"}),
        door(f"POST {API}/bulk/{{number}}/undo", at={"number": "applied"}),
    ),
    "bulk_fixing.give_up_bulk_fix": (
        door(f"POST {PAGE}/insights/bulk/{{number}}/give-up"),
        door(f"POST {API}/bulk/{{number}}/give-up"),
    ),
    "bulk_fixing.apply_from_console": ("bulk apply",),
    "bulk_fixing.undo_from_console": ("bulk undo",),
    "projects.change_project": (
        door(f"POST {PAGE}/settings/general", name="Other", confirmations=2),
        door(f"PATCH {API}", name="Other"),
    ),
    "projects.change_project (target)": (
        door(f"POST {PAGE}/target", target_percent="2", prove="true"),
        door(f"PATCH {API}", target_percent=2, prove=True),
    ),
    "projects.change_project (put away)": (
        door(f"POST {PAGE}/settings/archive", archived="true"),
        door(f"PATCH {API}", archived=True),
    ),
    "releasing.make_release": (door(f"POST {PAGE}/releases"), door(f"POST {API}/releases")),
    "releasing.make_release_at_console": ("release",),
    "releasing.stop_release": (door(f"POST {PAGE}/releases/{{number}}/stop"),),
    "rulings.ask_third": (
        door(f"POST {PAGE}/disagreements/{{case_id}}/third"),
        door(f"POST {API}/disagreements/{{case_id}}/third"),
    ),
    "rulings.leave": (
        door(f"POST {PAGE}/disagreements/{{case_id}}/leave", at=AT_DIFFERS),
        door(f"POST {API}/disagreements/{{case_id}}/leave", at=AT_DIFFERS),
    ),
    "rulings.reopen": (
        door(f"POST {PAGE}/examples/{{example_id}}/reopen", key=KEY, at=AT_ANSWERED),
        door(f"POST {PAGE}/disagreements/{{case_id}}/reopen", key=KEY, at=AT_DIFFERS),
        door(f"POST {API}/examples/{{example_id}}/reopen", key=KEY, at=AT_ANSWERED),
    ),
    "rulings.rule": (door(DECIDE, how="ruling", answer="confirm", key=KEY),),
    "rulings.settle": (
        door(f"POST {PAGE}/disagreements/{{case_id}}/settle", answer="confirm", key=KEY),
        door(f"POST {API}/disagreements/{{case_id}}/settle", verdict="confirm", without="label"),
    ),
    "rulings.take_back": (
        door(f"POST {PAGE}/disagreements/{{case_id}}/undo", key=KEY, at=AT_RULED),
        door(f"POST {API}/disagreements/{{case_id}}/undo", key=KEY, at=AT_RULED),
    ),
    "scoring.cancel_job": (
        door(f"POST {PAGE}/scoring/stop"),
        door(f"POST {PAGE}/recovery/stop"),
        door(f"POST {API}/jobs/{{job_id}}/cancel"),
    ),
    "scoring.rank_anew": (door(f"POST {PAGE}/scoring"), door(f"POST {API}/scoring")),
    "scoring.rank_anew_at_console": ("score",),
    "withdrawing.withdraw_from_console": ("withdraw",),
    "withdrawing.withdraw_import": (
        door(f"POST {PAGE}/import/{{import_id}}/withdraw", at=AT_IDLE),
        door(f"POST {API}/imports/{{import_id}}/withdraw", again=False, at=AT_IDLE),
    ),
}

NO_ACTS = frozenset(
    {
        "activity.note",
        "activity.note_batch",
        "activity.note_by",  # a line of the log that acts write themselves
        "deleting.deleted_projects",  # a question
        "erasing.example_by_key",  # a question
        "erasing.what_goes",  # a question
        "erasing_people.person_in_question",  # a question
        "founding.usual_confirmations",  # a question
        "jobs.steps_of",  # a question
        "jobs.waiting_words",  # a question
        "people.those_addable",  # a question
        "scoring.job_of_project",  # a question
        "withdrawing.why_not",  # a question
    }
)
LOOKS_ONLY = frozenset({f"POST {API}/batches/preview", "POST /signout"})
"""Routes that are no act of a room: one only looks, the other ends the session itself."""

FIRST_DOORS: dict[str, Door] = {}
"""The first act of a route: what is asked of it in the matrix."""
for doors in ACTS.values():
    for one in doors:
        if isinstance(one, Door):
            FIRST_DOORS.setdefault(one.route, one)
