"""The settings, read from the environment once, when the app is created."""

from pathlib import Path
from re import fullmatch
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DAY = 24 * 60 * 60
HOST = r"((\*\.)?[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])"  # a name, all names below one, or an IPv6 address

SOURCE = (
    rf"('self'|'none'|\*|https?:|(https?://)?{HOST}(:(\d+|\*))?)"  # of a content security policy
)
BASE_PATH = r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*"  # browsers resolve . and ..


class Settings(BaseSettings):
    """Each field is the environment variable `BACKSTEP_<NAME>`, except `HOST` and `PORT`."""

    model_config = SettingsConfigDict(
        env_prefix="BACKSTEP_",
        frozen=True,
        populate_by_name=True,
        extra="forbid",
        hide_input_in_errors=True,  # the input may be a secret
    )

    host: str = Field(
        default="127.0.0.1", validation_alias="HOST", description="address to listen on"
    )
    port: int = Field(
        default=8000,
        validation_alias="PORT",
        ge=0,
        le=65535,
        description="port; 0 for any free port",
    )
    trusted_proxies: str = Field(
        default="",
        description="addresses or networks of trusted proxies, comma-separated",
    )
    allowed_hosts: str = Field(
        default="*",
        pattern=rf"^(\*|{HOST}( *, *{HOST})*)$",
        description="hosts that requests may name, without port, comma-separated; *.example.edu for "
        "all below example.edu; * for any",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#@]+/?)?$",
        description="address that links on the page begin with, such as https://lecture.example.edu; "
        "if not set, that of the request",
    )
    base_path: str = Field(
        default="",
        description="path under which everything is served, such as /backstep, if a proxy gives the "
        "server no host of its own; /healthz, /readyz and /metrics stay without it",
    )
    frame_ancestors: str = Field(
        default="",
        pattern=rf"^({SOURCE}( +{SOURCE})*)?$",
        description="sites that may show /embed in a frame, such as https://*.example.edu, separated by "
        "spaces; 'none' for none; if not set, any, and files too",
    )
    store_url: str = Field(
        default="sqlite:///data/backstep.db",
        repr=False,  # it may hold a password
        description="where sessions are stored: sqlite:///path for one process; for several, "
        "redis://[user:password@]host[:port][/number] or, by sentinels, "
        "redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/number] "
        "(rediss for TLS)",
    )
    secret: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="signs the session cookie; with SQLite, created at the first start if not set",
    )
    session_ttl: int = Field(
        default=30 * DAY,
        ge=60,
        description="seconds until an unused session expires; a visit counts for all networks of a browser",
    )
    sweep_every: float = Field(
        default=300.0, gt=0, description="seconds between two sweeps of expired sessions"
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="text on stderr, or json on stdout with a line for each request",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="lowest level that is logged; debug logs requests in text, too"
    )
    drain: float = Field(
        default=0.0,
        ge=0,
        description="seconds to keep serving after SIGTERM, while /readyz returns 503",
    )
    client_requests: int = Field(
        default=20_000,
        ge=0,
        description="requests per client address in 10 seconds; 0 for no limit",
    )
    session_requests: int = Field(
        default=1_000,
        ge=0,
        description="requests per session key in 10 seconds; 0 for no limit",
    )
    client_sessions: int = Field(
        default=5_000,
        ge=0,
        description="new sessions per client address in 10 minutes; 0 for no limit",
    )
    code_guesses: int = Field(
        default=100,
        ge=0,
        description="codes of lectures that do not exist, per client address in 10 seconds; 0 for no limit",
    )
    most_sessions: int = Field(
        default=250_000,
        ge=0,
        description="stored sessions; none is removed for a new one; 0 for no limit",
    )
    change_seconds: float = Field(
        default=60.0,
        ge=0,
        description="seconds for one change or gradient check, waiting included; 0 for no limit",
    )
    request_seconds: float = Field(
        default=20.0,
        ge=0,
        description="seconds to receive a request, and to deliver a response; 0 for no limit",
    )
    keep_alive: int = Field(
        default=65,
        ge=1,
        description="seconds until an idle connection is closed; must be longer than in the proxy",
    )
    connections: int = Field(
        default=10_000, ge=0, description="simultaneous connections per process; 0 for no limit"
    )
    header_bytes: int = Field(
        default=32_768, ge=1_024, description="largest head of a request, in bytes"
    )
    static: Path = Field(default=ROOT / "static", description="folder served under /static")
    templates: Path = Field(default=ROOT / "templates", description="folder of the HTML templates")
    vendor: Path = Field(
        default=ROOT / "static" / "vendor",
        description="folder of htmx, Swagger UI and the fonts; if it has htmx, the CDN is not used",
    )
    htmx_url: str = Field(
        default="https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js",
        description="URL of htmx, if the vendor folder has none",
    )
    htmx_integrity: str = Field(
        default="sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
        description="subresource integrity of that file",
    )

    @field_validator("base_path")
    @classmethod
    def _without_last_slash(cls, path: str) -> str:
        plain = path.removesuffix("/")
        if not fullmatch(BASE_PATH, plain):
            raise ValueError("must be a path such as /backstep, of letters, digits and - . _ ~")
        return plain

    @model_validator(mode="after")
    def _secret_shared(self) -> Self:
        """All processes must be able to verify a cookie that one of them has signed."""
        if self.secret is None and urlsplit(self.store_url).scheme.startswith("redis"):
            raise ValueError(
                "BACKSTEP_SECRET is missing. With Redis it is required, with at least 16 characters "
                "and the same for every process: openssl rand -base64 32 generates one."
            )
        return self

    @property
    def htmx_vendored(self) -> bool:
        """Whether the page loads htmx from this server instead of the CDN."""
        return (self.vendor / "htmx.min.js").is_file()

    @property
    def database(self) -> Path | None:
        """The SQLite file, or None for another store."""
        parts = urlsplit(self.store_url)
        return Path(unquote(parts.path[1:])) if parts.scheme == "sqlite" else None

    @property
    def data(self) -> Path:
        """The folder for files that survive a restart: that of the database, else ./data."""
        return self.database.parent if self.database else Path("data")
