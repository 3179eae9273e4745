"""The files of an encoder, out of the installed package, known to be those of the record."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from app.errors import DataProblem
from app.ranking.encoders.encoder import Encoder
from app.ranking.encoders.registry import INSTALL


def read_files(encoder: Encoder) -> list[bytes]:
    """What each file holds, in the order of the record.

    Nothing of the package is imported or run. DataProblem if a file is not the one of the record.
    """
    try:
        package = distribution(encoder.package)
    except PackageNotFoundError:
        raise DataProblem(
            f"{encoder.words} is not installed.", next_step=f"Run {INSTALL}.", code="no_encoder"
        ) from None
    found = []
    for file in encoder.files:
        path = Path(str(package.locate_file(file.path)))
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise DataProblem(
                f"{path.name} of {encoder.package} is not the file that Relabel knows (SHA-256 "
                f"{file.sha256[:16]}…), and is not used.",
                next_step=f"Run pip install --force-reinstall {encoder.package}=="
                f"{encoder.version}.",
                code="encoder_altered",
            )
        found.append(content)
    return found
