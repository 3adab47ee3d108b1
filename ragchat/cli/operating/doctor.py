"""`ragchat doctor`: what may be wrong with this installation, and what to do about each thing."""

from dataclasses import asdict
from typing import Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, settings_for
from ragchat.cli.terminal.output import out, print_json

NOT_READY = 3
_MARKS = {"ok": "ok     ", "warning": "warning", "failed": "failed "}

Online = Annotated[
    bool, typer.Option("--online", help="Also ask the model's service one short question (it may cost).")
]


def doctor(
    collection: Collection = None, index_dir: IndexDir = None, online: Online = False, as_json: Json = False
) -> None:
    """Check configuration, disk, index, embedder, keys, database and model; each failure says the next step.

    Exit code 3 when something has failed. Nothing is changed, and without --online no model's service is called.
    """
    import asyncio

    from ragchat.runtime.operating.doctor import examine, examine_database, examine_upstream

    settings = settings_for(collection, index_dir)
    findings = [*examine(settings), asyncio.run(examine_database(settings))]
    if online:
        findings.append(asyncio.run(examine_upstream(settings)))
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            out().print(f"{_MARKS[finding.state]} {finding.check}: {finding.found}", markup=False)
            if finding.fix:
                out().print(f"        {finding.fix}", markup=False)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(NOT_READY)
