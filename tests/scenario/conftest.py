import os
import pathlib
import shutil

import pytest

from hub import Hub, directory

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def cold_hub():
    """Not started."""
    with directory() as place:
        hub = Hub(place / "data")
        yield hub
        hub.end()


@pytest.fixture
def hub(cold_hub):
    """Ready, and this test's own."""
    cold_hub.up()
    return cold_hub


@pytest.fixture(scope="module")
def shared_hub():
    """Ready, and shared by a file's tests, which must not disturb one another."""
    with directory() as place:
        hub = Hub(place / "data")
        try:
            hub.up()
            yield hub
        finally:
            hub.end()


@pytest.fixture
def place_for_zone(cold_hub):
    """Makes a directory beside the hub's data that the outer zone may read and write."""
    def make(name):
        path = cold_hub.data.parent / name
        path.mkdir()
        if os.geteuid() == 0:
            shutil.chown(path, "uhub-dmz", "uhub-dmz")
        return path
    return make


def pytest_collection_modifyitems(items):
    """Whatever starts a hub; tests/run --quick takes of these only what is marked quick."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("scenario")
