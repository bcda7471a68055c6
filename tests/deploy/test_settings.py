"""Settings from the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import ROOT, Settings


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the server listens on this machine only and keeps a file in ./data."""
    for name in ("HOST", "PORT", "BACKSTEP_STORE_URL", "BACKSTEP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.store_url == "sqlite:///data/backstep.db"
    assert settings.database == Path("data/backstep.db")
    assert settings.vendor == ROOT / "static" / "vendor"


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting but HOST and PORT has the prefix BACKSTEP_."""
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("BACKSTEP_STORE_URL", "redis://localhost/0")
    monkeypatch.setenv("BACKSTEP_SECRET", "the same for every process")
    monkeypatch.setenv("BACKSTEP_SESSION_TTL", "3600")
    settings = Settings()
    assert (settings.host, settings.port, settings.session_ttl) == ("0.0.0.0", 9000, 3600)
    assert settings.database is None
    assert settings.data == Path("data")


def test_absolute_database() -> None:
    """Four slashes are an absolute path, which may be percent-encoded."""
    settings = Settings(store_url="sqlite:////var/lib/a%20b/backstep.db")
    assert settings.data == Path("/var/lib/a b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("BACKSTEP_SESSION_TTL", "1"),
        ("BACKSTEP_SECRET", "short"),
        ("BACKSTEP_ALLOWED_HOSTS", ""),
        ("BACKSTEP_ALLOWED_HOSTS", "example.edu:8000"),
        ("BACKSTEP_ALLOWED_HOSTS", "https://example.edu"),
        ("BACKSTEP_ALLOWED_HOSTS", "example.edu,*"),
        ("BACKSTEP_ALLOWED_HOSTS", "lecture*.example.edu"),
        ("BACKSTEP_PUBLIC_URL", "example.edu"),
        ("BACKSTEP_PUBLIC_URL", "ftp://example.edu"),
        ("BACKSTEP_PUBLIC_URL", "https://example.edu/backstep"),
    ],
)
def test_bad_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """An invalid setting is refused."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither printing nor refusing settings reveals secrets."""
    monkeypatch.setenv("BACKSTEP_STORE_URL", "redis://teacher:hush@localhost")
    assert "hush" not in repr(Settings(secret="hush, this is secret"))
    for secret in (None, "hush"):
        with pytest.raises(ValidationError) as refused:
            Settings(secret=secret)
        assert "hush" not in str(refused.value)


def test_many_processes_need_one_secret() -> None:
    """With Redis the secret must be set."""
    environment = os.environ | {"BACKSTEP_STORE_URL": "redis+sentinel://localhost/backstep"}
    environment.pop("BACKSTEP_SECRET", None)
    command = [sys.executable, "-m", "app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "BACKSTEP_SECRET is missing" in done.stderr
    assert "Traceback" not in done.stderr
