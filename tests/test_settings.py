"""Settings come from the environment, each under its name."""

from pathlib import Path
from re import MULTILINE, findall

import pytest
from pydantic import ValidationError

from app.settings import ROOT, Settings


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment it listens to this machine alone and keeps a file in ./data."""
    for name in ("HOST", "PORT", "BACKSTEP_STORE_URL", "BACKSTEP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.store_url == "sqlite:///data/backstep.db"
    assert settings.database == Path("data/backstep.db")
    assert settings.vendor == ROOT / "static" / "vendor"


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOST and PORT are plain, every other name begins with BACKSTEP_."""
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("BACKSTEP_STORE_URL", "redis://localhost/0")
    monkeypatch.setenv("BACKSTEP_SESSION_TTL", "3600")
    settings = Settings()
    assert (settings.host, settings.port, settings.session_ttl) == ("0.0.0.0", 9000, 3600)
    assert settings.database is None
    assert settings.data == Path("data")


def test_absolute_database() -> None:
    """Four slashes are an absolute path; what is escaped in it is read as meant."""
    settings = Settings(store_url="sqlite:////var/lib/a%20b/backstep.db")
    assert settings.data == Path("/var/lib/a b")


def test_readme_has_the_limits() -> None:
    """The table of limits says what they are where nothing is set."""
    rows = findall(r"^\| `([A-Z_]+)` \| ([\d,]+) \|", (ROOT / "README.md").read_text(), MULTILINE)
    assert len(rows) == 9
    defaults = Settings().model_dump()
    for name, number in rows:
        assert defaults[name.lower()] == int(number.replace(",", "")), name


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("BACKSTEP_SESSION_TTL", "1"), ("BACKSTEP_SECRET", "short")],
)
def test_bad_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A setting that cannot be is refused at the start."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_secret_is_not_shown() -> None:
    """Printing the settings does not print the secret."""
    assert "hush" not in repr(Settings(secret="hush, this is secret"))
