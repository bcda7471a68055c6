"""Derivations of quantities, as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.rounding import RoundedIteration, SimulationOnBoard, on_board
from app.backprop.expressions import Mention
from app.backprop.quantity_names import symbol
from app.backprop.steps import Step
from app.sessions.service import Practising, QuestionOpen
from app.simulation.simulation import Simulation
from app.view.notation.formulas import latex, latex_numbers
from app.view.notation.labels import slide
from app.view.notation.latex import result_symbol
from app.view.notation.numpy_lines import numpy_line
from app.view.rendering.numbers import data
from app.view.rendering.placeholder_numbers import sum_counted_as_zero
from app.view.screen.derivation import quantities, step_at
from app.web.api.dependencies import (
    ROUTER,
    Id,
    RoundingName,
    board_for,
    owned_session,
    session_response,
)
from app.web.api.openapi import owned
from app.web.api.schemas import responses, serialize

router = APIRouter(**ROUTER)

_LATEX = {"NaN": r"\mathrm{NaN}", "Infinity": r"\infty", "-Infinity": r"-\infty"}


@router.get(
    "/sessions/{id}/derivation/{address:path}",
    response_description="The derivation.",
    summary="Derive a quantity",
    response_model=responses.Derivation,
    **owned("Reading", 422),
)
async def derivation(
    request: Request,
    id: Id,
    address: Annotated[str, Path(description="an address, such as delta/1/0 or weight/0/2/3")],
    rounding: RoundingName = "",
) -> Response:
    """The formula of a quantity in the deck's notation, with full-precision numbers and the address
    of each operand. For a weight or bias it is the formula of the update, with the old value.
    With `rounding` the numbers are those on the blackboard, and the value that is not rounded is given,
    too."""
    session = await owned_session(request, id)
    simulation = session.simulation
    if address not in quantities(simulation.shape):
        raise HTTPException(404, "The network has no such quantity.")
    lecture = session.lecture
    if lecture and lecture.question and address in lecture.question.addresses:
        raise QuestionOpen
    if session.is_practising and simulation.compiled.position.get(address, -1) >= simulation.cursor:
        raise Practising
    board = board_for(simulation, rounding)
    return session_response(session, derivation_of(simulation, address, board))


def derivation_of(
    simulation: Simulation, address: str, board: RoundedIteration | None = None
) -> dict[str, Any]:
    """Return the derivation of a quantity; with a board, with its numbers."""
    beside = (
        {"rounding": board.rounding.name, "unrounded": simulation.value(address)} if board else {}
    )
    simulation = on_board(simulation, board) if board else simulation
    shape = simulation.shape
    step = step_at(shape, (address,))
    content: dict[str, Any] = {
        "address": address,
        "symbol": symbol(address, shape),
        "value": simulation.value(address),
        "slide": None if step is None else slide(shape, step),
        **dict.fromkeys(("formula", "substitution", "numpy")),
        "operands": [],
        "known_after": None,
    }
    return content | beside | ({} if step is None else _formula(simulation, step))


def _formula(simulation: Simulation, step: Step) -> dict[str, Any]:
    shape = simulation.shape
    operands = [
        {"symbol": symbol(at, shape), "value": simulation.operand(at), "address": at}
        for at in step.operands
    ]
    complete = all(operand["value"] is not None for operand in operands)
    left = result_symbol(step, shape)
    index = simulation.compiled.position[step.result]
    return {
        "formula": f"{left} = {latex(step.expression, shape)}",
        "substitution": _substitution(simulation, step) if complete else None,
        "numpy": numpy_line(shape, step.kind, step.layer),
        "operands": operands,
        "known_after": None
        if index < simulation.cursor
        else {"index": index, **serialize.step_fields(step), "at": step.result},
    }


def _substitution(simulation: Simulation, step: Step) -> str:
    """The formula in numbers; of a net that counts as 0 it ends with what the sum comes to."""
    values = {at: value for at in step.operands if (value := simulation.operand(at)) is not None}

    def number(mention: Mention) -> str:
        return _number(values[mention.address], leading=mention.leading)

    written = latex_numbers(step.expression, number)
    if isinstance(simulation, SimulationOnBoard):
        return written  # decimals add up to 0 by themselves
    if step.settles:
        values[step.result] = simulation.trace()[simulation.compiled.position[step.result]]
    if total := sum_counted_as_zero(step, values):
        written += rf" = {_number(total, leading=True)}, \text{{counted as }} 0"
    return written


def _number(value: float, *, leading: bool) -> str:
    """A number with all its digits; one with a sign or a power of ten is in parentheses, unless it
    begins a term or an argument."""
    text = data(value)
    mantissa, _, exponent = text.partition("e")
    if text in _LATEX:
        text = _LATEX[text]
    elif exponent:
        text = rf"{mantissa} \times 10^{{{int(exponent)}}}"
    return text if leading or not (text.startswith("-") or exponent) else f"({text})"
