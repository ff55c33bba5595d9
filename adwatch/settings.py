"""Settings from ADWATCH_* variables or a .env file: one documented table, read when asked for, never at import."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from adwatch.errors import SettingsError
from adwatch.keys import parsed_keys


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
    search_snapshots: str = Field(
        "",
        description="Where Elasticsearch puts snapshots: the name of a repository that it has, or a folder (/...) of "
        "every node, in its path.repo; empty: none. After a change: adwatch index rebuild.",
    )
    kibana_url: str = Field("", description="Address of Kibana, for adwatch kibana apply.")
    kibana_user: str = Field("", description="User of Kibana; to apply, one who may make spaces and roles.")
    kibana_password: str = Field("", description="Password of Kibana.", repr=False)
    kibana_api_key: str = Field("", description="API key of Kibana, instead of user and password.", repr=False)
    kibana_ca: str = Field("", description="File with the certificate authority of Kibana.")
    console_url: str = Field("", description="Address of the console, to which Kibana links each case.")
    archive_url: str = Field(
        "",
        description="Where WARC files go: a folder (empty: archive/ in home), or s3://BUCKET/PREFIX, to which finished "
        "files are brought from archive/ in home (the extra s3; docs/deploy.md).",
    )
    archive_endpoint: str = Field(
        "", description="Address of the S3-compatible server of s3://; empty: Amazon's own of the region."
    )
    archive_region: str = Field("", description="Region of the bucket; empty: us-east-1.")
    archive_key: str = Field(
        "", description="Access key of the bucket; empty: what the machine has (AWS_* variables, a role).", repr=False
    )
    archive_secret: str = Field("", description="Secret of that access key.", repr=False)
    archive_ca: str = Field("", description="File with the certificate authority of the S3-compatible server.")
    archive_proof: Literal["read", "checksum"] = Field(
        "read",
        description="When a file counts as stored: read (the whole object was read back) or checksum (the SHA-256 that "
        "the store states is enough, and it is read back only where none is stated).",
    )
    archive_keep_days: int | None = Field(
        None, ge=0, description="Days after which the local copy of a stored file is removed; empty: never."
    )
    warc_bytes: int = Field(
        1_000_000_000, ge=10_000, description="Bytes after which a WARC file is followed by another."
    )
    keys: str = Field(
        "",
        description='Keys of open interfaces as JSON: {"some_mall": {"id": "...", "secret": "...", "token": "..."}}; '
        "what is not here is looked for in Airflow's connections adwatch_NAME (login, password, extra token).",
        repr=False,
    )
    rsshub_url: str = Field(
        "",
        description="Address of a running RSSHub (docs/operating.md); without it no platform over it is patrolled.",
    )
    contact: str = Field(
        "", description="Contact of the office, sent in the User-Agent; without it no foreign site is patrolled."
    )
    unit: str = Field("", description="Name of the office, used in letters and as the default unit of a decision.")
    takedown_approval: bool = Field(
        False, description="Whether the schedule that sends takedown requests asks a person first, in Airflow."
    )
    alert_webhook: str = Field(
        "",
        description="Address that is told of failed tasks of the schedules, as the text robots of WeCom and DingTalk "
        "take it; empty: none.",
        repr=False,
    )
    alert_mail: str = Field("", description="Addresses, with commas, that are told of failed tasks by mail.")
    smtp_url: str = Field(
        "",
        description="Mail server: smtps://HOST:465, smtp+starttls://HOST:587, or smtp://HOST:25 without encryption "
        "(then without a password too, but on this machine).",
    )
    smtp_user: str = Field("", description="User of the mail server.")
    smtp_password: str = Field("", description="Password of the mail server.", repr=False)
    smtp_from: str = Field("", description="Address that mail comes from.")
    smtp_ca: str = Field("", description="File with the certificate authority of the mail server.")
    tsa_url: str = Field(
        "", description="Service of RFC 3161 that stamps the roots of days (adwatch evidence stamp); empty: none."
    )
    tsa_ca: Path | None = Field(
        None, description="PEM file with the certificate authority of that service and, where it sends none, its own."
    )
    ntp_server: str = Field(
        "",
        description="Time server (HOST or HOST:PORT) by which records state the offset of this machine's clock, such "
        "as ntp.ntsc.ac.cn; empty: not measured, and records say so.",
    )
    chromium: str = Field("", description="Chromium that renders pages for evidence; empty: the system's.")
    lease_minutes: float = Field(
        15, gt=0, le=1440, description="Minutes for which a lead stays with the reviewer who opened it."
    )
    undo_minutes: float = Field(
        10, ge=0, le=1440, description="Minutes within which a reviewer may take back the own last finding."
    )
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
    pictures_per_day: int = Field(
        2000, ge=0, description="Pictures of listings that are looked at in a day (the extra ocr); 0: none."
    )
    pictures_per_platform: int = Field(500, ge=0, description="Of these, pictures of one platform.")
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

    @field_validator("keys")
    @classmethod
    def _keys_by_name(cls, value: str) -> str:
        parsed_keys(value)
        return value

    @field_validator("data", "secrets")
    @classmethod
    def _existing(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{value} is no folder; make it first: mkdir -p {value}")
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

    @field_validator("alert_webhook")
    @classmethod
    def _secret_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("no address; write https://host/path")  # what was written may hold a key
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"(smtp|smtps|smtp\+starttls)://[^/@\s:]+(:\d+)?", value):
            raise ValueError("no mail server; write smtps://HOST:465, smtp+starttls://HOST:587 or smtp://HOST:25")
        return value

    @field_validator("archive_url")
    @classmethod
    def _folder_or_bucket(cls, value: str) -> str:
        if "://" not in value or value.startswith("file://"):
            return value
        if not _BUCKET.fullmatch(value):  # what was written may hold a secret
            raise ValueError("neither a folder nor a bucket; write s3://BUCKET/PREFIX and nothing else in it")
        return value.rstrip("/")

    @field_validator("archive_endpoint")
    @classmethod
    def _no_password_in_it(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/@\s?#]+/?", value):
            raise ValueError("no address of a server; write https://host:port, without a password or a path")
        return value.rstrip("/")

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
        """Folder of the WARC files; with a bucket, of those that are being written, wait, or are kept here too."""
        if not self.archive_url or self.archive_bucket:
            return self.home / "archive"
        return Path(self.archive_url.removeprefix("file://"))

    @property
    def archive_bucket(self) -> tuple[str, str] | None:
        """Bucket and prefix that finished WARC files are brought to, if any."""
        found = _BUCKET.fullmatch(self.archive_url)
        return (found["bucket"], found["prefix"] or "") if found else None


_BUCKET = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?P<prefix>[\w.=-]+(/[\w.=-]+)*))?/?", re.ASCII
)

_SAID = {
    "int_parsing": "is no whole number; write one such as 200",
    "bool_parsing": "is neither true nor false; write one of them",
    "greater_than_equal": "is too small",
    "literal_error": "is no such word; see docs/settings.md",
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
