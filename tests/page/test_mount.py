"""The page as an ASGI application: built beside the server, without handlers, and quiet when nothing happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from imagegen.page.files import head
from imagegen.page.mount import AS_SHIPPED, IDLE_POLL_SECONDS
from tests.page.studio import ROOT


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.page.built"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    facts: dict[str, Any] = json.loads(run.stdout)
    return facts


@pytest.fixture(scope="module")
def config(built: dict[str, Any]) -> dict[str, Any]:
    """What Gradio tells the browser of the page."""
    found = re.search(r"window\.gradio_config = (\{.*?\});</script>", built["page"], re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_page_is_served_and_gradio_imported_only_for_it(built: dict[str, Any]) -> None:
    assert built["status"] == 200
    assert built["imported_early"] is False


def test_the_only_handlers_are_the_endpoints_and_there_is_no_template(config: dict[str, Any]) -> None:
    handlers = {handler["id"]: handler["api_name"] for handler in config["dependencies"]}
    assert handlers == {0: "generate", 1: "job", 2: "images", 3: "cutout"}, "the gate counts on these numbers"
    assert all(handler["targets"] == [] and not handler["queue"] for handler in config["dependencies"])
    assert {part["type"] for part in config["components"]} == {"column", "form", "textbox", "button", "api"}


def test_our_files_are_named_in_the_html_itself(built: dict[str, Any], config: dict[str, Any]) -> None:
    top, _, rest = built["page"].partition("</head>")
    assert top.endswith(head(AS_SHIPPED.assets))
    assert "/assets/page/" not in rest
    assert not config["head"]
    assert config["title"] == "imagegen"


def test_an_unused_queue_is_looked_into_seldom(built: dict[str, Any]) -> None:
    assert built["sleep_when_free"] == IDLE_POLL_SECONDS
    assert built["progress_sleep"] == IDLE_POLL_SECONDS


def test_nothing_of_the_machine_is_offered_and_nothing_told_of_it(built: dict[str, Any]) -> None:
    assert built["allowed_paths"] == []
    assert not built["run_history"]
    assert not built["ssr_mode"]
    assert not built["analytics"]


def test_the_icon_is_ours(built: dict[str, Any]) -> None:
    assert "linearGradient" in built["icon"]
