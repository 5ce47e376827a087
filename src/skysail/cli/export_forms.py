"""What an export is written as. Each form is a generator of text; `told` gets a line for the summary, and one for each
kind of thing that the form has no words for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from skysail.cli.explanations import told_with
from skysail.cli.export_sources import Place, Source
from skysail.cli.failures import wrong_usage
from skysail.cli.listings import JsonListing
from skysail.cli.outputs import TableOutput
from skysail.cli.summary import instances as instances_counted
from skysail.cli.summary import with_others
from skysail.seeds.survey import Document, Survey, account_of, pages, survey
from skysail.service.clock import written as time_written

Form = Callable[[Source, list[str]], Iterator[str]]


def as_seed(source: Source, told: list[str]) -> Iterator[str]:
    """A document an account, which is named where there are several."""
    from skysail.seeds.exporting import exported  # late: each form for itself
    from skysail.seeds.writing import written

    found = list(_surveyed(source))
    surveys = [each for _, each in found]
    several = len(source.accounts) > 1
    made = [
        exported([each for place, each in found if place.account == account], source.now, account if several else None)
        for account in source.accounts
    ]
    missing = [line for each in made for line in each.left_out]
    _summarize(surveys, missing, source, told)
    heading = "".join(f"# {line}\n" for line in _heading(surveys, missing, source))
    yield heading + written(each.seed for each in made)


def as_terraform(source: Source, told: list[str]) -> Iterator[str]:
    """Raises CommandError for a store with several accounts: a configuration is of one."""
    from skysail.seeds.terraform import configuration, left_out  # late, as above

    if len(source.accounts) > 1:
        named = ", ".join(filter(None, source.accounts))
        raise wrong_usage("Terraform's configuration is of one account", f"--account, one of {named}")
    surveys = [found for _, found in _surveyed(source)]
    missing = list(left_out(surveys))
    _summarize(surveys, missing, source, told)
    yield configuration(surveys, list(_heading(surveys, missing, source)))


def as_json(source: Source, told: list[str]) -> Iterator[str]:
    """The instances, as `aws lightsail get-instances` prints them, page by page."""
    listing, count = JsonListing("instances"), 0
    begun = listing.begin()
    for _, page in _instances(source):
        yield begun + listing.page(page)
        begun = ""
        count += len(page)
    yield begun + listing.end(None)
    told.append(f"{instances_counted(count)} from {source.description}")


FORMS: dict[str, Form] = {"seed": as_seed, "terraform": as_terraform, "json": as_json}


def table(source: Source, path: Path | None, told: list[str]) -> None:
    """The instances as a Parquet file. Raises CommandError without pyarrow, or for a terminal."""
    count = 0

    def labelled() -> Iterator[list[dict[str, Any]]]:
        nonlocal count
        for place, page in _instances(source):
            count += len(page)
            label = {"_region": place.region, "_profile": None}
            yield [{**each, "_account": place.account or account_of(each), **label} for each in page]

    TableOutput("parquet", path).take(labelled(), lambda _: None, lambda: None)
    told.append(f"{instances_counted(count)} from {source.description}")


def _surveyed(source: Source) -> Iterator[tuple[Place, Survey]]:
    """Where there is something."""
    for place in source.places:
        with told_with(place.name):
            found = survey(place.client, place.region)
        if not found.is_empty:
            yield place, found


def _instances(source: Source) -> Iterator[tuple[Place, list[Document]]]:
    for place in source.places:
        with told_with(place.name):
            for page in pages(place.client, "get_instances", "instances"):
                yield place, page


def _heading(surveys: list[Survey], missing: list[str], source: Source) -> Iterator[str]:
    accounts = sorted({account for found in surveys for account in found.accounts})
    whose = f"account {', '.join(accounts)}, " if accounts else ""
    yield f"{whose}{time_written(source.now)}, by skysail export"
    for line in missing:
        yield f"left out: {line}"


def _summarize(surveys: list[Survey], missing: list[str], source: Source, told: list[str]) -> None:
    instances = sum(len(found.instances) for found in surveys)
    resources = sum(found.count for found in surveys)
    told.append(f"{with_others(instances, resources)} from {source.description}")
    told += [f"left out: {line}" for line in missing]
