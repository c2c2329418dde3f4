"""What holds for every test: which have a long form, and what a whole run leaves behind."""
import functools
import shutil


@functools.cache
def asks_for_the_form(path):
    return "HUB_TEST_FORM" in path.read_text()


def pytest_collection_modifyitems(items):
    for item in items:
        if asks_for_the_form(item.path) or item.get_closest_marker("full"):
            item.add_marker("long")


def pytest_unconfigure(config):
    """By the process that leads the run."""
    if not hasattr(config, "workerinput"):
        from hub import cluster_place
        shutil.rmtree(cluster_place(), ignore_errors=True)
