"""Forms that may send a file."""

from starlette.requests import Request


async def form_fields(request: Request) -> dict[str, bytes]:
    """The fields of a form, each once: a file as it is, a text in UTF-8."""
    # What the server takes at all is limited before; this is for python-multipart's own sake.
    async with request.form(max_files=1, max_fields=4) as form:
        return {
            name: value.encode("utf-8", "replace") if isinstance(value, str) else await value.read()
            for name, value in form.items()
        }


def decode_text(data: bytes) -> str:
    """A file's text. Spreadsheets write UTF-8, UTF-16 or what their country had before, in which
    digits are the same; names of columns are not read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
