"""Every error skysail raises.

SkysailError               those with a counterpart in botocore are subclasses of that too, named behind them
├── UsageError               the call is wrong; fix the code
│   ├── ParameterError         ParamValidationError
│   ├── UnknownServiceError    UnknownServiceError
│   ├── NotPageableError       OperationNotPageableError
│   ├── UnsupportedError       skysail does not have it; the text says what to use instead
│   │   └── NotLocalError        a local service's clock, faults or calls were asked of AWS
│   └── OutsideMockError       a call that would leave a mock; the text says how to let it out
├── ConfigurationError       credentials, region, profile or endpoint; fix the environment
│   ├── NoRegionError          NoRegionError
│   ├── NoCredentialsError     NoCredentialsError
│   ├── PartialCredentialsError  PartialCredentialsError
│   ├── ProfileNotFoundError   ProfileNotFound
│   ├── BadEndpointError       ValueError
│   ├── InvalidRegionError     InvalidRegionError
│   ├── SettingError           InvalidConfigError, ValueError
│   ├── RetryModeError         InvalidRetryModeError
│   ├── MaxAttemptsError       InvalidMaxRetryAttemptsError
│   ├── CheckpointError        a walk's file is another walk's, in use, or no such file
│   ├── SeedError              a seed's file cannot be read, or what it asks for is refused; the text has the lines
│   └── ListenError            the address to serve on cannot be had
├── TransportError           nothing came back, or not all of it; try later, or look at the endpoint
│   ├── ConnectError           EndpointConnectionError
│   ├── ConnectTimeoutError    ConnectTimeoutError
│   ├── ReadTimeoutError       ReadTimeoutError
│   ├── ConnectionLostError    ConnectionClosedError
│   ├── TLSError               SSLError
│   ├── ProxyError             ProxyConnectionError
│   └── TransferError          HTTPClientError, for whatever else went wrong on the way
├── AnswerError              something came back that breaks the protocol; BotoCoreError
├── PagingError              a listing that goes in circles, or PageSize; PaginationError
├── StoreError               the embedded service could not read or write its store
│   ├── DamagedStoreError      what is in it cannot be read any more; `skysail check` says more
│   ├── NotAStoreError         the file is something else
│   └── StoreVersionError      the file was written by a newer skysail
├── UnreadPagesError         code under test left pages unread; AssertionError
├── WorkersError             the processes of a server end by themselves
└── ServiceError             the service said no; ClientError
    ├── NotFoundException, InvalidInputException, OperationFailureException, AccessDeniedException,
    ├── UnauthenticatedException, AccountSetupInProgressException, RegionSetupInProgressException,
    └── ServiceException     the model's general fault (the only one marked as the service's)

botocore's classes take their texts from keyword arguments; so do ours where they have two parents. Secrets
never stand in a message.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from botocore import exceptions as botocore


class SkysailError(Exception):
    """The root of the tree."""


class UsageError(SkysailError):
    """The call is wrong: fix the code."""


class ParameterError(UsageError, botocore.ParamValidationError):
    """An argument does not fit the operation's input; the text is botocore's report, a line a fault."""


class UnknownServiceError(UsageError, botocore.UnknownServiceError):
    """A service other than Lightsail was asked for."""


class NotPageableError(UsageError, botocore.OperationNotPageableError):
    """A paginator was asked for an operation that has no page token."""


class UnsupportedError(UsageError):
    """skysail does not have this; the message names it and says what to do instead."""


class OutsideMockError(UsageError):
    """A call that would have left the process while a mock is open. No subclass of botocore's errors, so that code
    under test does not take it for an answer of AWS's."""


class NotLocalError(UnsupportedError):
    """What only a local Lightsail has, its clock say, was asked of AWS's."""


class UnreadPagesError(SkysailError, AssertionError):
    """Code under test left next pages unread; the message tells its lines."""


class ConfigurationError(SkysailError):
    """Credentials, region, profile or endpoint are missing or wrong: fix the environment."""


class SeedError(ConfigurationError):
    """A seed cannot be read, or asks for what the service refuses; a line of text for each fault, with its place."""


class NoRegionError(ConfigurationError, botocore.NoRegionError):
    """No region was given by argument, environment or profile."""


class NoCredentialsError(ConfigurationError, botocore.NoCredentialsError):
    """No source of credentials had any."""


class PartialCredentialsError(ConfigurationError, botocore.PartialCredentialsError):
    """A key without its secret, or the other way round."""


class ProfileNotFoundError(ConfigurationError, botocore.ProfileNotFound):
    """The named profile stands in no configuration file."""


class BadEndpointError(ConfigurationError, ValueError):
    """The endpoint is neither http(s)://… nor local:… ."""


class InvalidRegionError(ConfigurationError, botocore.InvalidRegionError):
    """The region's name could not be part of a host name. Keyword argument: region_name."""


class SettingError(ConfigurationError, botocore.InvalidConfigError, ValueError):
    """A setting in the environment or in a profile cannot be used. Keyword argument: error_msg."""


class RetryModeError(ConfigurationError, botocore.InvalidRetryModeError):
    """There is no such retry mode. Keyword arguments: provided_retry_mode, valid_modes."""


class MaxAttemptsError(ConfigurationError, botocore.InvalidMaxRetryAttemptsError):
    """Fewer tries than one. Keyword arguments: provided_max_attempts, min_value."""


