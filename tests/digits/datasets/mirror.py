"""A web server on this machine whose answers a test chooses."""

from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event

Answer = Callable[[BaseHTTPRequestHandler], None]


class Mirror:
    """Answers each path, ``/<folder>/<file>``, by its entry in ``answers``, and any other path with 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                with suppress(ConnectionError):  # a client may close the connection early
                    mirror.answers.get(self.path, refused(404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, folder: str, files: dict[str, bytes]) -> str:
        """Serve the files complete, and return the folder's URL."""
        self.answers |= {f"/{folder}/{name}": whole(content) for name, content in files.items()}
        return f"{self.url}/{folder}/"


def whole(content: bytes, announced: int | None = None) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content) if announced is None else announced))
        request.end_headers()
        request.wfile.write(content)

    return answer


def held(content: bytes, release: Event, announced: int | None = None) -> Answer:
    """Send the content, then keep the connection open until `release` is set, at most 60 s."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        if announced:
            request.send_header("Content-Length", str(announced))
        request.end_headers()
        request.wfile.write(content)
        request.wfile.flush()
        release.wait(60)

    return answer


def said(raw: bytes, release: Event | None = None) -> Answer:
    """Send bytes that are not HTTP, and close the connection once `release` is set; at once without `release`."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(raw)
        if release:
            release.wait(60)

    return answer


def refused(status: int) -> Answer:
    return lambda request: request.send_error(status)


def moved(url: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", url)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer
