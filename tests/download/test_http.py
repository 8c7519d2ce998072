from __future__ import annotations

import io
import socket
import tarfile
from pathlib import Path
from typing import Any, Iterator

import pytest

from pipeline.download.http import download, extract
from pipeline.errors import PipelineError
from tests.download.loopback import Server, serving

CONTENT = bytes(range(251)) * 1000
DIGEST = "0f66d85507750a33f170e207aac89404292a8af9124dfc405c9fbf9a99a5a00c"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.files["/film.zip"] = CONTENT
        yield server


def get(server: Server, path: Path, digest: str = DIGEST, **options: Any) -> None:
    download(f"{server.url}/film.zip", path, digest, backoff=0, **options)


def test_download_resumes_after_a_broken_connection(server: Server, tmp_path: Path) -> None:
    server.cuts = [125_000]
    get(server, tmp_path / "raw" / "film.zip")
    assert (tmp_path / "raw" / "film.zip").read_bytes() == CONTENT
    assert server.requests == [("/film.zip", None), ("/film.zip", "bytes=125000-")]
    assert server.sent == 251_000
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["film.zip"]


def test_download_resumes_an_earlier_call(server: Server, tmp_path: Path) -> None:
    (tmp_path / "film.zip.sentiment-part").write_bytes(CONTENT[:1000])
    get(server, tmp_path / "film.zip")
    assert (tmp_path / "film.zip").read_bytes() == CONTENT
    assert server.requests == [("/film.zip", "bytes=1000-")]
    assert server.sent == 250_000


def test_download_starts_over_when_the_server_ignores_range(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.cuts = [125_000]
    get(server, tmp_path / "film.zip")
    assert (tmp_path / "film.zip").read_bytes() == CONTENT
    assert server.sent == 376_000


def test_download_accepts_a_complete_partial_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "film.zip.sentiment-part").write_bytes(CONTENT)
    get(server, tmp_path / "film.zip")
    assert (tmp_path / "film.zip").read_bytes() == CONTENT
    assert server.sent == 0


def test_download_removes_a_partial_file_that_is_too_long(server: Server, tmp_path: Path) -> None:
    (tmp_path / "film.zip.sentiment-part").write_bytes(CONTENT + b"x")
    with pytest.raises(PipelineError, match="SHA-256"):
        get(server, tmp_path / "film.zip")
    assert list(tmp_path.iterdir()) == []


