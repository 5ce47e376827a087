"""A listing, page by page, as a flow that does no input or output.

The flow asks for an answer (`Fetch`), is sent it, and gives the page made from it (`Page`); `pages.py` and
`async_pages.py` hold the loops that obey. MaxItems, StartingToken and the resume token mean what they mean
in botocore. Each page carries what botocore documents and leaves out: `NextToken`, there exactly when the
listing can go on behind the page, and good as the StartingToken that goes on right there.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from skysail.caller.expressions import put, reader
from skysail.caller.tokens import AMOUNT, StartingPoint, encode, encode_resume, parse
from skysail.errors import InvalidInputException, PagingError, ServiceError
from skysail.protocol.model import Paging


class Fetch(NamedTuple):
    """Asks for one call of the operation with these arguments. Answered with what the call returns."""

    arguments: dict[str, Any]


class Page(NamedTuple):
    """One page, ready for the caller: the answer itself, cut where need be, with its NextToken."""

    content: dict[str, Any]


Flow = Generator[Fetch | Page, Any, None]

_WHENCE = (
    "A page token comes from a page of the same operation, with the same arguments, account and region: its NextToken, "
    "to be given as StartingToken, or its nextPageToken, to be given as pageToken. Without one the listing begins anew."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A PaginationConfig, read. None means no limit, from the start, as many as the service likes."""

    max_items: int | None = None
    starting_token: str | None = None
    page_size: int | str | None = None


@dataclass(slots=True)
class Progress:
    """What is known of a listing besides its pages.

    `resume_token` is set when MaxItems ends the listing: inside a page before that page is given, at the
    end of a page when the next one is asked for. `non_aggregate_part` holds the members that a full result
    takes from the first page alone.
    """

    resume_token: str | None = None
    non_aggregate_part: dict[str, Any] = field(default_factory=dict)


def read_plan(rule: Paging, config: Any, page_size_type: type[int] | type[str] = int) -> Plan:
    """The plan in a PaginationConfig. Unknown keys mean nothing; the StartingToken is not looked at yet.

    Raises TypeError for what is no mapping, ValueError or TypeError for a MaxItems that is no number,
    PagingError for a PageSize where the operation has none.
    """
    if not isinstance(config, Mapping):
        raise TypeError(f"PaginationConfig must be a dict, not {type(config).__name__}")
    max_items = config.get("MaxItems")
    if max_items is not None:
        max_items = int(max_items)
    page_size = config.get("PageSize")
    if page_size is not None:
        if rule.limit_key is None:
            raise PagingError(
                message="PageSize parameter is not supported for the pagination interface for this operation."
            )
        page_size = page_size_type(page_size)
    return Plan(max_items, config.get("StartingToken"), page_size)


def pages(rule: Paging, plan: Plan, arguments: Mapping[str, Any], progress: Progress | None = None) -> Flow:
    """Ask for pages until the service names no next one or MaxItems is reached. A Page follows every Fetch.

    `arguments` are the operation's own and stay as they are; `progress` is written to. Raises ValueError or
    TypeError for a StartingToken that is none, before anything is asked for; PagingError when the same next
    token comes twice in a row. A ServiceError that is thrown in where an answer was asked for comes out again, with a
    note where the service refuses the token.
    """
    progress = progress or Progress()
    start = None if plan.starting_token is None else parse(plan.starting_token, rule.input_tokens)
    request = _first_request(rule, plan, arguments, start)
    position = _first_position(rule, request, start)
    skipped: Any = 0
    left = plan.max_items
    previous: dict[str, Any] | None = None

    answer = yield from _fetched(rule, request)
    if start is not None:
        _drop_delivered(rule, answer, start)
        skipped = start.amount
    progress.non_aggregate_part = _non_aggregate_part(rule, answer)

    while True:
        count = len(items_of(rule, answer))
        if left is not None and count > left:
            _keep(rule, answer, left)
            progress.resume_token = _token_inside(rule, position, skipped, left)
            yield Page(_with_next_token(answer, progress.resume_token))
            return

        following = _following(rule, answer)
        yield Page(_with_next_token(answer, _page_token(following)))
        if not following:
            return
        if left is not None:
            left -= count
            if left == 0:
                progress.resume_token = encode(following)
                return
        if following == previous:
            if rule.repeat_ends:
                return
            raise PagingError(message=f"The same next token was received twice: {following}")

        request = _moved(request, following)
        position = previous = following
        skipped = 0
        answer = yield from _fetched(rule, request)


def _fetched(rule: Paging, request: dict[str, Any]) -> Generator[Fetch, Any, dict[str, Any]]:
    try:
        answer: dict[str, Any] = yield Fetch(request)
    except ServiceError as error:
        if _refuses_token(rule, request, error):
            error.add_note(_WHENCE)
        raise
    return answer


