"""The roles of a file's columns, as a payload names them: the registry's, no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field, create_model

from app.datasets.mapping import columns_of
from app.datasets.roles import ROLES
from app.datasets.rows import MOST_COLUMNS
from app.web.payloads import Payload


class RolesSent(Payload):
    def named(self) -> Mapping[str, tuple[str, ...]]:
        """What was sent; a role that takes several columns is always said."""
        sent = {name: getattr(self, name) for name in ROLES}
        return {name: columns_of(value) for name, value in sent.items() if value is not None}


if TYPE_CHECKING:
    RolesPayload = RolesSent
else:  # one field a role, so that the site's own description tells them
    RolesPayload = create_model(
        "RolesPayload",
        __base__=RolesSent,
        **{
            role.name: (list[str], Field(default_factory=list, max_length=MOST_COLUMNS))
            if role.many
            else (str | None, None)
            for role in ROLES.values()
        },
    )
