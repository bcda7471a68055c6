"""A patched region is the region rendered afresh, node for node, over random walks.

Chromium applies each patch to a copy of the region and compares it with the whole region of the same
moment. After a step it goes ahead to the next one, and back again, before that is asked for.
`BACKSTEP_PATCHES=10000` walks further.
"""

import os
import random
import statistics
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from app.examples.published import DECK
from app.settings import ROOT
from app.view.panels.registry import PANELS
from tests.browser.conftest import NewVisitor

WALK = int(os.environ.get("BACKSTEP_PATCHES", "300")) // 4
EXAMPLES = (
    "/?preset=deck",
    "/?preset=and",
    "/?layers=3-4-4-2&seed=5&optimiser=adam",
    "/?layers=2-8-8-2&seed=3",
)
MOVES = ("step", "back", "forward", "backward", "update", "undo", "redo", "start-over", "reset")
ADDRESSES = (
    "weight/0/0/0",
    "weight/1/1/0",
    "net/1/0",
    "out/1/1",
    "delta/1/0",
    "delta/2/0",
    "error",
)

# Send one press after another, as the script of the page does; return what differs.
WALKER = """async ([script, start, moves]) => {
  const applyPatch = new Function("$", script + "; return applyPatch;")((selector) => document.querySelector(selector));
  const region = (text) => new DOMParser().parseFromString(text, "text/html").querySelector("#lab");
  const send = (address, form, headers) => fetch(address, {
    method: form ? "POST" : "GET", body: form && new URLSearchParams(form), headers: { "HX-Request": "true", ...headers },
  });
  const written = (root) => {  // with attributes in order
    for (const each of [root, ...root.querySelectorAll("*")]) {
      const attributes = [...each.attributes].sort((one, other) => one.name < other.name ? -1 : 1);
      for (const one of attributes) each.removeAttributeNode(one);
      for (const one of attributes) each.setAttributeNode(one);
    }
    return root.outerHTML;
  };
  const begun = await send("/step?" + start.split("?")[1], {}, {}), home = begun.headers.get("HX-Replace-Url");
  let shown = region(await begun.text());
  const state = () => shown.querySelector("#moves").dataset.shown;
  let patches = 0, ahead = 0, next = null, presses = 0;
  for (const [address, form, query] of moves) {
    const differs = (other) => ({ differs: [address, form, query], shown: written(shown), whole: written(other) });
    const headers = { "Shown": state() }, press = `walk.${presses += 1}`;
    if (form) headers.Press = `${press}~${shown.querySelector("#moves").dataset.change}`;
    let undo = null;
    if (address === "/step") {
      if (next?.state === state()) {
        const before = shown.cloneNode(true);
        applyPatch(shown, next.text).undo();
        if (!shown.isEqualNode(before)) return differs(before);
        ({ undo } = applyPatch(shown, next.text));
      }
      headers.Ahead = undo ? state() : "";
    }
    const answer = await send(home + address + query, form, headers);
    const [text, following] = (await answer.text()).split("\x1d");
    const isPatch = answer.headers.get("HX-Reswap")?.startsWith("patch");
    if (undo && isPatch && !text) {
      ahead += 1;
      shown.querySelector("#moves").dataset.change = press;
    } else {
      undo?.();
      if (isPatch) {
        patches += 1;
        applyPatch(shown, text);
      } else if (answer.ok) shown = region(text);
    }
    if (following) next = { text: following, state: state() };
    if (!answer.ok) continue;
    const whole = region(await (await send(home + query, null, {})).text());
    if (!shown.isEqualNode(whole)) return differs(whole);
  }
  return { patches, ahead };
}"""

Move = tuple[str, dict[str, str] | None, str]


def walk(chance: random.Random) -> Iterator[Move]:
    """Presses, edits, and looks at something else."""
    query = ""
    while True:
        kind = chance.random()
        if kind < 0.6:
            move = chance.choices(MOVES, (20, 6, 3, 3, 3, 3, 2, 1, 1))[0]
            for _ in range(chance.randrange(1, 6) if move == "step" else 1):
                yield f"/{move}", {}, query
        elif kind < 0.66:
            yield "/seek", {"cursor": str(chance.randrange(8))}, query
        elif kind < 0.72:
            yield "/edit", {"graph/weight/0/0/0": f"{chance.uniform(-2, 2):.3f}"}, query
        elif kind < 0.76:
            yield "/edit", {"learning_rate": f"{chance.uniform(0.1, 2):.2f}"}, query
        elif kind < 0.88:
            name, values = chance.choice(
                (
                    ("by", ("unit", "layer", "phase")),
                    ("panel", ("", *PANELS)),
                    ("language", ("en", "ko")),
                    ("scale", ("linear", "log")),
                )
            )
            yield "/view", {name: chance.choice(values)}, query
        else:
            address = chance.choice(ADDRESSES)
            query = chance.choice(("", f"?focus={address}", f"?at={address}"))
            yield "", None, query


@pytest.mark.parametrize("example", EXAMPLES)
def test_patches(new_visitor: NewVisitor, example: str) -> None:
    chance = random.Random(example)
    visitor = new_visitor(fresh=True, bypass_csp=True).open(example)
    script = (ROOT / "static/screen/patches.js").read_text()
    moves = list(islice(walk(chance), WALK))
    result: dict[str, Any] = visitor.page.evaluate(WALKER, [script, example, moves])
    assert "differs" not in result, difference(result)
    print(
        f"\n{example}: of {len(moves)} answers {result['patches']} are patches, {result['ahead']} came ahead"
    )
    assert result["patches"] > WALK // 3
    assert result["ahead"] > WALK // 50  # how many depends on how busy the server is


def difference(result: dict[str, Any]) -> str:
    """Where the two regions differ first."""
    pair = zip(result["shown"], result["whole"], strict=False)
    at = next((index for index, (one, other) in enumerate(pair) if one != other), 0)
    around = slice(max(at - 200, 0), at + 200)
    return f"{result['differs']}\n{result['shown'][around]}\n---\n{result['whole'][around]}"


CODING = "fetch('/', { cache: 'no-store' }).then(({ headers }) => headers.get('content-encoding'))"


@pytest.mark.parametrize(("by", "iterations"), [("unit", 1), ("layer", 1), ("phase", 3)])
def test_what_travels(new_visitor: NewVisitor, by: str, iterations: int) -> None:
    """With the dictionary, headers and the step ahead: 3 kB a step in the median, and at most 8 kB.

    The server makes the dictionary soon after its start, and the browser fetches it after the first
    press, when it has nothing else to do.
    """
    visitor = new_visitor(fresh=True)
    page = visitor.page
    for _ in range(100):
        visitor.open("/?preset=deck").step()
        if page.evaluate(CODING) == "dcz":
            break
        page.wait_for_timeout(200)
    visitor.click("Reset")
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    presses: set[str] = set()
    sent: dict[str, float] = {}

    def asked(event: Any) -> None:
        if event["request"]["method"] == "POST":
            presses.add(event["requestId"])

    protocol.on("Network.requestWillBeSent", asked)
    protocol.on(
        "Network.loadingFinished",
        lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}),
    )
    visitor.choose("by", by)
    for _ in range(iterations * len(DECK.simulation.compiled.ends[by])):
        visitor.step()
    sizes = [sent[id] for id in presses]
    assert len(sizes) >= iterations * len(DECK.simulation.compiled.ends[by])
    assert statistics.median(sizes) <= 3_000
    assert max(sizes) <= 8_000
