"""Keys of roles, through botocore: assumed when first needed, renewed before they expire; and an organization's
accounts, to whose roles a walk may go.

botocore is slow to import, so it is imported where it is first needed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from skysail.caller.chain import our_errors, session_of
from skysail.caller.profile import Profile
from skysail.errors import NoCredentialsError
from skysail.protocol.sigv4 import Key

if TYPE_CHECKING:
    from botocore.credentials import DeferredRefreshableCredentials
    from botocore.session import Session

_FALLBACK_REGION = "us-east-1"
"""For STS and Organizations where the source profile names no region: it is enabled in every account."""


class RoleCredentials:
    """The key of a role, assumed with the credentials of a profile (None: what the surroundings give).

    `options` go to AssumeRole: RoleSessionName, ExternalId, DurationSeconds, …  Any number of threads may call it.
    Raises NoCredentialsError, and botocore's errors where STS or the source says no.
    """

    def __init__(self, role_arn: str, source_profile: str | None, options: Mapping[str, Any] | None = None) -> None:
        self._role_arn = role_arn
        self._source_profile = source_profile
        self._options = {"RoleSessionName": "skysail", **(options or {})}
        self._assumed: DeferredRefreshableCredentials | None = None
        self._lock = Lock()

    def __call__(self) -> Key:
        with our_errors():
            frozen = self._credentials().get_frozen_credentials()
        if frozen.access_key is None or frozen.secret_key is None:
            raise NoCredentialsError()
        return Key(frozen.access_key, frozen.secret_key, frozen.token)

    def _credentials(self) -> DeferredRefreshableCredentials:
        with self._lock:
            if self._assumed is None:
                self._assumed = self._assume()
            return self._assumed

    def _assume(self) -> DeferredRefreshableCredentials:
        # Late, as everything of botocore's session.
        from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

        session = _source(self._source_profile)
        source = session.get_credentials()
        if source is None:
            raise NoCredentialsError()
        fetcher = AssumeRoleCredentialFetcher(
            session.create_client, source, self._role_arn, extra_args=dict(self._options)
        )
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")


def organization_roles(role_name: str, source_profile: str | None) -> tuple[bool, list[str]]:
    """The ARNs of the role of this name (with its path, if it has one) in every active account of the organization but
    the one that asks; and whether that one belongs to the organization, to be walked as it is.

    Asks Organizations and STS. Raises NoCredentialsError, NoRegionError, and botocore's errors where one of them says
    no: an account that may not list its organization's accounts, for one.
    """
    with our_errors():
        session = _source(source_profile)
        if session.get_credentials() is None:
            raise NoCredentialsError()
        # Methods are made from the model at run time: no checker knows them.
        sts: Any = session.create_client("sts")
        caller = sts.get_caller_identity()
        pages = session.create_client("organizations").get_paginator("list_accounts").paginate()
        accounts = [account["Id"] for page in pages for account in page["Accounts"] if account["Status"] == "ACTIVE"]
    partition, own = caller["Arn"].split(":")[1], caller["Account"]
    roles = [f"arn:{partition}:iam::{account}:role/{role_name}" for account in accounts if account != own]
    return own in accounts, roles


def _source(profile_name: str | None) -> Session:
    profile = Profile.read(profile_name, os.environ)
    region = profile.setting("AWS_DEFAULT_REGION", "region")
    return session_of(profile, region or _FALLBACK_REGION)
