"""What a page explains, read from its markup."""

from urllib.parse import parse_qs, urlsplit

from tests.support.markup import Element

Way = tuple[str, ...]


def way_of(address: str) -> Way:
    """The way down that an address names."""
    [text] = parse_qs(urlsplit(address).query).get("at", [""])
    return tuple(text.split("~")) if text else ()


def links(page: Element) -> list[str]:
    """Every link on a page that opens a derivation here, each once."""
    found = [link.get("href") for link in page.all("a") if "link" not in link.classes]
    return sorted({address for address in found if way_of(address)})


def opened(page: Element) -> Way:
    """The way down that is open, as its breadcrumbs have it; empty where none is."""
    if "derivation" not in page.ids():
        return ()
    ways = [way_of(link["href"]) for link in crumbs(page)]
    assert ways == [ways[-1][: end + 1] for end in range(len(ways))]
    assert len(levels(page)) == len(ways)
    return ways[-1]


def crumbs(page: Element) -> list[Element]:
    [nav] = page.id("derivation").all("nav")
    return nav.all("a")


def levels(page: Element) -> list[Element]:
    return [each for each in page.id("derivation").all("article") if "level" in each.classes]


def result(level: Element) -> float | None:
    """The number that a level comes to, None where it is not known yet."""
    found = level.all("output")
    assert len(found) <= 1
    return number(found[0]["title"]) if found else None


def operands(level: Element) -> list[Element]:
    """The links of a level that open its operands, or close the one that is open."""
    return [link for link in level.all("a") if "under" in link.classes]


def number(text: str) -> float:
    """A number as the page writes it with all digits."""
    return float(text.replace("−", "-").replace("∞", "inf"))


def close(page: Element) -> Element:
    [found] = [link for link in page.id("derivation").all("a") if "close" in link.classes]
    return found


def permalink(page: Element) -> str:
    [found] = [link for link in page.id("derivation").all("a") if "link" in link.classes]
    return found["href"]
