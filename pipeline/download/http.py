"""Files over HTTP that go on where they stopped, and archives that stay inside their folder."""

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

BLOCK = 1 << 16
# What a bad line raises: the next try may do better. A full disk is not among them.
BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, socket.timeout, ssl.SSLError)
BUSY = (408, 429, 500, 502, 503, 504)


def download(url: str, path: Path, digest: str, tries: int = 5, pause: float = 1.0, timeout: float = 60.0) -> None:
    """Download a file, going on with what an earlier call left; do nothing if `path` exists.

    The bytes gather in `path` + ".sentiment-part", which outlives a broken connection and a stopped program.

    Parameters
    ----------
    url : str
        Where the file is.
    path : Path
        Where it goes, once it is whole and its checksum is right.
    digest : str
        SHA-256 in hexadecimal.
    tries : int
        How often in a row the connection may fail without bringing a byte.
    pause : float
        Seconds before the second try; doubled with every failure in a row.
    timeout : float
        Seconds of silence after which a connection counts as broken.

    Raises
    ------
    PipelineError
        If the server refuses, the connection keeps failing or the checksum is wrong.
    """
    if path.exists():
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".sentiment-part")
    _persist(url, part, tries, pause, timeout)
    found = sha256(part)
    if found != digest:
        part.unlink()  # no resuming mends it
        raise PipelineError(f"{url}: SHA-256 is {found}, expected {digest}; {part} is removed, try again")
    with open(part, "rb") as file:  # on the disk before its name is
        os.fsync(file.fileno())
    part.replace(path)


def _persist(url: str, part: Path, tries: int, pause: float, timeout: float) -> None:
    failures, most = 0, _size(part)
    while True:
        try:
            return _transfer(url, part, timeout)
        except BROKEN as error:
            if isinstance(error, urllib.error.HTTPError) and error.code not in BUSY:
                raise PipelineError(f"{url}: the server says {error.code} {error.reason}") from None
            failures = failures + 1 if _size(part) <= most else 1
            most = max(most, _size(part))
            if failures >= tries:
                kept = f"; {part} keeps {_size(part)} bytes to go on from" if part.exists() else ""
                raise PipelineError(f"{url}: {error}, {tries} times in a row{kept}. Try again later") from error
            wait = pause * 2 ** (failures - 1)
            print(f"{part.stem}: {error}; trying again in {wait:g} s")
            time.sleep(wait)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _transfer(url: str, part: Path, timeout: float) -> None:
    """Ask once for what is missing in `part`; a server that ignores the question sends all of it."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send: the checksum judges what is there
            return
        raise
    with response:
        have = have if response.status == 206 else 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        bar = tqdm(desc=part.stem, total=total, initial=have, unit="B", unit_scale=True)
        with bar, open(part, "ab" if have else "wb") as file:
            while have != total:
                block = response.read1(BLOCK)  # what there is: a silence loses nothing that came before it
                if not block:
                    break
                file.write(block)
                bar.update(len(block))
                have += len(block)
    if total is not None and have < total:
        raise ConnectionError(f"the connection broke after {have} of {total} bytes")


def extract(archive: Path, folder: Path) -> None:
    """Unpack a tar.gz whose members all lie in one folder of the same name as `folder`.

    Only plain files and folders are made, whatever the archive asks for, and `folder` is whole or as it was.

    Raises
    ------
    PipelineError
        If a member is a link or a device or leads out of the folder, the archive is damaged, or `folder` has
        something in it already.
    """
    bar = tqdm(desc=folder.name, total=archive.stat().st_size, unit="B", unit_scale=True)
    try:
        with bar, open(archive, "rb") as file, tarfile.open(fileobj=file, mode="r:gz") as tar, new_folder(
            folder
        ) as made:
            for member in tar:
                _extract_member(tar, member, made.joinpath(*_parts_inside(archive, member, folder.name)))
                bar.update(file.tell() - bar.n)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise PipelineError(f"{archive}: damaged ({error}); delete it and fetch it again") from error


def _parts_inside(archive: Path, member: tarfile.TarInfo, top: str) -> tuple[str, ...]:
    first, *rest = PurePosixPath(member.name).parts or ("",)
    if first != top or ".." in rest or "\\" in member.name:
        raise PipelineError(f"{archive}: the member {member.name!r} lies outside {top}/; nothing is unpacked")
    if not (member.isfile() or member.isdir()):
        raise PipelineError(f"{archive}: the member {member.name!r} is a link or a device; nothing is unpacked")
    return tuple(rest)


def _extract_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None  # it is only for links and devices
    with source, open(target, "wb") as file:
        shutil.copyfileobj(source, file)
