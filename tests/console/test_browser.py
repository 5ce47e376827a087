"""The console in a real browser: an instance's whole life, with scripts and without; what keeps nobody out; no request
to another host, and nothing in the browser's console.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import skysail
from running_server import RunningServer
from skysail.caller.handle import ServerHandle

pytestmark = pytest.mark.whole

KEY = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
LONG = "w" * 60 + "-" + "x" * 60
SEED = """
regions:
  us-east-1:
    instances:
      - {name: web, count: 9, bundle: small_3_0, blueprint: nginx, age: 300d..2d, tags: {role: web, env: prod}}
      - {name: LONG, bundle: nano_3_0, blueprint: debian_12, age: 500d, tags: {LONG: LONG}}
      - {name: db, bundle: large_3_0, blueprint: ubuntu_24_04, state: stopped, age: 400d}
      - name: shop
        bundle: medium_3_0
        blueprint: wordpress
        age: 90d
        static_ip: shop-ip
        automatic_snapshots: "06:00"
        disks: [{name: shop-data, gb: 64}]
  eu-central-1:
    disks: [{name: spare, gb: 8, age: 3d}]
    instances:
      - {name: mail, bundle: nano_3_0, blueprint: debian_12, age: 40d}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("console")
    (folder / "seed.yaml").write_text(SEED.replace("LONG", LONG))
    with RunningServer(folder, "--clock", "manual", "--seed", str(folder / "seed.yaml")) as server:
        yield server


@pytest.fixture(scope="module")
def handle(server: RunningServer) -> ServerHandle:
    return skysail.server_handle(server.url)


@contextmanager
def window(chromium: Any, server: RunningServer, **options: Any) -> Iterator[Any]:
    """A page of a browser that has seen nothing yet; at the end, it has asked nobody else and has no complaint."""
    context = chromium.new_context(base_url=f"{server.url}/console/", reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    hosts: set[str] = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    yield page
    context.close()
    assert hosts <= {urlsplit(server.url).netloc}
    assert said == []


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_instance_s_whole_life(
    chromium: Any, server: RunningServer, handle: ServerHandle, has_scripts: bool
) -> None:
    name = "new-1" if has_scripts else "new-2"
    with window(chromium, server, java_script_enabled=has_scripts) as page:

        def press(link: Any) -> None:
            with page.expect_navigation():
                link.click()

        def later(word: str) -> None:
            """Time passes, and the page says so: by itself, or when it is loaded again."""
            handle.clock.settle()
            if not has_scripts:
                page.reload()
            page.locator("#now").get_by_text(word).wait_for()

        def ask(what: str) -> None:
            page.locator("summary", has_text=what).first.click()
            press(page.get_by_role("button", name=f"{what} {name}"))

        page.goto("instances?region=us-east-1")
        press(page.get_by_role("link", name="Create an instance"))
        page.locator("label.choice", has_text="Debian").first.click()
        page.locator("label.choice", has_text="Small · 12.00").first.click()
        page.get_by_role("textbox", name="Name").fill(name)
        page.get_by_role("textbox", name="Tags").fill("role=new")
        if has_scripts:
            assert "12.00 USD/month" in page.locator("#told").inner_text()
        press(page.get_by_role("button", name="Create"))
        assert page.title() == f"{name} · connect · skysail"
        later("running")

        ask("Stop")
        later("stopped")
        press(page.get_by_role("button", name="Start"))
        later("running")
        ask("Reboot")
        later("running")

        press(page.get_by_role("link", name="Networking"))
        press(page.get_by_role("button", name="Allocate and attach it"))
        assert f"static: {name}-ip" in " ".join(page.locator("main").inner_text().split())
        press(page.get_by_role("link", name="Close 22/tcp"))
        page.get_by_role("textbox", name="Port").fill("443")
        press(page.get_by_role("button", name="Open the port"))
        difference = page.locator("#difference").inner_text()
        assert "443/tcp  + anywhere" in difference
        assert "- 22/tcp   anywhere" in difference
        press(page.get_by_role("button", name="Apply"))
        assert page.get_by_role("rowheader").all_inner_texts() == ["80/tcp", "443/tcp"]

        press(page.get_by_role("link", name="Snapshots"))
        page.locator("#snapshot").fill(f"{name}-kept")
        press(page.get_by_role("button", name="Take a snapshot"))
        assert f"{name}-kept" in page.locator("#snapshots").inner_text()

        press(page.get_by_role("link", name="Tags"))
        page.get_by_role("textbox", name="Key").fill("env")
        page.get_by_role("textbox", name="Value").fill("test")
        press(page.get_by_role("button", name="Set the tag"))
        assert page.get_by_role("rowheader").all_inner_texts() == ["role", "env"]
        press(page.get_by_role("button", name="Remove the tag role"))
        assert page.get_by_role("rowheader").all_inner_texts() == ["env"]

        handle.clock.advance(hours=1)
        press(page.get_by_role("link", name="Metrics"))
        assert page.locator(".graph[role=img]").count() >= 1
        press(page.get_by_role("link", name="History"))
        assert "RebootInstance" in page.locator("#journal").inner_text()

        press(page.get_by_role("link", name="Delete"))
        page.get_by_label(f"Type {name} to delete it").fill(name)
        press(page.get_by_role("button", name=f"Delete {name}"))
        handle.clock.settle()
        page.goto(f"instances?q={name}")
        assert "None of" in page.locator("main").inner_text()


def test_the_fleet_by_keyboard_alone(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server) as page:
        page.goto("instances?region=us-east-1")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        page.keyboard.press("/")
        page.keyboard.type("shop")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=shop**")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/instances/us-east-1/shop**")
        page.locator("summary", has_text="Stop").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop shop").wait_for()
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.textContent") == "Stop…"


