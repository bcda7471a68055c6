"""compose.yaml is valid and agrees with the settings."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.settings import ROOT
from tests.support.deploy_files import compose, settings_of

SECRET = "made for this test alone"
COMPOSE = compose(BACKSTEP_SECRET=SECRET)
SERVICES = COMPOSE["services"]


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    """A compose file held to the schema of the Compose specification."""
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)


def test_it_is_valid(tmp_path: Path) -> None:
    """The file conforms to the Compose schema, and an unknown key does not."""
    assert checked(ROOT / "compose.yaml").returncode == 0
    filled = tmp_path / "compose.yaml"
    filled.write_text(yaml.safe_dump(COMPOSE))
    assert checked(filled).returncode == 0
    filled.write_text(yaml.safe_dump({**COMPOSE, "services": {"redis": {"replicas": 2}}}))
    refused = checked(filled)
    assert refused.returncode == 1
    assert "replicas" in refused.stdout


def test_the_environment_is_settings() -> None:
    """Every environment variable is a setting with a valid value."""
    environment = SERVICES["backstep"]["environment"]
    settings = settings_of(environment)
    assert settings.store_url == "redis://redis:6379/0"
    assert settings.secret == SECRET
    [network] = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert settings.trusted_proxies == network["subnet"]
    assert int(SERVICES["backstep"]["stop_grace_period"].removesuffix("s")) > settings.drain + 2


def test_it_does_not_start_without_a_secret() -> None:
    """The secret has no default."""
    with pytest.raises(AssertionError, match="BACKSTEP_SECRET has no default"):
        compose()


def test_what_can_be_set_is_said() -> None:
    """The comment at the top lists every variable."""
    text = (ROOT / "compose.yaml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    said = set(re.findall(r"^#   (\w+) ", text, re.MULTILINE))
    assert said == used - {"BACKSTEP_IMAGE", "BACKSTEP_LOG_LEVEL"}
