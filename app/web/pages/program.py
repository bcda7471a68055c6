"""The iteration that a browser looks at, as a program to keep and to run elsewhere."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.view.export.matrix_program import program_text
from app.view.rendering.languages import translations
from app.web.pages.query import wishes_of
from app.web.pages.simulator import looked_at


async def program(request: Request) -> Response:
    """The lines of slide 4, in the page's language, as a file."""
    simulation = (await looked_at(request)).simulation
    translate = translations(wishes_of(request).language).gettext
    return Response(
        program_text(simulation, translate),
        media_type="text/x-python",
        headers={
            "Content-Disposition": 'attachment; filename="backstep.py"',
            "Vary": "Cookie, Accept-Language",
        },
    )


routes: list[BaseRoute] = [Route("/program.py", program)]