FOCUS = """
() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  if (at === document.body) return null;
  const within = (value, most) => Math.min(Math.max(value, 1), most - 1);
  const seen = document.elementFromPoint(
    within(box.left + box.width / 2, innerWidth), within(box.top + box.height / 2, innerHeight));
  const ring = getComputedStyle(at).outlineStyle !== "none";
  return [at.outerHTML.slice(0, 80), ring && Boolean(seen) && (at.contains(seen) || seen.contains(at))];
}
"""
"""What has the focus, and whether one sees that."""


@pytest.mark.parametrize("address", ["instances?region=us-east-1", "instances/new", "calls"])
@pytest.mark.parametrize("width", [1280, 360])
def test_what_has_the_focus_is_seen(chromium: Any, server: RunningServer, address: str, width: int) -> None:
    with window(chromium, server, viewport={"width": width, "height": 600}) as page:
        page.goto(address)
        unseen, count = [], 0
        while count < 80:
            page.keyboard.press("Tab")
            if (focus := page.evaluate(FOCUS)) is None:
                break
            count += 1
            unseen += [] if focus[1] else [focus[0]]
        assert count > 10
        assert unseen == []


def test_tabs_by_keys(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server) as page:
        page.goto("instances/us-east-1/shop/connect")
        for key, tab in (("]", "metrics"), ("]", "networking"), ("[", "metrics")):
            page.keyboard.press(key)
            page.wait_for_url(f"**/shop/{tab}")
        page.keyboard.press(".")
        assert page.evaluate("document.activeElement.textContent") == "Stop…"


def test_all_of_a_page_are_ticked_at_once(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server) as page:
        page.goto("instances?region=eu-central-1")
        page.get_by_label("Tick all of this page").check()
        assert page.locator("#ticked").inner_text() == "With the 1 that are ticked"
        page.get_by_role("button", name="Reboot").click()
        page.get_by_text("Done: RebootInstance").wait_for()


def test_a_row_is_ticked_where_it_is_a_card(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server, viewport={"width": 360, "height": 800}) as page:
        page.goto("instances?region=eu-central-1")
        page.get_by_label("Tick mail").click()
        assert page.locator("#ticked").inner_text() == "With the 1 that are ticked"


def test_columns_are_chosen(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server) as page:
        page.goto("instances?region=eu-central-1&q=mail")
        page.locator("summary", has_text="Columns").click()
        page.get_by_label("Age", exact=True).uncheck()
        page.get_by_label("And any members").fill("hardware.disks.path")
        page.get_by_role("button", name="Show these").click()
        page.get_by_role("columnheader", name="hardware.disks.path").wait_for()
        assert page.get_by_role("columnheader", name="Age", exact=True).count() == 0
        assert "/dev/xvda" in page.locator("#rows").inner_text()
        assert page.get_by_role("rowheader").all_inner_texts() == ["mail"]
        page.get_by_role("link", name="hardware.disks.path").click()
        page.wait_for_url("**sort=hardware**cols=**")
        assert page.get_by_role("columnheader", name="hardware.disks.path").count() == 1


def test_a_service_that_has_gone_is_told_and_heard_again(chromium: Any, tmp_path: Path) -> None:
    with RunningServer(tmp_path, "--data", "fleet.db") as server:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{server.url}/console/calls")
        port = server.address[1]
        server.kill()
        page.get_by_text("has not answered since").wait_for()
        with RunningServer(tmp_path, "--data", "fleet.db", "--port", str(port)):
            page.locator("#gone").wait_for(state="hidden")
        context.close()


def test_calls_come_by_themselves(chromium: Any, server: RunningServer) -> None:
    client = skysail.client(region_name="us-east-1", endpoint_url=server.url, **KEY)
    with window(chromium, server) as page:
        page.goto("calls?operation=GetStaticIp&failed=1")
        for name in ("none-1", "none-2"):
            with pytest.raises(client.exceptions.NotFoundException):
                client.get_static_ip(staticIpName=name)
            page.get_by_text(name, exact=True).wait_for()
        assert [row.split()[1] for row in page.locator("#calls tr").all_inner_texts()] == ["none-2", "none-1"]
        page.get_by_role("link", name="GetStaticIp").first.click()
        page.get_by_role("link", name="Arm this error").click()
        page.get_by_role("button", name="Arm it").click()
        assert "NotFoundException" in page.get_by_role("table").inner_text()
        page.get_by_role("button", name="Disarm all").click()
        page.get_by_text("None armed").wait_for()


