"""The kill campaign of bench/kills in its short form: eight kills, most of them while publishing."""

import pytest

from bench.kills.index_campaign import campaign, child_subject
from bench.kills.running import WINDOW


@pytest.mark.timeout(300)
def test_killed_runs_lose_nothing_acknowledged_and_never_block_the_next_one() -> None:
    subject = child_subject(dimension=16)
    kills = campaign(subject, kills=8, seed=4, documents=40, lines=3)

    assert [kill.problems for kill in kills if kill.problems] == []
    assert sum(kill.killed for kill in kills) >= 5
    assert sum(kill.moment.phase in WINDOW for kill in kills) >= 4
