"""Forms, which may contain a file."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from app.web.http.headers import headers_of
from app.web.http.middleware import has_no_body


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last of each name; empty if the body is no form."""
    if has_no_body(headers_of(request.scope)):  # most changes are only a press
        return {}
    if request.headers.get("content-type", "").startswith("multipart/"):
        # BodyLimitMiddleware limits the size; these limits are for python-multipart.
        async with request.form(max_files=1, max_fields=4) as form:
            return {
                name: value if isinstance(value, str) else decode_text(await value.read())
                for name, value in form.items()
            }
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def decode_text(data: bytes) -> str:
    """Decode a file from a spreadsheet: UTF-8, UTF-16, or a legacy encoding with ASCII digits."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
