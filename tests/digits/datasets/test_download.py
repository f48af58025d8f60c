from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest

from digits.datasets import DatasetError, Progress, download
from tests.digits.datasets.mirror import Mirror, held, moved, refused, said, whole

CONTENT = bytes(range(256)) * 1000


def fetch(url: str, limit: int = 1_000_000) -> tuple[bytes, list[Progress]]:
    seen: list[Progress] = []
    with download.opened(url, limit, seen.append) as body:
        return body.read(), seen


@pytest.fixture
def url(mirror: Mirror) -> str:
    return f"{mirror.url}/one/file.gz"


def test_a_file_comes_whole_and_its_progress_is_told(mirror: Mirror, url: str) -> None:
    mirror.answers["/one/file.gz"] = whole(CONTENT)
    content, seen = fetch(url)
    assert content == CONTENT
    assert [p.done for p in seen] == sorted({p.done for p in seen})
    assert seen[-1] == Progress("file.gz", len(CONTENT), len(CONTENT))


def test_a_server_that_announces_no_length_is_read_to_the_end(mirror: Mirror, url: str) -> None:
    end = Event()
    end.set()
    mirror.answers["/one/file.gz"] = held(CONTENT, end)
    content, seen = fetch(url)
    assert content == CONTENT
    assert seen[-1] == Progress("file.gz", len(CONTENT), 0)
    assert seen[-1].fraction == 0


def test_a_redirect_is_followed(mirror: Mirror, url: str) -> None:
    mirror.answers["/one/file.gz"] = moved(f"{mirror.url}/two/file.gz")
    mirror.answers["/two/file.gz"] = whole(CONTENT)
    assert fetch(url)[0] == CONTENT


@pytest.mark.parametrize(("status", "phrase"), [(404, "404 Not Found"), (503, "503 Service Unavailable")])
def test_an_error_of_the_server_is_told(mirror: Mirror, url: str, status: int, phrase: str) -> None:
    mirror.answers["/one/file.gz"] = refused(status)
    with pytest.raises(DatasetError) as caught:
        fetch(url)
    assert str(caught.value) == f"{url}: the server answered {phrase}"


def test_a_server_that_is_not_there_is_told(mirror: Mirror, url: str) -> None:
    with pytest.raises(DatasetError, match=r"^127\.0\.0\.1 cannot be reached \(Connection refused\)$"):
        fetch("http://127.0.0.1:1/file.gz")


def test_a_host_that_nobody_knows_is_told() -> None:
    with pytest.raises(DatasetError, match=r"^mirror\.invalid cannot be reached \(.+\)$"):
        fetch("http://mirror.invalid/file.gz")


def test_a_connection_that_ends_too_early_is_told(mirror: Mirror, url: str) -> None:
    mirror.answers["/one/file.gz"] = whole(CONTENT[:1000], announced=2000)
    with pytest.raises(DatasetError, match=r"expected 2,000 bytes, the connection ended after 1,000"):
        fetch(url)


def test_a_file_announced_too_large_is_not_read(mirror: Mirror, url: str) -> None:
    mirror.answers["/one/file.gz"] = whole(CONTENT)
    with pytest.raises(DatasetError, match=r"expected at most 1,000 bytes, found 256,000"):
        fetch(url, limit=1000)


def test_an_endless_file_is_given_up_at_the_limit(mirror: Mirror, url: str) -> None:
    never = Event()
    mirror.answers["/one/file.gz"] = held(CONTENT, never)
    with pytest.raises(DatasetError, match=r"expected at most 1,000 bytes, found"):
        fetch(url, limit=1000)
    never.set()


def test_a_server_that_falls_silent_is_given_up(
    mirror: Mirror, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SILENCE", 0.2)
    never = Event()
    mirror.answers["/one/file.gz"] = held(CONTENT, never)
    with pytest.raises(TimeoutError):
        fetch(url)
    never.set()


@pytest.mark.parametrize("limit", ["SILENCE", "PATIENCE"])
def test_a_server_that_never_answers_is_given_up(
    mirror: Mirror, url: str, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(download, limit, 0.2)
    never = Event()
    mirror.answers["/one/file.gz"] = said(b"", never)
    with pytest.raises(DatasetError, match=r"^127\.0\.0\.1 does not answer$"):
        fetch(url)
    never.set()


def test_an_answer_that_comes_too_late_is_closed(
    mirror: Mirror, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an answer for which nobody has waited
    monkeypatch.setattr(download, "PATIENCE", 0.1)
    given_up, closed = Event(), Event()
    close = HTTPResponse.close

    def late(request: BaseHTTPRequestHandler) -> None:
        given_up.wait(60)
        whole(CONTENT)(request)

    def seen_to_close(response: HTTPResponse) -> None:
        close(response)
        closed.set()

    monkeypatch.setattr(HTTPResponse, "close", seen_to_close)
    mirror.answers["/one/file.gz"] = late
    with pytest.raises(DatasetError, match="does not answer"):
        fetch(url)
    # when it comes, then it is closed
    given_up.set()
    assert closed.wait(30)


def test_a_server_that_is_too_slow_is_given_up(
    mirror: Mirror, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "DEADLINE", -60.0)
    mirror.answers["/one/file.gz"] = whole(CONTENT)
    with pytest.raises(DatasetError, match=r"file\.gz: expected the file within"):
        fetch(url)


def test_a_server_that_speaks_no_http_is_told(mirror: Mirror, url: str) -> None:
    mirror.answers["/one/file.gz"] = said(b"220 ready\r\n")
    with pytest.raises(DatasetError, match=r"one/file\.gz: cannot be read"):
        fetch(url)


def test_progress_is_a_line_for_a_terminal() -> None:
    assert str(Progress("train-images-idx3-ubyte.gz", 4_956_211, 9_912_422)) == (
        "train-images-idx3-ubyte.gz  ████████████············  50%   5.0 of 9.9 MB"
    )
    assert str(Progress("a.gz", 9_912_422, 9_912_422)).endswith(
        "████████████████████████ 100%   9.9 of 9.9 MB"
    )
    assert str(Progress("a.gz", 5_000_000, 0)).endswith("5.0 MB")
