"""Imports point one way: web → view → backprop, web → sessions → backprop."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import ROOT

APP = ROOT / "app"

# What each room may know of the others, and of the world where that is limited.
ROOMS = {
    "backprop": {"backprop"},
    "sessions": {"sessions", "backprop"},
    "view": {"view", "backprop"},
    "web": {"web", "view", "sessions", "backprop", "settings", "logs"},
    "settings": set(),
    "logs": {"settings"},
    "main": {"web", "sessions", "settings"},
    "__main__": {"main", "settings", "logs", "serving", "web"},
    "serving": set(),
}
WEB = {"fastapi", "starlette", "uvicorn", "httpx"}


def modules(room: str) -> list[Path]:
    """The files of a room: of a package, or the one of a module."""
    return sorted((APP / room).rglob("*.py")) or [APP / f"{room}.py"]


def imported(path: Path) -> Iterator[str]:
    """The full name of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_room_is_known() -> None:
    """A new package or module in app/ says here what it may import."""
    found = {path.stem for path in APP.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert found - {"__init__"} <= ROOMS.keys()


@pytest.mark.parametrize("room", [room for room in ROOMS if modules(room)[0].exists()])
def test_imports_point_one_way(room: str) -> None:
    """No room knows of one that it should not."""
    for path in modules(room):
        known = {name.split(".")[1] for name in imported(path) if name.startswith("app.")}
        assert known <= ROOMS[room], path


def test_backprop_needs_numpy_alone() -> None:
    """The mathematics imports NumPy and the standard library, nothing else."""
    for path in modules("backprop"):
        roots = {name.partition(".")[0] for name in imported(path)}
        assert roots - sys.stdlib_module_names <= {"numpy", "app"}, path


@pytest.mark.parametrize("room", ["sessions", "view"])
def test_no_http_outside_of_web(room: str) -> None:
    """Sessions and views know nothing of requests."""
    for path in modules(room) if (APP / room).exists() else []:
        assert not {name.partition(".")[0] for name in imported(path)} & WEB, path
