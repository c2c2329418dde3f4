import pytest

from hub import Hub, directory


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
