"""Files and folders that are whole or absent: written under a temporary name, then renamed.

Nothing that somebody else put there is lost: a folder is replaced only if the caller knows what is in it, links stay
links, and devices and pipes are written to, not replaced.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

from pipeline.errors import PipelineError

try:
    import fcntl
except ImportError:  # not on Windows, where nobody removes what a killed run left
    fcntl = None  # type: ignore[assignment]

STANDARD_OUTPUT = Path("-")  # where a command's output goes if this is its name

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux
_BEGINNING, _ENDING = ".sentiment-", ".tmp"  # of temporary names


def check_file(path: Optional[Path], source: Optional[Path] = None) -> None:
    """Make sure, before work begins, that its result may be written to a file.

    Raises
    ------
    PipelineError
        If the path is that of a folder, or of the file that is read, `source`.
    """
    if path and path.is_dir():
        raise PipelineError(f"{path}: a folder; expected the name of a file")
    if path and source and path.is_file() and source.is_file() and path.samefile(source):
        raise PipelineError(f"{path}: the file that is read; name another one")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; what is written there becomes `path` only if the block succeeds.

    A link stays, and the file that it names is replaced. The file's owner and permissions stay, too. A device or a
    pipe is yielded itself, to be written to as the block goes on.

    Raises
    ------
    PipelineError
        If `path` is a folder.
    OSError
        If it is a file that may not be written to, or the disk is full or read-only; names it.
    """
    check_file(path)
    with named_if_full(path):
        try:
            found: Optional[os.stat_result] = os.stat(path)
        except FileNotFoundError:
            found = None
        if found is None or stat.S_ISREG(found.st_mode):
            descriptor = _find_open(found) if found else None
            target = Path(os.path.realpath(path))
            with _new_file(target) if descriptor is None else _appended(descriptor) as temporary:
                yield temporary
        else:
            yield path


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    if path.exists():
        open(path, "rb+").close()  # an error if it may not be written to
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path.parent, lambda temporary: temporary.touch(exist_ok=False)) as temporary:
        yield temporary
        if path.exists():
            _keep_owner_and_mode(path, temporary)
        with open(temporary, "rb+") as file:  # on the disk before its name is
            os.fsync(file.fileno())
        os.replace(temporary, path)


def _find_open(found: os.stat_result) -> Optional[int]:
    """Return 1 or 2 if standard output or standard error goes to this very file, as /dev/stdout may."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
    return None


@contextlib.contextmanager
def _appended(descriptor: int) -> Iterator[Path]:
    """Yield a path to write to, and write the same to an open file, which may hold something already."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "written")
        if sys.stdout:
            sys.stdout.flush()
        with open(Path(folder, "written"), "rb") as source, open(descriptor, "wb", closefd=False) as target:
            shutil.copyfileobj(source, target)


def check_empty(path: Path) -> None:
    """Make sure that `path` is free for a new folder.

    Raises
    ------
    PipelineError
        If it is a file, or a folder with something in it.
    """
    if path.exists() and not path.is_dir():
        raise PipelineError(f"{path}: a file; expected a folder, or a name that is free")
    names = list_names(path)
    if names:
        raise PipelineError(f"{path}: holds {names[0]} already; name a folder that is new or empty")


def list_names(folder: Path) -> List[str]:
    """Return what is in a folder, sorted, without what a killed run left; nothing if there is no folder."""
    return sorted(path.name for path in folder.iterdir() if not _is_temporary(path)) if folder.is_dir() else []


@contextlib.contextmanager
def new_folder(path: Path, check: Callable[[Path], None] = check_empty) -> Iterator[Path]:
    """Yield a temporary folder to fill; it becomes `path` only if the block succeeds.

    Parameters
    ----------
    path : Path
        A link stays, and the folder that it names is filled.
    check : callable
        Raises an error unless what is at `path` may go, by default if there is anything at all. It is called before
        and after the block.

    Raises
    ------
    PipelineError
        From `check`, or if a folder that is not empty cannot be replaced as a whole: the current one, or one where a
        disk is mounted.
    """
    name, path = path, Path(os.path.realpath(path))
    with named_if_full(name):
        path.parent.mkdir(parents=True, exist_ok=True)
        _restore(path)
        check(path)
        fixed = path.is_dir() and (os.path.ismount(path) or os.path.samefile(path, os.curdir))
        if fixed and list_names(path):
            raise PipelineError(
                f"{name}: holds {list_names(path)[0]} already, and the current folder, or one where a disk is mounted, "
                "cannot be replaced as a whole; name a folder in it"
            )
        with _temporary(path if fixed else path.parent, Path.mkdir) as temporary:
            yield temporary
            check(path)
            if fixed:
                for made in sorted(temporary.iterdir()):
                    os.rename(made, path / made.name)
            else:
                _replace_folder(temporary, path)


