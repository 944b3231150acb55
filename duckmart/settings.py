"""All settings: `DUCKMART_*` environment variables through one typed object (table in docs/settings.md)."""

import re
from functools import cache
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from duckmart import instants


class Settings(BaseSettings):
    """What can be set, with its default; a variable that does not fit raises `pydantic.ValidationError`."""

    model_config = SettingsConfigDict(env_prefix="DUCKMART_", frozen=True, extra="ignore")

    data: Path = Field(Path("data"), description="The data folder: demo files, loaded generations, manifest.")
    as_of: str = Field(
        "data",
        description="The moment segments count back from: `data` (newest event), `now`, or a date or time.",
    )
    default_limit: int = Field(
        1000, ge=1, description="Ids that `POST /segment` returns when the spec has no limit."
    )
    max_limit: int = Field(1000, ge=1, description="The largest `limit` that `POST /segment` accepts.")
    max_depth: int = Field(20, ge=1, description="How deep groups may nest; the root counts as 1.")
    max_conditions: int = Field(200, ge=1, description="How many conditions one spec may hold.")
    max_list_values: int = Field(100_000, ge=1, description="How many list values one spec may hold in all.")
    max_combined: int = Field(
        12,
        ge=1,
        description="Conditions at the root whose combinations are counted; of more, each is counted alone.",
    )
    max_body: int = Field(5_000_000, ge=1, description="The largest spec, in bytes of JSON.")
    timeout: float = Field(60.0, ge=0.001, description="Seconds a query may run before it is stopped.")
    max_queries: int = Field(
        4, ge=1, description="Queries that run at the same time; further ones wait their turn."
    )
    memory: str = Field("4GB", description="Memory that DuckDB may use, to answer and to load.")
    threads: int | None = Field(
        None, ge=1, description="Threads that DuckDB may use; all cores when not set."
    )
    keep_generations: int = Field(
        2, ge=1, description="Loaded generations kept on disk, the current one included."
    )
    library: str = Field(
        "",
        description="Where saved segments are kept, as a database URL; empty: `library.sqlite` in the data "
        "folder.",
    )
    keep_runs: int = Field(
        30, ge=1, description="Runs kept of each saved segment, to compare later ones with."
    )

    @property
    def library_place(self) -> str | Path:
        """A database URL, or the path of a SQLite file."""
        return self.library or self.data / "library.sqlite"

    @field_validator("memory")
    @classmethod
    def _is_an_amount(cls, text: str) -> str:
        if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", text, re.IGNORECASE):
            raise ValueError("write an amount such as 500MB or 4GB")
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


@cache
def settings() -> Settings:
    """The settings of this process, read once from the environment."""
    return Settings()
