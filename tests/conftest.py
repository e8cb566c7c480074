import shutil

import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def scratch_folder():
    yield
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)
