"""In Dash: a callback makes the figure anew from how often the button was clicked.

So the server keeps nothing for a page. The network is drawn as Plotly's documentation draws one: a
trace of lines for the edges, one of markers for the units.
"""

import plotly.graph_objects as go
from dash import Dash, Input, Output, callback, dcc, html

from app.simulation.simulation import Simulation
from benchmarks.peers.network import (
    BEGINNING,
    HEIGHT,
    RADIUS,
    WIDTH,
    caption,
    edges,
    notes,
    units,
)


def figure(simulation: Simulation) -> go.Figure:
    lines, nodes = list(edges(simulation)), units(simulation)
    labels = [edge.label for edge in lines]
    edge_trace = go.Scatter(
        x=[x for edge in lines for x in (edge.start[0], edge.end[0], None)],
        y=[y for edge in lines for y in (edge.start[1], edge.end[1], None)],
        mode="lines",
    )
    weight_trace = go.Scatter(
        x=[x for x, _ in labels],
        y=[y for _, y in labels],
        text=[edge.text for edge in lines],
        mode="text",
    )
    unit_trace = go.Scatter(
        x=[unit.at[0] for unit in nodes],
        y=[unit.at[1] for unit in nodes],
        text=["<br>".join(unit.lines) for unit in nodes],
        mode="markers+text",
        marker={"size": 2 * RADIUS, "color": "#eef", "line": {"width": 1, "color": "#345"}},
    )
    axis = {"visible": False, "fixedrange": True}
    return go.Figure(
        [edge_trace, weight_trace, unit_trace],
        go.Layout(
            title=caption(simulation),
            width=WIDTH,
            height=HEIGHT,
            showlegend=False,
            annotations=[
                {"text": notes(simulation), "x": WIDTH / 2, "y": HEIGHT, "showarrow": False}
            ],
            xaxis=axis,
            yaxis={**axis, "autorange": "reversed"},
        ),
    )


app = Dash(title="Backpropagation")
app.layout = html.Div(
    [
        html.Button("Step", id="step", n_clicks=0),
        dcc.Graph(id="network", figure=figure(BEGINNING)),
    ]
)
server = app.server  # what gunicorn serves


@callback(Output("network", "figure"), Input("step", "n_clicks"), prevent_initial_call=True)
def step(clicks: int) -> go.Figure:
    return figure(BEGINNING.step("unit", clicks))
