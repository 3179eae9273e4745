"""Bad inputs and what becomes of them: files are made here, none is stored.

`CASES` is a table, so that any door (command line, API, wizard) can be tried with it.
"""

from __future__ import annotations

from tests.nasty.array_cases import ARRAY_CASES
from tests.nasty.csv_cases import CSV_CASES
from tests.nasty.image_cases import IMAGE_CASES
from tests.nasty.json_cases import JSON_CASES
from tests.nasty.label_cases import LABEL_CASES
from tests.nasty.making import Case, Given

CASES: list[Case] = [*CSV_CASES, *LABEL_CASES, *JSON_CASES, *ARRAY_CASES, *IMAGE_CASES]

__all__ = ["CASES", "Case", "Given"]