def test_download_refuses_a_wrong_checksum(server: Server, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        get(server, tmp_path / "film.zip", "0" * 64)
    assert str(error.value) == (
        f"{server.url}/film.zip: SHA-256 is 0f66d85507750a33f170e207aac89404292a8af9124dfc405c9fbf9a99a5a00c, "
        "expected 0000000000000000000000000000000000000000000000000000000000000000; "
        f"{tmp_path / 'film.zip.sentiment-part'} was removed, try again"
    )
    assert list(tmp_path.iterdir()) == []


def test_download_of_existing_file_sends_no_request(server: Server, tmp_path: Path) -> None:
    get(server, tmp_path / "film.zip")
    get(server, tmp_path / "film.zip")
    assert len(server.requests) == 1


def test_download_gives_up_and_keeps_the_partial_file(server: Server, tmp_path: Path) -> None:
    server.cuts = [1000] * 9
    with pytest.raises(
        PipelineError, match=r"3 times in a row; .*film\.zip\.sentiment-part has 1000 bytes to resume from"
    ):
        get(server, tmp_path / "film.zip", max_failures=3)
    assert len(server.requests) == 3
    assert (tmp_path / "film.zip.sentiment-part").read_bytes() == CONTENT[:1000]


def test_download_resets_failures_after_progress(server: Server, tmp_path: Path) -> None:
    server.cuts = [1000, 2000, 3000, 4000]
    get(server, tmp_path / "film.zip", max_failures=2)
    assert len(server.requests) == 5


def test_download_without_a_server_gives_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(PipelineError, match=r"refused.*, 2 times in a row\. Try again later"):
        download(f"http://127.0.0.1:{port}/film.zip", tmp_path / "film.zip", DIGEST, max_failures=2, backoff=0)


def test_download_retries_after_a_timeout(server: Server, tmp_path: Path) -> None:
    server.cuts, server.silent = [125_000], True
    get(server, tmp_path / "film.zip", timeout=0.2)
    assert server.requests[1:] == [("/film.zip", "bytes=125000-")]


def test_download_retries_on_status_503(server: Server, tmp_path: Path) -> None:
    server.refusals = [503]
    get(server, tmp_path / "film.zip")
    assert len(server.requests) == 2


def test_download_does_not_retry_on_status_404(server: Server, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="HTTP status 404 Not Found"):
        download(f"{server.url}/none.zip", tmp_path / "none.zip", DIGEST)
    assert len(server.requests) == 1


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def make_archive(path: Path, *members: tarfile.TarInfo) -> Path:
    """Write a tar.gz in which every regular file contains its own name."""
    with tarfile.open(path, "w:gz") as tar:
        for info in members:
            content = info.name.encode() if info.isfile() else b""
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_extract_writes_the_files(tmp_path: Path) -> None:
    names = ["aclImdb/README", "./aclImdb/train/pos/0_9.txt"]
    archive = make_archive(tmp_path / "a.tar.gz", member("aclImdb", tarfile.DIRTYPE), *map(member, names))
    extract(archive, tmp_path / "raw" / "aclImdb")
    files = {
        path.relative_to(tmp_path / "raw").as_posix(): path.read_text()
        for path in (tmp_path / "raw").rglob("*")
        if path.is_file()
    }
    assert files == {
        "aclImdb/README": "aclImdb/README",
        "aclImdb/train/pos/0_9.txt": "./aclImdb/train/pos/0_9.txt",
    }


def test_extract_refuses_a_nonempty_folder(tmp_path: Path) -> None:
    (tmp_path / "aclImdb").mkdir()
    (tmp_path / "aclImdb" / "thesis.txt").write_text("mine")
    with pytest.raises(PipelineError, match=r"aclImdb: already contains thesis\.txt; choose a new or empty folder"):
        extract(make_archive(tmp_path / "a.tar.gz", member("aclImdb/README")), tmp_path / "aclImdb")
    assert (tmp_path / "aclImdb" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("evil", "reason"),
    [
        (member("../evil"), "'../evil' is outside aclImdb/"),
        (member("aclImdb/../../evil"), "'aclImdb/../../evil' is outside aclImdb/"),
        (member("aclImdb/..\\..\\evil"), "is outside aclImdb/"),
        (member("/aclImdb/evil"), "'/aclImdb/evil' is outside aclImdb/"),
        (member("evil"), "'evil' is outside aclImdb/"),
        (member("aclImdb/evil", tarfile.SYMTYPE, "/etc/passwd"), "'aclImdb/evil' is a link or a device"),
        (member("aclImdb/evil", tarfile.LNKTYPE, "aclImdb/README"), "'aclImdb/evil' is a link or a device"),
        (member("aclImdb/evil", tarfile.FIFOTYPE), "'aclImdb/evil' is a link or a device"),
    ],
)
def test_extract_refuses_unsafe_members(tmp_path: Path, evil: tarfile.TarInfo, reason: str) -> None:
    (tmp_path / "raw").mkdir()
    archive = make_archive(tmp_path / "a.tar.gz", member("aclImdb/README"), evil)
    with pytest.raises(PipelineError) as error:
        extract(archive, tmp_path / "raw" / "aclImdb")
    assert reason in str(error.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar.gz", "raw"]


def test_extract_refuses_a_truncated_archive(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "a.tar.gz", *(member(f"aclImdb/{number}") for number in range(100)))
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(PipelineError, match="damaged"):
        extract(archive, tmp_path / "aclImdb")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
