"""After each test of the service all rows are gone, unless its module keeps them."""

import pytest
from tests.conftest import connected, empty, make_cast

__all__ = ["connected", "empty", "make_cast", "rows", "rows_of_a_module"]


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
