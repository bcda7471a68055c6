"""The iteration that a browser looks at, as a program to keep and to run elsewhere."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.view.languages import translations
from app.view.program_text import program_text
from app.web.pages import looked_at
from app.web.visits import wishes_of


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
