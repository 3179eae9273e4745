"""Files to keep: whatever is in them, a browser stores them and runs nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import SpooledTemporaryFile

from starlette.responses import FileResponse, Response, StreamingResponse

from app.releases.formats.csv_file import write_table
from app.releases.formats.format import Cell

_PIECE = 1 << 18
_IN_MEMORY = 8 << 20
_KIND = "application/octet-stream"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def _headers(name: str) -> dict[str, str]:
    assert name.isascii() and '"' not in name
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def file_download(path: Path, name: str) -> Response:
    return FileResponse(path, media_type=_KIND, headers=_headers(name))


def zip_download(paths: Iterable[Path], name: str) -> Response:
    """Packed while it is sent: nothing is kept in memory or on disk."""
    return StreamingResponse(_packed(list(paths)), media_type=_KIND, headers=_headers(name))


def csv_download(lines: Iterable[Sequence[Cell]], name: str) -> Response:
    """A table that is written now and sent afterwards: what is large waits on the disk."""
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed once it is sent
    write_table(file, lines)
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type=_KIND, headers=_headers(name))


def _pieces(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


class _Outlet:
    """What has been written since the last look."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        written, self._pieces = b"".join(self._pieces), []
        return written


def _packed(paths: list[Path]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, _FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    if ready := outlet.taken():
                        yield ready
    yield outlet.taken()
