"""Settings against botocore's own chain: same arguments, same environment, same files, same outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import UNSIGNED, configprovider, loaders
from botocore.config import Config
from botocore.session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skysail import errors
from skysail.caller.settings import default_retry_mode, resolve
from skysail.protocol.sigv4 import Key

KEYS = {"AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env-secret"}
PROCESS = """printf '{"Version": 1, "AccessKeyId": "AKPROC", "SecretAccessKey": "process-secret"}'"""


# Both sides, reduced to what can be compared ---------------------------------------------------------------


class Place:
    """A home with AWS's two files, and an environment that points at it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / ".aws").mkdir(parents=True)
        self._loader = loaders.create_loader()  # kept: it caches the service's model

    def write(self, name: str, text: str | None) -> None:
        path = self.home / ".aws" / name
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)

    @contextmanager
    def environment(self, variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
        environ |= variables
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(environ)
        try:
            yield environ
        finally:
            os.environ.clear()
            os.environ.update(before)

    def ours(self, environ: Mapping[str, str], config: dict[str, Any] | None, **arguments: Any) -> dict[str, Any]:
        made = resolve(config=None if config is None else Config(**config), environ=environ, **arguments)
        try:
            key: Key | None = made.credentials()
        except errors.NoCredentialsError:
            key = None
        return {
            "region": made.region,
            "endpoint_url": made.endpoint_url,
            "signing_region": made.signing_region,
            "key": key,
            "retries": (made.retry_mode, made.max_attempts),
            "timeouts": (made.connect_timeout_s, made.read_timeout_s),
            "pool": made.max_pool_connections,
            "verify": made.verify,
            "proxy": made.proxies.get(made.endpoint_url.partition(":")[0]),
            "client_cert": made.client_cert,
            "user_agent": (made.user_agent_extra, made.user_agent_appid),
            "tcp_keepalive": made.tcp_keepalive,
            "parameter_validation": made.parameter_validation,
        }

    def theirs(
        self, config: dict[str, Any] | None, profile_name: str | None = None, **arguments: Any
    ) -> dict[str, Any]:
        session = Session(profile=profile_name)
        session.register_component("data_loader", self._loader)
        client = session.create_client("lightsail", config=None if config is None else Config(**config), **arguments)
        credentials = client._request_signer._credentials
        frozen = None if credentials is None else credentials.get_frozen_credentials()
        worked_by, http = client.meta.config, client._endpoint.http_session
        mode = worked_by.retries["mode"]
        default_attempts = 5 if mode == "legacy" else 3
        return {
            "region": client.meta.region_name,
            "endpoint_url": client.meta.endpoint_url,
            "signing_region": client._request_signer.region_name,
            "key": None if frozen is None else Key(frozen.access_key, frozen.secret_key, frozen.token or None),
            "retries": (mode, worked_by.retries.get("total_max_attempts", default_attempts)),
            "timeouts": (worked_by.connect_timeout, worked_by.read_timeout),
            "pool": worked_by.max_pool_connections,
            "verify": http._verify,
            "proxy": http._proxy_config.proxy_url_for(client.meta.endpoint_url),
            "client_cert": worked_by.client_cert,
            "user_agent": (worked_by.user_agent_extra, worked_by.user_agent_appid),
            "tcp_keepalive": len(http._socket_options) > 1,
            "parameter_validation": type(client._serializer).__name__ == "ParamValidationDecorator",
        }

    def compare(
        self,
        *,
        environ: Mapping[str, str],
        files: Mapping[str, str],
        config: dict[str, Any] | None = None,
        **arguments: Any,
    ) -> None:
        for name in ("config", "credentials"):
            self.write(name, files.get(name))
        # Each side gets its own Config: botocore rewrites the retries in the one it is given.
        with self.environment(environ) as everything:
            theirs = outcome(lambda: self.theirs(deepcopy(config), **arguments))
            ours = outcome(lambda: self.ours(everything, deepcopy(config), **arguments))
            if isinstance(theirs, Exception) and not isinstance(ours, type(theirs)):
                # Two faults: botocore searches for credentials before it looks at the rest, we after.
                keys = {"aws_access_key_id": "AK", "aws_secret_access_key": "s"}
                theirs = outcome(lambda: self.theirs(deepcopy(config), **{**arguments, **keys}))
        if isinstance(theirs, Exception):
            assert isinstance(ours, type(theirs)), f"{theirs!r} became {ours!r}"
        else:
            assert ours == theirs


def outcome(attempt: Callable[[], dict[str, Any]]) -> dict[str, Any] | Exception:
    try:
        return attempt()
    except Exception as error:
        return error


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("settings") / "home")


