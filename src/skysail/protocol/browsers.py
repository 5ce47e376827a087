"""What a browser says of who asks."""

from __future__ import annotations

from collections.abc import Mapping


def is_for_a_strangers_page(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site wants it among its own: as an image, a script, what it fetches. It cannot read it,
    but it would have the work done, as often as it likes, and learn how long that takes. A link that one follows is
    none of these. Names are in lower case; only some browsers say so.
    """
    site = headers.get("sec-fetch-site", "none")
    return site not in ("none", "same-origin") and headers.get("sec-fetch-mode") != "navigate"
