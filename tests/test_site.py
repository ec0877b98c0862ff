"""The site: every page and link is there, nothing comes from elsewhere, and a real browser shows it at any width."""

import functools
import html
import json
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.conftest import ROOT, missing

TOOLS = ROOT / "build" / "site-tools"
# Pages with all that the site has: text, tables with code, pictures, long words, examples of rules, an API.
LOOKED_AT = (
    "", "quick-start/", "docs/tutorial/", "docs/tutorial-corrections/", "gallery/", "packages/llama-3.1-8b/",
    "docs/rules/", "functions/krm_inference/validate_inference/rules/hardware/", "functions/", "docs/facts/", "sdk/",
    "docs/sdk-api/", "docs/architecture/", "docs/platforms/", "CHANGELOG/",
)  # fmt: skip
PHONE, DESKTOP = 390, 1440
PATIENCE = 300.0  # seconds for a browser to look at all of them
# What a page says of itself in a frame of a given width.
PROBE = """<!doctype html><body><script>
const [pages, width] = %s;
async function look(page) {
  const frame = document.createElement("iframe");
  frame.style = `width:${width}px;height:844px;border:0`;
  const loaded = new Promise(resolve => frame.onload = resolve);
  frame.src = "/" + page;
  document.body.append(frame);
  await loaded;
  const seen = frame.contentDocument, root = seen.documentElement;
  await Promise.all([...seen.images].map(image => image.decode().catch(() => 0)));
  const shown = element => { const box = element.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const heading = seen.querySelector("article h1");
  const said = {
    page,
    overflow: root.scrollWidth - root.clientWidth,
    wide: [...seen.querySelectorAll("article > *, article > * > *")].filter(
      each => each.closest("pre, table, .md-typeset__scrollwrap") === null || each.matches("article > *")).filter(
      each => each.getBoundingClientRect().right > width + 1).map(each => each.outerHTML.slice(0, 80)),
    heading: heading && shown(heading) ? heading.textContent : "",
    headingWidth: heading ? heading.getBoundingClientRect().right : 0,
    images: [...seen.images].filter(image => !image.naturalWidth).map(image => image.src),
    search: !!seen.querySelector("[data-md-component=search]"),
    tabs: !!seen.querySelector(".md-tabs") && shown(seen.querySelector(".md-tabs")),
    menu: shown(seen.querySelector("label.md-header__button[for=__drawer]")),
    small: [...seen.querySelectorAll("article p")].filter(
      each => parseFloat(getComputedStyle(each).fontSize) < 11).length,
  };
  frame.remove();
  return said;
}
(async () => {
  const said = [];
  for (const page of pages) said.push(await look(page));
  await fetch("/said", {method: "POST", body: JSON.stringify(said)});
})();
</script></body>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` does."""
    if not (TOOLS / ".locked").exists():
        missing("needs build/site-tools; make site installs it")
    folder = tmp_path_factory.mktemp("site") / "built"
    command: list[str | Path] = [sys.executable, ROOT / "site" / "site_pages.py", folder]
    environment = {"PYTHONPATH": str(TOOLS), "PATH": "/usr/bin:/bin", "HOME": str(folder.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


class _Page(HTMLParser):
    """What a page refers to, and the anchors in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.anchors |= {said[name] for name in ("id", "name") if said.get(name)}
        kind = "link" if tag == "a" else "loaded"
        self.links += [(kind, said[name]) for name in ("href", "src") if said.get(name)]


def pages(site: Path) -> dict[Path, _Page]:
    return {file: _Page(file.read_text()) for file in sorted(site.rglob("*.html")) if file.name != "404.html"}


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    """Files and anchors inside it; what leads to the repository is there in this one."""
    found, wrong = pages(site), []
    source = yaml.safe_load((ROOT / "site" / "mkdocs.yml").read_text().replace("!!python/object/apply:", "#"))[
        "repo_url"
    ]
    for file, page in found.items():
        for _, link in page.links:
            parts = urlsplit(html.unescape(link))
            if link.startswith(f"{source}/blob/"):
                path = unquote(parts.path).split("/blob/")[1].partition("/")[2]
                if not (ROOT / path).exists():
                    wrong.append((file.relative_to(site), link))
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            if not target.exists() or (anchor and target in found and anchor not in found[target].anchors):
                wrong.append((file.relative_to(site), link))
    assert wrong == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """No font, script or picture of another host: it works offline, and tells nobody who reads."""
    loaded = [link for page in pages(site).values() for kind, link in page.links if kind == "loaded"]
    away = {link for link in loaded if urlsplit(link).netloc and "krm-inference" not in link}
    assert away == set()


def test_every_page_of_the_repository_is_there(site: Path) -> None:
    """Rules with their examples, functions, packages and documents; what a search finds is what they say."""
    done = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in done.stdout.split() if not re.search(r"(^|/)(tests|templates|build)/", name)]
    assert len(names) > 60
    for name in names:
        place = re.sub(r"(^|/)README\.md$", r"\1", name).removesuffix(".md")
        assert (site / place / "index.html").exists(), name
    index = json.loads((site / "search" / "search_index.json").read_text())
    said = {entry["location"]: entry["text"] for entry in index["docs"]}
    rule = said["functions/krm_inference/validate_inference/rules/hardware/#gpu-count"]
    assert "vLLM does not start with fewer" in rule
    assert "terminationGracePeriodSeconds" in " ".join(said.values())


def test_the_gallery_shows_each_package_with_picture_intent_and_numbers(site: Path) -> None:
    text = (site / "gallery" / "index.html").read_text()
    for kptfile in (ROOT / "packages").glob("*/Kptfile"):
        assert f'<h2 id="{kptfile.parent.name.replace(".", "")}"' in text
        if not any("\nkind: LLMService\n" in file.read_text() for file in kptfile.parent.glob("*.yaml")):
            continue
        drawn = (site / "gallery" / f"{kptfile.parent.name}.svg").read_text()
        assert drawn.startswith("<svg")
        assert f'src="{kptfile.parent.name}.svg"' in text
    assert "tokens/s" in text
    assert str(ROOT) not in text


class Server(ThreadingHTTPServer):
    """The site on the loopback, and what a page of it says of itself."""

    def __init__(self, site: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
        self.said: queue.Queue[list[dict[str, Any]]] = queue.Queue()


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and takes what the probe says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        assert isinstance(self.server, Server)
        self.server.said.put(json.loads(body))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that its caller knows
        """Say nothing."""


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Server]:
    with Server(site) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    return found or missing("needs chromium, as from Debian")


def seen(chromium: str, server: Server, site: Path, width: int, home: Path) -> list[dict[str, Any]]:
    """Return what a browser says of the pages in a frame of a width."""
    (site / "probe.html").write_text(PROBE % json.dumps([LOOKED_AT, width]))
    command = [
        chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={home}",
        "--window-size=1600,1000", "--remote-debugging-port=0", f"http://127.0.0.1:{server.server_port}/probe.html",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            return server.said.get(timeout=PATIENCE)
        finally:
            browser.terminate()
            (site / "probe.html").unlink()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_browser_shows_each_page(chromium: str, server: Server, site: Path, width: int, tmp_path: Path) -> None:
    """No page is wider than its screen, headings and pictures are to be seen, and there is a way to all others."""
    found = seen(chromium, server, site, width, tmp_path)
    assert [one["page"] for one in found] == list(LOOKED_AT)
    for one in found:
        assert one["overflow"] <= 0, one
        assert one["wide"] == [], one
        assert one["heading"], one
        assert one["headingWidth"] <= width, one
        assert one["images"] == [], one
        assert one["small"] == 0, one
        assert one["search"], one
        assert (one["tabs"], one["menu"]) == ((True, False) if width == DESKTOP else (False, True)), one
