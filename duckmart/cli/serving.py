"""The command that serves the app and the API."""

import os
from pathlib import Path

import click

from duckmart.cli.console import say
from duckmart.cli.root import cli
from duckmart.settings import Settings, settings

_ALL_ADDRESSES = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened on
APP = Path(__file__).parents[2] / "app.py"


@cli.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="0.0.0.0 lets others in your network in, by the names that DUCKMART_HOSTS lists.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--api-only", is_flag=True, help="Without the app.")
@click.pass_obj
def serve(configuration: Settings, host: str, port: int, api_only: bool) -> None:
    """Serve the app and the API on one port."""
    # What runs in the server reads its settings for itself.
    os.environ["DUCKMART_DATA"] = str(configuration.data.absolute())
    os.environ["DUCKMART_HOSTS"] = _names(configuration, host)
    settings.cache_clear()
    if api_only:
        import uvicorn  # noqa: PLC0415 - only a server needs it

        uvicorn.run("duckmart.api:api", host=host, port=port)
    else:
        from streamlit.web.cli import main as streamlit  # noqa: PLC0415 - only a server needs it

        where = ["--server.address", host, "--server.port", str(port)]
        streamlit(["run", str(APP), *where], prog_name="streamlit", standalone_mode=False)


def _names(configuration: Settings, host: str) -> str:
    """The names to answer to: those of the settings, and the address to listen on where it is one."""
    if host in _ALL_ADDRESSES:
        if not configuration.hosts:
            say("Only this machine is answered: list in DUCKMART_HOSTS the names that others reach it by.")
        return configuration.hosts
    return f"{configuration.hosts} {host}"
