"""The proxies of deploy/proxies over https, on a port of this machine, with a log of all paths."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from app.settings import ROOT
from tests.support.certificates import certificate
from tests.support.nginx import adapted, listening, nginx
from tests.support.server import free_port

BASE = "/backstep"
FILES = ROOT / "deploy" / "proxies"
KINDS = ("nginx", "caddy")
# How a server starts behind them, as their files say.
BEHIND = {"BACKSTEP_BASE_PATH": BASE, "BACKSTEP_TRUSTED_PROXIES": "127.0.0.1"}
OTHER = "<h1>Another page of this host</h1>"
IMPORTS = {
    "nginx": "# include /etc/nginx/sign-in.nginx.conf;",
    "caddy": "# import sign-in.caddy",
}
AUTHORITY = "127.0.0.1:4180"

NGINX = """
pid nginx.pid;
events {}
http {
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    log_format paths '$request_uri';
    access_log paths.log paths;
"""
CADDY = """{
	admin off
	auto_https disable_redirects
	grace_period 1s
}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: its kind, its address, and where it logs requests as they end."""

    kind: str
    url: str
    log: Path
    asks_sign_in: bool

    def paths(self) -> list[str]:
        """The paths, with queries, of the requests that have ended."""
        lines = self.log.read_text().splitlines()
        if self.kind == "nginx":
            return lines
        return [json.loads(line)["request"]["uri"] for line in lines]


@contextmanager
def https_proxy(
    kind: str, folder: Path, upstream: str, authority: str | None = None
) -> Iterator[Proxy]:
    """A proxy of a kind in front of a server at `127.0.0.1:port`.

    With the address of an authority it asks that for a sign-in, as the recipe says.
    """
    certificate(folder)
    (folder / "index.html").write_text(OTHER)
    start = {"nginx": _nginx, "caddy": _caddy}[kind]
    with start(folder, upstream, authority) as url:
        yield Proxy(kind, url, folder / "paths.log", asks_sign_in=authority is not None)


@contextmanager
def _nginx(folder: Path, upstream: str, authority: str | None) -> Iterator[str]:
    whole = folder / "whole.conf"
    text = NGINX + (FILES / "nginx.conf").read_text() + "}\n"
    replaced = {
        "listen 443 ssl http2;": "listen 127.0.0.1:{port} ssl http2;",
        "/etc/nginx/tls/fullchain.pem": f"{folder}/cert.pem",
        "/etc/nginx/tls/privkey.pem": f"{folder}/key.pem",
        "server 127.0.0.1:8000;": f"server {upstream};",
        "/var/www/html": f"{folder}",
        "access_log off;": "access_log paths.log paths;",
    }
    if authority:
        text = text.replace(IMPORTS["nginx"], (FILES / "sign-in.nginx.conf").read_text())
        replaced[AUTHORITY] = authority
    whole.write_text(text)
    with nginx(folder, whole, replaced) as url:
        yield url.replace("http:", "https:")


@contextmanager
def _caddy(folder: Path, upstream: str, authority: str | None) -> Iterator[str]:
    port = free_port()
    own = f"tls {folder}/cert.pem {folder}/key.pem\n\tlog {{\n\t\toutput file {folder}/paths.log\n\t}}"
    replaced = {
        "lecture.example.edu {": f"https://127.0.0.1:{{port}} {{\n\t{own}",
        "reverse_proxy 127.0.0.1:8000": f"reverse_proxy {upstream}",
        "/var/www/html": f"{folder}",
    }
    if authority:
        replaced[IMPORTS["caddy"]] = IMPORTS["caddy"].removeprefix("# ")
        sign_in = adapted(FILES / "sign-in.caddy", {AUTHORITY: authority}, port)
        (folder / "sign-in.caddy").write_text(sign_in)
    (folder / "Caddyfile").write_text(CADDY + adapted(FILES / "Caddyfile", replaced, port))
    program = shutil.which("caddy")
    assert program, "caddy is missing: apt-get install caddy"
    command = [program, "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]
    environment = os.environ | {"HOME": f"{folder}", "XDG_DATA_HOME": f"{folder}"}
    with listening(command, port, folder / "caddy.log", environment):
        yield f"https://127.0.0.1:{port}"


SIGNED_IN = "signed-in"  # a cookie


class _Authority(BaseHTTPRequestHandler):
    """Says who is signed in, by a cookie. To sign in leads to another site and back, as that of a
    university does, and is granted to everybody."""

    protocol_version = "HTTP/1.1"

    def __init__(self, elsewhere: str, *connection: Any) -> None:
        self.elsewhere = elsewhere  # the address of the other site
        super().__init__(*connection)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: text for name, [text] in parse_qs(address.query).items()}
        match address.path:
            case "/oauth2/auth":
                is_signed_in = f"{SIGNED_IN}=yes" in self.headers.get("Cookie", "")
                self._answer(202 if is_signed_in else 401)
            case "/oauth2/start":
                back = f"https://{self.headers['Host']}/oauth2/callback"
                query = urlencode({"rd": asked["rd"], "back": back})
                self._answer(302, Location=f"{self.elsewhere}/sign-in?{query}")
            case "/sign-in":
                back = f"{asked['back']}?{urlencode({'rd': asked['rd']})}"
                self._answer(302, Location=back)
            case "/oauth2/callback":
                cookie = f"{SIGNED_IN}=yes; Path=/; Secure; HttpOnly"
                self._answer(302, Location=asked["rd"], **{"Set-Cookie": cookie})
            case _:
                self._answer(404)

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def authority() -> Iterator[str]:
    """A running authority, and its host and port; the other site has another port."""
    with _answering("") as site, _answering(f"http://{site}") as address:
        yield address


@contextmanager
def _answering(elsewhere: str) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Authority, elsewhere)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
