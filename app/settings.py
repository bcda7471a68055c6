"""The settings, read from the environment once, when the app is created."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DAY = 24 * 60 * 60


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
        default=8000, validation_alias="PORT", ge=0, le=65535, description="port; 0 takes any"
    )
    trusted_proxies: str = Field(
        default="",
        description="addresses whose X-Forwarded-Proto and -For are believed, comma-separated",
    )
    store_url: str = Field(
        default="sqlite:///data/backstep.db",
        repr=False,  # it may hold a password
        description="where sessions are kept: sqlite:///path for one process, for many "
        "redis://[user:password@]host[:port][/number] (rediss://: the same over TLS), of a cluster "
        "redis+cluster://[user:password@]host[:port][,host[:port]…] (rediss+cluster://)",
    )
    secret: str | None = Field(
        default=None,
        min_length=16,
        repr=False,
        description="signs the session cookie; on SQLite made at the first start if not given",
    )
    session_ttl: int = Field(
        default=30 * DAY, ge=60, description="seconds that an unused session is kept"
    )
    sweep_every: float = Field(
        default=300.0, gt=0, description="seconds between removals of expired sessions"
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="text to stderr, or json to stdout with a line for each request",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="what is logged at least; debug has requests as text, too"
    )
    drain: float = Field(
        default=0.0,
        ge=0,
        description="seconds that it still serves after SIGTERM while /readyz says 503",
    )
    client_requests: int = Field(
        default=20_000,
        ge=0,
        description="requests that one client address may make in 10 seconds; 0 is any number",
    )
    session_requests: int = Field(
        default=1_000,
        ge=0,
        description="requests that may be made of one session in 10 seconds; 0 is any number",
    )
    client_sessions: int = Field(
        default=5_000,
        ge=0,
        description="sessions that one client address may begin in 10 minutes; 0 is any number",
    )
    most_sessions: int = Field(
        default=250_000,
        ge=0,
        description="sessions kept at once, none of them given up for a new one; 0 is any number",
    )
    change_seconds: float = Field(
        default=60.0,
        ge=0,
        description="seconds that a change or a gradient check may take; 0 is any",
    )
    request_seconds: float = Field(
        default=20.0,
        ge=0,
        description="seconds that a request may take to come, and an answer to be taken; 0 is any",
    )
    keep_alive: int = Field(
        default=65,
        ge=1,
        description="seconds that an idle connection is kept; longer than a proxy keeps its own",
    )
    connections: int = Field(
        default=10_000, ge=0, description="connections at once, of one process; 0 is any number"
    )
    header_bytes: int = Field(
        default=32_768, ge=1_024, description="bytes that the head of a request may have"
    )
    static: Path = Field(default=ROOT / "static", description="folder served under /static")
    templates: Path = Field(default=ROOT / "templates", description="folder of the templates")
    vendor: Path = Field(
        default=ROOT / "static" / "vendor",
        description="folder of the front-end files; used instead of the CDN where they are there",
    )
    htmx_url: str = Field(
        default="https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js",
        description="htmx, where the vendor folder has none",
    )
    htmx_integrity: str = Field(
        default="sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
        description="its subresource integrity",
    )

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
