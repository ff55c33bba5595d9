"""Settings from ADWATCH_* variables or a .env file: one documented table, read when asked for, never at import."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from adwatch.errors import SettingsError


class Settings(BaseSettings):
    """All settings; the description of a field is its row in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="ADWATCH_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        Path("var"), description="Folder of all state; made absolute once; nothing is written outside it."
    )
    data: Path | None = Field(None, description="Folder laid over the shipped data: platforms/, keywords/, tables/ ...")
    secrets: Path | None = Field(
        None,
        description="Folder of files, each named as a setting in small letters (adwatch_search_password), holding its "
        "value; a variable or a line of .env comes first.",
    )
    database_url: str = Field("", description="SQLAlchemy URL of the store; empty: SQLite in home.")
    search_url: str = Field("", description="Elasticsearch URL; empty: the embedded index in home.")
    search_user: str = Field("", description="User of Elasticsearch.")
    search_password: str = Field("", description="Password of Elasticsearch.", repr=False)
    search_api_key: str = Field("", description="API key of Elasticsearch, instead of user and password.", repr=False)
    search_ca: str = Field("", description="File with the certificate authority of Elasticsearch.")
    search_all: bool = Field(
        True,
        description="Whether Elasticsearch holds all listings, in indices by month, besides the hits; without them it "
        "finds only what was once flagged or has a case. After a change: adwatch index rebuild.",
    )
    kibana_url: str = Field("", description="Address of Kibana, for adwatch kibana apply.")
    kibana_user: str = Field("", description="User of Kibana; to apply, one who may make spaces and roles.")
    kibana_password: str = Field("", description="Password of Kibana.", repr=False)
    kibana_api_key: str = Field("", description="API key of Kibana, instead of user and password.", repr=False)
    kibana_ca: str = Field("", description="File with the certificate authority of Kibana.")
    console_url: str = Field("", description="Address of the console, to which Kibana links each case.")
    archive_url: str = Field("", description="Where WARC files go; empty: archive/ in home.")
    warc_bytes: int = Field(
        1_000_000_000, ge=10_000, description="Bytes after which a WARC file is followed by another."
    )
    contact: str = Field(
        "", description="Contact of the office, sent in the User-Agent; without it no foreign site is patrolled."
    )
    unit: str = Field("", description="Name of the office, used in letters and as the default unit of a decision.")
    learn: bool = Field(
        False, description="Whether decisions may teach the classifier, where --learn or --no-learn does not say."
    )
    llm_url: str = Field(
        "",
        description="Base URL of an OpenAI-compatible server in the office's own network (https://host/v1) for second "
        "opinions on the review band; empty: none. Addresses outside are refused.",
    )
    llm_model: str = Field("", description="Name of the model to ask there.")
    llm_key: str = Field("", description="Key of that server.", repr=False)
    llm_per_day: int = Field(200, ge=0, description="Second opinions that may be asked for in a day.")
    timezone: str = Field("Asia/Shanghai", description="The office's time zone: days and weeks are counted in it.")
    demo: bool = Field(False, description="Enables the demo's platforms (set by make run).")
    demo_url: str = Field("http://127.0.0.1:8790", description="Address of the demo shop.")
    log_level: str = Field("WARNING", description="Level of the log on standard error.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was passed, the environment, .env, then the folder of secrets that one of them names."""
        sources = (init_settings, env_settings, dotenv_settings)
        folder = next((found["secrets"] for source in sources if (found := source()).get("secrets")), None)
        if folder is None or not Path(folder).is_dir():  # a folder that is not there is named by its validator
            return sources
        return (*sources, SecretsSettingsSource(settings_cls, secrets_dir=folder))

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("data", "secrets")
    @classmethod
    def _existing(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{value} is no folder")
        return value.resolve() if value else None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai") from error
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        if value.upper() not in levels:
            raise ValueError(f"{value!r} is no level; write one of {', '.join(levels)}")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _sqlalchemy_url(cls, value: str) -> str:
        if value and not re.match(r"(sqlite|postgresql)(\+\w+)?://", value):
            raise ValueError("no URL of a store; write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")
        return value

    @field_validator("kibana_url", "console_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("no address of a site; write https://host:port")
        return value.rstrip("/")

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{self.home / 'adwatch.db'}"

    @property
    def archive_root(self) -> Path:
        """Folder of the WARC files."""
        if self.archive_url and "://" in self.archive_url and not self.archive_url.startswith("file://"):
            raise SettingsError(f"ADWATCH_ARCHIVE_URL={self.archive_url}: only a folder or a file:// URL for now")
        return Path(self.archive_url.removeprefix("file://")) if self.archive_url else self.home / "archive"


_SAID = {
    "int_parsing": "is no whole number; write one such as 200",
    "bool_parsing": "is neither true nor false; write one of them",
    "greater_than_equal": "is too small",
}
"""What is said of a value, by the kind of error, where the library's own words are a programmer's."""


def load_settings(**overrides: object) -> Settings:
    """Read settings; a wrong one becomes a SettingsError that names it."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "ADWATCH_" + "_".join(str(part) for part in first["loc"]).upper()
        said = _SAID.get(first["type"], "") or first["msg"].removeprefix("Value error, ")
        shown = f"{first['input']!r} " if first["type"] in _SAID else ""
        raise SettingsError(f"{name}: {shown}{said} (environment or .env; docs/settings.md)") from error


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC time, to the millisecond."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
