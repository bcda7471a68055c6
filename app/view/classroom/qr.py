"""QR codes as SVG."""

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=64)
def qr_svg(text: str) -> Markup:
    """The QR code of a text, one unit of the viewBox for each module, with the quiet zone."""
    code = segno.make_qr(text, error="m")
    size = code.symbol_size(scale=1)[0]
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(code.matrix_iter(scale=1))
        for x, module in enumerate(row)
        if module
    )
    return Markup(
        f'<svg class="qr" viewBox="0 0 {size} {size}" aria-hidden="true" '
        f'shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )
