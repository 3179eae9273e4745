"""What the status line says after an action: `/p/x/people?done=role_changed`."""

from __future__ import annotations

from starlette.responses import RedirectResponse

NOTICES = {
    "saved": "Saved.",
    "signed_out": "You are signed out.",
    "password_set": "The new password is set. Other sessions were signed out.",
    "password_set_tokens_ended": "The new password is set. Other sessions were signed out and "
    "your tokens ended: programs that use them must get new ones.",
    "token_revoked": "The token was revoked. Programs that use it are refused from now on.",
    "sessions_ended": "Your other sessions were signed out.",
    "member_added": "They take part in this project now, and find it when they sign in.",
    "role_changed": "The role was changed.",
    "own_labels_said": "Noted. They are given none of these labels to judge.",
    "member_removed": "Removed from the project. Their answers stay.",
    "invite_withdrawn": "The invitation was withdrawn.",
    "person_disabled": "The account is closed. Its sessions and tokens answer no longer.",
    "person_enabled": "The account is open again.",
    "person_erased": "The person is erased. The answers stay, under a pseudonym.",
    "admin_given": "This person is admin now.",
    "admin_taken": "This person is no longer admin.",
    "project_created": "The project is there. Import data to begin.",
    "project_archived": "The project is archived. Nothing in it changes any more.",
    "project_restored": "The project is in use again.",
    "project_deleted": "The project is deleted. For 30 days it can be brought back from here.",
    "looking": "Patterns are looked for. What is found stands here in a minute or so.",
    "measuring": "The remedies are measured. What comes out stands here in some minutes.",
    "measuring_stopped": "Measuring is stopped. What was measured before is still shown.",
    "comparing": "Reviewers are compared. What is found stands here in a minute or so.",
    "target_chosen": "The target is chosen. Checks for it begin once little seems left.",
    "target_dropped": "There is no target now. Random checks go on as each batch says.",
    "label_added": "The label was added.",
    "label_changed": "The label is changed.",
    "label_merged": "The labels are one now. Answers that carried the old one follow.",
    "label_retired": "The label is out of use.",
    "label_restored": "The label is in use again.",
    "label_split": "The new label is there, and a batch that asks which examples have it.",
    "reference_changed": "The reference examples are changed.",
    "guideline_written": "The rule holds. Reviewers at work are told of it.",
    "read_again": "Those examples are asked about again; reviewers get them first.",
    "answer_changed": "Your new answer stands in the place of the earlier one.",
    "recurring_added": "It is set. Its batches are made by themselves from its next time on.",
    "recurring_changed": "It is changed. What was made already stays as it is.",
    "recurring_paused": "It is paused. Nothing is made until you resume it.",
    "recurring_resumed": "It goes on at its next time.",
    "recurring_deleted": "It is ended. The batches that it made stay.",
    "view_saved": "The view is saved. It stands above the list for every lead of the project.",
    "view_renamed": "The view has another name now.",
    "view_deleted": "The view is deleted. Batches made of it stay as they are.",
    "batch_created": "The batch is open. Its reviewers find it in their queue.",
    "batch_opened": "The batch is open.",
    "batch_paused": "The batch is paused. Nobody is handed more of it; answers given stay.",
    "batch_closed": "The batch is closed. What was not reviewed is back in the pool.",
    "batch_people": "Who reviews the batch is saved.",
    "answered": "Your answer is stored.",
    "answered_late": "Your answer is kept. It does not count, because others had it before.",
    "ruled": "Your ruling is final.",
    "ruling_undone": "Your ruling is taken back. The case is open again.",
    "left_as_is": "The label stays as it is.",
    "third_asked": "A third read is asked for. The case stays open until it is there.",
    "reopened": "Reviewers will read it again. Earlier answers no longer count.",
    "bulk_started": "Its checks are in the queue of the reviewers. Nothing is changed yet.",
    "bulk_applied": "The labels are changed. The examples are ranked anew.",
    "bulk_undone": "The earlier labels stand again. The examples are ranked anew.",
    "bulk_given_up": "The checks are ended. Nothing was changed.",
    "test_audit_opened": "The audit is open. What its models differ on is in a random order now.",
    "test_audit_closed": "The audit is closed. What it found stays here.",
    "split_audit_opened": "The audit of the split is open. Its random order is fixed now.",
    "split_audit_closed": "The audit of the split is closed. What it found stays here.",
    "counting_split": "Wrong labels of the split are counted again. It takes a moment.",
    "ranking_model_out": "The model is out. Runs that it was averaged into keep what it said; "
    "the next ranking goes without it.",
    "comparing_models": "The models are compared again. It takes a moment.",
    "example_erased": "The example is erased. Its stored files go within a minute.",
    "release_stopped": "The release is stopped. Nothing of it is kept.",
    "joined": "You take part in this project now.",
}


def password_notice(tokens_ended: bool) -> str:
    return "password_set_tokens_ended" if tokens_ended else "password_set"


def done(path: str, notice: str, query: str = "") -> RedirectResponse:
    """Go on to a page, which then says what was done; `query`: what else its address says."""
    assert notice in NOTICES
    more = f"&{query}" if query else ""
    return RedirectResponse(f"{path}?done={notice}{more}", 303)
