"""The rules of a network: activations, error function, optimiser, learning rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.backprop.errors import N_
from app.backprop.functions import ERRORS, HYPERPARAMETERS
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.lexing.sources import Remark, Source
from app.exercises.reading.sheet import ActivationSaid, SaidNumber, Sheet

LEARNING_RATE = 0.5  # of the deck
# Greek letters that sheets use for the learning rate if nothing else is it, in this order.
_RATES = ("l", "α", "ε", "γ", "λ", "ρ")
_SQUARED = (
    *("half_squared", "half_mean_squared", "mean_squared"),
    *("plain_squared", "squared", "huber"),
)


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """The rules by the names that the mathematics has for them."""

    activations: tuple[str, ...]
    error: str
    optimiser: str
    update: str
    learning_rate: float
    hyperparameters: Mapping[str, float]
    places: Mapping[str, int]  # where the text says something of a field of the network


def rules_of(
    sheet: Sheet, source: Source, sizes: Sequence[int], examples: int, open_: OpenQuestions
) -> TrainingRules:
    """Return the rules that a text names; those that it does not are the deck's. Raises Unreadable."""
    activations: list[str | None] = _activations(sheet, source, len(sizes) - 1)
    error = _error(sheet, source, activations, sizes[-1], open_)
    needed = ERRORS[error].activation
    for layer, name in enumerate(activations):
        if name is None:
            is_last = layer == len(activations) - 1
            activations[layer] = needed if is_last and needed else "sigmoid"
            if is_last and needed:
                open_.assume(N_("activation of the outputs: %(name)s"), name=needed)
            else:
                open_.assume(N_("activation: sigmoid"))
    settings = dict(sheet.settings)
    optimiser = _optimiser(sheet, source, settings, open_)
    if "learning_rate" not in settings:
        open_.assume(N_("learning rate: %(value)s"), value=LEARNING_RATE)
    rate = settings.get("learning_rate", SaidNumber(LEARNING_RATE, 0))
    if rate.value < 0:
        raise source.problem(rate.start, N_("The learning rate must not be negative."))
    return TrainingRules(
        tuple(name for name in activations if name),
        error,
        optimiser,
        _update(sheet, examples, open_),
        rate.value,
        {
            name: setting.value
            for name, setting in settings.items()
            if name in HYPERPARAMETERS and _is_used(name, optimiser, setting)
        },
        _places(sheet),
    )


def _is_used(name: str, optimiser: str, setting: SaidNumber) -> bool:
    users = {
        "momentum": ("momentum",),
        "rho": ("rmsprop",),
        "epsilon": ("rmsprop", "adam"),
        "beta1": ("adam",),
        "beta2": ("adam",),
    }
    if name == "weight_decay":
        return setting.value > 0
    return optimiser in users.get(name, ())


def _places(sheet: Sheet) -> dict[str, int]:
    places = {name: setting.start for name, setting in sheet.settings.items()}
    if sheet.sizes:
        places["network.layers"] = sheet.sizes[1]
    for each in sheet.errors[:1]:
        places["network.error"] = each.start
    for said in sheet.activations[:1]:
        places["network.activations"] = said.start
    return places


# Activations.


def _activations(sheet: Sheet, source: Source, count: int) -> list[str | None]:
    """Return the activation of each layer after the inputs; None where the text says none."""
    if sheet.modules:
        return _of_modules(sheet, count)
    found: list[ActivationSaid | None] = [None] * count
    rest: list[ActivationSaid] = []
    for said in sheet.activations:
        layers = _layers_of(said, count)
        if not layers:
            rest.append(said)
        for layer in layers:
            known = found[layer]
            is_general = "all" in said.roles
            if known is None or ("all" in known.roles and not is_general):
                found[layer] = said
            elif known.name != said.name and not is_general:
                raise source.second_value(Remark.of(N_("activation")), said.start, known.start)
    for layer, into in enumerate(sheet.intos[:count]):
        if into.activation and found[layer] is None:
            found[layer] = ActivationSaid(into.activation, (), into.start)
    _spread(found, [each for each in rest if not any(role == "input" for role in each.roles)])
    return [each.name if each else None for each in found]


def _layers_of(said: ActivationSaid, count: int) -> list[int]:
    layers: set[int] = set()
    for role in said.roles:
        if role == "all":
            layers |= set(range(count))
        elif role == "hidden":
            layers |= set(range(count - 1))
        elif role == "output":
            layers.add(count - 1)
        elif role.startswith("hidden") and int(role[6:]) < count:
            layers.add(int(role[6:]) - 1)
    return sorted(layers)


