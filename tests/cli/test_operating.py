"""`ragchat keys`, `doctor`, `backup` and `restore` as an operator uses them."""

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from test_serving import ASK, command, environment, indexes, run, serving  # noqa: F401 - a fixture

from ragchat.access import keys
from ragchat.access.store import KeyStore


def test_a_key_is_printed_once_and_alone_on_stdout(tmp_path: Path) -> None:
    made = run(
        tmp_path / "i", "keys", "create", "shop", "--scope", "chat", "--scope", "ingest", "--expires", "30d"
    )
    assert made.returncode == 0
    text = made.stdout.strip()
    assert keys.matches(KeyStore(f"sqlite:///{tmp_path}/i/keys.sqlite").every()[0], text)
    listed = run(tmp_path / "i", "keys", "list")
    assert "shop" in listed.stdout
    assert text not in listed.stdout + listed.stderr + made.stderr
    as_json = json.loads(run(tmp_path / "i", "keys", "list", "--json").stdout)["keys"][0]
    assert as_json["scopes"] == ["chat", "ingest"]
    assert "digest" not in as_json


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scope", "root"),
        ("--expires", "yesterday"),
        ("--expires", "2020-01-01"),
        ("--origin", "shop.example"),
        ("--origin", "https://shop.example/path"),
    ],
)
def test_what_makes_no_key_is_said_plainly(tmp_path: Path, arguments: tuple[str, str]) -> None:
    refused = run(tmp_path / "i", "keys", "create", "shop", *arguments)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "error:" in refused.stderr
    assert not (tmp_path / "i").exists()


def test_revoking_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert run(tmp_path / "i", "keys", "revoke", "nobody").returncode == 2


def test_the_doctor_finds_nothing_wrong_with_a_whole_installation(indexes: Path) -> None:  # noqa: F811
    examined = run(indexes, "doctor", "--json")
    findings = json.loads(examined.stdout)["findings"]
    assert {finding["state"] for finding in findings} == {"ok"}, findings
    assert {"disk", "index", "embedder", "keys", "model", "database"} <= {f["check"] for f in findings}
    assert examined.returncode == 0


def test_the_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    wrong = {"RAGCHAT_HOST": "0.0.0.0", "RAGCHAT_WORKERS": "2", "RAGCHAT_CAHT_MODEL": "x"}
    examined = run(tmp_path / "none", "doctor", "--json", **wrong)
    findings = {finding["check"]: finding for finding in json.loads(examined.stdout)["findings"]}
    assert examined.returncode == 3
    assert findings["index"]["state"] == "failed"
    assert "ragchat ingest" in findings["index"]["fix"]
    assert "ragchat keys create" in findings["keys"]["fix"]
    assert findings["limits"]["state"] == "warning"
    assert "RAGCHAT_CAHT_MODEL" in findings["configuration"]["found"]
    assert all(finding["fix"] for finding in findings.values() if finding["state"] != "ok")


def test_the_doctor_sees_a_damaged_index(indexes: Path, tmp_path: Path) -> None:  # noqa: F811
    assert run(indexes, "backup", str(tmp_path / "b")).returncode == 0
    assert run(tmp_path / "i", "restore", str(tmp_path / "b")).returncode == 0
    damaged = next((tmp_path / "i").glob("default/generations/*/manifest.json"))
    damaged.write_text("{}")
    examined = run(tmp_path / "i", "doctor")
    assert examined.returncode == 3
    assert "failed  index" in examined.stdout


def test_the_doctor_calls_the_model_only_when_asked(indexes: Path) -> None:  # noqa: F811
    there = {"RAGCHAT_CHAT_MODEL": "openai:test", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert run(indexes, "doctor", **there).returncode == 0
    online = run(indexes, "doctor", "--online", "--json", **there)
    assert online.returncode == 3
    upstream = json.loads(online.stdout)["findings"][-1]
    assert (upstream["check"], upstream["state"]) == ("upstream", "failed")


def test_a_backup_of_a_running_server_answers_elsewhere(indexes: Path, tmp_path: Path) -> None:  # noqa: F811
    made = run(indexes, "keys", "create", "kept")
    key = {"X-API-Key": made.stdout.strip()}
    with serving(indexes) as (base, _):
        said = httpx.post(f"{base}/v1/chat", json=ASK, headers=key, timeout=60).json()
        ending = threading.Event()

        def ask_on() -> None:
            while not ending.is_set():
                httpx.post(
                    f"{base}/v1/chat", json=ASK, headers={**key, "Cache-Control": "no-cache"}, timeout=60
                )

        asking = threading.Thread(target=ask_on)
        asking.start()
        backed_up = run(indexes, "backup", str(tmp_path / "b"), "--json")
        ending.set()
        asking.join()
    assert backed_up.returncode == 0, backed_up.stderr
    assert set(json.loads(backed_up.stdout)["databases"]) == {"conversations.sqlite", "keys.sqlite"}
    run(indexes, "keys", "revoke", "kept")
    (indexes / "keys.sqlite").unlink()  # the fixture is shared: unlock it again

    restored = run(tmp_path / "new", "restore", str(tmp_path / "b"))
    assert restored.returncode == 0, restored.stderr
    assert run(tmp_path / "new", "verify").returncode == 0
    with serving(tmp_path / "new") as (base, _):
        message = httpx.get(f"{base}/v1/messages/{said['message_id']}", headers=key)
        assert message.json()["content"] == said["response"]
        again = httpx.post(f"{base}/v1/chat", json=ASK, headers=key, timeout=60)
        assert again.json()["citations"][0]["quote"] == said["citations"][0]["quote"]


def test_a_backup_during_an_ingest_is_one_moment_of_it(tmp_path: Path) -> None:
    docs, folder = tmp_path / "docs", tmp_path / "indexes"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n\nThe first document.\n")
    assert (
        subprocess.run(
            command(folder, "ingest", str(docs)), env=environment(), capture_output=True
        ).returncode
        == 0
    )
    for number in range(60):
        (docs / f"{number}.md").write_text(f"# N{number}\n\nDocument number {number} of many.\n" * 5)
    ingest = subprocess.Popen(
        command(folder, "ingest", str(docs)),
        env=environment(),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    copies = 0
    while ingest.poll() is None or not copies:
        copied = run(folder, "backup", str(tmp_path / f"b{copies}"))
        assert copied.returncode == 0, copied.stderr
        copies += 1
    assert ingest.wait(60) == 0
    for number in range(copies):
        assert run(tmp_path / f"r{number}", "restore", str(tmp_path / f"b{number}")).returncode == 0


def test_nothing_is_written_over_and_a_damaged_backup_not_used(indexes: Path, tmp_path: Path) -> None:  # noqa: F811
    assert run(indexes, "backup", str(tmp_path / "b")).returncode == 0
    assert run(indexes, "backup", str(tmp_path / "b")).returncode == 2
    assert run(indexes, "restore", str(tmp_path / "b")).returncode == 2
    assert run(tmp_path / "i", "restore", str(tmp_path)).returncode == 2
    copied = next((tmp_path / "b" / "databases").iterdir(), None)
    if copied is not None:
        with sqlite3.connect(copied) as raw:
            raw.execute("CREATE TABLE extra (x)")
        assert run(tmp_path / "i", "restore", str(tmp_path / "b")).returncode == 3
        assert not (tmp_path / "i").exists()


def test_the_commands_say_what_they_do() -> None:
    for name in (("keys", "create"), ("doctor",), ("backup",), ("restore",)):
        told = subprocess.run(
            [sys.executable, "-m", "ragchat", *name, "--help"],
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0
        assert "Usage" in told.stdout
