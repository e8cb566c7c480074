import shutil

import pytest
from django.conf import settings
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser"


@pytest.fixture(scope="session", autouse=True)
def scratch_folder():
    yield
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(items):
    """The browser first: it is the longest, and the other core does the rest meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))


class ByHouse(LoadScopeScheduling):
    """A file stays on one core, and all of the browser's, because they share one house."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return ByHouse(config, log)
