"""The files that deploy Backstep, read for the tests."""

import os
import re
from pathlib import Path
from typing import Any

import yaml

from app.settings import ROOT, Settings

Document = dict[str, Any]


def documents(name: str) -> list[Document]:
    """The documents of a YAML file, by its path in the project."""
    return [document for document in yaml.safe_load_all((ROOT / name).read_text()) if document]


def compose(**environment: str) -> Document:
    """compose.yaml, with its variables from an environment, else their defaults."""
    text = "\n".join(
        line.split(" #")[0] if not line.lstrip().startswith("#") else ""
        for line in (ROOT / "compose.yaml").read_text().splitlines()
    )

    def value(variable: re.Match[str]) -> str:
        name, kind, default = variable.groups()
        if name not in environment:
            assert kind == ":-", f"{name} has no default"
        return environment.get(name, default)

    filled = re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text)
    assert "$" not in filled
    document: Document = yaml.safe_load(filled)
    return document


def variable(field: str) -> str:
    """What a setting is called in the environment."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias) if alias else f"BACKSTEP_{field.upper()}"


def settings_of(environment: dict[str, str]) -> Settings:
    """The settings that a container's environment makes; each of its names has to be one."""
    known = {variable(field): field for field in Settings.model_fields}
    assert environment.keys() <= known.keys(), environment.keys() - known.keys()
    return Settings.model_validate({known[name]: value for name, value in environment.items()})


def blocks(name: str, heading: str) -> list[str]:
    """The shell commands under a heading of a page of docs/, block by block."""
    page = (ROOT / "docs" / name).read_text()
    [section] = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh$(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def path_with(folder: Path) -> dict[str, str]:
    """An environment in which a folder's commands come first."""
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
