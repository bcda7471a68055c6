"""The image, as the Dockerfile and docker-bake.hcl describe it."""

import re

from app.main import VERSION
from app.settings import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
BAKE = (ROOT / "docker-bake.hcl").read_text()
LABEL = re.compile(r'\borg\.opencontainers\.image\.(\w+)"?\s*=')


def test_the_version_is_that_of_the_program() -> None:
    """The tag and the label of an image name the version that it contains."""
    assert re.findall(r'variable "VERSION" {\n  default = "(.*)"', BAKE) == [VERSION]
    assert "${IMAGE}:${VERSION}" in BAKE


def test_labels() -> None:
    """The Dockerfile has the labels that are always the same, and docker-bake.hcl all others."""
    assert LABEL.findall(DOCKERFILE) == ["title", "description", "licenses"]
    assert LABEL.findall(BAKE) == ["version", "revision", "created", "source"]


def test_every_stage_but_the_first_runs_on_the_architecture_of_the_image() -> None:
    """The files of the first stage are the same everywhere. The others have one version of Python, that
    for which `scripts/wheels` looks for wheels, and install nothing else."""
    first, *others = re.findall(r"^FROM (.*?)(?: AS \w+)?$", DOCKERFILE, re.MULTILINE)
    assert first.startswith("--platform=$BUILDPLATFORM node:")
    assert set(others) == {"python:3.13-slim"}
    assert "--only-binary=:all: --require-hashes -r requirements.txt" in DOCKERFILE
    assert 'platforms = ["linux/amd64", "linux/arm64"]' in BAKE
