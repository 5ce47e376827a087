"""The words beside a listing of many places."""

from __future__ import annotations

from skysail.cli.failures import Trouble
from skysail.cli.fleet_sources import Coming, Failure
from skysail.cli.fleet_summary import finished, missing, progress, reasons, summary
from skysail.cli.summary import Tally


def tally():
    tally = Tally()
    for _ in range(2):
        tally.add({"instances": [{}] * 602})
    return tally


def test_the_progress_tells_places_instances_pace_and_the_slowest():
    coming = Coming(57, 30, 1, "prod-eu/ap-southeast-3", 2.13)
    assert progress(tally(), coming, 0.5) == (
        "31/57 places  1,204 instances  4.0 pages/s  slowest: prod-eu/ap-southeast-3 (2.1 s)"
    )
    assert progress(tally(), Coming(57, 0), 0) == "0/57 places  1,204 instances"


def test_the_summary_tells_how_many_places():
    assert summary(tally(), Coming(57, 57), 4.21) == "1,204 instances in 57 places, 4.2 s"
    assert summary(tally(), Coming(1, 1), 4.21, ["AGE"]).endswith(
        "in 1 place, 4.2 s\n(1 column hidden: AGE; -o csv has all)"
    )


def test_what_is_missing_is_counted_in_words():
    assert missing(tally(), Coming(57, 55, 2), 4.21, 2) == (
        "1,204 instances in 55 of 57 places, 4.2 s. Two places are missing:"
    )
    assert missing(tally(), Coming(2, 1, 1), 4.21, 1).endswith("One place is missing:")
    assert missing(tally(), Coming(57, 37, 20), 4.21, 20).endswith("20 places are missing:")


def test_reasons_are_aligned_and_say_what_to_do():
    failures = [
        Failure("prod-eu", "eu-south-2", Trouble("not\nenabled", "enable it")),
        Failure("p", "us-east-1", Trouble("gone")),
    ]
    assert reasons(failures) == "  prod-eu  eu-south-2  not enabled — enable it\n  p        us-east-1   gone"


def test_many_regions_of_a_login_that_fail_alike_share_a_line():
    regions = ["eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"]
    failures = [Failure("dead", region, Trouble("no connection", "start it")) for region in regions]
    assert reasons([*failures, Failure("dead", "us-east-1", Trouble("gone"))]) == (
        "  dead  4 regions  no connection — start it\n  dead  us-east-1  gone"
    )


def test_a_finished_walk_names_its_file():
    assert finished(3, None) == "nothing is missing: all of 3 places had been walked"
