def ssc_checks(folder, case):
    return
    yield
