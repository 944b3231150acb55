"""All settings: `DUCKMART_*` environment variables through one typed object (table in docs/settings.md)."""

import os
import re
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from duckmart import instants
from duckmart.errors import SettingsError

# Less than 50MB fails on the first query, and no machine has more than 64TB.
_LEAST_MEMORY, _MOST_MEMORY = 50 * 10**6, 64 * 10**12
_UNITS = {
    f"{prefix}{binary}B".upper(): (1024 if binary else 1000) ** power
    for power, prefix in enumerate("KMGT", 1)
    for binary in ("", "i")
}


class Settings(BaseModel):
    """What can be set, with its default; a variable that does not fit raises `pydantic.ValidationError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data: Path = Field(Path("data"), description="The data folder: demo files, loaded generations, manifest.")
    engine: str = Field(
        "",
        description="Where the data is served from, if not from loaded generations: "
        "`postgresql://user@host/db` (docs/operations.md).",
    )
    as_of: str = Field(
        "data",
        description="The moment segments count back from: `data` (newest event), `now`, or a date or time.",
    )
    default_limit: int = Field(
        1000, ge=1, le=10_000_000, description="Ids that `POST /segment` returns when the spec has no limit."
    )
    max_limit: int = Field(
        1000, ge=1, le=10_000_000, description="The largest `limit` that `POST /segment` accepts."
    )
    # Python's stack ends before groups nested 200 deep are compiled.
    max_depth: int = Field(20, ge=1, le=100, description="How deep groups may nest; the root counts as 1.")
    # Planning has no bound of its own: 20,000 conditions took 24 GB.
    max_conditions: int = Field(200, ge=1, le=2_000, description="How many conditions one spec may hold.")
    max_list_values: int = Field(
        100_000, ge=1, le=10_000_000, description="How many list values one spec may hold in all."
    )
    max_combined: int = Field(
        12,
        ge=1,
        le=2_000,
        description="Conditions at the root whose combinations are counted; of more, each is counted alone.",
    )
    max_body: int = Field(
        5_000_000, ge=1, le=1_000_000_000, description="The largest spec, in bytes of JSON."
    )
    timeout: float = Field(
        60.0,
        ge=0.001,
        le=86_400,
        allow_inf_nan=False,
        description="Seconds a query may run before it is stopped.",
    )
    max_queries: int = Field(
        4, ge=1, le=1_000, description="Queries that run at the same time; further ones wait their turn."
    )
    memory: str = Field("4GB", description="Memory that DuckDB may use, to answer and to load: 50MB to 64TB.")
    threads: int | None = Field(
        None, ge=1, le=1_024, description="Threads that DuckDB may use; all cores when not set."
    )
    keep_generations: int = Field(
        2, ge=1, le=1_000, description="Loaded generations kept on disk, the current one included."
    )
    library: str = Field(
        "",
        description="Where saved segments are kept, as a database URL; empty: `library.sqlite` in the data "
        "folder.",
    )
    hosts: str = Field(
        "",
        description="Names that the server answers to beside `localhost`, `127.0.0.1` and `[::1]`, separated "
        "by commas: that of a reverse proxy, or the machine's own with `serve --host`.",
    )
    keep_runs: int = Field(
        30, ge=1, le=100_000, description="Runs kept of each saved segment, to compare later ones with."
    )

    file_mode: Literal["600", "640", "660", "644", "664"] = Field(
        "600",
        description="Who may read and write the files that are made, and enter their folders: 600 this user "
        "alone, 640 and 660 its group too, 644 and 664 everybody who has an account here.",
    )

    @property
    def file_permissions(self) -> int:
        return int(self.file_mode, 8)

    @property
    def folder_permissions(self) -> int:
        """As those of files; accounts that may read a file may enter its folder."""
        return self.file_permissions | (self.file_permissions & 0o444) >> 2

    @property
    def ids_by_default(self) -> int:
        """Ids that the API returns when the spec has no limit."""
        return min(self.default_limit, self.max_limit)

    @property
    def library_place(self) -> str | Path:
        """A database URL, or the path of a SQLite file."""
        return self.library or self.data / "library.sqlite"

    @field_validator("data", mode="before")
    @classmethod
    def _names_a_folder(cls, folder: object) -> object:
        # Path("") is the folder that the process happens to be in.
        if not str(folder).strip():
            raise ValueError("name a folder, or leave the variable unset")
        if Path(str(folder)).is_file():
            raise ValueError("this is a file; name a folder")
        return folder

    @field_validator("library")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if url and not re.fullmatch(r"\w+(\+\w+)?://\S.*", url + "/", re.ASCII):
            raise ValueError("write a database URL such as sqlite:////srv/library.sqlite")
        if re.fullmatch(r"sqlite(\+\w+)?:(//|///|///:memory:)", url):
            raise ValueError("a library in memory forgets everything at once; name a file")
        return url

    @field_validator("engine")
    @classmethod
    def _is_postgres(cls, url: str) -> str:
        if url and not re.fullmatch(r"postgres(ql)?://\S+", url):
            raise ValueError("write the URL of a PostgreSQL database, such as postgresql://user@host/db")
        return url

    @property
    def host_names(self) -> frozenset[str]:
        """The names listed in `hosts`, as browsers write them."""
        return frozenset(map(_host_name, _entries(self.hosts)))

    @field_validator("hosts")
    @classmethod
    def _are_host_names(cls, text: str) -> str:
        wrong = [name for name in _entries(text) if not _is_host_name(name)]
        if wrong:
            raise ValueError(
                f"{wrong[0]!r} is no host name; write names alone, such as duckmart.example.com, 192.168.1.5"
            )
        return text

    @field_validator("memory")
    @classmethod
    def _is_an_amount(cls, text: str) -> str:
        amount = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]i?B)", text, re.IGNORECASE | re.ASCII)
        if not amount:
            raise ValueError("write an amount such as 500MB or 4GB")
        if not _LEAST_MEMORY <= float(amount[1]) * _UNITS[amount[2].upper()] <= _MOST_MEMORY:
            raise ValueError("write an amount from 50MB to 64TB, such as 4GB")
        return text

    @field_validator("as_of")
    @classmethod
    def _names_a_moment(cls, text: str) -> str:
        if text in ("data", "now"):
            return text
        try:
            instants.parse(text)
        except ValueError:
            raise ValueError("write data, now, or a date or time such as 2026-11-22T09:30:00Z") from None
        return text

    @model_validator(mode="after")
    def _default_is_allowed(self) -> "Settings":
        # A max_limit set alone lowers the default too: see `ids_by_default`.
        if "default_limit" in self.model_fields_set and self.default_limit > self.max_limit:
            raise ValueError(
                f"DUCKMART_DEFAULT_LIMIT is {self.default_limit}, more than DUCKMART_MAX_LIMIT, which is "
                f"{self.max_limit}: lower the first or raise the second"
            )
        return self


def _entries(hosts: str) -> list[str]:
    return hosts.replace(",", " ").split()


def _is_host_name(text: str) -> bool:
    try:
        name = _host_name(text)
    except ValueError:
        return False
    return re.fullmatch(r"\[[0-9a-f:.]+\]|[\w-]+(\.[\w-]+)*", name, re.ASCII) is not None


def _host_name(text: str) -> str:
    """Lower case, ASCII, without the dot that may end it; an IPv6 address is in brackets."""
    if ":" in text:
        return f"[{ip_address(text.strip('[]'))}]"
    return text.removesuffix(".").encode("idna").decode().lower()


@cache
def settings() -> Settings:
    """The settings of this process, read once from the environment. Raises `SettingsError`."""
    variables = {name.upper(): text for name, text in os.environ.items()}
    values = {name: variables.get(_variable(name)) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: text for name, text in values.items() if text is not None})
    except ValidationError as error:
        raise SettingsError(_words(error)) from error


def _variable(name: str) -> str:
    return f"DUCKMART_{name.upper()}"


def _words(error: ValidationError) -> str:
    return "\n".join(map(_line, error.errors(include_url=False)))


def _line(wrong: ErrorDetails) -> str:
    words = wrong["msg"].removeprefix("Value error, ")
    if not wrong["loc"]:
        return words
    name = _variable(str(wrong["loc"][0]))
    # The URL of a database may hold a password.
    secret = name in ("DUCKMART_LIBRARY", "DUCKMART_ENGINE")
    return f"{name}: {words}" if secret else f"{name} is {str(wrong['input'])!r}: {words}"