def _refuses_token(rule: Paging, request: Mapping[str, Any], error: ServiceError) -> bool:
    said = error.message.lower().replace(" ", "")
    sent = [name for name in rule.input_tokens if name in request]
    return isinstance(error, InvalidInputException) and any(name.lower() in said for name in sent)


def items_of(rule: Paging, page: Any) -> Any:
    """What a page lists, by the rule's first result key; an empty list where it has no such member."""
    found = reader(rule.result_keys[0])(page)
    return [] if found is None else found


def _first_request(
    rule: Paging, plan: Plan, arguments: Mapping[str, Any], start: StartingPoint | None
) -> dict[str, Any]:
    request = dict(arguments) if start is None else _moved(arguments, start.values)
    if plan.page_size is not None and rule.limit_key is not None:
        request[rule.limit_key] = plan.page_size
    return request


def _first_position(rule: Paging, request: Mapping[str, Any], start: StartingPoint | None) -> dict[str, Any]:
    """The token values that lead to the first page: the starting token's, else those given by hand."""
    given = {} if start is None else start.values
    return given | {name: request.get(name) for name in rule.input_tokens if name not in given}


def _moved(request: Mapping[str, Any], position: Mapping[str, Any]) -> dict[str, Any]:
    """The request for the page at a position. The text "None" says, as None does, to send no token."""
    moved = dict(request)
    for name, token in position.items():
        if token is None or token == "None":
            moved.pop(name, None)
        else:
            moved[name] = token
    return moved


def _following(rule: Paging, answer: Any) -> dict[str, Any]:
    """The position of the next page; empty when this is the last one."""
    if rule.more_results is not None and not reader(rule.more_results)(answer):
        return {}
    pairs = zip(rule.input_tokens, rule.output_tokens, strict=False)
    following = {name: reader(source)(answer) or None for name, source in pairs}
    return following if any(following.values()) else {}


def _drop_delivered(rule: Paging, answer: dict[str, Any], start: StartingPoint) -> None:
    """Take from the first page what was delivered before: items, and the other result keys altogether.

    These went out whole with the page that was cut. A token without an amount leads to a page of which nothing
    went out, so there they stay.
    """
    primary, *others = rule.result_keys
    found = reader(primary)(answer)
    put(answer, primary, _after(found, start.amount) if isinstance(found, list | str) else None)
    if start.partial:
        for key in others:
            put(answer, key, _emptied(reader(key)(answer)))


def _after(found: list[Any] | str, amount: Any) -> list[Any] | str:
    try:
        return found[amount:]
    except TypeError:
        raise TypeError(f"Bad starting token: {AMOUNT} is {amount!r}, not a whole number") from None


def _emptied(found: Any) -> Any:
    """A delivered value, once more: numbers, which tell of the whole page, stay."""
    if isinstance(found, list):
        return []
    if isinstance(found, str):
        return ""
    return found if isinstance(found, int | float) else None


def _non_aggregate_part(rule: Paging, answer: Any) -> dict[str, Any]:
    part: dict[str, Any] = {}
    for key in rule.non_aggregate_keys:
        put(part, key, reader(key)(answer))
    return part


def _keep(rule: Paging, answer: dict[str, Any], amount: int) -> None:
    put(answer, rule.result_keys[0], items_of(rule, answer)[:amount])


def _token_inside(rule: Paging, position: dict[str, Any], skipped: Any, kept: int) -> str:
    """The token that leads back to this page and past what of it has been delivered."""
    if skipped is None:
        raise TypeError(f"Bad starting token: {AMOUNT} is null, and MaxItems ends inside that page")
    return encode_resume({**position, AMOUNT: kept + skipped}, rule.input_tokens)


def _page_token(following: dict[str, Any]) -> str | None:
    """The token that leads to the next page; None behind the last one.

    None too where its values cannot be written as text, such as the Decimals that boto3's resources make of
    DynamoDB's keys: a listing that nobody means to resume must not fail for that.
    """
    if not following:
        return None
    try:
        return encode(following)
    except TypeError:
        return None


def _with_next_token(page: dict[str, Any], token: str | None) -> dict[str, Any]:
    """The page with its NextToken behind the service's members, in place; without one where `token` is None.

    Some services call their own token NextToken. It gives way: it skips what was cut off a page, and not every
    such text can be told from an encoded token when it comes back as a StartingToken.
    """
    if token is None:
        page.pop("NextToken", None)
    elif "ResponseMetadata" in page:
        metadata = page.pop("ResponseMetadata")
        page["NextToken"] = token
        page["ResponseMetadata"] = metadata
    else:
        page["NextToken"] = token
    return page
