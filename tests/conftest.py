import shutil

import pytest
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils import timezone
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser"
STANDARDS = "tests/browser/test_standards.py"
# Each takes a quarter of a minute or more: none of them may begin when the other cores are through.
LONGEST = (
    BROWSER,
    "tests/articles/test_hostile_surfaces.py",
    "tests/newsroom/test_role_matrix.py",
    "tests/newsroom/test_the_hour.py",
    "tests/newsletter/test_chaos.py",
)


@pytest.fixture(scope="session", autouse=True)
def confirmed_installation():
    """Somebody said that letters are sent from the tests' database, whenever it is made or emptied."""

    def confirm(app_config, **kwargs):
        if app_config.label == "newsletter":
            app_config.get_model("Installation").objects.update(confirmed_at=timezone.now(), confirmed_once=True)

    post_migrate.connect(confirm, weak=False, dispatch_uid="tests.confirmed_installation")


@pytest.fixture(scope="session", autouse=True)
def scratch_folder():
    yield
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(items):
    """The longest first; the browser, with houses of its own, is the longest of all."""
    items.sort(
        key=lambda item: next((at for at, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))
    )


class ByHouse(LoadScopeScheduling):
    """A file stays on one core, and so do those of the browser that share a house; the longest has its own."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return BROWSER if file.startswith(BROWSER) and file != STANDARDS else file


def pytest_xdist_make_scheduler(config, log):
    return ByHouse(config, log)
