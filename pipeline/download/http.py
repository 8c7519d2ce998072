"""Resumable HTTP downloads and safe archive extraction."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path, PurePosixPath

from pipeline.errors import PipelineError
from pipeline.io.output import new_folder, sha256
from pipeline.io.progress import tqdm

CHUNK_SIZE = 1 << 16
# Network errors, which are retried. Disk errors are not.
RETRYABLE_ERRORS = (urllib.error.URLError, http.client.HTTPException, ConnectionError, socket.timeout, ssl.SSLError)
RETRYABLE_STATUS = (408, 429, 500, 502, 503, 504)


def download(
    url: str, path: Path, digest: str, max_failures: int = 5, backoff: float = 1.0, timeout: float = 60.0
) -> None:
    """Download a file, resuming a partial download; do nothing if `path` exists.

    The partial file is `path` + ".sentiment-part". It is kept when the connection or the program ends.

    Parameters
    ----------
    url : str
    path : Path
        Target file; created when the download is complete and its checksum correct.
    digest : str
        Expected SHA-256 in hexadecimal.
    max_failures : int
        Number of consecutive failures without progress after which to give up.
    backoff : float
        Seconds before the first retry; doubled with each consecutive failure.
    timeout : float
        Seconds without data after which a connection counts as failed.

    Raises
    ------
    PipelineError
        If the server returns an error, the connection keeps failing or the checksum is wrong.
    """
    if path.exists():
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".sentiment-part")
    _download_with_retries(url, part, max_failures, backoff, timeout)
    found = sha256(part)
    if found != digest:
        part.unlink()  # resuming cannot fix it
        raise PipelineError(f"{url}: SHA-256 is {found}, expected {digest}; {part} was removed, try again")
    with open(part, "rb") as file:  # flush the content to disk before the rename
        os.fsync(file.fileno())
    part.replace(path)


def _download_with_retries(url: str, part: Path, max_failures: int, backoff: float, timeout: float) -> None:
    failures, largest = 0, _size(part)
    while True:
        try:
            return _download_rest(url, part, timeout)
        except RETRYABLE_ERRORS as error:
            if isinstance(error, urllib.error.HTTPError) and error.code not in RETRYABLE_STATUS:
                raise PipelineError(f"{url}: HTTP status {error.code} {error.reason}") from None
            failures = failures + 1 if _size(part) <= largest else 1
            largest = max(largest, _size(part))
            if failures >= max_failures:
                kept = f"; {part} has {_size(part)} bytes to resume from" if part.exists() else ""
                raise PipelineError(f"{url}: {error}, {max_failures} times in a row{kept}. Try again later") from error
            wait = backoff * 2 ** (failures - 1)
            print(f"{part.stem}: {error}; retrying in {wait:g} s")
            time.sleep(wait)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _download_rest(url: str, part: Path, timeout: float) -> None:
    """Request the rest of a partial file; start over if the server ignores the Range header."""
    size = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={size}-"} if size else {})
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == 416 and size:  # the file is complete; its checksum is checked later
            return
        raise
    with response:
        size = size if response.status == 206 else 0
        length = response.headers.get("Content-Length")
        total = size + int(length) if length else None
        bar = tqdm(desc=part.stem, total=total, initial=size, unit="B", unit_scale=True)
        with bar, open(part, "ab" if size else "wb") as file:
            while size != total:
                chunk = response.read1(CHUNK_SIZE)  # returns what has arrived, so that a timeout loses nothing
                if not chunk:
                    break
                file.write(chunk)
                bar.update(len(chunk))
                size += len(chunk)
    if total is not None and size < total:
        raise ConnectionError(f"connection closed after {size} of {total} bytes")


def extract(archive: Path, folder: Path) -> None:
    """Extract a tar.gz whose members are all in one folder of the same name as `folder`.

    Only regular files and folders are extracted. On an error `folder` is unchanged.

    Raises
    ------
    PipelineError
        If a member is a link or a device or its path leaves the folder, the archive is damaged, or `folder` is not
        empty.
    """
    bar = tqdm(desc=folder.name, total=archive.stat().st_size, unit="B", unit_scale=True)
    try:
        with bar, open(archive, "rb") as file, tarfile.open(fileobj=file, mode="r:gz") as tar, new_folder(
            folder
        ) as temporary:
            for member in tar:
                _extract_member(tar, member, temporary.joinpath(*_parts_inside(archive, member, folder.name)))
                bar.update(file.tell() - bar.n)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise PipelineError(f"{archive}: damaged ({error}); delete it and download it again") from error


def _parts_inside(archive: Path, member: tarfile.TarInfo, top: str) -> tuple[str, ...]:
    first, *rest = PurePosixPath(member.name).parts or ("",)
    if first != top or ".." in rest or "\\" in member.name:
        raise PipelineError(f"{archive}: member {member.name!r} is outside {top}/; nothing was extracted")
    if not (member.isfile() or member.isdir()):
        raise PipelineError(f"{archive}: member {member.name!r} is a link or a device; nothing was extracted")
    return tuple(rest)


def _extract_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None  # None only for links and devices
    with source, open(target, "wb") as file:
        shutil.copyfileobj(source, file)
