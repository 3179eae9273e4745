"""What stands in api.md beside what the code says of itself."""

from __future__ import annotations

INTRO = """\
Everything a page can do, a program can do. All addresses begin with `/api/v1`. Fields and routes
are added, never taken away or given another meaning, as long as the address says `v1`.

- **Who asks**: `Authorization: Bearer rlb_…`. Make a token under *Your account*, or by
  `POST /api/v1/me/tokens`. A token can be bound to one project and ends after the days it was made
  for. What you may not see answers 404, as if it were not there.
- **Bodies** are JSON (`Content-Type: application/json`) of at most 1 MiB, but for files, which are
  sent as `multipart/form-data` of at most 2 GiB. Unknown fields are refused, and so
  is a key that stands twice.
- **Failures** are `application/problem+json`; every code stands in [errors.md](errors.md).
- **Retries**: a `key` that you choose makes a second try answer with the first result. The same key
  with another answer is 409 (`key_reused`).
- **Lists** answer a page and say how to ask for the next one.
- **The same in OpenAPI**: `GET /api/v1/openapi.json`.

```sh
curl -H "Authorization: Bearer $TOKEN" https://relabel.example.org/api/v1/projects
```

Claims, answers and the grid answer with the shapes `DeskReply`, `GridReply` and `Card` below; only
the fields that have something to say are sent.
"""

SENTENCES = {
    "GET /api/v1/batches/{batch_id}": "A batch, how far it is, and who read how much of it.",
    "PATCH /api/v1/batches/{batch_id}": "Pause, open or close a batch, or hand it to other people.",
    "GET /api/v1/me": "Who the program speaks for.",
    "GET /api/v1/me/keys": "The keys of your desk.",
    "GET /api/v1/me/tokens": "Your tokens, without their secrets.",
    "DELETE /api/v1/me/tokens/{token_id}": "Revoke a token; it ends at once.",
    "GET /api/v1/projects": "The projects you take part in, and your role in each.",
    "POST /api/v1/projects": "Make an empty project; you become its lead.",
    "GET /api/v1/projects/{slug}": "One project and your role in it.",
    "PATCH /api/v1/projects/{slug}": "Change a project's name or settings, or archive it.",
    "GET /api/v1/projects/{slug}/arrays": "The arrays that were pushed.",
    "GET /api/v1/projects/{slug}/arrays/{array_id}": "One array, and what its check said.",
    "POST /api/v1/projects/{slug}/batches": "Open a batch.",
    "GET /api/v1/projects/{slug}/disagreements/{case_id}": "One case with its answers and notes.",
    "POST /api/v1/projects/{slug}/disagreements/{case_id}/settle": "Rule on a case; that is final.",
    "GET /api/v1/projects/{slug}/examples/{example_id}": "One example with its whole history.",
    "GET /api/v1/projects/{slug}/imports": "The imports of a project, newest first.",
    "GET /api/v1/projects/{slug}/imports/{import_id}": "One import, and what its check said.",
    "POST /api/v1/projects/{slug}/imports/{import_id}/answers": (
        "Answer what the check asked; the file is then checked again."
    ),
    "POST /api/v1/projects/{slug}/imports/{import_id}/cancel": (
        "Stop an import; rows that were stored were never visible and are taken out."
    ),
    "POST /api/v1/projects/{slug}/imports/{import_id}/reading": (
        "Say how the file is read, part by part; it is then checked again."
    ),
    "POST /api/v1/projects/{slug}/imports/{import_id}/roles": (
        "Say what each column is; the file is then checked again."
    ),
    "GET /api/v1/projects/{slug}/jobs/{job_id}": "How far a job is.",
    "POST /api/v1/projects/{slug}/jobs/{job_id}/cancel": "Stop a job.",
    "GET /api/v1/projects/{slug}/labels": "The labels of a project, retired ones too.",
    "POST /api/v1/projects/{slug}/labels": "Add a label.",
    "GET /api/v1/projects/{slug}/releases": "The releases of a project, newest first.",
    "POST /api/v1/projects/{slug}/releases": "Have a release made.",
    "GET /api/v1/projects/{slug}/releases/{number}": "One release, its files and its head hash.",
    "GET /api/v1/projects/{slug}/releases/{number}/files/{name}": "One file of a release.",
    "GET /api/v1/projects/{slug}/scoring": "The scoring runs of a project.",
    "POST /api/v1/redo": "Let an own answer stand again that was undone.",
    "POST /api/v1/undo": "Take back your last answer in a batch, or a named one.",
}
"""For routes that do not say in their own words what they do; a docstring there takes its place."""
