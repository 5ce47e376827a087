"""All targets by name."""

from __future__ import annotations

from fuzz import admin, files, targets, wire
from fuzz.targets import Target

TARGETS: dict[str, Target] = {
    "anything": targets.anything,
    "calls": targets.calls,
    "sts": targets.sts,
    "signatures": targets.signatures,
    "page_tokens": targets.page_tokens,
    "admin": admin.admin,
    "parser": wire.parser,
    "connection": wire.connection,
    "answers": files.answers,
    "starting_tokens": files.starting_tokens,
    "fleet_tokens": files.fleet_tokens,
    "import_files": files.import_files,
    "keys_files": files.keys_files,
}
