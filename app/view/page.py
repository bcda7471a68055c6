"""The page's changing region, rendered once per scene with holes, and filled at each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from cachetools import LRUCache, cached
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.backprop.curve import Curve
from app.backprop.functions import ERRORS
from app.backprop.moment import written
from app.backprop.network import OPTIMISERS, UPDATES, Shape
from app.backprop.presets import NAMED, PRESETS
from app.backprop.program import flat
from app.backprop.simulation import Simulation
from app.view.baking import Baked, TextHole, bake
from app.view.blame import blame
from app.view.card import card
from app.view.curve import sparkline
from app.view.derivation import levels
from app.view.drawing import draw
from app.view.languages import languages, translations
from app.view.links import AT, explain, link_of, of, query_of, way
from app.view.narration import extremes, narration
from app.view.network import Typed
from app.view.numbers import exact, plain, short
from app.view.panels import PANELS, Look, Panel
from app.view.scene import Scene, numbers_of
from app.view.timeline import timeline
from app.view.travel import TRAVEL_TEXTS, travel_texts, travels
from app.view.words import error_name, optimiser_name, theme_title, update_name

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
SPARK_POINTS = 32  # a point for every three pixels
BAKED_BYTES = 96_000_000
THEMES = ("auto", "dark", "light")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a visitor wants to see it: the granularity, the open panel, the colours, the language."""

    by: str = "layer"
    panel: str = "matrices"
    theme: str = "auto"
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that could not be taken: its field, what was typed, and why not."""

    field: str
    typed: str
    message: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What the page is drawn from.

    Attributes:
        simulation: as it stands.
        start: what every form sends along while there is no session yet: the preset, or the seed.
        at: the quantity that is explained, and the way down into it: the addresses unfolded, each
            an operand of the one before; empty where none is.
        refused: the entry that was refused, if one was.
        site: what whole addresses begin with, where the page shows some.
        typed: the whole form that it stood in, where that builds a network.
    """

    simulation: Simulation
    start: Mapping[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    refused: Refused | None = None
    site: str = ""
    typed: Typed | None = None


@dataclass(frozen=True, slots=True)
class _Key:
    """All that the elements and words of the region depend on."""

    shape: Shape
    cursor: int
    examples: int
    example: int
    by: str
    panel: str
    at: tuple[str, ...]
    language: str
    refused: str
    begun: bool
    travels: tuple[bool, bool]


def lab(visit: Visit, wishes: Wishes) -> bytes:
    """The region that a step changes, as HTML in UTF-8."""
    simulation = visit.simulation
    in_data = wishes.panel == "data"  # elsewhere the examples change numbers, but no elements
    key = _Key(
        shape=simulation.shape,
        cursor=simulation.cursor,
        examples=len(simulation.examples) if in_data else 0,
        example=simulation.example if in_data else 0,
        by=wishes.by,
        panel=wishes.panel,
        at=visit.at,
        language=wishes.language,
        refused=visit.refused.field if visit.refused else "",
        begun=not visit.start,
        travels=travels(simulation),
    )
    numbers = numbers_of(simulation)
    if in_data:
        numbers += tuple(number for each in simulation.examples for number in flat(each))
    return _baked(key).fill(numbers, _texts(visit, wishes, numbers))


@lru_cache
def environment(language: str) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=False)  # type: ignore[attr-defined]
    return made


# Bounded by size: of the deck's network a scene takes 50 kB, of the largest ten times that.
@cached(LRUCache(maxsize=BAKED_BYTES, getsizeof=lambda baked: baked.size))
def _baked(key: _Key) -> Baked:
    scene = Scene(key.shape, key.cursor, key.by)
    _ = translations(key.language).gettext
    template = environment(key.language).get_template("lab.html")
    # A hundred links and forms name what was begun from; in a session there is nothing to name.
    texts = {name: TextHole(name) for name in _TEXTS} | (_queries({}, key.at) if key.begun else {})
    return bake(
        template.render(
            scene=scene,
            drawing=draw(scene, key.at),
            card=card(scene, _),
            timeline=timeline(scene, _),
            narration=narration(scene, _),
            panel=PANELS[key.panel],
            panels=PANELS.values(),
            at=key.at,
            levels=levels(scene, key.at, _),
            explain=partial(explain, texts["at_query"]),
            way=partial(way, texts["at_query"]),
            of=partial(of, key.at),
            **PANELS[key.panel].context(Look(scene, _, key.at, key.examples, key.example)),
            shape="-".join(map(str, key.shape.layers)),
            rate=scene.operand("learning_rate"),
            texts=texts,
            presets=PRESETS.values(),
            errors=tuple(ERRORS),
            error_name=partial(error_name, _),
            optimisers=OPTIMISERS,
            optimiser_name=partial(optimiser_name, _),
            updates=UPDATES,
            update_name=partial(update_name, _),
            languages=languages(),
            language=key.language,
            refused_field=key.refused,
            travels=dict(zip(("along", "across"), key.travels, strict=True)),
        )
    )


_TEXTS = (
    *("title", "summary", "source", "query", "iteration", "rate", "error", "error_exact"),
    *("next_theme", "next_theme_title", "spark", "spark_hidden", "plain_query", "at_query"),
    *("live", "blame", "link", "home_link"),
    *("back_disabled", "reset_disabled", "typed", "message", "lowest", "highest", "beginning"),
    *TRAVEL_TEXTS,
    *("seed", "in_order", "shuffled"),
)