# The comparison --------------------------------------------------------------------------------------------

REGION = {"region_name": "eu-west-1"}
ROWS: dict[str, dict[str, Any]] = {
    "nothing at all": {},
    "a region alone": {**REGION},
    "keys in the environment": {**REGION, "environ": KEYS},
    "a temporary key in the environment": {**REGION, "environ": {**KEYS, "AWS_SESSION_TOKEN": "t"}},
    "the older name of the token wins": {
        **REGION,
        "environ": {**KEYS, "AWS_SESSION_TOKEN": "new", "AWS_SECURITY_TOKEN": "old"},
    },
    "an id without its secret in the environment": {**REGION, "environ": {"AWS_ACCESS_KEY_ID": "AKENV"}},
    "a secret without its id in the environment": {**REGION, "environ": {"AWS_SECRET_ACCESS_KEY": "s"}},
    "an empty id is none": {**REGION, "environ": {**KEYS, "AWS_ACCESS_KEY_ID": ""}},
    "a key that expires": {**REGION, "environ": {**KEYS, "AWS_CREDENTIAL_EXPIRATION": "2999-01-01T00:00:00Z"}},
    "a key that has expired": {**REGION, "environ": {**KEYS, "AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z"}},
    "explicit keys": {**REGION, "aws_access_key_id": "AKARG", "aws_secret_access_key": "arg-secret"},
    "explicit keys above all others": {
        **REGION,
        "environ": KEYS,
        "aws_access_key_id": "AKARG",
        "aws_secret_access_key": "arg-secret",
        "aws_session_token": "token",
    },
    "an explicit id alone": {**REGION, "environ": KEYS, "aws_access_key_id": "AKARG"},
    "an explicit secret alone": {**REGION, "environ": KEYS, "aws_secret_access_key": "arg-secret"},
    "an explicit token alone counts for nothing": {**REGION, "environ": KEYS, "aws_session_token": "token"},
    "AWS_REGION is not read": {"environ": {**KEYS, "AWS_REGION": "eu-west-1"}},
    "the environment's region above the profile's": {
        "environ": {**KEYS, "AWS_DEFAULT_REGION": "eu-west-2"},
        "files": {"config": "[default]\nregion = eu-west-3\n"},
    },
    "a Config's region above the environment's": {
        "environ": {**KEYS, "AWS_DEFAULT_REGION": "eu-west-2"},
        "config": {"region_name": "eu-west-3"},
    },
    "an empty region": {"environ": {**KEYS, "AWS_DEFAULT_REGION": ""}},
    "a region of digits": {"environ": KEYS, "region_name": "123"},
    "a region with a space": {"environ": KEYS, "region_name": "eu west 1"},
    "a region that ends a line": {"environ": KEYS, "region_name": "eu-west-1\n"},
    "a region that begins with a dash": {"environ": KEYS, "region_name": "-eu-west-1"},
    "a region nobody knows": {"environ": KEYS, "region_name": "eu-west-77"},
    "a region of no partition": {"environ": KEYS, "region_name": "banana"},
    "a region in capitals": {"environ": KEYS, "region_name": "EU-WEST-1"},
    "a FIPS pseudo-region": {"environ": KEYS, "region_name": "fips-us-east-1"},
    "a FIPS pseudo-region and an endpoint": {
        "environ": KEYS,
        "region_name": "us-east-1-fips",
        "endpoint_url": "https://example.com",
    },
    "FIPS": {**REGION, "environ": {**KEYS, "AWS_USE_FIPS_ENDPOINT": "true"}},
    "FIPS switched off by the Config": {
        **REGION,
        "environ": {**KEYS, "AWS_USE_FIPS_ENDPOINT": "true"},
        "config": {"use_fips_endpoint": False},
    },
    "FIPS and an endpoint": {
        **REGION,
        "environ": {**KEYS, "AWS_USE_FIPS_ENDPOINT": "true"},
        "endpoint_url": "https://example.com",
    },
    "dual stack by profile": {
        **REGION,
        "environ": KEYS,
        "files": {"config": "[default]\nuse_dualstack_endpoint = True\n"},
    },
    "dual stack and FIPS in China": {
        "region_name": "cn-north-1",
        "environ": KEYS,
        "config": {"use_dualstack_endpoint": True, "use_fips_endpoint": True},
    },
    "without TLS": {**REGION, "environ": KEYS, "use_ssl": False},
    "without TLS in China": {"region_name": "cn-north-1", "environ": KEYS, "use_ssl": False},
    "a services section": {
        **REGION,
        "environ": KEYS,
        "files": {
            "config": "[default]\nservices = mine\nendpoint_url = https://all.example\n"
            "[services mine]\nlightsail =\n  endpoint_url = https://one.example/path\n"
        },
    },
    "a services section about something else": {
        **REGION,
        "environ": KEYS,
        "files": {
            "config": "[default]\nservices = mine\nendpoint_url = https://all.example\n"
            "[services mine]\ns3 =\n  endpoint_url = https://one.example/path\n"
        },
    },
    "a services section that is missing": {
        **REGION,
        "environ": KEYS,
        "files": {"config": "[default]\nservices = mine\n"},
    },
    "a services section that is missing and not needed": {
        **REGION,
        "environ": {**KEYS, "AWS_ENDPOINT_URL": "https://env.example"},
        "files": {"config": "[default]\nservices = mine\n"},
    },
    "the endpoint for Lightsail before the one for all": {
        **REGION,
        "environ": {
            **KEYS,
            "AWS_ENDPOINT_URL": "https://all.example",
            "AWS_ENDPOINT_URL_LIGHTSAIL": "https://one.example",
        },
    },
    "configured endpoints ignored by profile": {
        **REGION,
        "environ": {**KEYS, "AWS_ENDPOINT_URL_LIGHTSAIL": "https://env.example"},
        "files": {"config": "[default]\nignore_configured_endpoint_urls = true\n"},
    },
    "configured endpoints heeded by Config": {
        **REGION,
        "environ": {
            **KEYS,
            "AWS_ENDPOINT_URL": "https://env.example",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        },
        "config": {"ignore_configured_endpoint_urls": False},
    },
    "an explicit endpoint is never ignored": {
        **REGION,
        "environ": {**KEYS, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        "endpoint_url": "https://arg.example:8443/x/",
    },
    "an endpoint without a region": {"environ": KEYS, "endpoint_url": "https://example.com"},
    "an empty endpoint": {**REGION, "environ": KEYS, "endpoint_url": ""},
    "an endpoint without a scheme": {**REGION, "environ": KEYS, "endpoint_url": "localhost:4571"},
    "an endpoint without a host": {**REGION, "environ": KEYS, "endpoint_url": "https:///x"},
    "an endpoint with a line break": {**REGION, "environ": KEYS, "endpoint_url": "https://example.com\n"},
    "an endpoint with an underscore": {**REGION, "environ": KEYS, "endpoint_url": "http://my_host:80"},
    "an endpoint with half a bracket": {**REGION, "environ": KEYS, "endpoint_url": "http://[::2"},
    "an IPv6 endpoint": {**REGION, "environ": KEYS, "endpoint_url": "http://[2001:db8::1]:80/"},
    "a profile from the environment": {
        **REGION,
        "environ": {"AWS_PROFILE": "a"},
        "files": {"credentials": "[a]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"},
    },
    "the older name of the profile's variable wins": {
        **REGION,
        "environ": {"AWS_PROFILE": "ghost", "AWS_DEFAULT_PROFILE": "a"},
        "files": {"config": "[profile a]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"},
    },
    "an empty profile": {**REGION, "environ": {**KEYS, "AWS_PROFILE": ""}},
    "a profile that does not exist": {**REGION, "environ": KEYS, "profile_name": "ghost"},
    "the default profile by name has to exist": {**REGION, "environ": KEYS, "profile_name": "default"},
    "a chosen profile outranks the environment": {
        **REGION,
        "environ": KEYS,
        "profile_name": "a",
        "files": {"credentials": "[a]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"},
    },
    "a chosen profile without keys": {
        **REGION,
        "environ": KEYS,
        "profile_name": "a",
        "files": {"config": "[profile a]\n"},
    },
    "files elsewhere": {
        **REGION,
        "environ": {"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/config", "AWS_CONFIG_FILE": "$HOME/.aws/credentials"},
        "files": {
            "config": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n",
            "credentials": "[default]\nmax_attempts = 9\n",
        },
    },
    "a file that cannot be parsed": {**REGION, "environ": KEYS, "files": {"config": "region = eu-west-1\n"}},
    "an id without its secret in the credentials file": {
        **REGION,
        "files": {"credentials": "[default]\naws_access_key_id = AKA\n"},
    },
    "an id without its secret in the config file": {
        **REGION,
        "files": {"config": "[default]\naws_access_key_id = AKA\n"},
    },
    "a process before the config file": {
        **REGION,
        "files": {
            "config": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"
            f"credential_process = {PROCESS}\n"
        },
    },
    "the credentials file before a process": {
        **REGION,
        "files": {
            "config": f"[default]\ncredential_process = {PROCESS}\n",
            "credentials": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n",
        },
    },
    "a role without a source": {
        **REGION,
        "files": {
            "config": "[default]\nrole_arn = arn:aws:iam::1:role/r\n",
            "credentials": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n",
        },
    },
    "a role whose source is missing": {
        **REGION,
        "files": {"config": "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = ghost\n"},
    },
    "half of an SSO": {
        **REGION,
        "files": {
            "config": "[default]\nsso_start_url = https://x.example\n",
            "credentials": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n",
        },
    },
    "a web identity without a role": {
        **REGION,
        "environ": {"AWS_WEB_IDENTITY_TOKEN_FILE": "/absent"},
        "files": {"credentials": "[default]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"},
    },
    "EC2's old credentials file, absent": {**REGION, "environ": {"AWS_CREDENTIAL_FILE": "/absent"}},
    "boto's old file": {**REGION, "environ": {"BOTO_CONFIG": "~/.aws/config"}, "files": {
        "config": "[Credentials]\naws_access_key_id = AKA\naws_secret_access_key = a-secret\n"}},
    "retries counted after the first": {**REGION, "environ": KEYS, "config": {"retries": {"max_attempts": 0}}},
    "retries counted with the first": {
        **REGION,
        "environ": {**KEYS, "AWS_RETRY_MODE": "legacy"},
        "config": {"retries": {"total_max_attempts": 7}},
    },
    "both counts": {
        **REGION,
        "environ": KEYS,
        "config": {"retries": {"max_attempts": 2, "total_max_attempts": 7, "mode": "adaptive"}},
    },
    "retries by environment": {**REGION, "environ": {**KEYS, "AWS_MAX_ATTEMPTS": "8", "AWS_RETRY_MODE": "legacy"}},
    "legacy has its own default": {**REGION, "environ": {**KEYS, "AWS_RETRY_MODE": "legacy"}},
    "no attempt": {**REGION, "environ": {**KEYS, "AWS_MAX_ATTEMPTS": "0"}},
    "attempts in words": {**REGION, "environ": {**KEYS, "AWS_MAX_ATTEMPTS": "three"}},
    "no attempt in a mode nobody knows": {
        **REGION,
        "environ": {**KEYS, "AWS_MAX_ATTEMPTS": "0", "AWS_RETRY_MODE": "stubborn"},
    },
    "an empty number of attempts": {**REGION, "environ": {**KEYS, "AWS_MAX_ATTEMPTS": ""}},
    "a retry mode nobody knows": {**REGION, "environ": {**KEYS, "AWS_RETRY_MODE": "stubborn"}},
    "an empty CA bundle": {**REGION, "environ": {**KEYS, "AWS_CA_BUNDLE": " "}},
    "a CA bundle by profile": {
        **REGION,
        "environ": {**KEYS, "REQUESTS_CA_BUNDLE": "/r.pem"},
        "files": {"config": "[default]\nca_bundle = /p.pem\n"},
    },
    "requests' CA bundle": {**REGION, "environ": {**KEYS, "REQUESTS_CA_BUNDLE": "/r.pem"}},
    "no verification": {**REGION, "environ": {**KEYS, "AWS_CA_BUNDLE": "/e.pem"}, "verify": False},
    "smart defaults by environment": {**REGION, "environ": {**KEYS, "AWS_DEFAULTS_MODE": "in-region"}},
    "smart defaults by profile": {
        **REGION,
        "environ": {**KEYS, "AWS_MAX_ATTEMPTS": "4"},
        "files": {"config": "[default]\ndefaults_mode = mobile\n"},
    },
    "smart defaults by Config": {**REGION, "environ": KEYS, "config": {"defaults_mode": "Standard"}},
    "smart defaults and a timeout": {
        **REGION,
        "environ": KEYS,
        "config": {"defaults_mode": "standard", "connect_timeout": 9},
    },
    "smart defaults and an endpoint": {
        **REGION,
        "environ": {**KEYS, "AWS_DEFAULTS_MODE": "standard"},
        "endpoint_url": "https://example.com/x",
    },
    "smart defaults and bad attempts": {
        **REGION,
        "environ": {**KEYS, "AWS_DEFAULTS_MODE": "standard", "AWS_MAX_ATTEMPTS": "x"},
    },
    "a defaults mode nobody knows": {**REGION, "environ": {**KEYS, "AWS_DEFAULTS_MODE": "dumb"}},
    "a client's certificate and names": {
        **REGION,
        "environ": {**KEYS, "AWS_SDK_UA_APP_ID": "env"},
        "config": {"client_cert": ("/c", "/k"), "user_agent_extra": "x/1", "user_agent_appid": "cfg"},
    },
    "an application's name by profile": {
        **REGION,
        "environ": KEYS,
        "files": {"config": "[default]\nsdk_ua_app_id = mine\n"},
    },
    "keep-alive and no validation": {
        **REGION,
        "environ": {**KEYS, "BOTOCORE_TCP_KEEPALIVE": "TRUE"},
        "config": {"parameter_validation": False},
    },
    "no validation by profile": {
        **REGION,
        "environ": KEYS,
        "config": {"tcp_keepalive": False},
        "files": {"config": "[default]\nparameter_validation = false\ntcp_keepalive = true\n"},
    },
    "a Config's proxies": {
        **REGION,
        "environ": {**KEYS, "HTTPS_PROXY": "http://env:1"},
        "config": {"proxies": {"https": "cfg:2", "http": "http://other:3"}},
    },
    "a Config without proxies": {
        **REGION,
        "environ": {**KEYS, "HTTPS_PROXY": "http://env:1"},
        "config": {"proxies": {}},
    },
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_every_row_comes_out_as_in_botocore(place: Place, row: str) -> None:
    place.compare(**{"environ": {}, "files": {}, **ROWS[row]})


def test_every_region_of_every_partition_has_botocores_endpoint(place: Place) -> None:
    partitions = loaders.create_loader().load_data("partitions")["partitions"]
    regions = [region for partition in partitions for region in partition["regions"]]
    assert len(regions) > 30
    for region in regions:
        place.compare(environ=KEYS, files={}, region_name=region)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    """Absent as often as not."""
    return st.none() | st.sampled_from(values)


def rarely(*values: Any) -> st.SearchStrategy[Any]:
    """Absent nine times in ten: for faults, of which the first hides all the others."""
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(values) if n == 9 else st.none())


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping of the members that are present."""
    return st.fixed_dictionaries(members).map(
        lambda drawn: {name: value for name, value in drawn.items() if value is not None}
    )


def keyed(key: dict[str, str], rest: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """The rest, with the whole of a key, none of it, or rarely some of it."""
    part = rarely(*({name: value} for name, value in key.items()))
    return st.builds(lambda whole, part, rest: rest | (part or (key if whole else {})), st.booleans(), part, rest)


def section(title: str) -> st.SearchStrategy[str]:
    names = keyed(
        {"aws_access_key_id": "AKFILE", "aws_secret_access_key": "file-secret"},
        some(
            aws_session_token=maybe("file-token"),
            aws_security_token=maybe("older-token"),
            region=st.sampled_from(["eu-central-1", "us-west-2"]) | rarely("bad region"),
            endpoint_url=maybe("https://profile.example"),
            services=rarely("mine", "ghost"),
            ignore_configured_endpoint_urls=maybe("true", "no"),
            retry_mode=rarely("legacy", "standard", "adaptive", "bad"),
            max_attempts=rarely("1", "6", "0", "x"),
            ca_bundle=maybe("/profile.pem"),
            role_arn=rarely("arn:aws:iam::1:role/r"),
            sdk_ua_app_id=maybe("profile-app"),
            tcp_keepalive=maybe("true"),
        ),
    )
    return names.map(lambda drawn: "\n".join([f"[{title}]", *(f"{k} = {v}" for k, v in drawn.items()), ""]))


SERVICES = "[services mine]\nlightsail =\n  endpoint_url = https://section.example\n"
FILES = some(
    config=rarely("") | st.tuples(section("default"), section("profile a"), st.just(SERVICES)).map("".join),
    credentials=st.none() | st.tuples(section("default"), section("a")).map("".join),
)
ENVIRONMENTS = keyed(
    {"AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env-secret"},
    some(
        AWS_SESSION_TOKEN=maybe("env-token"),
        AWS_DEFAULT_REGION=maybe("ap-south-1", "eu-west-77"),
        AWS_PROFILE=rarely("a", "default"),
        AWS_ENDPOINT_URL=maybe("https://environment.example", ""),
        AWS_ENDPOINT_URL_LIGHTSAIL=rarely("https://lightsail.example"),
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=maybe("TRUE", "false"),
        AWS_RETRY_MODE=maybe("legacy", "adaptive"),
        AWS_MAX_ATTEMPTS=maybe("2", "11"),
        AWS_CA_BUNDLE=maybe("/environment.pem"),
        REQUESTS_CA_BUNDLE=maybe("/requests.pem"),
        HTTPS_PROXY=maybe("http://upper:1"),
        https_proxy=maybe("lower:2", ""),
        NO_PROXY=maybe("*", ".amazonaws.com", "example", "profile.example:443"),
    ),
)
CONFIGS = st.none() | some(
    region_name=rarely("ca-central-1"),
    retries=st.none()
    | some(
        mode=maybe("legacy", "standard", "adaptive"),
        max_attempts=maybe(0, 4),
        total_max_attempts=maybe(1, 9),
    ),
    connect_timeout=maybe(1, 2.5),
    read_timeout=maybe(3),
    max_pool_connections=maybe(50),
    proxies=maybe({"https": "https://config:3"}, {}),
    ignore_configured_endpoint_urls=maybe(True, False),
)
ARGUMENTS = st.just({}) | keyed(
    {"aws_access_key_id": "AKARG", "aws_secret_access_key": "argument-secret"},
    some(
        region_name=maybe("sa-east-1", "eu-west-1"),
        profile_name=maybe("a", "default"),
        endpoint_url=rarely("http://argument.example:8080/x"),
        aws_session_token=maybe("argument-token"),
        verify=rarely(True, False, "/argument.pem"),
        use_ssl=maybe(True, False),
    ),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(environ=ENVIRONMENTS, files=FILES, config=CONFIGS, arguments=ARGUMENTS)
def test_any_surroundings_come_out_as_in_botocore(
    place: Place,
    environ: dict[str, str],
    files: dict[str, str],
    config: dict[str, Any] | None,
    arguments: dict[str, Any],
) -> None:
    place.compare(environ=environ, files=files, config=config, **arguments)


def test_the_default_retry_mode_is_the_installed_botocores() -> None:
    theirs = configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES["retry_mode"][2]
    assert default_retry_mode(botocore.__version__) == theirs
    assert default_retry_mode("1.43.127") == "legacy"  # read in that version
    assert default_retry_mode("1.44.0") == "standard"  # and in this


# What botocore does not have -------------------------------------------------------------------------------

NOWHERE = {"HOME": "/nonexistent"}


@pytest.mark.parametrize("endpoint", ["local:", "local:/fleets/x.db", "demo", "http://localhost:1", "http://[::1]:1"])
def test_an_endpoint_on_this_machine_needs_neither_region_nor_credentials(endpoint: str) -> None:
    made = resolve(endpoint_url=endpoint, environ=NOWHERE)
    assert (made.region, made.signing_region) == ("us-east-1", "us-east-1")
    assert made.credentials() == Key("local", "local")


def test_what_is_configured_counts_on_this_machine_too() -> None:
    made = resolve(endpoint_url="local:", environ={**NOWHERE, **KEYS, "AWS_DEFAULT_REGION": "eu-west-2"})
    assert made.region == "eu-west-2"
    assert made.credentials() == Key("AKENV", "env-secret")


def test_a_service_in_process_is_reached_through_no_proxy_and_never_by_fips() -> None:
    environ = {**NOWHERE, "HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://p:1", "AWS_USE_FIPS_ENDPOINT": "true"}
    made = resolve(endpoint_url="local:", environ={**environ, "AWS_DEFAULTS_MODE": "standard"})
    assert (made.endpoint_url, made.proxies) == ("local:", {})


def test_without_region_and_endpoint_the_region_is_asked_for() -> None:
    with pytest.raises(errors.NoRegionError):
        resolve(environ={**NOWHERE, **KEYS})


def test_a_client_without_credentials_fails_at_its_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    made = resolve(region_name="eu-west-1", environ=NOWHERE)
    for _ in range(2):
        with pytest.raises(errors.NoCredentialsError, match="Unable to locate credentials"):
            made.credentials()


def test_wishes_from_a_given_environment_reach_botocores_chain() -> None:
    wishes = {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}
    made = resolve(region_name="eu-west-1", environ={**NOWHERE, **KEYS, **wishes})
    assert made.endpoint_url == "https://lightsail-fips.eu-west-1.api.aws"


def test_no_timeout_is_a_very_long_one() -> None:
    config = Config(connect_timeout=None, read_timeout=None)
    made = resolve(region_name="eu-west-1", config=config, environ={**NOWHERE, **KEYS})
    assert made.connect_timeout_s == made.read_timeout_s > 1_000_000


@pytest.mark.parametrize("version", [UNSIGNED, "v2", "bearer"])
def test_another_signature_than_lightsails_is_refused(version: Any) -> None:
    with pytest.raises(errors.UnsupportedError, match="signature_version"):
        resolve(region_name="eu-west-1", config=Config(signature_version=version), environ={**NOWHERE, **KEYS})


def test_a_config_is_left_as_it_was() -> None:
    config = Config(retries={"max_attempts": 2})
    resolve(region_name="eu-west-1", config=config, environ={**NOWHERE, **KEYS})
    assert config.retries == {"max_attempts": 2}


def test_no_repr_shows_a_secret() -> None:
    environ = {**NOWHERE, **KEYS, "AWS_SESSION_TOKEN": "env-token", "HTTPS_PROXY": "http://u:proxy-secret@p:1"}
    made = resolve(region_name="eu-west-1", environ=environ)
    assert made.proxies["https"] == "http://u:proxy-secret@p:1"
    shown = repr(made) + repr(made.credentials)
    assert not [secret for secret in ("env-secret", "env-token", "proxy-secret") if secret in shown]


# What it costs ---------------------------------------------------------------------------------------------

QUICK = {
    "explicit keys": ({}, {"aws_access_key_id": "AK", "aws_secret_access_key": "s"}),
    "keys in the environment": (KEYS, {}),
    "a static profile": ({"AWS_PROFILE": "a"}, {}),
    "in process": ({"AWS_ACCESS_KEY_ID": ""}, {"endpoint_url": "local:"}),
}


@pytest.mark.parametrize("row", QUICK)
def test_a_quick_source_imports_neither_a_session_nor_anything_else_that_is_slow(tmp_path: Path, row: str) -> None:
    variables, arguments = QUICK[row]
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[a]\naws_access_key_id = AK\naws_secret_access_key = s\n")
    program = (
        "import json, sys\n"
        "from skysail.caller.settings import resolve\n"
        "before = set(sys.modules)\n"
        "resolve(region_name='eu-west-1', **json.loads(sys.argv[1])).credentials()\n"
        "print(json.dumps([sorted(sys.modules), sorted(set(sys.modules) - before)]))\n"
    )
    environ = {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path), "AWS_EC2_METADATA_DISABLED": "true"}
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(arguments)],
        env={**environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, added = json.loads(ended.stdout)
    assert added == []
    slow = {"botocore.session", "botocore.config", "botocore.utils", "urllib.request", "urllib3", "http.client"}
    assert slow.isdisjoint(loaded)


def test_a_quick_source_takes_less_than_a_millisecond() -> None:
    def once() -> float:
        start = time.perf_counter()
        resolve(region_name="eu-west-1", environ={**NOWHERE, **KEYS}).credentials()
        return time.perf_counter() - start

    assert min(once() for _ in range(20)) < 0.001
