"""`skysail metrics --png`: a picture that another program can read, with what was measured in it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

charts = pytest.importorskip("skysail.cli.charts", reason="needs the extra skysail[png]")
from PIL import Image  # noqa: E402

from skysail.cli.measurements import Point, Series  # noqa: E402


@pytest.fixture
def web(bench):
    bench.instance("web", bundleId="small_3_0")
    bench.clock.advance(2 * 86_400)  # its start is a peak beside which the rest is flat
    return bench


def has_line(image):
    """Whether something strongly blue is in it; soft edges change the exact colour."""
    found = image.convert("RGB").getcolors(1 << 24)
    return sum(count for count, (red, green, blue) in found if red < 60 and green < 140 and blue > 180) > 100


def test_a_picture_has_a_chart_for_each_metric(cli, web, tmp_path):
    path = tmp_path / "web.png"
    told = cli("metrics", "web", "--metric", "CPUUtilization", "--metric", "NetworkIn", "--png", str(path), bench=web)
    assert told.status == 0
    assert told.err.startswith(f"{path}: 2 charts, 1000 by 444 pixels\n")
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (1000, 444))
        for above in (44, 244):  # each has its line
            assert has_line(image.crop((80, above + 34, 970, above + 168)))


def test_peaks_are_pale_above_the_values(tmp_path):
    start = datetime(2024, 1, 5, tzinfo=UTC)
    points = [Point(start + timedelta(minutes=5 * number), 1.0, 8.0) for number in range(13)]
    series = Series("flat", points, 600)
    charts.write_png(tmp_path / "a.png", "a", [series], start.timestamp(), start.timestamp() + 3600)
    with Image.open(tmp_path / "a.png") as image:
        upper, lower = image.crop((100, 88, 950, 150)), image.crop((100, 160, 950, 212))
    assert has_line(lower)
    assert not has_line(upper)
    found = upper.convert("RGB").getcolors(1 << 24)
    assert sum(count for count, (red, _, blue) in found if red < 200 and blue > 240) > 800  # the peaks, all along


def test_what_was_not_measured_is_said_in_the_picture(cli, bench, tmp_path):
    bench.instance("web")
    told = cli("metrics", "web", "--last", "5m", "--metric", "CPUUtilization", "--png", str(tmp_path / "a.png"),
               bench=bench)  # fmt: skip
    assert told.status == 0
    with Image.open(tmp_path / "a.png") as image:
        assert not has_line(image)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.3, 0.5), (1, 1), (1.01, 2), (64, 100), (100, 100), (2001, 5000), (7e9, 1e10)]
)
def test_an_axis_ends_at_a_round_number(most, top):
    assert charts.top_of(most) == pytest.approx(top)


@pytest.mark.parametrize(
    ("span_s", "told"),
    [
        (3600, ["00:00", "00:15", "00:30", "00:45", "01:00"]),
        (86_400, ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]),
        (3 * 86_400, ["00:00", "12:00", "00:00", "12:00", "00:00", "12:00", "00:00"]),
        (7 * 86_400, ["05 Jan", "06 Jan", "07 Jan", "08 Jan", "09 Jan", "10 Jan", "11 Jan", "12 Jan"]),
    ],
)
def test_an_axis_of_time_has_round_times(span_s, told):
    start = 1_704_412_800.0  # 2024-01-05
    assert [text for _, text in charts.ticks(start, start + span_s)] == told


@pytest.mark.parametrize(("value", "told"), [(0, "0"), (0.5, "0.5"), (1500, "1.5 k"), (2e7, "20 M"), (1e9, "1 G")])
def test_an_amount_is_short(value, told):
    assert charts.amount(value) == told


def test_without_pillow_it_says_what_to_install_before_it_asks(tmp_path):
    program = (
        "import sys; sys.modules['PIL'] = None;"
        "from skysail.cli.main import main; main(['metrics', 'web', '--png', 'a.png', '--endpoint', 'http://127.0.0.1:9'])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr == "error: --png needs Pillow — pip install 'skysail[png]'\n"
