"""Write files and folders atomically: under a temporary name, then renamed.

Existing data is protected: a folder is replaced only if the caller's check accepts its contents, links stay links, and
devices and pipes are written to instead of replaced.
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
from pipeline.io.input import STANDARD_INPUT

try:
    import fcntl
except ImportError:  # Windows, where temporary files of killed processes are not removed
    fcntl = None  # type: ignore[assignment]

STANDARD_OUTPUT = Path("-")  # the output path that stands for standard output

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # arguments of Linux's renameat2
_PREFIX, _SUFFIX = ".sentiment-", ".tmp"  # of temporary names


def check_file(path: Optional[Path], *inputs: Optional[Path]) -> None:
    """Check before the work starts that its output can be written to `path`.

    Parameters
    ----------
    path : Path, optional
    *inputs : Path, optional
        Files that are read; folders of ``.txt`` files; ``-``, standard input.

    Raises
    ------
    PipelineError
        If `path` is a folder, or is one of the inputs or a ``.txt`` file in one of them.
    """
    if path and path.is_dir():
        raise PipelineError(f"{path}: is a folder; expected a file name")
    if path and path.is_file() and any(source and _is_input(path, source) for source in inputs):
        raise PipelineError(f"{path}: is also an input; choose another name")


def _is_input(path: Path, source: Path) -> bool:
    if source == STANDARD_INPUT:
        with contextlib.suppress(OSError):  # there may be none
            return os.path.samestat(path.stat(), os.fstat(0))
    if source.is_dir():
        return path.suffix.lower() == ".txt" and source.resolve() in path.resolve().parents
    return source.is_file() and path.samefile(source)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; it is renamed to `path` if the block succeeds.

    If `path` is a link, the file that it points to is replaced. The file's owner and permissions are kept. A device
    or a pipe is yielded itself and written to directly.

    Raises
    ------
    PipelineError
        If `path` is a folder.
    OSError
        If the file is not writable, or the disk is full or read-only; its ``filename`` is `path`.
    """
    check_file(path)
    with name_if_disk_full(path):
        try:
            found: Optional[os.stat_result] = os.stat(path)
        except FileNotFoundError:
            found = None
        if found is None or stat.S_ISREG(found.st_mode):
            descriptor = _standard_descriptor(found) if found else None
            target = Path(os.path.realpath(path))
            with _new_file(target) if descriptor is None else _append_to(descriptor) as temporary:
                yield temporary
        else:
            yield path


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    if path.exists():
        open(path, "rb+").close()  # raises if the file is not writable
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path.parent, lambda temporary: temporary.touch(exist_ok=False)) as temporary:
        yield temporary
        if path.exists():
            _keep_owner_and_mode(path, temporary)
        with open(temporary, "rb+") as file:  # flush the content to disk before the rename
            os.fsync(file.fileno())
        os.replace(temporary, path)


def _standard_descriptor(found: os.stat_result) -> Optional[int]:
    """Return the descriptor (1 or 2) of standard output or error if it is this file, as with /dev/stdout."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
    return None


@contextlib.contextmanager
def _append_to(descriptor: int) -> Iterator[Path]:
    """Yield a temporary path to write to, and then append its content to an open file."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "written")
        if sys.stdout:
            sys.stdout.flush()
        with open(Path(folder, "written"), "rb") as source, open(descriptor, "wb", closefd=False) as target:
            shutil.copyfileobj(source, target)


def check_empty(path: Path) -> None:
    """Check that `path` is missing or an empty folder.

    Raises
    ------
    PipelineError
        If it is a file or a folder that is not empty.
    """
    if path.exists() and not path.is_dir():
        raise PipelineError(f"{path}: is a file; expected a folder or an unused name")
    names = list_names(path)
    if names:
        raise PipelineError(f"{path}: already contains {names[0]}; choose a new or empty folder")


def list_names(folder: Path) -> List[str]:
    """Return the sorted names in a folder, without temporary files; an empty list if there is no folder."""
    return sorted(path.name for path in folder.iterdir() if not _is_temporary(path)) if folder.is_dir() else []


