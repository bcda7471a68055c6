"""Forms that may contain a file."""

from starlette.requests import Request


async def form_fields(request: Request) -> dict[str, bytes]:
    """Return the fields of a form as bytes, texts in UTF-8."""
    # BodyLimitMiddleware limits the size; these limits are for python-multipart.
    async with request.form(max_files=1, max_fields=4) as form:
        return {
            name: value.encode("utf-8", "replace") if isinstance(value, str) else await value.read()
            for name, value in form.items()
        }


def decode_text(data: bytes) -> str:
    """Decode a file from a spreadsheet: UTF-8, UTF-16, or a legacy encoding with ASCII digits."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
