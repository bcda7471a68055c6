"""Derivations of quantities, as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.backprop.addresses import symbol
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.formulas import fill_placeholders, terms_of
from app.view.notation.labels import slide
from app.view.notation.latex import result_symbol
from app.view.notation.numpy_lines import numpy_line
from app.view.rendering.numbers import data
from app.view.rendering.step_view import StepView, numbers_of
from app.view.screen.derivation import quantities, step_at
from app.web.api.dependencies import Id, owned_session, session_response
from app.web.api.openapi import operation_id, owned
from app.web.api.schemas import responses, serialize
from app.web.api.strict_json import JsonRoute

router = APIRouter(prefix="/api", route_class=JsonRoute, generate_unique_id_function=operation_id)

_LATEX = {"NaN": r"\mathrm{NaN}", "Infinity": r"\infty", "-Infinity": r"-\infty"}


@router.get(
    "/sessions/{id}/derivation/{address:path}",
    response_description="The derivation.",
    summary="Derive a quantity",
    response_model=responses.Derivation,
    **owned("Reading"),
)
async def derivation(
    request: Request,
    id: Id,
    address: Annotated[str, Path(description="an address, such as delta/1/0 or weight/0/2/3")],
) -> Response:
    """The formula of a quantity in the deck's notation, with full-precision numbers and the address
    of each operand. For a weight or bias it is the formula of the update, with the old value."""
    session = await owned_session(request, id)
    simulation = session.simulation
    if address not in quantities(simulation.shape):
        raise HTTPException(404, "The network has no such quantity.")
    return session_response(session, derivation_of(simulation, address))


def derivation_of(simulation: Simulation, address: str) -> dict[str, Any]:
    shape = simulation.shape
    step = step_at(shape, (address,))
    content: dict[str, Any] = {
        "address": address,
        "symbol": symbol(address, shape.depth),
        "value": simulation.value(address),
        "slide": None if step is None else slide(shape, step),
        "formula": None,
        "substitution": None,
        "numpy": None,
        "operands": [],
        "known_after": None,
    }
    return content if step is None else content | _formula(simulation, step)


def _formula(simulation: Simulation, step: Step) -> dict[str, Any]:
    shape = simulation.shape
    terms = terms_of(StepView(shape, simulation.cursor, "unit"), step)
    operands = [
        {"symbol": symbol(at, shape.depth), "value": simulation.operand(at), "address": at}
        for at in step.operands
    ]
    numbers = numbers_of(simulation)
    complete = all(operand["value"] is not None for operand in operands)
    left = result_symbol(step, shape.depth)
    index = simulation.compiled.position[step.result]
    right = " ".join(term.numbers for term in terms)
    return {
        "formula": f"{left} = {' '.join(term.symbols for term in terms)}",
        "substitution": fill_placeholders(right, lambda slot: _number(numbers[slot]))
        if complete
        else None,
        "numpy": numpy_line(shape, step.kind, step.layer),
        "operands": operands,
        "known_after": None
        if index < simulation.cursor
        else {"index": index, **serialize.step_fields(step), "at": step.result},
    }


def _number(value: float) -> str:
    text = data(value)
    if text in _LATEX:
        return _LATEX[text]
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else text
