"""The Nu HTML checker over many pages at once. `make test` fetches it; where Java or npm is missing, tests say so."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from newsroom.settings import BASE_DIR

JAR = BASE_DIR / "var" / "tools" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def findings(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Every error and warning, as `name: what`; `pages` is HTML by name."""
    _must_be_there()
    for number, html in enumerate(pages.values()):
        (folder / f"{number}.html").write_text(html, errors="replace")
    # Its guess of a text’s language is made by lot, and differs from run to run.
    command = ["java", "-jar", str(JAR), "--no-langdetect", "--format", "json", "--stdout", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.stdout, said.stderr
    names = list(pages)
    return [
        f"{names[int(Path(message['url']).stem)]}: {message['message']} … {message.get('extract', '').strip()[:120]}"
        for message in json.loads(said.stdout)["messages"]
    ]


def _must_be_there() -> None:
    if JAR.exists() and shutil.which("java"):
        return
    why = "The Nu HTML checker is not there: apt-get install default-jre-headless npm, then make test fetches it."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
