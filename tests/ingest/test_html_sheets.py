"""What a page's own style sheet says: struck out and raised by any selector, hidden until a switch shows it, unseen."""

import pytest

from ingest.extract import Extracted, extract

PROSE = "<p>The ferry leaves from the east pier, and who comes late waits for the next one.</p>"


def read(body: str, sheet: str = "") -> Extracted:
    page = f"<!doctype html><head><style>{sheet}</style></head><body><main>{PROSE}{body}</main></body>"
    return extract(page.encode(), "page.html")


@pytest.mark.parametrize(
    ("body", "sheet"),
    [
        ("<p>Fare: <em>31 euro</em> 28 euro</p>", "p em{text-decoration:line-through}"),
        (
            "<p>Fare: <span class='a'><b>31 euro</b></span> 28 euro</p>",
            ".a > b{text-decoration-line:line-through}",
        ),
        (
            "<p>Fare: <span class='fare old'>31 euro</span> <span class='fare'>28 euro</span></p>",
            ".fare.old,.gone{text-decoration: line-through}",
        ),
        (
            "<p id='last-year'>31 euro</p><p>28 euro</p>",
            "#last-year{color:grey;text-decoration:line-through red}",
        ),
        ("<ul><li class='off'>31 euro</li><li>28 euro</li></ul>", "li.off{text-decoration:line-through}"),
        (
            "<table><tr><th>Day</th><th>Fare</th></tr><tr class='off'><td>Monday</td><td>31 euro</td></tr>"
            "<tr><td>Sunday</td><td>28 euro</td></tr>"
            "</table>",
            "tr.off{text-decoration:line-through}",
        ),
        (
            "<table><tr><th>Day</th><th>Fare</th></tr><tr><td>Monday</td>"
            "<td style='text-decoration:line-through'>31 euro</td></tr><tr><td>Sunday</td><td>28 euro</td></tr>"
            "</table>",
            "",
        ),
    ],
)
def test_what_any_rule_strikes_out_is_marked(body: str, sheet: str) -> None:
    text = read(body, sheet).text
    assert "~~31 euro~~" in text
    assert "~~28 euro" not in text


def test_rules_of_a_state_strike_nothing_out() -> None:
    text = read(
        "<p>Fare: <a class='f'>28 euro</a></p>", ".f:hover,.f::before{text-decoration:line-through}"
    ).text
    assert "28 euro" in text
    assert "~~" not in text


def test_tabs_of_a_sheet_are_shown_by_their_switch() -> None:
    tabs = (
        "<input type='radio' name='t' id='t1' checked><label for='t1'>Summer</label><input type='radio' name='t' "
        "id='t2'><label for='t2'>Winter</label><div class='pane one'>Every hour.</div>"
        "<div class='pane two'>Twice a day.</div>"
    )
    sheet = ".pane{display:none} #t1:checked ~ .one{display:block} #t2:checked ~ .two{display:block}"
    assert "Twice a day." in read(tabs, sheet).text
    assert "Twice a day." not in read(tabs, ".pane{display:none}").text
