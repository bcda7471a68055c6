"""The settings and commands of docs/deploying.md."""

import os
import re
import signal
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic_core import PydanticUndefined

from app.settings import ROOT, Settings
from tests.support.deploy_files import blocks, path_with, settings_of, variable
from tests.support.redis_server import FOR_GOOD, redis_server
from tests.support.server import PATIENCE, AppServer, served

PAGE = (ROOT / "docs" / "deploying.md").read_text()
HERE, CONTAINER, RESTORE, RESTORE_CONTAINER, *OF_REDIS = blocks(
    "deploying.md", "Backup and restore"
)

# What the commands ask of docker, done in a folder: /data is its data/, /backup the folder itself.
DOCKER = """#!/bin/sh
set -e
here() { printf '%s' "$1" | sed "s|/data|$PWD/data|g; s|/backup/|$PWD/|g"; }
case $1 in
  exec) shift 2 ;;
  compose) exit ;;
  cp) exec cp "$(here "${2#backstep:}")" "$3" ;;
  run) while [ "$1" != backstep ] && [ "$1" != redis:8-bookworm ]; do shift; done; shift ;;
esac
for word; do shift; set -- "$@" "$(here "$word")"; done
exec "$@"
"""
# The image's own user is not on this machine.
INSTALL = '#!/bin/sh\nshift 4; exec /usr/bin/install "$@"\n'


def shown(field: str) -> str:
    """A setting's default as the table has it."""
    default = Settings.model_fields[field].default
    assert default is not PydanticUndefined
    text = "" if default is None else str(default).removeprefix(f"{ROOT}/")
    return f"`{text}`" if text else ""


def test_every_setting_is_in_the_table() -> None:
    """The table lists every setting with its default and description."""
    table = PAGE.split("## Settings")[1]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    assert rows == [
        (variable(name), shown(name), field.description)
        for name, field in Settings.model_fields.items()
    ]


def test_the_image_is_set_up_by_settings() -> None:
    """The environment of the Dockerfile consists of valid settings."""
    text = (ROOT / "Dockerfile").read_text()
    names = {variable(field) for field in Settings.model_fields}
    found = dict(re.findall(r"\b((?:BACKSTEP_\w+|HOST|PORT))=(\S+)", text))
    assert found.keys() <= names
    settings = settings_of(found)
    assert (settings.log_format, settings.host) == ("json", "0.0.0.0")
    assert str(settings.data) == "/data"


class Presser:
    """Somebody with a session, who presses Step while other things happen."""

    def __init__(self, server: AppServer) -> None:
        self.client = server.client()
        self.begun = self.client.post("/api/sessions", json={"preset": "deck"}).json()
        page = self.client.post("/step?preset=deck", headers={"HX-Request": "true"})
        self.cookie = page.headers["Set-Cookie"].split(";")[0]
        self.version = 1

    def step(self) -> None:
        """One step; its version is remembered when it was answered."""
        path = f"/api/sessions/{self.begun['id']}/step"
        key = {"Authorization": f"Bearer {self.begun['key']}"}
        answer = self.client.post(path, json={"by": "unit"}, headers=key)
        assert answer.status_code == 200, answer.text
        self.version = answer.json()["version"]

    @contextmanager
    def pressing(self) -> Iterator[None]:
        """Step after step, as fast as they are answered."""
        done = threading.Event()

        def go_on() -> None:
            while not done.is_set():
                self.step()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(PATIENCE)

    def close(self) -> None:
        """Go."""
        self.client.close()

    def found(self, server: AppServer) -> int:
        """The version at which a server has the session; the page's cookie is believed there."""
        key = {"Authorization": f"Bearer {self.begun['key']}"}
        with server.client() as client:
            answer = client.get(f"/api/sessions/{self.begun['id']}", headers=key)
            page = client.post(
                "/back", headers={"Cookie": self.cookie, "HX-Request": "true"}, content=b""
            )
        assert "Set-Cookie" not in page.headers  # the session that the cookie names was found
        version: int = answer.json()["version"]
        return version


def run(commands: str, folder: Path) -> None:
    """A block of the page, as it stands there, in a folder."""
    subprocess.run(
        ["sh", "-e", "-c", commands], cwd=folder, env=path_with(folder / "bin"), check=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a docker that is none, and a sqlite3 and a python that are."""
    (tmp_path / "bin").mkdir()
    for name, script in {"docker": DOCKER, "install": INSTALL}.items():
        path = tmp_path / "bin" / name
        path.write_text(script)
        path.chmod(stat.S_IRWXU)
    (tmp_path / "bin" / "python").symlink_to(os.path.realpath("/proc/self/exe"))
    return tmp_path


@pytest.mark.parametrize(
    ("backup", "restore"),
    [
        pytest.param(HERE, RESTORE, id="here"),
        pytest.param(CONTAINER, RESTORE_CONTAINER, id="docker"),
    ],
)
def test_backup_and_restore(folder: Path, backup: str, restore: str) -> None:
    """The documented commands back up and restore a server that is in use."""
    with served(folder) as server:
        presser = Presser(server)
        for _ in range(50):
            presser.step()
        with presser.pressing():
            before = presser.version
            run(backup, folder)
        after = presser.version
        for _ in range(50):
            presser.step()
        presser.close()
        server.process.send_signal(signal.SIGKILL)  # what is left of its log has to go
        server.process.wait(PATIENCE)
    assert (folder / "data" / "backstep.db-wal").stat().st_size
    assert not list(folder.glob("data/*backup*"))
    (folder / "data" / "secret").write_text("of another server, or lost with the disk")
    run(restore, folder)
    with closing(sqlite3.connect(folder / "data" / "backstep.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with served(folder) as server:
        assert before <= presser.found(server) <= after
        assert httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200


def test_backup_and_restore_of_redis(folder: Path) -> None:
    """What Redis kept is there again, and what came after the backup is not."""
    backup, restore = OF_REDIS
    (folder / "data").mkdir()
    with redis_server(folder / "data", *FOR_GOOD) as redis:
        redis.order("SET before 1")
        redis.kill()  # as the command stops it
        run(backup, folder)
        redis.start()
        redis.order("SET after 1")
        redis.kill()
        run(restore, folder)
        redis.start()
        assert (redis.ask("EXISTS before"), redis.ask("EXISTS after")) == (":1", ":0")


def test_the_secret_stays_ones_own(folder: Path) -> None:
    """Only the owner can read the backed up and the restored secret."""
    with served(folder):
        run(HERE, folder)
    run(RESTORE, folder)
    for name in ("backup.secret", "data/secret"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
