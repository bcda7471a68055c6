"""Histograms of durations say what those of prometheus_client say."""

import re

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from app.web.http.durations import DurationHistogram

BOUNDS = (0.000025, 0.1, 5)
SECONDS = (0.0, 0.000025, 0.00003, 0.1, 4.5, 5, 17)


def text(registry: CollectorRegistry) -> str:
    """All metrics, without the times at which they were created."""
    return re.sub(r"(_created.*) .*", r"\1", generate_latest(registry).decode())


@pytest.mark.parametrize("label", ["", "route"])
def test_as_of_the_client(label: str) -> None:
    """The same durations have the same text."""
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    labels = (label,) if label else ()
    expected = Histogram("name", "What it is.", labels, registry=theirs, buckets=BOUNDS)
    histogram = DurationHistogram("name", "What it is.", BOUNDS, label)
    ours.register(histogram)
    for kind in ("/b", "/a") if label else ("",):
        for seconds in SECONDS:
            (expected.labels(kind) if label else expected).observe(seconds)
            histogram.of(kind).observe(seconds)
    assert text(ours) == text(theirs)


def test_without_observations() -> None:
    """A histogram without any observation is there, without figures."""
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    Histogram("name", "What it is.", ["route"], registry=theirs)
    ours.register(DurationHistogram("name", "What it is.", BOUNDS, "route"))
    assert text(ours) == text(theirs)
