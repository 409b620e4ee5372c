"""After each test of the service all rows are gone, unless its module keeps them."""

from contextlib import contextmanager

import pytest
from tests.conftest import connected, empty, make_cast

__all__ = ["connected", "empty", "make_cast", "rows", "rows_of_a_module", "small_pool"]


@contextmanager
def small_pool(most, *, timeout):
    """Let this process hold so many connections meanwhile, and wait so many seconds for one."""
    from django.db import connection

    connection.close()
    connection.close_pool()
    options = connection.settings_dict["OPTIONS"]
    before = options["pool"]
    options["pool"] = {"min_size": 0, "max_size": most, "timeout": timeout}
    try:
        connection.pool.open()
        yield
    finally:
        connection.close()
        connection.close_pool()
        options["pool"] = before


@pytest.fixture(autouse=True)
def rows(request, superuser, urls, installed):  # noqa: ARG001
    """Leave no rows behind. A module that keeps its rows from test to test says `KEEP_ROWS = True`."""
    from django.db import connections

    yield
    if getattr(request.module, "KEEP_ROWS", False):
        return
    connections["default"].close()
    empty(superuser, urls)


@pytest.fixture(scope="module", autouse=True)
def rows_of_a_module(request, superuser, urls, installed):  # noqa: ARG001
    """Leave no rows behind a module that kept them."""
    yield
    if getattr(request.module, "KEEP_ROWS", False):
        empty(superuser, urls)
