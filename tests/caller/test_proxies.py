"""Proxies against the standard library's rules."""

from __future__ import annotations

import sys
import urllib.request
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.proxies import complete_urls, environment_proxies

PROXIES = st.sampled_from(["", "http://p:1", "q:2"])
EXEMPT = st.lists(
    st.sampled_from(["*", "a.example", ".example", " B.example:80 ", "example:80", "ample", "", "80", "[::1]"]),
    max_size=3,
).map(",".join)
ENVIRONMENTS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_PROXY": PROXIES,
        "http_proxy": PROXIES,
        "HTTPS_PROXY": PROXIES,
        "Https_proxy": PROXIES,
        "ALL_PROXY": PROXIES,
        "NO_PROXY": EXEMPT,
        "no_proxy": EXEMPT,
        "REQUEST_METHOD": st.just("GET"),
    },
)
HOSTS = ["a.example", "b.example:80", "b.example", "example", "x.A.Example:443", "80", "[::1]:80", "host:"]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the system's own proxies count there")
@given(environ=ENVIRONMENTS, host=st.sampled_from(HOSTS))
def test_proxies_are_those_of_the_standard_library(environ: dict[str, str], host: str) -> None:
    url = f"http://{host}/x"
    with pytest.MonkeyPatch.context() as process:
        for name in urllib.request.os.environ:
            if name.lower().endswith("_proxy"):
                process.delenv(name)
        for name, value in environ.items():
            process.setenv(name, value)
        theirs = {} if urllib.request.proxy_bypass(urlsplit(url).netloc) else urllib.request.getproxies()
    assert environment_proxies(url, environ) == complete_urls(theirs)


def test_a_proxy_without_a_scheme_is_an_http_proxy() -> None:
    assert complete_urls({"http": "host:1", "https": "//host:1"}) == {
        "http": "http://host:1",
        "https": "http://host:1",
    }
    assert complete_urls({"http": "https://host:1", "https": "http://host:1"}) == {
        "http": "https://host:1",
        "https": "http://host:1",
    }


def test_only_proxies_that_can_be_used_are_kept() -> None:
    assert complete_urls({"http": None, "https": "", "all": "http://p:1", "no": "x"}) == {}
