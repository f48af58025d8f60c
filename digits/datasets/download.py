"""Reads a file over HTTP, within limits of size and time."""

import io
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import PurePosixPath
from threading import Thread
from typing import Any, cast
from urllib.parse import urlsplit

from digits.datasets.errors import DatasetError, reading

SILENCE = 5.0  # seconds without a byte before the download fails
PATIENCE = 8.0  # seconds from the request to the start of the answer
DEADLINE = 600.0  # seconds for one file, plus …
PER_MEGABYTE = 4.0  # … seconds per megabyte of its limit: 250 kB/s
_BUFFER = 1 << 16  # bytes
_BAR = 24  # characters


@dataclass(frozen=True)
class Progress:
    """The state of one file's download; `str` gives a line for a terminal."""

    file: str
    done: int  # bytes
    total: int  # bytes; 0 when the server doesn't say

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 0.0

    def __str__(self) -> str:
        bar = "█" * int(_BAR * self.fraction)
        sizes = (
            f"{self.done / 1e6:4.1f} of {self.total / 1e6:.1f} MB"
            if self.total
            else f"{self.done / 1e6:4.1f} MB"
        )
        return f"{self.file:27} {bar:·<{_BAR}} {self.fraction:4.0%}  {sizes}"


Observer = Callable[[Progress], None]


@contextmanager
def opened(url: str, limit: int, progress: Observer) -> Iterator[io.BufferedReader]:
    """Yields the body of the answer as a file to read. Follows redirects and uses proxies.

    Raises `DatasetError` when there is no answer, or an answer without the file. Reading raises `DatasetError` for
    more than ``limit`` bytes, fewer than announced, or too slow a download, and `OSError` for a broken connection."""
    with reading(url):
        response = _answer(url)
    with response, io.BufferedReader(_Body(response, url, limit, progress), _BUFFER) as body:
        yield cast(io.BufferedReader, body)


def _answer(url: str) -> HTTPResponse:
    # In a thread, because a socket's timeout limits neither the look-up of a name, which may take half a minute,
    # nor the sum over all addresses of a host, maybe twenty, behind a firewall that drops every packet.
    answer: Future[HTTPResponse] = Future()
    Thread(target=_ask, args=(url, answer), daemon=True).start()
    try:
        return answer.result(PATIENCE)
    except TimeoutError as error:
        answer.add_done_callback(_close)
        raise DatasetError(f"{urlsplit(url).hostname} does not answer") from error


def _ask(url: str, answer: Future[HTTPResponse]) -> None:
    opener = urllib.request.build_opener()
    opener.addheaders = [("User-Agent", "TryML"), ("Accept-Encoding", "identity")]
    try:
        answer.set_result(opener.open(url, timeout=SILENCE))
    except Exception as error:
        answer.set_exception(error)


def _close(late: Future[HTTPResponse]) -> None:
    if not late.exception():
        late.result().close()


class _Body(io.RawIOBase):
    """The body of an answer; reading it counts the bytes and checks the limits."""

    def __init__(self, response: HTTPResponse, url: str, limit: int, progress: Observer) -> None:
        self.response, self.url, self.limit, self.progress = response, url, limit, progress
        self.name = PurePosixPath(url).name
        self.done = 0
        self.total = response.length or 0
        self.seconds = DEADLINE + PER_MEGABYTE * limit / 1e6
        self.deadline = time.monotonic() + self.seconds
        self._check(self.total)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.response.read1(len(buffer))  # returns as soon as bytes come, to check the deadline
        self.done += len(chunk)
        self._check(self.done)
        if not chunk and self.done < self.total:
            raise DatasetError(
                f"{self.url}: expected {self.total:,} bytes, the connection ended after {self.done:,}"
            )
        if chunk:
            self.progress(Progress(self.name, self.done, self.total))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _check(self, size: int) -> None:
        if size > self.limit:
            raise DatasetError(f"{self.url}: expected at most {self.limit:,} bytes, found {size:,}")
        if time.monotonic() > self.deadline:
            raise DatasetError(
                f"{self.url}: expected the file within {self.seconds:.0f} s, found {size:,} bytes"
            )
