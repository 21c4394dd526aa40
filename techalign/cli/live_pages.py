"""The reports served to this machine's browser while they are watched, so that they reload.

The pages in the folder hold no script and are not changed. What is served has one, which waits to
be told that its page is another. The address holds a secret, because whoever else uses this
machine, or any page open in the browser, could otherwise read a client's reports.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["LivePages"]

_ADDRESS = "TECHALIGN_LIVE_PAGES"
"""Where a process that takes over from another finds its port and its secret."""

_LOOK_EVERY = 0.5  # seconds, to see that a browser has gone
_POLICY = "default-src 'none';"
_SCRIPT = """<script nonce="{nonce}">
const told = new EventSource("{root}.changes?page=" + encodeURIComponent(location.pathname));
told.onmessage = (now) => {{
  if (now.data !== "{mark}" && now.data !== "") {{ told.close(); location.reload(); }}
}};
addEventListener("pagehide", () => told.close());
</script></body>"""


class LivePages:
    """A server of one folder on the loopback address, until it is closed.

    Parameters
    ----------
    folder : Path
        The reports.

    Attributes
    ----------
    url : str
        Of the folder, with the secret; ends with "/".
    """

    def __init__(self, folder: Path) -> None:
        # not in a file or on a command line, which others may read
        port, _, secret = os.environ.pop(_ADDRESS, "").partition("/")
        self._folder = folder.absolute()
        self._secret = secret or secrets.token_urlsafe(16)
        self._changed = threading.Condition()
        self._open = True
        self._server = _Server(("127.0.0.1", int(port or 0)), partial(_Handler, self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/{self._secret}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def tell(self) -> None:
        """Have every open page look whether it is another now."""
        with self._changed:
            self._changed.notify_all()

    def hand_over(self) -> dict[str, str]:
        """Close, and return what a process's environment needs to go on at the same address."""
        self.close()
        return {_ADDRESS: f"{self._server.server_port}/{self._secret}"}

    def close(self) -> None:
        """Stop serving."""
        self._open = False
        self.tell()
        self._server.shutdown()
        self._server.server_close()

    def page(self, address: str) -> Path | None:
        """The file at a path of the address; None if it is not one of the folder's."""
        root, _, name = unquote(urlsplit(address).path).removeprefix("/").partition("/")
        if not secrets.compare_digest(root.encode(), self._secret.encode()):
            return None
        path = (self._folder / (name or "index.html")).resolve()
        path = path / "index.html" if path.is_dir() else path
        inside = path.is_relative_to(self._folder.resolve())
        is_hidden = any(part.startswith(".") for part in Path(name).parts)
        return path if inside and path.is_file() and not is_hidden else None

    def with_script(self, raw: bytes) -> bytes:
        """A page as it is served: with the script that waits, and leave for it to run."""
        nonce = secrets.token_urlsafe(12)
        script = _SCRIPT.format(nonce=nonce, root=f"/{self._secret}/", mark=_mark(raw))
        allowed = f"{_POLICY} script-src 'nonce-{nonce}'; connect-src 'self';"
        text = raw.decode().replace(_POLICY, allowed, 1)
        before, _, after = text.rpartition("</body>")
        return f"{before}{script}{after}".encode()

    def marks(self, address: str) -> Iterator[str]:
        """What a page is, by a mark, at once and at each change; "" where nothing is new.

        Parameters
        ----------
        address : str
            The page's path, with the secret.
        """
        last = ""
        while not last or self._waited():
            path = self.page(address)
            now = _mark(path.read_bytes()) if path else "gone"
            yield "" if now == last else now
            last = now

    def _waited(self) -> bool:
        """Wait for a change or a while; tell whether it is still open."""
        with self._changed:
            self._changed.wait(_LOOK_EVERY)
        return self._open


def _mark(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False  # a browser that waits for a change would keep it open


class _Handler(BaseHTTPRequestHandler):
    """Answers a browser on this machine."""

    def __init__(self, pages: LivePages, *args: object) -> None:
        self._pages = pages
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Serve a page, or tell of its changes until the browser leaves."""
        host = (self.headers.get("Host") or "").partition(":")[0]
        asked = urlsplit(self.path)
        if host not in {"127.0.0.1", "localhost"}:  # a name that was made to lead here
            self.send_error(HTTPStatus.FORBIDDEN)
        elif asked.path.endswith("/.changes"):
            self._tell(parse_qs(asked.query).get("page", [""])[0])
        else:
            self._serve(self._pages.page(self.path))

    def _serve(self, path: Path | None) -> None:
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        kind = guess_type(path.name)[0] or "application/octet-stream"
        raw = path.read_bytes()
        body = self._pages.with_script(raw) if kind == "text/html" else raw
        self._begin(f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.wfile.write(body)

    def _tell(self, address: str) -> None:
        if self._pages.page(address) is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._begin("text/event-stream")
        try:
            for mark in self._pages.marks(address):
                # a comment is what shows that the browser has gone
                self.wfile.write(f"data: {mark}\n\n".encode() if mark else b": \n\n")
                self.wfile.flush()
        except (ConnectionError, OSError):
            return

    def _begin(self, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing: the terminal is the run's."""
