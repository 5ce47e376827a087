"""pytest's plugin: `lightsail`, `lightsail_service`, `lightsail_server`, and the marker `lightsail`.

pytest loads it wherever skysail is installed, so everything else of skysail is loaded when a test asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from skysail.testing.under_test import ClientUnderTest, Handle

MARKER = "lightsail"
_HELP = """lightsail(**options): run the test on a new local Lightsail, with skysail.mock's options: page_size=2, \
clock=0, pace="real", quotas="real", passthrough=["s3"], …; all_pages=True fails a test that leaves pages unread"""

_client = pytest.StashKey["ClientUnderTest"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("skysail", "skysail: a local Amazon Lightsail")
    group.addoption(
        "--lightsail-endpoint",
        metavar="URL",
        help="run tests that use the fixture `lightsail` at a `skysail serve`, or, with `real`, on your own account "
        "of AWS, which bills what they create",
    )
    parser.addini("lightsail_all_pages", "fail tests that leave pages of Lightsail unread", "bool", default=False)
    parser.addini("lightsail_page_size", "items a page of Lightsail's listings", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _HELP)
    page_size = str(config.getini("lightsail_page_size"))
    if page_size and not (page_size.isdigit() and int(page_size)):
        raise pytest.UsageError(f"lightsail_page_size is a number of items, 1 or more, not {page_size!r}")
    if page_size or config.getini("lightsail_all_pages"):
        from skysail.mocking.all_pages import habit

        habit.all_pages = bool(config.getini("lightsail_all_pages"))
        habit.page_size = int(page_size) if page_size else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """The marker alone brings a Lightsail."""
    names = getattr(item, "fixturenames", None)
    if names is not None and item.get_closest_marker(MARKER) is not None and "lightsail" not in names:
        names.append("lightsail")


@pytest.fixture
def lightsail(request: pytest.FixtureRequest) -> Iterator[ClientUnderTest]:
    """A client of Lightsail, on a new service that all clients of the test are led to, with what a local one has:
    clock, faults, calls, unread_pages."""
    from skysail.errors import SkysailError
    from skysail.testing.under_test import under_test

    endpoint = request.config.getoption("--lightsail-endpoint")
    try:
        opened = under_test(endpoint, _options(request.node))
        client = opened.__enter__()
    except SkysailError as error:
        pytest.fail(f"no Lightsail for this test: {error}", pytrace=False)
    request.node.stash[_client] = client
    yield client
    opened.__exit__(None, None, None)


@pytest.fixture
def lightsail_service(lightsail: ClientUnderTest) -> Handle:
    """The service behind `lightsail`: a LocalLightsail, with snapshot() and restore(), or a ServerHandle."""
    if not lightsail.is_local:
        pytest.skip("lightsail_service is a local Lightsail's, and this is AWS's")
    return lightsail.service


@pytest.fixture
def lightsail_server(lightsail: ClientUnderTest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of the service behind `lightsail`, for other processes. Their variables lead SDKs there already."""
    from skysail.server import LocalLightsail
    from skysail.service.app import LARGEST_BODY
    from skysail.serving.limits import Limits
    from skysail.serving.threaded import ThreadedServer
    from skysail.testing.under_test import endpoint_variables

    service = lightsail.service if lightsail.is_local else None
    if not isinstance(service, LocalLightsail):
        yield str(lightsail.meta.endpoint_url)
        return
    with ThreadedServer(service.with_console(), Limits(body=LARGEST_BODY)) as server:
        for name, value in endpoint_variables(server.url).items():
            monkeypatch.setenv(name, value)
        yield server.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that passes has read all pages, where they are to be read."""
    client = item.stash.get(_client, None)
    if client is None:
        return (yield)
    from skysail.errors import NotLocalError, UnreadPagesError
    from skysail.mocking.all_pages import must_be_read

    try:
        outcome = yield
    except NotLocalError as error:
        pytest.skip(str(error))
    if client.is_local and _wants_all_pages(item):
        try:
            must_be_read(client.unread_pages())
        except UnreadPagesError as error:
            pytest.fail(str(error), pytrace=False)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what it asked of Lightsail, and its own lines rather than skysail's."""
    client = item.stash.get(_client, None)
    if client is not None and call.excinfo is not None:
        _hide_own_frames()
    report = yield
    if client is not None and client.is_local and report.failed and call.when == "call":
        from skysail.errors import SkysailError
        from skysail.testing.telling import told

        try:
            text = told(client)
        except SkysailError as error:  # of a server that is gone, say
            text = f"not to be had: {error}"
        if text:
            report.sections.append(("Lightsail", text))
    return report


def _hide_own_frames() -> None:
    """By the name that pytest looks for among a frame's variables; --full-trace shows them all the same."""
    for name, module in list(sys.modules.items()):
        if name.startswith("skysail."):
            module.__tracebackhide__ = True  # type: ignore[attr-defined]


def _options(item: pytest.Item) -> dict[str, Any]:
    """Of all its markers, the closest first; a seed's path is beside the test."""
    options: dict[str, Any] = {}
    for marker in item.iter_markers(MARKER):
        if marker.args:
            pytest.fail("the marker lightsail takes its options by name: lightsail(page_size=2)", pytrace=False)
        options = {**marker.kwargs, **options}
    seed = options.get("seed")
    if isinstance(seed, str) and not Path(seed).is_absolute():
        options["seed"] = str(item.path.parent / seed)
    if _wants_all_pages(item):
        options.setdefault("all_pages", True)
    return options


def _wants_all_pages(item: pytest.Item) -> bool:
    for marker in item.iter_markers(MARKER):
        if "all_pages" in marker.kwargs:
            return bool(marker.kwargs["all_pages"])
    return bool(item.config.getini("lightsail_all_pages"))
