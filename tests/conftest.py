"""What a whole test run leaves behind is removed by the process that leads it."""
import shutil


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        from hub import cluster_place
        shutil.rmtree(cluster_place(), ignore_errors=True)
