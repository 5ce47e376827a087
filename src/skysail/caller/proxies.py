"""Which proxy calls to an endpoint go through: the environment's, or else that of macOS or Windows.

The rules are the standard library's, which botocore asks too. They are written out here because its module
takes 40 ms to import, and because it reads no environment but the process's.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

if sys.platform in ("darwin", "win32"):
    from urllib.request import getproxies, proxy_bypass


def environment_proxies(endpoint_url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies' URLs by scheme, http and https; none for an endpoint that is to be called directly."""
    host = urlsplit(endpoint_url).netloc.lower()
    named = _named(environ)
    if not named and sys.platform in ("darwin", "win32"):
        return {} if proxy_bypass(host) else complete_urls(getproxies())
    return {} if _is_exempt(host, named.get("no", "")) else complete_urls(named)


def complete_urls(proxies: Mapping[str, str | None]) -> dict[str, str]:
    """The entries that can be used, with the scheme that may be left out: HOST:PORT is http://HOST:PORT."""
    urls = {scheme: proxies.get(scheme) for scheme in ("http", "https")}
    return {scheme: _complete(url) for scheme, url in urls.items() if url}


def _named(environ: Mapping[str, str]) -> dict[str, str]:
    """Every NAME_PROXY of the environment by its name, lower case; a variable in lower case wins."""
    proxies: dict[str, str] = {}
    variables = [(name, value) for name, value in environ.items() if name.lower().endswith("_proxy")]
    for name, value in variables:
        if value:
            proxies[name.lower().removesuffix("_proxy")] = value
    if "REQUEST_METHOD" in environ:
        # In a CGI script HTTP_PROXY is what the caller sent in a header "Proxy" (CVE-2016-1000110).
        proxies.pop("http", None)
    for name, value in variables:
        if not name.endswith("_proxy"):
            continue
        if value:
            proxies[name.lower().removesuffix("_proxy")] = value
        else:
            proxies.pop(name.lower().removesuffix("_proxy"), None)
    return proxies


def _is_exempt(host: str, exempt: str) -> bool:
    """Whether NO_PROXY names the host, a domain above it, or everything; with the port or without it."""
    if exempt == "*":
        return True
    bare, colon, port = host.rpartition(":")
    without_port = bare if colon and (port.isdigit() or not port) else host
    names = [name.strip().lstrip(".").lower() for name in exempt.split(",") if name.strip()]
    return any(whole == name or whole.endswith("." + name) for name in names for whole in (without_port, host))


def _complete(url: str) -> str:
    if url.startswith(("http:", "https:")):
        return url
    return f"http:{url}" if url.startswith("//") else f"http://{url}"
