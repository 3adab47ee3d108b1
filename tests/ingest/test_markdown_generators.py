"""Signs of site generators and note programs in Markdown: what they say stays, the signs go, code is as it was."""

import pytest

from ingest.extract import extract


def read(source: str) -> str:
    return extract(source.encode(), "page.md").text


@pytest.mark.parametrize(
    ("source", "shown", "gone"),
    [
        ("{{< notice tip >}}\nMoor at pier 2.\n{{< /notice >}}", "Moor at pier 2.", "{{<"),
        ('{{% tab name="Winter" %}}\nPier 5.\n{{% /tab %}}', "Winter", "%}"),
        ('{{< figure src="p.png" caption="Piers from above" >}}', "Piers from above", "p.png"),
        ('{% include box.html content="Moor at pier 2." %}', "Moor at pier 2.", "include"),
        ("{% highlight sh %}\nmoor --fast\n{% endhighlight %}", "```sh\nmoor --fast\n```", "highlight"),
        ("Piers.\n{% comment %}\nfor us only\n{% endcomment %}\nMore.", "More.", "for us"),
        ("Pier 2 is new.\n{: .note }", "Pier 2 is new.", "{:"),
        ("## Piers {#piers .wide}\n\nTwo.", "## Piers\n", "{#"),
        ("[//]: # (for us only)\n\nTwo piers.", "Two piers.", "for us"),
        ("%% for us only %%\n\nTwo piers.", "Two piers.", "for us"),
        ("See [[Harbour law|the law]] and [[Tides]]. ![[map.png]]", "See the law and Tides.", "[["),
        ("[TOC]\n\nTwo piers.", "Two piers.", "TOC"),
        ('::: {.callout-warning title="Slippery"}\nHold on.\n:::', "Slippery", ":::"),
        ("<span style='text-decoration: line-through'>8 euro</span> 9 euro", "~~8 euro~~ 9 euro", "span"),
    ],
)
def test_signs_go_and_words_stay(source: str, shown: str, gone: str) -> None:
    text = read(f"# Harbour\n\n{source}\n\nThe end.\n")
    assert shown in text
    assert gone not in text
    assert "The end." in text


@pytest.mark.parametrize(
    "code",
    [
        "```\n{{< notice >}} [[ -f x ]] {: .a }\n{% comment %}\n```",
        "Write `{{< notice >}}` and `[[page]]`.",
        "Call m[[1, 2]] and `{% raw %}`.",
    ],
)
def test_code_is_not_touched(code: str) -> None:
    assert code in read(f"# Signs\n\n{code}\n")


def test_bytes_in_a_code_block_are_left_out() -> None:
    text = read("# Logo\n\n```\ndata:image/png;base64," + "iVBORw0K" * 4000 + "\n```\n\nThe end.\n")
    assert len(text) < 200
    assert "The end." in text
