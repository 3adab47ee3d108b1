"""`python -m bench.kills`: runs a campaign and writes its figures."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from bench.kills import index_campaign, langchain_campaign, purge_campaign

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("subject", choices=("index", "command", "purge", "langchain"))
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--documents", type=int, default=120)
    parser.add_argument(
        "--command", default="ragchat ingest {folder} --index-dir {index_dir} --allow-deletes --json"
    )
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.subject == "langchain":
        figures = langchain_campaign.campaign(kills=options.kills, seed=options.seed)
    elif options.subject == "purge":
        figures = purge_campaign.campaign(kills=options.kills, seed=options.seed)
    else:
        subject = (
            index_campaign.child_subject()
            if options.subject == "index"
            else index_campaign.Subject(
                "command", tuple(shlex.split(options.command)), acknowledgement="{", tells_phases=False
            )
        )
        kills = index_campaign.campaign(
            subject,
            kills=options.kills,
            seed=options.seed,
            documents=options.documents,
            progress=lambda kill: print(kill.as_json(), file=sys.stderr),
        )
        figures = index_campaign.summary(subject, options.seed, kills)
    text = json.dumps(figures, indent=2)
    print(text)
    output = options.output or RESULTS / f"{options.subject}.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(text + "\n")
    return 1 if figures.get("failures") else 0


if __name__ == "__main__":
    sys.exit(main())