def _spread(found: list[ActivationSaid | None], said: Sequence[ActivationSaid]) -> None:
    """Give activations without a layer to the layers that have none, in the order of the text."""
    free = [layer for layer, each in enumerate(found) if each is None]
    distinct = list({each.name: each for each in said}.values())
    if not free or not said:
        return
    if len(said) == len(found) == len(free):
        found[:] = said
        return
    if (distinct[-1].name == "softmax" and free[-1] == len(found) - 1) or (
        len(distinct) > 1 and free[-1] == len(found) - 1
    ):
        found[free.pop()] = distinct.pop()
    for layer in free:
        if distinct:
            found[layer] = distinct[0]


def _of_modules(sheet: Sheet, count: int) -> list[str | None]:
    found: list[str | None] = []
    for module in sheet.modules:
        if module.sizes:
            found.append("identity")
        elif found:
            found[-1] = module.activation
    return (found + ["identity"] * count)[:count]


# The error function.


def _error(
    sheet: Sheet,
    source: Source,
    activations: Sequence[str | None],
    outputs: int,
    open_: OpenQuestions,
) -> str:
    said = {each.value: each for each in sheet.errors}
    squared = [each for each in said if each in _SQUARED]
    entropies = [each for each in said if each not in _SQUARED]
    if squared and entropies:
        first, second = sorted((said[squared[0]], said[entropies[0]]), key=lambda each: each.start)
        raise source.second_value(Remark.of(N_("error function")), second.start, first.start)
    last = activations[-1]
    if not said:
        if last == "softmax":
            open_.assume(N_("cross-entropy, as the outputs are softmax"))
            return "cross_entropy"
        open_.assume(N_("E = ½ Σ (target − out)²"))
        return "half_squared"
    if entropies:
        is_binary = "binary_cross_entropy" in entropies or last == "sigmoid"
        if last is None:
            is_binary |= outputs == 1
        return "binary_cross_entropy" if is_binary and last != "softmax" else "cross_entropy"
    for name in ("half_squared", "huber", "half_mean_squared", "mean_squared"):
        if name in squared:
            # With a single output, the n of 1/2n counts the examples. E here is that of one example.
            is_single = name == "half_mean_squared" and outputs == 1
            return "half_squared" if is_single else name
    if "plain_squared" in squared and outputs == 1:
        return "mean_squared"
    open_.assume(N_("E = ½ Σ (target − out)²"))
    return "half_squared"


# The optimiser.


def _optimiser(
    sheet: Sheet, source: Source, settings: dict[str, SaidNumber], open_: OpenQuestions
) -> str:
    names = [each.value for each in sheet.optimisers]
    has_momentum = "momentum" in names or "momentum" in settings
    letters = dict(sheet.letters)
    if has_momentum and "momentum" not in settings and "learning_rate" in settings:
        for letter in ("α", "β", "γ", "λ"):
            if letter in letters:
                settings["momentum"] = letters.pop(letter)
                break
    for letter in _RATES:
        if letter in letters and "learning_rate" not in settings:
            settings["learning_rate"] = letters.pop(letter)
    for letter, name in (("β1", "beta1"), ("β2", "beta2"), ("ε", "epsilon"), ("ρ", "rho")):
        if letter in letters:
            settings.setdefault(name, letters.pop(letter))
    for setting in letters.values():
        stop = setting.start + len(setting.symbol)
        sheet.unread.append(source.span(setting.start, stop))
    for name in ("adam", "rmsprop"):
        if name in names:
            return name
    if not has_momentum or ("momentum" in settings and settings["momentum"].value == 0):
        return "gradient_descent"
    if "momentum" not in settings:
        open_.assume(N_("momentum: %(value)s"), value=HYPERPARAMETERS["momentum"].default)
    return "momentum"


def _update(sheet: Sheet, examples: int, open_: OpenQuestions) -> str:
    names = [each.value for each in sheet.updates]
    for name in ("mean", "sum"):
        if name in names:
            return name
    if "batch" in names and examples > 1 and "each" not in names:
        return open_.choose(
            "update",
            N_("One update after all examples. By which gradient?"),
            mean=N_("Their mean"),
            sum=N_("Their sum"),
        )
    if not names and examples > 1:
        open_.assume(N_("an update after each example"))
    return "each"