def _replace_folder(new: Path, path: Path) -> None:
    if path.is_dir():
        _keep_owner_and_mode(path, new)
    if not path.is_dir() or not any(path.iterdir()):
        os.rename(new, path)
    elif not _exchange(new, path):
        old = path.with_name(f".{path.name}.sentiment-{secrets.token_hex(4)}.old")
        os.rename(path, old)
        try:
            os.rename(new, path)
        except BaseException:
            _restore(path)
            raise
        os.rename(old, new)  # where it is removed


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders' names in one step, if the system and the disk can do that; say whether they did."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux, or an old one
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _restore(path: Path) -> None:
    """Give a folder its name back, if the one who was replacing it was killed before the new one had that name."""
    if not path.exists():
        beginning = f".{path.name}.sentiment-"
        old = [p for p in path.parent.iterdir() if p.name.startswith(beginning) and p.suffix == ".old"]
        if old:
            os.rename(max(old, key=os.path.getmtime), path)


def remove_folder(path: Path) -> None:
    """Remove a folder, if it is there, under another name: one that is half removed is never taken for a whole one."""
    if path.is_dir():
        with _temporary(path.parent, Path.mkdir) as temporary:
            os.rename(path, temporary / path.name)


@contextlib.contextmanager
def _temporary(folder: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Make a temporary file or folder in a folder, and remove it in the end, unless it was renamed.

    It is locked: so it can be told from what a killed process left, which is removed first.
    """
    with contextlib.suppress(OSError):  # a folder that may not be listed
        _remove_leftovers(folder)
    with contextlib.ExitStack() as stack:
        while True:
            temporary = folder / f"{_BEGINNING}{secrets.token_hex(8)}{_ENDING}"
            make(temporary)
            with contextlib.suppress(FileNotFoundError):
                stack.enter_context(_locked(temporary, wait=True))
                os.stat(temporary)  # unless another process took it for a leftover before it was locked
                break
        try:
            yield temporary
        finally:
            _remove(temporary)


def _remove_leftovers(folder: Path) -> None:
    for path in filter(_is_temporary, folder.iterdir()):
        with contextlib.suppress(OSError), _locked(path) as locked:
            if locked:
                _remove(path)


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(_BEGINNING) and path.name.endswith(_ENDING)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


@contextlib.contextmanager
def _locked(path: Path, wait: bool = False) -> Iterator[bool]:
    """Lock a file or a folder, if the system and the disk can do that and no other process has; say whether it is."""
    if fcntl is None:
        yield False
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            locked = True
        except OSError:
            locked = False
        yield locked
    finally:
        os.close(descriptor)


def _keep_owner_and_mode(old: Path, new: Path) -> None:
    found = old.stat()
    for owner, group in ((found.st_uid, -1), (-1, found.st_gid)):
        with contextlib.suppress(PermissionError, AttributeError):  # only root may give away; Windows has no owners
            os.chown(new, owner, group)
    os.chmod(new, stat.S_IMODE(found.st_mode) & ~stat.S_ISUID)


@contextlib.contextmanager
def named_if_full(path: Path) -> Iterator[None]:
    """Name the file or folder in the error of a full disk, which as Python raises it names none or a temporary one."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            error.filename = str(path)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys."""
    with new_file(path) as temporary:
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))  # a file's name need not be UTF-8


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    PipelineError
        If the file is missing or is not JSON; names the file and the line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise PipelineError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets within brackets
        raise PipelineError(f"{path}: not JSON that can be read ({error})") from None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
