"""In NiceGUI: each page has its own state on the server, and sends what changed over its socket."""

import os

from nicegui import ui

from benchmarks.peers.network import BEGINNING, svg


@ui.page("/")
def page() -> None:
    simulation = BEGINNING

    def step() -> None:
        nonlocal simulation
        simulation = simulation.step("unit")
        drawing.set_content(svg(simulation))

    ui.button("Step", on_click=step)
    drawing = ui.html(svg(simulation), sanitize=False)


ui.run(host=os.environ["HOST"], port=int(os.environ["PORT"]), reload=False, show=False)
