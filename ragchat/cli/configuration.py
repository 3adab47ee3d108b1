"""`ragchat config`: the settings in force, where they can be set, secrets masked."""

import re

from ragchat.cli.options import Collection, IndexDir, Json, settings_for
from ragchat.cli.terminal.output import err, out, print_json


def config(collection: Collection = None, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """Print the settings in force.

    The environment wins over .env, and .env over the defaults; secrets are masked.
    """
    from ragchat.settings import Settings, unknown_variables

    settings = settings_for(collection, index_dir)
    values = {name: _masked(value) for name, value in settings.model_dump(mode="json").items()}
    if as_json:
        print_json(values)
    else:
        console = out()
        for name, field in Settings.model_fields.items():
            console.print(f"# {field.description}", style="dim", markup=False)
            console.print(f"RAGCHAT_{name.upper()}={_shown(values[name])}", markup=False)
    for variable in unknown_variables():
        err().print(f"warning: {variable} is set but is no setting of ragchat; is it misspelt?", markup=False)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _masked(value: object) -> object:
    """A URL without the password that it may hold."""
    return re.sub(r"(://[^:/@\s]*:)[^@/\s]+@", r"\1**********@", value) if isinstance(value, str) else value
