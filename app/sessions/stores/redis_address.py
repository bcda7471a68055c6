"""Parses the URL of a Redis server or cluster."""

from re import fullmatch
from urllib.parse import SplitResult, parse_qsl, urlsplit

from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

from app.sessions.stores.redis_cluster import Address, Cluster
from app.sessions.stores.redis_node import Node, Servers

FORM = "expected redis://[user:password@]host[:port][/number] (rediss:// for TLS)"
CLUSTER_FORM = (
    "expected redis+cluster://[user:password@]host[:port][,host[:port]…] "
    "(rediss+cluster:// for TLS)"
)
CLUSTER_SUFFIX = "+cluster"
PORT = 6379
OPTIONS = {  # the allowed query parameters
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
}


def servers_at(url: str) -> Servers:
    """Return the Redis server or cluster of a URL, without connecting to it yet.

    Raises ValueError for an invalid URL; the message does not repeat any of it.
    """
    parts = urlsplit(url)
    if parts.scheme.endswith(CLUSTER_SUFFIX):
        return _cluster(parts)
    _check_form(parts, FORM, r"(/\d*)?")
    return _node(url, FORM)


def _cluster(parts: SplitResult) -> Cluster:
    scheme = parts.scheme.removesuffix(CLUSTER_SUFFIX)
    credentials, at, hosts = parts.netloc.rpartition("@")

    def url_of(host: str) -> str:
        return parts._replace(scheme=scheme, netloc=f"{credentials}{at}{host}", path="").geturl()

    seeds: list[Address] = []
    for host in hosts.split(","):
        seed = urlsplit(url_of(host))
        _check_form(seed._replace(path=parts.path), CLUSTER_FORM, "(/0?)?")
        seeds.append((seed.hostname or "", seed.port or PORT))

    def open_node(address: Address) -> Node:
        host, port = address
        return _node(url_of(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), CLUSTER_FORM)

    open_node(seeds[0])  # raises for options that it cannot use
    return Cluster(seeds, open_node)


def _node(url: str, form: str) -> Node:
    try:
        return Node.open(dict(parse_url(url)))
    except (TypeError, ValueError, RedisError):
        raise ValueError(form) from None


def _check_form(parts: SplitResult, form: str, path: str) -> None:
    """Checks the URL more strictly than the library, which takes an unknown database for number 0."""
    try:
        known = bool(parts.hostname) and "," not in parts.netloc and parts.port != 0
    except ValueError:  # its message may contain a part of the password
        known = False
    if not known or parts.fragment or not fullmatch(path, parts.path):
        raise ValueError(form)
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in OPTIONS:
            raise ValueError(f"the address of Redis may end in {', '.join(sorted(OPTIONS))} only")
