"""Published exercises with their right values, by name."""

import json
from pathlib import Path

EXERCISES = json.loads(
    (Path(__file__).parents[1] / "examples/vectors/exercises.json").read_text("utf-8")
)
