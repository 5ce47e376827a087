"""The profile that settings are read from, and the environment that stands above it.

A profile is what AWS's two files, config and credentials, say under one name. botocore's own reader parses
them: it is the authority on their format, and light to import. Nothing here says what a setting means.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore import configloader
from botocore.exceptions import ConfigNotFound

from skysail.errors import ProfileNotFoundError

Section = Mapping[str, Any]
"""Names and their texts, as they stand in a file; an indented block is a mapping of its own."""


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """One profile. It holds secrets, so its repr shows none of it.

    `is_chosen` tells a profile named by an argument, which outranks keys in the environment, from one named
    by the environment or by nobody ("default"). `shared` is what the credentials file says, `config` what the
    config file says, `values` both, the former above the latter. `services` are the config file's sections
    of that kind, by name.
    """

    name: str
    is_chosen: bool
    values: Section
    shared: Section
    config: Section
    services: Mapping[str, Section]
    config_file: str
    credentials_file: str
    environ: Mapping[str, str]

    @classmethod
    def read(cls, chosen: str | None, environ: Mapping[str, str]) -> Self:
        """Read the profile of that name, else the one the environment names, else the default one.

        Raises ProfileNotFoundError for a name that neither file has, and botocore's ConfigParseError.
        """
        named = chosen
        if named is None:
            named = environ.get("AWS_DEFAULT_PROFILE", environ.get("AWS_PROFILE"))
        name = "default" if named is None else named
        config_file, config, credentials_file, shared = _files(environ)
        if named is not None and name not in config["profiles"] and name not in shared:
            raise ProfileNotFoundError(profile=name)
        own, other = config["profiles"].get(name, {}), shared.get(name, {})
        return cls(
            name=name,
            is_chosen=chosen is not None,
            values={**own, **other},
            shared=other,
            config=own,
            services=config["services"],
            config_file=config_file,
            credentials_file=credentials_file,
            environ=environ,
        )

    def setting(self, variable: str, key: str) -> str | None:
        """The environment's value, else the files'. An empty variable is a value: botocore has it so."""
        value = self.environ.get(variable, self.values.get(key))
        return value if isinstance(value, str) else None

    def flag(self, variable: str, key: str) -> bool:
        """A setting that is on only when it says "true", in any case."""
        return (self.setting(variable, key) or "").lower() == "true"


def profile_names(environ: Mapping[str, str]) -> list[str]:
    """The names of all profiles, sorted. Raises botocore's ConfigParseError."""
    _, config, _, shared = _files(environ)
    return sorted({*config["profiles"], *shared})


def _files(environ: Mapping[str, str]) -> tuple[str, dict[str, Any], str, dict[str, Any]]:
    """The paths of the config file and the credentials file, each with its content; empty where there is none."""
    config_file = _path(environ.get("AWS_CONFIG_FILE", "~/.aws/config"), environ)
    credentials_file = _path(environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), environ)
    try:
        config = configloader.load_config(config_file)
    except ConfigNotFound:
        config = {"profiles": {}, "services": {}}
    try:
        shared = configloader.raw_config_parse(credentials_file)
    except ConfigNotFound:
        shared = {}
    return config_file, config, credentials_file, shared


def _path(text: str, environ: Mapping[str, str]) -> str:
    """The path under the given environment's home: the reader would take the process's. It expands the rest."""
    if os.name == "posix" and text.startswith("~/") and environ.get("HOME"):
        return os.path.join(environ["HOME"], text[2:])
    return text