@contextlib.contextmanager
def new_folder(path: Path, check: Callable[[Path], None] = check_empty) -> Iterator[Path]:
    """Yield a temporary folder to write to; it is renamed to `path` if the block succeeds.

    Parameters
    ----------
    path : Path
        If it is a link, the folder that it points to is replaced.
    check : callable
        Called with `path` before and after the block; raises an error if what is there must not be replaced. By
        default only an empty folder may be.

    Raises
    ------
    PipelineError
        From `check`, or if `path` is not empty and cannot be renamed: the current folder or a mount point.
    """
    name, path = path, Path(os.path.realpath(path))
    with name_if_disk_full(name):
        path.parent.mkdir(parents=True, exist_ok=True)
        _restore(path)
        check(path)
        in_place = path.is_dir() and (os.path.ismount(path) or os.path.samefile(path, os.curdir))
        if in_place and list_names(path):
            raise PipelineError(
                f"{name}: already contains {list_names(path)[0]}, and the current folder or a mount point cannot be "
                "replaced; choose a folder inside it"
            )
        with _temporary(path if in_place else path.parent, Path.mkdir) as temporary:
            yield temporary
            check(path)
            _flush(temporary)
            if in_place:
                for entry in sorted(temporary.iterdir()):
                    os.rename(entry, path / entry.name)
            else:
                _replace_folder(temporary, path)


def _flush(folder: Path) -> None:
    """Have the system write all files of a folder to the disk, so that a power failure after the rename loses none."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with open(path, "rb+") as file:
                os.fsync(file.fileno())


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
        os.rename(old, new)  # removed with the temporary folder


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically; return False if the system or the file system does not support it."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux, or an old kernel or libc
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _restore(path: Path) -> None:
    """Rename the old folder back if a process was killed between the two renames of a replacement."""
    if not path.exists():
        prefix = f".{path.name}.sentiment-"
        old = [p for p in path.parent.iterdir() if p.name.startswith(prefix) and p.suffix == ".old"]
        if old:
            os.rename(max(old, key=os.path.getmtime), path)


def remove_folder(path: Path) -> None:
    """Remove a folder if it exists; it is renamed first, so that `path` never names a partly removed folder."""
    if path.is_dir():
        with _temporary(path.parent, Path.mkdir) as temporary:
            os.rename(path, temporary / path.name)


@contextlib.contextmanager
def _temporary(folder: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Create a temporary file or folder in `folder`, and remove it at the end unless it was renamed.

    It is locked as long as its process lives. Unlocked ones are left over from killed processes and removed first.
    """
    with contextlib.suppress(OSError):  # a folder that cannot be listed
        _remove_leftovers(folder)
    with contextlib.ExitStack() as stack:
        while True:
            temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
            try:
                make(temporary)
            except OSError as error:
                error.filename = str(folder)  # the name of a temporary file says nothing
                raise
            with contextlib.suppress(FileNotFoundError):
                stack.enter_context(_locked(temporary, wait=True))
                os.stat(temporary)  # fails if another process removed it as a leftover before it was locked
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
    return path.name.startswith(_PREFIX) and path.name.endswith(_SUFFIX)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


@contextlib.contextmanager
def _locked(path: Path, wait: bool = False) -> Iterator[bool]:
    """Lock a file or folder; yield False if another process holds the lock or locks are not supported."""
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
        with contextlib.suppress(PermissionError, AttributeError):  # only root may change owners; Windows has none
            os.chown(new, owner, group)
    os.chmod(new, stat.S_IMODE(found.st_mode) & ~stat.S_ISUID)


@contextlib.contextmanager
def name_if_disk_full(path: Path) -> Iterator[None]:
    """Set the filename of a disk-full error to `path`; Python leaves it empty or names the temporary file."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            error.filename = str(path)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys."""
    with new_file(path) as temporary:
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))  # file names need not be UTF-8


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    PipelineError
        If the file is missing or is not JSON; gives the file and the line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise PipelineError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from None
    except (ValueError, RecursionError) as error:  # too many digits in a number; too many nested brackets
        raise PipelineError(f"{path}: cannot be parsed as JSON ({error})") from None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()
