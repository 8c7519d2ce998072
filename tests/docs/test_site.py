"""The documentation's site: it builds without warnings, its links lead somewhere, and it works offline in a browser."""

from __future__ import annotations

import ast
import functools
import html
import http.server
import os
import re
import runpy
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Set, Tuple
from urllib.parse import unquote, urlsplit

import pytest

import pipeline
from tests.docs.pages import ROOT

pytest.importorskip("furo")
pytest.importorskip("jupytext")
pytest.importorskip("myst_nb")
pytest.importorskip("numpydoc")
pytest.importorskip("selenium")

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
in_browser = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="no browser: apt install chromium chromium-driver"
)
OPTIONAL = (
    "mxnet gluonnlp onnx onnxruntime fastapi starlette pydantic uvicorn h11 matplotlib adjustText pandas pyarrow torch"
)
HIDE = f"""\
import gc
from importlib.machinery import PathFinder

gc.disable()  # saves a fifth of the build's time, and takes a few hundred megabytes
find = PathFinder.find_spec


def find_others(kind, name, path=None, target=None):
    return None if name.partition(".")[0] in {OPTIONAL.split()} else find(name, path, target)


PathFinder.find_spec = classmethod(find_others)
"""
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("object", "data")}


class Page(NamedTuple):
    """What a page links to, what it loads, and its anchors."""

    links: List[str]
    loaded: List[str]
    anchors: Set[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page([], [], set())

    def handle_starttag(self, tag: str, attributes: List[Tuple[str, Any]]) -> None:
        values = dict(attributes)
        self.page.anchors.update(values[name] for name in ("id", "name") if values.get(name))
        if tag == "a" and values.get("href"):
            self.page.links.append(values["href"])
        if tag == "link":
            self.page.loaded.append(values["href"])
        self.page.loaded.extend(values[name] for kind, name in LOADED if kind == tag and values.get(name))


def read_html(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    return reader.page


def find_broken(pages: Dict[Path, Page]) -> List[str]:
    """Return the links to files and anchors that are not there."""
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                broken.append(f"{path}: {link}")
    return broken


def build(folder: Path) -> Path:
    """Build the site as scripts/docs.sh does, as if MXNet and everything else that is optional were not installed."""
    (folder / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    arguments = ["--jobs", "auto", "--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", "docs"]
    command = [sys.executable, "-m", "sphinx", *arguments, "--doctree-dir", str(folder / "doctrees"), "."]
    done = subprocess.run(
        [*command, str(folder / "site")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert not done.returncode, done.stdout
    assert done.stdout == ""
    return folder / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def pages(site: Path) -> Dict[Path, Page]:
    return {path: read_html(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def test_command_and_test_build_alike() -> None:
    script = (ROOT / "scripts" / "docs.sh").read_text().replace("\\\n    ", "")
    (line,) = re.findall(r"^python -m sphinx (.+)$", script, re.M)
    assert line.startswith("--jobs auto --quiet --fail-on-warning --keep-going --conf-dir docs --doctree-dir ")
    assert line.endswith(" . data/site")


def test_site_has_all_guides_and_what_users_call_first(site: Path, pages: Dict[Path, Page]) -> None:
    markdown = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/results/*.md"), ROOT / "data/README.md"]
    notebooks = ROOT.glob("notebooks/*.py")
    expected = {site / page.relative_to(ROOT).with_suffix(".html") for page in [*markdown, *notebooks]}
    assert expected - pages.keys() == set()
    first = pages[site / "docs/api/index.html"].anchors
    assert first >= {
        *(f"pipeline.{name}" for name in pipeline.__all__ if name not in ("clear_cache", "load_gluon")),  # links
        "pipeline.SentimentClassifier.fit",
        "pipeline.SentimentClassifier.predict_proba",
    }


def test_fields_of_recipes_have_their_comment_and_their_choices(site: Path) -> None:
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", _read(site / "docs/api/recipes.html"))))
    assert 'film: no film has reviews in two splits, where the films are known One of "random", "film".' in text
    assert "largest norm of the gradient; 0: no clipping" in text


def test_every_page_is_reached_from_the_front_page(site: Path, pages: Dict[Path, Page]) -> None:
    reached, todo = set(), [site / "index.html"]
    while todo:
        path = todo.pop()
        if path not in reached and path in pages:
            reached.add(path)
            todo += [(path.parent / urlsplit(link).path).resolve() for link in pages[path].links if ":" not in link]
    assert {str(path.relative_to(site)) for path in pages.keys() - reached} <= {"_modules/index.html", "search.html"}


def test_every_module_with_public_functions_is_in_the_reference() -> None:
    named = set(
        re.findall(r"^\.\. automodule:: (\S+)$", "\n".join(map(_read, (ROOT / "docs/api").glob("*.rst"))), re.M)
    )
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        kinds = (ast.FunctionDef, ast.ClassDef)
        public = [node for node in ast.parse(_read(path)).body if isinstance(node, kinds) and node.name[0] != "_"]
        assert not public or name in {*named, "pipeline.classifier", "pipeline.errors"}, name


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_internal_link_and_anchor_of_the_site_exists(pages: Dict[Path, Page]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 5_000
    assert find_broken(pages) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.html", tmp_path / "bad.html"
    texts = {
        good: '<a id="here" href="bad.html">bad</a><a href="https://example.com/x#y">far</a><a href="#here">up</a>',
        bad: '<a href="good.html#there">no anchor</a><a href="no.html">no page</a><img src="no.png">',
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    broken = find_broken({path: read_html(text) for path, text in texts.items()})
    assert broken == [f"{bad}: {link}" for link in ("good.html#there", "no.html", "no.png")]


def test_site_loads_nothing_from_elsewhere(site: Path, pages: Dict[Path, Page]) -> None:
    loaded = {link for page in pages.values() for link in page.loaded}
    assert [link for link in loaded if re.match(r"(\w+:)?//", link)] == []
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']+", _read(path)) == [], path


def change_source(root: Path, page: str, text: str) -> str:
    """Return what a page is made of, by docs/site_pages.py."""
    functions = runpy.run_path(str(ROOT / "docs" / "site_pages.py"))
    source = [text]
    env = SimpleNamespace(doc2path=lambda name: str(next(root.glob(f"{name}.*"))))
    functions["change_source"](SimpleNamespace(srcdir=str(root), env=env), page, source)
    if page.startswith("notebooks/"):
        return "\n".join(str(cell.source) for cell in functions["read_notebook"](source[0]).cells)
    return source[0]


def test_notebook_is_shown_as_it_was_run_unless_it_has_changed_since(tmp_path: Path) -> None:
    from nbformat import v4, writes

    written, ran = tmp_path / "notebooks" / "one.py", tmp_path / "data" / "notebooks" / "html" / "one.ipynb"
    for path in (written, ran):
        path.parent.mkdir(parents=True)
    source = "# %% [markdown]\n# # One\n\n# %%\n1 + 1\n"
    written.write_text(source, encoding="utf-8")
    assert change_source(tmp_path, "notebooks/one", source) == "# One\n1 + 1"
    injected = v4.new_code_cell("FAST = True\nDATA = '/home/someone'", metadata={"tags": ["injected-parameters"]})
    ran.write_text(writes(v4.new_notebook(cells=[injected, v4.new_code_cell("2 + 2")])), encoding="utf-8")
    for seconds, shown in ((-10, "# One\n1 + 1"), (10, "FAST = True\n2 + 2")):
        changed = written.stat().st_mtime + seconds
        os.utime(ran, (changed, changed))
        assert change_source(tmp_path, "notebooks/one", source) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](../pipeline/a.py)", "[a](path:../pipeline/a.py)"),
        ("[a](../notebooks/a.py) [b](b.md#c)", "[a](../notebooks/a.py) [b](b.md#c)"),
        ("[a](https://example.com/a.py) and `x.py`", "[a](https://example.com/a.py) and `x.py`"),
    ],
)
def test_links_to_code_are_links_to_files(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert change_source(tmp_path, "page", text) == expected


def test_navigation_is_made_once_for_the_source_pages_of_a_folder() -> None:
    share = runpy.run_path(str(ROOT / "docs" / "site_pages.py"))["share_navigation"]
    found = []
    for page in ("docs/a", "docs/b", "_modules/pipeline/a", "_modules/pipeline/b", "_modules/pipeline/io/a"):
        context = {"toctree": lambda page=page, **options: f"{page} {options}"}
        share(None, page, "page.html", context, None)
        found.append(context["toctree"](collapse=False))
    first = "_modules/pipeline/a"
    expected = ["docs/a", "docs/b", first, first, "_modules/pipeline/io/a"]
    assert found == [f"{page} {{'collapse': False}}" for page in expected]


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine, and yield its address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1400,900"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    yield driver
    driver.quit()


@pytest.fixture(params=["file", "http"])
def front(request: pytest.FixtureRequest, driver: Any, site: Path, address: str) -> Iterator[str]:
    """Open the front page from the file system and over HTTP, and see to it that the console stays empty."""
    driver.get_log("browser")
    root = site.as_uri() if request.param == "file" else address
    driver.get(f"{root}/index.html")
    wait_for_page(driver, "/docs/index.html")
    yield root
    assert driver.get_log("browser") == []


def wait(driver: Any, condition: Callable[[], Any]) -> Any:
    gone = [StaleElementReferenceException, IndexError]  # the page is just being left, or is not there yet
    return WebDriverWait(driver, 20, 0.05, gone).until(lambda _: condition())


def wait_for_page(driver: Any, name: str) -> None:
    script = "return document.readyState"
    wait(driver, lambda: name in driver.current_url and driver.execute_script(script) == "complete")


def find_all(driver: Any, selector: str) -> List[Any]:
    return driver.find_elements(By.CSS_SELECTOR, selector)


def search(driver: Any, word: str) -> List[str]:
    """Type a word into the search field, and return the names of the pages that are found, best first."""
    (field,) = find_all(driver, "input.sidebar-search")
    field.send_keys(word)
    field.submit()
    wait(driver, lambda: re.search(r"Search finished, found [\d,]+ pages?", text_of(driver, "#search-results")))
    return [
        urlsplit(link.get_attribute("href")).path for link in find_all(driver, "#search-results ul.search > li > a")
    ]


def text_of(driver: Any, selector: str) -> str:
    return find_all(driver, selector)[0].text


@in_browser
def test_front_page_leads_to_every_part(driver: Any, front: str) -> None:
    links = [link.get_attribute("href") for link in find_all(driver, ".sidebar-tree a.reference")]
    assert len(links) > 20
    for link in links:
        driver.get(link)
        headings = WebDriverWait(driver, 30).until(lambda driver: find_all(driver, "article h1"))
        assert headings[0].text
        assert len(find_all(driver, ".sidebar-tree a.current.reference")) >= 1
        names = driver.execute_script('return performance.getEntriesByType("resource").map((one) => one.name)')
        assert [name for name in names if not name.startswith((front, "data:"))] == []


@in_browser
@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("negation", "/docs/accuracy.html"),
        ("infer_sentiment", "/docs/api/index.html"),
        ("SentimentClassifier", "/docs/api/index.html"),
        ("kubernetes", "/docs/scale.html"),
    ],
)
def test_search_finds(driver: Any, front: str, word: str, page: str) -> None:
    found = search(driver, word)
    assert any(path.endswith(page) for path in found), found
    find_all(driver, "#search-results ul.search > li > a")[0].click()
    wait_for_page(driver, found[0])
    assert word.lower() in text_of(driver, "article").lower()


@in_browser
def test_search_finds_nothing_for_a_word_that_is_not_there(driver: Any, front: str) -> None:
    (field,) = find_all(driver, "input.sidebar-search")
    field.send_keys("xyzzyplugh")
    field.submit()
    wait(driver, lambda: "did not match any documents" in text_of(driver, "#search-results"))