def _texts(visit: Visit, wishes: Wishes, numbers: Sequence[float]) -> dict[str, str]:
    """What else changes from visit to visit, escaped."""
    simulation = visit.simulation
    position = simulation.program.position["error"]
    computed = numbers[position]
    # E of this iteration once it is known, until then that of the one before.
    known = simulation.cursor > position
    error = computed if known else simulation.start.previous_error
    spark = _spark(simulation, computed)
    refused = visit.refused
    at_beginning = simulation.at_beginning
    return {
        **_words(preset_of(simulation), wishes.theme, wishes.language),
        **(_queries(visit.start, visit.at) if visit.start else {}),
        **extremes(simulation, wishes.by, numbers),
        **travel_texts(simulation),
        # Cursor 0 of a later iteration is the end of the one before; its first moment is 1.
        "beginning": "0" if simulation.iteration == simulation.history.edited_at else "1",
        "iteration": str(simulation.iteration),
        "rate": plain(simulation.learning_rate),
        "seed": "1" if simulation.start.shuffle is None else str(simulation.start.shuffle),
        "in_order": "selected" if simulation.start.shuffle is None else "",
        "shuffled": "" if simulation.start.shuffle is None else "selected",
        "error": "–" if error is None else short(error),
        "error_exact": "" if error is None else exact(error),
        "spark": spark or "M0 0",
        "spark_hidden": "" if spark else "hidden",
        "link": _link(visit) if visit.at else "",
        "home_link": _home_link(visit) if wishes.panel == "home" else "",
        "blame": _blame(visit, wishes.language) if visit.at else "",
        "live": live(PANELS[wishes.panel], visit, wishes.language),
        "back_disabled": "disabled" if at_beginning else "",
        "reset_disabled": "disabled" if at_beginning else "",
        "typed": str(escape(refused.typed)) if refused else "",
        "message": str(escape(refused.message)) if refused else "",
    }


@lru_cache(maxsize=256)
def _words(name: str, theme: str, language: str) -> dict[str, str]:
    """What the page says of a preset, and of the colours that can be had next."""
    _ = translations(language).gettext
    preset = NAMED.get(name)
    following = THEMES[(THEMES.index(theme) + 1) % len(THEMES)]
    texts = {
        "next_theme": following,
        "next_theme_title": theme_title(_, following),
        "title": _(preset.title) if preset else _("Your network"),
        "summary": _(preset.summary) if preset else "",
        "source": _(preset.source) if preset else "",
    }
    return {name: str(escape(text)) for name, text in texts.items()}


def preset_of(simulation: Simulation) -> str:
    """The name of the preset that a simulation began as, empty for a network of one's own."""
    origin = simulation.history.origin
    for name, preset in NAMED.items():
        start = preset.simulation.start
        if start.network.parameters == origin.network.parameters and start == origin:
            return name
    return ""


def _spark(simulation: Simulation, computed: float) -> str:
    """The small curve, once an iteration is finished."""
    if simulation.finished:
        last, error = simulation.iteration, computed
    elif simulation.start.previous_error is not None:
        last, error = simulation.iteration - 1, simulation.start.previous_error
    else:
        return ""
    return _spark_of(simulation.history.curve_here, last, error)


@lru_cache(maxsize=512)  # each holds a curve of up to 4 kB; to draw one anew takes 30 µs
def _spark_of(curve: Curve, last: int, error: float) -> str:
    """The small curve: it stays the same from one end of an iteration to the next."""
    return sparkline(curve.thinned(last, error, SPARK_POINTS))


def _link(visit: Visit) -> str:
    """An address that opens this derivation anywhere: it holds the moment itself."""
    query = {"moment": written(visit.simulation), "at": AT.join(visit.at)}
    return "/" + query_of(query)


def _home_link(visit: Visit) -> str:
    """The whole address that opens all of this anywhere, escaped."""
    return str(escape(visit.site + link_of(visit.simulation, visit.at)))


def _blame(visit: Visit, language: str) -> str:
    """The ribbons under a derivation that ends at a hidden unit."""
    split = blame(visit.simulation, visit.at)
    if split is None:
        return ""
    template = environment(language).get_template("blame.html")
    return template.render(blame=split, of=partial(of, visit.at))


def _queries(start: Mapping[str, str], at: tuple[str, ...]) -> dict[str, Markup]:
    """What the addresses of links and forms end with: with what is explained, without, and up to
    the addresses of what is to be explained."""
    return {
        "query": query_of({**start, **({"at": AT.join(at)} if at else {})}),
        "plain_query": query_of(start),
        "at_query": query_of({**start, "at": ""}),
    }


def live(panel: Panel, visit: Visit, language: str) -> str:
    """What of a panel is rendered anew each time: elements that depend on numbers."""
    if panel.live is None:
        return ""
    _ = translations(language).gettext
    template = environment(language).get_template(f"{panel.name}_live.html")
    return template.render(
        explain=partial(explain, query_of({**visit.start, "at": ""})),
        of=partial(of, visit.at),
        refused=visit.refused,
        typed=visit.typed,
        **panel.live(visit.simulation, visit.at, _),
    )