def test_a_theme_is_chosen_and_kept(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server, color_scheme="light") as page:
        page.goto("time")
        for theme in ("light", "dark", "auto"):
            page.get_by_role("button", name="Theme").click()
            page.locator(f"html[data-theme={theme}]").wait_for()
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 22)"
            assert dark == (theme == "dark")
        assert page.title() == "time · skysail"


PAGES = {
    "fleet": "instances",
    "fleet of a region, filtered": "instances?region=us-east-1&state=running&sort=-name&q=web",
    "columns of one's own": "instances?cols=state,arn,ports,hardware.disks.path,networking.ports.cidrs&sort=-arn",
    "nothing fits": "instances?region=us-east-1&q=nothing-like-it",
    "an empty region": "instances?region=ap-south-1",
    "regions": "regions",
    "create": "instances/new",
    "several": "instances/several?on=us-east-1/db&on=us-east-1/shop",
    "refused": "instances/us-east-1/nobody",
    **{
        tab: f"instances/us-east-1/shop/{tab}"
        for tab in ("connect", "metrics", "networking", "storage", "snapshots", "tags", "history", "delete")
    },
    "kinds": "resources",
    "a list": "resources/Disks?region=us-east-1",
    "an empty list": "resources/Alarms?region=us-east-1",
    "a catalogue": "resources/Blueprints?region=us-east-1",
    "one thing": "resources/StaticIps/us-east-1/shop-ip",
    "calls": "calls",
    "faults": "faults?kind=error&operation=StopInstance",
    "time": "time",
    "accounts": "accounts",
    "help": "help",
    "sign in": "sign-in",
    "a long name": f"instances/us-east-1/{LONG}/delete",
    "a long search": f"instances?region=us-east-1&q={LONG}{LONG}",
    "firewall's difference": "instances/us-east-1/shop/networking?edit=1&rule=22/tcp@192.0.2.0/24",
}
WIDTHS, THEMES = (1280, 360), ("light", "dark")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


LOOK = """
async (levels) => {
  const result = await axe.run(document, { runOnly: levels, resultTypes: ["violations"] });
  const told = (one, node) => `${one.id}: ${node.html} (${node.failureSummary})`;
  return result.violations.flatMap((one) => one.nodes.map((node) => told(one, node)));
}
"""
"""What axe-core finds wrong with a page, a line a place."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core."""
    found = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed")
    return str(found.AXE_SCRIPT)


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_keeps_nobody_out(chromium: Any, server: RunningServer, axe: str, address: str) -> None:
    is_refusal = "nobody" in address
    context = window(chromium, server) if not is_refusal else complaining(chromium, server)
    with context as page:
        page.goto(address)
        page.evaluate(axe)
        page.evaluate("for (const one of document.querySelectorAll('details.code, details.act')) one.open = true")
        for width in (320, *WIDTHS):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"
            if width not in WIDTHS:
                continue
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                assert page.evaluate(LOOK, LEVELS) == [], (width, theme)


def test_an_empty_service_is_filled_with_the_demo(chromium: Any, axe: str, tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server, window(chromium, server) as page:
        page.goto("instances")
        page.evaluate(axe)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(LOOK, LEVELS) == []
        page.get_by_role("button", name="Load the demo").click()
        page.get_by_role("heading", name="240 instances").wait_for()
        assert page.locator("#rows tbody tr").count() == 50


def test_what_was_just_done_is_copied_as_code(chromium: Any, server: RunningServer, axe: str) -> None:
    with window(chromium, server, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("instances/us-east-1/web-7/tags")
        page.get_by_role("textbox", name="Key").fill("seen")
        page.get_by_role("button", name="Set the tag").click()
        page.locator("summary", has_text="TagResource as code").click()
        page.get_by_role("button", name="Copy: AWS CLI").first.click()
        page.get_by_text("Copied").first.wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "aws lightsail tag-resource --resource-name web-7" in copied
        page.evaluate(axe)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(LOOK, LEVELS) == []


@contextmanager
def complaining(chromium: Any, server: RunningServer) -> Iterator[Any]:
    """A page that the browser may complain of: it does of each that is not found."""
    context = chromium.new_context(base_url=f"{server.url}/console/", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_a_policy_lets_nothing_of_others_in(chromium: Any, server: RunningServer, tmp_path: Path) -> None:
    with window(chromium, server) as page:
        answer = page.goto("instances")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.locator("[style], [onclick], script:not([src]), style").count() == 0


def test_what_is_chosen_is_told_and_other_groups_stay(chromium: Any, server: RunningServer) -> None:
    with window(chromium, server) as page:
        page.goto("instances/new?blueprint=wordpress")
        assert page.get_by_role("radio", name="WordPress 6").is_visible(), "the group of what is chosen is open"
        page.locator("summary", has_text="Windows").first.click()
        page.locator("label.choice", has_text="Windows Server 2022").first.click()
        assert page.locator("#told").inner_text().startswith("Windows Server 2022 on ")
        assert page.locator("summary", has_text="Systems").is_visible()
        page.emulate_media(media="print")
        assert page.locator(".total").evaluate("(one) => getComputedStyle(one).position") == "static"
