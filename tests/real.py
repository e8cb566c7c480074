"""Real files of other systems, beside the project and never in it. Where the folder is absent, tests say so."""

from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "real"
needs_real_files = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder shared/real is not beside the project")


def real(path: str) -> Path:
    return FOLDER / path
