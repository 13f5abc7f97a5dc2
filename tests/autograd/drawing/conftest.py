"""A browser for the tests of the page."""

import pytest

from tests.browser import complaints, open_browser, requests


@pytest.fixture(scope="package")
def browser(tmp_path_factory):
    with open_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a drawing, and after the test finds no complaint in the console and no request but for the file."""

    def open_page(drawing, fragment=""):
        path = drawing.save(tmp_path / "graph.html")
        browser.get("about:blank")
        browser.get(f"{path.as_uri()}#{fragment}")
        return browser

    complaints(browser), requests(browser)
    yield open_page
    assert complaints(browser) == []
    assert requests(browser) == []
