"""compose.yaml: valid, hardened, and at one with the app."""

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
    """As it is written, and with its variables filled in; what there is not is refused."""
    assert checked(ROOT / "compose.yaml").returncode == 0
    filled = tmp_path / "compose.yaml"
    filled.write_text(yaml.safe_dump(COMPOSE))
    assert checked(filled).returncode == 0
    filled.write_text(yaml.safe_dump({**COMPOSE, "services": {"redis": {"replicas": 2}}}))
    refused = checked(filled)
    assert refused.returncode == 1
    assert "replicas" in refused.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_may_more_than_it_needs(name: str) -> None:
    """A read-only root, no capability, no way to more rights, limits, a check of its health."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert service["pids_limit"] <= 64
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "devices"}


def test_only_the_proxy_is_outside() -> None:
    """And by default only for this host."""
    assert SERVICES["proxy"]["ports"] == ["127.0.0.1:8080:8080"]
    for name in ("backstep", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_each_waits_for_what_it_needs() -> None:
    """Redis first, then Backstep, then the proxy."""
    for name, needed in {"proxy": "backstep", "backstep": "redis"}.items():
        assert SERVICES[name]["depends_on"] == {needed: {"condition": "service_healthy"}}


def test_the_environment_is_settings() -> None:
    """Every name is a setting; the proxy's network is what is trusted; there is time to stop."""
    environment = SERVICES["backstep"]["environment"]
    settings = settings_of(environment)
    assert settings.store_url == "redis://redis:6379/0"
    assert settings.secret == SECRET
    [network] = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert settings.trusted_proxies == network["subnet"]
    assert int(SERVICES["backstep"]["stop_grace_period"].removesuffix("s")) > settings.drain + 2


def test_it_does_not_start_without_a_secret() -> None:
    """All replicas must share one, and there is none that everybody knows."""
    with pytest.raises(AssertionError, match="BACKSTEP_SECRET has no default"):
        compose()


def test_the_number_of_replicas_is_chosen() -> None:
    """By a variable."""
    assert SERVICES["backstep"]["deploy"]["replicas"] == 2
    four = compose(BACKSTEP_SECRET=SECRET, BACKSTEP_REPLICAS="4")
    assert four["services"]["backstep"]["deploy"]["replicas"] == 4


def test_redis_forgets_nothing() -> None:
    """It writes every change to its volume, and throws nothing out to make room."""
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert COMPOSE["volumes"].keys() == {"redis"}


def test_what_can_be_set_is_said() -> None:
    """The head of the file names the variables; the log level is among the settings."""
    text = (ROOT / "compose.yaml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    said = set(re.findall(r"^#   (\w+) ", text, re.MULTILINE))
    assert said == used - {"BACKSTEP_IMAGE", "BACKSTEP_LOG_LEVEL"}