class CheckpointError(ConfigurationError):
    """The file that a walk keeps its place in is in use, another walk's, damaged, or cannot be written."""


class ListenError(ConfigurationError):
    """The address to serve on cannot be had."""


class WorkersError(SkysailError):
    """The processes that were to answer end by themselves."""


class TransportError(SkysailError):
    """Nothing came back, or not all of it. Those below take botocore's keywords: endpoint_url, error."""

    sent: ClassVar[bool] = True
    """Whether the service may have acted on the request."""


class ConnectError(TransportError, botocore.EndpointConnectionError):
    """No connection could be made."""

    sent = False


class ConnectTimeoutError(TransportError, botocore.ConnectTimeoutError):
    """No connection within the connect timeout."""

    sent = False


class ReadTimeoutError(TransportError, botocore.ReadTimeoutError):
    """Connected, but no answer within the read timeout."""


class ConnectionLostError(TransportError, botocore.ConnectionClosedError):
    """The connection ended before the whole answer had come."""


class TLSError(TransportError, botocore.SSLError):
    """The TLS handshake or the certificate failed."""

    sent = False


class ProxyError(TransportError, botocore.ProxyConnectionError):
    """The proxy could not be reached. Keyword arguments: proxy_url, error."""

    sent = False


class TransferError(TransportError, botocore.HTTPClientError):
    """Something else went wrong on the way. Keyword argument: error."""


class AnswerError(SkysailError, botocore.BotoCoreError):
    """Something came back that breaks the protocol. Keyword argument: error."""

    fmt = "Unable to parse response: {error}"


class PagingError(SkysailError, botocore.PaginationError):
    """A listing that cannot go on. Keyword argument: message."""


class StoreError(SkysailError):
    """The embedded service could not read or write its store."""


class DamagedStoreError(StoreError):
    """Something in the store cannot be read any more."""


class NotAStoreError(StoreError):
    """The file exists and is not a skysail store."""


class StoreVersionError(StoreError):
    """The store was written by a newer skysail than this one."""


class ServiceError(SkysailError, botocore.ClientError):
    """The service said no. `response` is the parsed error answer, as botocore has it.

    Lightsail's own members stand in it beside `Error`: `code` (a word such as NameExists), `message`,
    `docs`, `tip` (source: model; the service leaves out what it has no value for).
    """

    response: Any  # a dict with members of its own beside those that botocore's types know
    status_code: ClassVar[int] = 400

    def __init__(self, error_response: Any, operation_name: str) -> None:
        super().__init__(error_response, operation_name)

    @classmethod
    def because(
        cls,
        message: str,
        code: str | None = None,
        *,
        kind: str | None = None,
        status: int | None = None,
        tip: str | None = None,
    ) -> Self:
        """A refusal as the service makes it: the answering side raises this.

        `kind` is the name on the wire (`__type`) where it is not the class's own.
        """
        members = {"code": code, "message": message, "tip": tip}
        return cls(
            {
                "Error": {"Code": kind or cls.__name__, "Message": message},
                "ResponseMetadata": {"HTTPStatusCode": status or cls.status_code},
                **{name: value for name, value in members.items() if value is not None},
            },
            "",
        )

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Any], str]]:
        return type(self), (self.response, self.operation_name)

    @property
    def kind(self) -> str:
        """The exception's name on the wire, such as NotFoundException."""
        return str(self.response.get("Error", {}).get("Code", "Unknown"))

    @property
    def code(self) -> str | None:
        """Lightsail's own word for the fault (NameExists, InvalidParams, …), or None."""
        return _text(self.response.get("code"))

    @property
    def message(self) -> str:
        """The service's own words."""
        return str(self.response.get("Error", {}).get("Message", ""))

    @property
    def tip(self) -> str | None:
        """What the service says can be done, where it says anything."""
        return _text(self.response.get("tip"))

    @property
    def request_id(self) -> str | None:
        """What AWS's support asks for."""
        return _text(self.response.get("ResponseMetadata", {}).get("RequestId"))

    @property
    def status(self) -> int | None:
        """The HTTP status."""
        status = self.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status if isinstance(status, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class NotFoundException(ServiceError):
    """A resource cannot be found."""


class InvalidInputException(ServiceError):
    """Input does not conform to the validation rules of a field, or the resource's state forbids the call."""


class OperationFailureException(ServiceError):
    """An operation failed to execute."""


class AccessDeniedException(ServiceError):
    """The caller may not do this."""


class UnauthenticatedException(ServiceError):
    """The caller has not been authenticated."""


class AccountSetupInProgressException(ServiceError):
    """The account is still being set up."""


class RegionSetupInProgressException(ServiceError):
    """The opt-in region is still being set up."""


class ServiceException(ServiceError):
    """A general fault of the service."""

    status_code = 500


SERVICE_ERRORS: dict[str, type[ServiceError]] = {
    error.__name__: error
    for error in (
        NotFoundException,
        InvalidInputException,
        OperationFailureException,
        AccessDeniedException,
        UnauthenticatedException,
        AccountSetupInProgressException,
        RegionSetupInProgressException,
        ServiceException,
    )
}
"""The exceptions of Lightsail's model by their names; a test holds them equal to the model's."""
