"""The Grafana dashboard agrees with /metrics."""

import json
import re
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from app.sessions.stores.base import StoreUnavailable
from app.settings import ROOT
from tests.support.lab import Lab
from tests.support.page_client import PageClient

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "backstep.json").read_text())
PANELS = DASHBOARD["panels"]
QUERIES = [str(target["expr"]) for panel in PANELS for target in panel.get("targets", ())]
PROMETHEUS = {"job", "instance", "le"}  # labels that Prometheus gives
FUNCTIONS = {"sum", "max", "count", "rate", "increase", "histogram_quantile", "vector", "time"}


@pytest.fixture
async def samples(
    app: Starlette, lab: Lab, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> dict[str, set[str]]:
    """The labels of each sample that a server has when everything has happened to it once."""

    async def away(*_: Any) -> None:
        raise StoreUnavailable

    await visitor.look()
    await visitor.press("Step")
    await lab.create()
    await lab.step()
    with monkeypatch.context() as patch:
        patch.setattr(app.state.store.store, "check", away)
        await lab.client.get("/readyz")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families((await lab.client.get("/metrics")).text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def test_queries(samples: dict[str, set[str]]) -> None:
    """Every query names metrics and labels that exist, and functions of PromQL."""
    for query in QUERIES:
        check(query, samples)


def check(query: str, samples: dict[str, set[str]]) -> None:
    bare = re.sub(r'"[^"]*"', '""', query)
    metrics = set(re.findall(r"\b(?:backstep|process)_\w+", bare))
    assert metrics or bare.startswith("time()")
    assert metrics <= samples.keys()
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", bare))
    for group in re.findall(r"\bby \(([^)]*)\)", bare):
        labels |= {label.strip() for label in group.split(",")}
    assert labels <= PROMETHEUS.union(*(samples[name] for name in metrics))
    assert set(re.findall(r"\b(\w+)\s*\(", bare)) - {"by", "or"} <= FUNCTIONS
    assert [query.count(left) for left in "({["] == [query.count(right) for right in ")}]"]
    if "histogram_quantile" in bare:
        assert "le" in labels
        assert all(name.endswith("_bucket") for name in metrics)


async def test_every_figure_of_ours_is_shown(samples: dict[str, set[str]]) -> None:
    """Every metric of Backstep is on the dashboard."""
    shown = set(re.findall(r"\bbackstep_\w+", " ".join(QUERIES)))
    ours = {name for name in samples if name.startswith("backstep_")}
    assert {n for n in ours if not re.search("_(sum|count|created)$", n)} == shown


async def test_a_step_is_asked_for_by_its_routes(app: Starlette) -> None:
    """The latency of a step is that of the page's and the API's step routes."""
    [routes] = {r for query in QUERIES for r in re.findall(r'route=~"([^"]*)"', query)}
    page, api = routes.split("|")
    assert page in [getattr(route, "path", None) for route in app.routes]
    assert api in app.state.api.openapi()["paths"]
