"""The diagnosis of a student's number, as JSON."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.diagnosis import MOST_DECIMALS, DiagnosedNumber, diagnose, parse_answer
from app.backprop.errors import N_, Invalid
from app.simulation.simulation import Simulation
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.rendering.languages import translations
from app.web.api.dependencies import ROUTER, Id, owned_session, session_response
from app.web.api.openapi import owned
from app.web.api.schemas import serialize
from app.web.api.schemas.requests import Body, GivenAnswer, Whole, example
from app.web.api.schemas.responses import Answer, MistakeResponse
from app.web.http.preferences import preferences_of

router = APIRouter(**ROUTER)


class DiagnoseRequest(Body):
    """A student's number for a quantity that a step of this iteration computes."""

    model_config = example(address="delta/1/0", answer="-0.0048")

    address: str = Field(description="an address; of a weight or bias, its new value is meant")
    answer: GivenAnswer
    decimals: Annotated[int, Whole(0, MOST_DECIMALS)] | None = Field(
        default=None, description="how many decimals count; default: those of the answer"
    )


class DiagnosisResponse(Answer):
    """Right, or the known mistakes that give the number, the more common first; maybe none."""

    correct: bool = Field(description="within half a unit of the last digit of the true value")
    mistakes: list[MistakeResponse]


@router.post(
    "/sessions/{id}/diagnose",
    response_description="The diagnosis.",
    summary="Diagnose a number",
    response_model=DiagnosisResponse,
    **owned("Reading", 403, 413, 415, 422),
)
async def diagnose_(request: Request, id: Id, body: DiagnoseRequest) -> Response:
    """Whether a number is right, and otherwise which wrong procedures give it. It does not matter
    whether the step has been taken yet. Nothing is stored."""
    session = await owned_session(request, id)
    session.check_nothing_hidden()
    diagnosis = _diagnosis(session.simulation, body)
    translate = translations(preferences_of(request).language).gettext
    shape = session.simulation.shape
    content = {
        "correct": diagnosis.is_right,
        "mistakes": [
            serialize.mistake(mistake, mistake_sentence(translate, shape, diagnosis.step, mistake))
            for mistake in diagnosis.mistakes
        ],
    }
    return session_response(session, content)


def _diagnosis(simulation: Simulation, body: DiagnoseRequest) -> DiagnosedNumber:
    answer = parse_answer(body.answer, body.decimals)
    try:
        return diagnose(simulation, body.address, answer)
    except KeyError:
        raise Invalid("address", N_("No step of this iteration computes this quantity.")) from None
