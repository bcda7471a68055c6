"""The structure of app/: small packages, short import chains, one name for one thing.

`make lint` checks the layers with import-linter.
"""

import ast
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import grimp
import pytest

from app.settings import ROOT

APP = ROOT / "app"
MOST_MODULES = 14  # in one package, `__init__` included
LONGEST_CHAIN = 20  # modules, each of which imports the next
# The store that an address names is imported only when it is opened.
LATE = {("app.sessions.stores.base", f"app.sessions.stores.{kind}") for kind in ("redis", "sqlite")}
SHARED_NAMES = {"__init__", "base"}
# A panel and an export may be named after the feature that they show.
FEATURE_PACKAGES = {"app.view.panels", "app.view.export"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("app", cache_dir=None)


def files() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def test_packages_are_small() -> None:
    """No folder has more than 14 modules."""
    counts = Counter(path.parent for path in files())
    assert {folder: n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_import_chains_are_short(
    graph: grimp.ImportGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imports form no cycle, and the longest chain has at most 20 modules."""
    under_way: set[str] = set()

    @cache
    def longest(module: str) -> tuple[str, ...]:
        assert module not in under_way, f"{module} is in a cycle"
        under_way.add(module)
        imported = graph.find_modules_directly_imported_by(module)
        chains = (longest(other) for other in sorted(imported) if (module, other) not in LATE)
        chain = (module, *max(chains, key=len, default=()))
        under_way.remove(module)
        return chain

    chain = max(map(longest, sorted(graph.modules)), key=len)
    with capsys.disabled():
        print(f"\nThe longest of the import chains has {len(chain)} modules: {' > '.join(chain)}")
    assert len(chain) <= LONGEST_CHAIN


def test_class_names_are_unique() -> None:
    """No class name is defined in two modules."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in found.items() if len(set(paths)) > 1} == {}


def test_module_names_are_unique() -> None:
    """A module name is used in one package only, except for a feature's panel and export."""
    packages: defaultdict[str, set[str]] = defaultdict(set)
    for path in files():
        package = ".".join(path.parent.relative_to(ROOT).parts)
        if path.stem not in SHARED_NAMES and package not in FEATURE_PACKAGES:
            packages[path.stem].add(package)
    assert {name: found for name, found in packages.items() if len(found) > 1} == {}


def test_imports_are_absolute() -> None:
    """No module uses a relative import."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
