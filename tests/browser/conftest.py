import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from browser import opened  # noqa: E402
from hub import Hub, directory  # noqa: E402
from people import Portal  # noqa: E402


@pytest.fixture(scope="module")
def portal():
    """A hub with the public port, this file's own."""
    with directory() as place:
        hub = Hub(place / "data")
        portal = Portal(hub)
        try:
            hub.up(*portal.arguments)
            yield portal
        finally:
            hub.end()


@pytest.fixture(params=["phone", "desk"])
def page(request):
    with opened(request.param) as page:
        yield page
        assert not page.complaints()
        assert not page.faults, "\n".join(page.faults)


def pytest_collection_modifyitems(items):
    """They start a hub, and a browser: not for tests/run --quick."""
    here = pathlib.Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("scenario")
