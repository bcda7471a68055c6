"""Adding, removing, pasting and uploading examples."""

import pytest

from app.backprop.network import MOST_EXAMPLES
from tests.support.markup import tree
from tests.support.page_client import PageClient

PASTED = "x1;x2;x3;t1;t2\n1;0;1;0;1\n0,5;0;-1;1;1"
TAKEN = [{"inputs": [1, 0, 1], "targets": [0, 1]}, {"inputs": [0.5, 0, -1], "targets": [1, 1]}]
HOSTILE = "</textarea><script>alert(1)</script>"


@pytest.fixture
async def at_data(visitor: PageClient) -> PageClient:
    """Somebody who has the data before them, in the middle of an iteration."""
    await visitor.look()
    await visitor.press("Forward")
    await visitor.post("/view", {"panel": "data"})
    await visitor.look()
    return visitor


async def test_one_more_and_one_less(at_data: PageClient) -> None:
    """Examples can be added and removed, and Back undoes it."""
    before = await at_data.state()
    [first] = before["examples"]
    await at_data.press("Add an example")
    more = await at_data.state()
    assert more["examples"] == [first, first]
    assert more["cursor"] == 0
    await at_data.type("example/1/inputs/0", "0.25")
    changed = await at_data.state()
    await at_data.press("Remove example 1")
    less = await at_data.state()
    assert less["examples"] == changed["examples"][1:]
    for expected in (changed["examples"], more["examples"], before["examples"]):
        await at_data.press("Back")
        assert (await at_data.state())["examples"] == expected
    assert (await at_data.state())["cursor"] == before["cursor"]


async def test_the_last_one_stays(at_data: PageClient) -> None:
    """The last example cannot be removed."""
    page = await at_data.look()
    [button] = [each for each in page.all("button") if each.get("name") == "row"]
    assert "disabled" in button.attributes
    before = await at_data.state()
    response = await at_data.post("/examples/remove", {"row": "0"})
    assert response.status_code == 303
    assert (await at_data.state())["examples"] == before["examples"]


@pytest.mark.parametrize("row", ["", "1", "-1", "00", "x", "٠"])
async def test_an_example_that_there_is_not(at_data: PageClient, row: str) -> None:
    """An unknown example is refused."""
    assert (await at_data.post("/examples/remove", {"row": row})).status_code == 422


async def test_no_more_than_there_may_be(at_data: PageClient) -> None:
    """No more than 64 examples can be added."""
    lines = "1 0 1 0 1\n" * MOST_EXAMPLES
    await at_data.post("/examples/replace", {"examples": lines})
    page = await at_data.look()
    [button] = [each for each in page.all("button") if each.text == "Add an example"]
    assert "disabled" in button.attributes
    response = await at_data.post("/examples/add")
    assert response.status_code == 422
    assert "At most 64" in tree(response.text).text


@pytest.mark.parametrize("htmx", [False, True])
async def test_pasting(at_data: PageClient, htmx: bool) -> None:
    """Pasted examples replace all, and Back undoes it."""
    before = await at_data.state()
    response = await at_data.post("/examples/replace", {"examples": PASTED}, htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert (await at_data.state())["examples"] == TAKEN
    await at_data.look()
    await at_data.press("Back")
    after = await at_data.state()
    assert (after["examples"], after["cursor"]) == (before["examples"], before["cursor"])


async def test_what_is_there_can_be_copied(at_data: PageClient) -> None:
    """The field has all digits, and sending it back changes nothing."""
    await at_data.post("/examples/replace", {"examples": PASTED + "\n0,123456789012;1;1;1;1"})
    before = await at_data.state()
    [area] = (await at_data.look()).all("textarea")
    assert "0.123456789012" in area.text
    text = "".join(child for child in area.children if isinstance(child, str))
    response = await at_data.post("/examples/replace", {"examples": text})
    assert response.status_code == 303
    assert await at_data.state() == before, "what changes nothing is no edit"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("typed", ["1;2", "1;2;three;4;5", HOSTILE, '"><b>', "\n\n1;2"])
async def test_a_refusal_keeps_what_was_typed(at_data: PageClient, typed: str, htmx: bool) -> None:
    """Refused text stays in its field."""
    before = await at_data.state()
    response = await at_data.post("/examples/replace", {"examples": typed}, htmx=htmx)
    assert response.status_code == 422
    assert "<script>alert" not in response.text
    page = tree(response.text)
    [area] = page.all("textarea")
    assert area["aria-invalid"] == "true"
    assert page.id(area["aria-describedby"])["role"] == "alert"
    kept = "".join(child for child in area.children if isinstance(child, str))
    assert kept.strip("\n") == typed.strip("\n")
    assert await at_data.state() == before


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_file(at_data: PageClient, htmx: bool) -> None:
    """An uploaded file replaces all examples."""
    response = await upload(at_data, PASTED.encode(), htmx=htmx)
    assert response.status_code == (200 if htmx else 303)
    assert (await at_data.state())["examples"] == TAKEN


async def test_a_file_that_is_refused(at_data: PageClient) -> None:
    """The text of a refused file is in the field."""
    before = await at_data.state()
    for data, kept in ((b"1;2;3;4;x", "1;2;3;4;x"), (b"", ""), (HOSTILE.encode(), HOSTILE)):
        response = await upload(at_data, data)
        assert response.status_code == 422
        assert "<script>alert" not in response.text
        page = tree(response.text)
        assert kept in page.all("textarea")[0].text
        assert page.id("refusal").text
    assert await at_data.state() == before


async def test_forms_that_are_none(at_data: PageClient) -> None:
    """Invalid forms are refused."""
    before = await at_data.state()
    large = await upload(at_data, b"1;2;3;4;5\n" * 8_000)
    assert large.status_code == 413
    client = at_data.client
    for body, kind in (
        (b"nothing", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"--x\r\n\r\nx", "multipart/form-data; boundary=x"),
    ):
        response = await client.post(
            "/examples/replace", content=body, headers={"Content-Type": kind}
        )
        assert response.status_code in (400, 422)
    many = [("examples", (f"{n}.csv", b"1;2;3;4;5")) for n in range(3)]
    assert (await client.post("/examples/replace", files=many)).status_code == 400
    assert await at_data.state() == before


async def upload(visitor: PageClient, data: bytes, *, htmx: bool = False):  # type: ignore[no-untyped-def]
    """A file, as a browser sends it."""
    headers = {"HX-Request": "true"} if htmx else {}
    files = {"examples": ("examples.csv", data, "text/csv")}
    return await visitor.client.post("/examples/replace", files=files, headers=headers)
