"""The Kubernetes manifests are valid and agree with each other and the app."""

import re
from typing import Any

import kubernetes_validate
import pytest
from starlette.applications import Starlette

from app.settings import ROOT
from tests.support.deploy_files import Document, documents, settings_of

FOLDER = "deploy/kubernetes"
FILES = sorted(path.name for path in (ROOT / FOLDER).iterdir())
DOCUMENTS = [document for name in FILES for document in documents(f"{FOLDER}/{name}")]
VERSIONS = ("1.25", "1.37")  # the oldest that is promised, and the newest known


def named(document: Document) -> str:
    return f"{document['kind']}-{document['metadata']['name']}"


def the(kind: str, name: str) -> Document:
    """The one document of a kind and a name."""
    [found] = [d for d in DOCUMENTS if named(d) == f"{kind}-{name}"]
    return found


def pod(kind: str, name: str) -> Document:
    """The pod that a workload makes."""
    template: Document = the(kind, name)["spec"]["template"]
    return template


def container(kind: str, name: str) -> Document:
    [only] = pod(kind, name)["spec"]["containers"]
    found: Document = only
    return found


def environment() -> dict[str, Any]:
    """What Backstep's container has in its environment, by name."""
    return {entry["name"]: entry for entry in container("Deployment", "backstep")["env"]}


WORKLOADS = [("Deployment", "backstep"), ("StatefulSet", "redis")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_is_valid(document: Document, version: str) -> None:
    """Each manifest conforms to the schemas of Kubernetes."""
    kubernetes_validate.validate(document, version, strict=True)


def test_the_validator_says_no() -> None:
    """An is not a known field and a wrong type are refused."""
    for change in ({"replica": 2}, {"replicas": "two"}):
        wrong = the("Deployment", "backstep")
        wrong = {**wrong, "spec": {**wrong["spec"], **change}}
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


@pytest.mark.parametrize(("kind", "name"), WORKLOADS)
def test_selectors_find_the_pods(kind: str, name: str) -> None:
    """Selectors and ports of services match the pods."""
    labels = pod(kind, name)["metadata"]["labels"]
    assert the(kind, name)["spec"]["selector"]["matchLabels"] == labels
    assert the("Service", name)["spec"]["selector"] == labels
    ports = {port["name"] for port in container(kind, name)["ports"]}
    assert {port["targetPort"] for port in the("Service", name)["spec"]["ports"]} <= ports


def test_the_user_is_the_images() -> None:
    """The user is that of the Dockerfile."""
    [user] = re.findall(r"^USER (\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert pod("Deployment", "backstep")["spec"]["securityContext"]["runAsUser"] == int(user)


async def test_probes_ask_what_there_is(app: Starlette) -> None:
    """The probes ask for routes that exist."""
    only = container("Deployment", "backstep")
    paths = {name: only[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness")}
    assert set(paths.values()) == {"/healthz"}
    assert only["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert {"/healthz", "/readyz", "/metrics"} <= app.state.api.openapi()["paths"].keys()
    annotations = pod("Deployment", "backstep")["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] == "/metrics"
    assert annotations["prometheus.io/port"] == str(only["ports"][0]["containerPort"])


def test_the_environment_is_settings() -> None:
    """Every environment variable is a setting with a valid value."""
    plain = {name: entry["value"] for name, entry in environment().items() if "value" in entry}
    settings = settings_of({**plain, "BACKSTEP_SECRET": "made for this test alone"})
    service = the("Service", "redis")
    port = service["spec"]["ports"][0]["port"]
    assert settings.store_url == f"redis://{service['metadata']['name']}:{port}/0"


def test_there_is_time_to_drain() -> None:
    """The grace period is longer than the drain, and the drain longer than the probe."""
    spec = pod("Deployment", "backstep")["spec"]
    drain = float(environment()["BACKSTEP_DRAIN"]["value"])
    probe = container("Deployment", "backstep")["readinessProbe"]
    assert spec["terminationGracePeriodSeconds"] > drain + 2
    assert drain > probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
    rolling = the("Deployment", "backstep")["spec"]["strategy"]["rollingUpdate"]
    assert rolling["maxUnavailable"] == 0


def test_every_file_is_deployed_as_written() -> None:
    """The documentation applies every manifest."""
    page = (ROOT / "docs" / "deploying.md").read_text()
    applied = set(re.findall(rf"-f {FOLDER}/([\w.]+)", page))
    assert applied == set(FILES) - {"secret.example.yaml"}
