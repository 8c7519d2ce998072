"""The page in a real browser: Debian's chromium, driven by chromedriver."""

from __future__ import annotations

import csv
import io
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("selenium")

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from pipeline.model.predictor import Prediction
from tests.server.serving import UNKNOWN, Classifier, Explainer, Running, serving

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="no browser: apt install chromium chromium-driver"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving(Explainer(), characters=500, texts=50) as running:
        yield running


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1200,900"):
        options.add_argument(f"--{argument}")
    options.add_argument("--force-prefers-reduced-motion")  # nothing moves away from under a click
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, server: Running) -> Iterator[Any]:
    """Open the page anew, and see to it that the test leaves nothing in the console: no error, nothing blocked."""
    browser.get_log("browser")
    open_page(browser, server)
    yield browser
    assert browser.get_log("browser") == []


def open_page(browser: Any, server: Running) -> None:
    browser.get(f"{server.url}/")
    wait(browser, lambda: "fake" in text(browser, "#model"))


def wait(browser: Any, condition: Callable[[], Any]) -> Any:
    gone = [StaleElementReferenceException]  # drawn anew just after it was found
    return WebDriverWait(browser, 20, 0.05, gone).until(lambda _: condition())


def find(browser: Any, selector: str) -> Any:
    return browser.find_element(By.CSS_SELECTOR, selector)


def text(browser: Any, selector: str) -> str:
    return find(browser, selector).text


def ask(browser: Any, review: str) -> None:
    box = find(browser, "#text")
    script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
    browser.execute_script(script, box, review)  # send_keys takes no emoji
    box.send_keys(Keys.CONTROL + Keys.ENTER)


def drop(browser: Any, folder: Path, name: str, content: str | bytes) -> None:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    find(browser, "#file").send_keys(str(path))


def rows(browser: Any) -> list[str]:
    return browser.execute_script(
        """return [...document.querySelectorAll("#results tbody tr")]
        .map((row) => row.innerText.trim().replace(/\\s+/g, " "))"""
    )


def test_page_shows_verdict_words_and_curve(page: Any) -> None:
    ask(page, "A good film, <b>good</b> \U0001f3ac good fun")
    wait(page, lambda: find(page, "#curve .line").is_displayed())
    assert text(page, "#verdict") == "Glad you liked it!"
    assert text(page, "#sure") == "90.0% positive"
    assert find(page, "#status").get_attribute("textContent") == "Glad you liked it! 90.0% positive."
    marks = page.find_elements(By.CSS_SELECTOR, "#words .for")
    assert [mark.text for mark in marks] == ["good", "good"]  # behind the emoji, too
    assert page.find_elements(By.CSS_SELECTOR, "#words .against")[0].text == "A"
    assert find(page, "#words").get_attribute("textContent") == "A good film, <b>good</b> \U0001f3ac good fun"
    styles = page.execute_script(
        """return ["#words .for", "#words .against"]
        .map((one) => getComputedStyle(document.querySelector(one)).textDecorationStyle)"""
    )
    assert styles == ["solid", "dotted"]  # not by colour alone


def test_page_shows_an_answer_without_reasons_if_there_are_none(browser: Any) -> None:
    with serving(Classifier()) as server:
        open_page(browser, server)
        ask(browser, "a bad film")
        wait(browser, lambda: text(browser, "#verdict") == "Sorry you didn't like it")
        assert not find(browser, "#why").is_displayed()
        wait(browser, lambda: text(browser, "#no-why").startswith("Why is not to be had: this network gives answers"))
        assert text(browser, "#facts") == "Read as 3 words, all of them known to the network."


def test_page_is_unsure_of_a_text_without_a_known_word(page: Any, tmp_path: Path) -> None:
    ask(page, UNKNOWN)
    wait(page, lambda: text(page, "#verdict") == "Not sure: no word that the network knows")
    assert text(page, "#sure") == "neither positive nor negative"
    assert text(page, "#facts") == "Read as 1 word, none of them a word known to the network."
    assert text(page, "#no-why") == "Why is not to be had: there is no word to judge by."
    drop(page, tmp_path, "reviews.txt", f"good\n{UNKNOWN}\n")
    wait(page, lambda: text(page, "#summary") == "2 reviews: 1 positive, 0 negative, 1 unsure.")
    assert rows(page) == ["1 good positive 90.0%", f"2 {UNKNOWN} unsure 50.0%"]


@pytest.mark.parametrize(
    ("review", "message"),
    [("  ", "Write or paste a review first."), ("x" * 501, "text: String should have at most 500 characters")],
)
def test_page_says_what_is_wrong(browser: Any, server: Running, review: str, message: str) -> None:
    open_page(browser, server)
    ask(browser, review)
    wait(browser, lambda: text(browser, "#error") == message)
    assert find(browser, "#error").get_attribute("role") == "alert"
    assert not find(browser, "#answer").is_displayed()


def test_page_answers_examples_and_is_worked_by_keyboard_alone(page: Any) -> None:
    reached = []
    for _ in range(9):
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(page.switch_to.active_element.get_attribute("id") or page.switch_to.active_element.text)
    assert reached[:4] == ["To the review", "text", "Read it", "Delighted"]
    assert reached[-1] == "file"
    page.find_elements(By.CSS_SELECTOR, "#example-list button")[0].send_keys(Keys.ENTER)
    wait(page, lambda: find(page, "#curve .line").is_displayed())
    curve = find(page, "#curve")
    curve.send_keys(Keys.HOME)
    assert curve.get_attribute("aria-valuetext").startswith("This, word 1 of 23, adds \u22120.50; ")
    curve.send_keys(Keys.ARROW_RIGHT)
    assert curve.get_attribute("aria-valuenow") == "2"
    assert find(page, "#words .at").text == "movie"
    assert text(page, "#readout").startswith("\u201cmovie\u201d, word 2 of 23")
    find(page, "summary").send_keys(Keys.ENTER)
    assert len(page.find_elements(By.CSS_SELECTOR, "#word-table tbody tr")) == 23


def test_page_answers_a_file_in_a_table_and_as_a_download(page: Any, tmp_path: Path, downloads: Path) -> None:
    reviews = ["good film", 'a "bad" one,\nreally', " ", "<script>alert(1)</script>", "x" * 501, *["good"] * 120]
    written = io.StringIO()
    table = csv.writer(written)
    table.writerows([["id", "text"], *enumerate(reviews)])
    drop(page, tmp_path, "reviews.csv", written.getvalue())
    wait(page, lambda: text(page, "#summary") == "125 reviews: 121 positive, 2 negative, 2 without an answer.")
    assert rows(page)[:5] == [
        "1 good film positive 90.0%",
        '2 a "bad" one, really negative 75.0%',
        "3 no word in this text",
        "4 <script>alert(1)</script> negative 75.0%",
        f"5 {'x' * 501} more than 500 characters",
    ]
    assert len(rows(page)) == 100
    find(page, "#more").click()
    assert len(rows(page)) == 125
    find(page, "#order").send_keys("most negative")
    wait(page, lambda: rows(page)[0].startswith("2 "))
    find(page, "#download").click()
    path = downloads / "reviews-sentiment.csv"
    wait(page, path.is_file)
    with open(path, encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["text"] for row in found] == reviews
    assert [row["label"] for row in found[:5]] == ["positive", "negative", "", "negative", ""]
    assert found[2]["error"] == "no word in this text"
    find(page, "#results tbody button").click()  # why?
    wait(page, lambda: text(page, "#verdict") == "Sorry you didn't like it")


def test_page_takes_a_file_that_is_dropped(page: Any) -> None:
    page.execute_script(
        """const data = new DataTransfer();
        data.items.add(new File(["good\\n\\nbad\\r\\n"], "two.txt"));
        document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));"""
    )
    wait(page, lambda: rows(page) == ["1 good positive 90.0%", "2 bad negative 75.0%"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "review\ngood\n", "Expected a column named text; found review."),
        ("a.csv", "", "Expected a column named text; found none."),
        ("a.csv", "text\n", "a.csv: there is no review in it."),
        ("a.txt", " \n\n", "a.txt: there is no review in it."),
        ("a.txt", b"caf\xe9", "a.txt: not UTF-8 text."),
        ("a.pdf", "good", "a.pdf: expected a file that ends in .txt, .csv or .jsonl."),
    ],
)
def test_page_says_what_is_wrong_with_a_file(
    page: Any, tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    drop(page, tmp_path, name, content)
    wait(page, lambda: text(page, "#file-error") == message)


@pytest.mark.parametrize(
    ("name", "content", "parsed"),
    [
        ("a.txt", "\ufeffone\r\n\r\ntwo\rthree", [["one"], ["two"], ["three"]]),
        ("a.CSV", 'n,Text\r\n1,"a ""b"", c\nd"\n2,e\n\n3\n4,', [['a "b", c\nd'], ["e"], ["", "no such column"], [""]]),
        ("a.csv", "text,n\n", "a.csv: there is no review in it."),
        ("a.csv", 'text\n"never closed, good\nx\n', [['"never closed'], ["x"]]),
        (
            "a.jsonl",
            '{"text": "a\\n\\ud83c"}\n\n{"x": 1}\n{\n3\n',
            [["a\n\ufffd"], ['{"x": 1}', "no field text in it"], ["{", "not JSON"], ["3", "no field text in it"]],
        ),
    ],
)
def test_page_parses_files(page: Any, name: str, content: str, parsed: Any) -> None:
    found = page.execute_async_script(
        """const [name, content, done] = arguments;
        const { parseFile } = await import("/static/parse.js");
        try { done(parseFile(name, content).map(({text, error}) => error ? [text, error] : [text])); }
        catch (error) { done(error.message); }""",
        name,
        content,
    )
    assert found == parsed


def test_page_reads_back_the_csv_that_it_writes(page: Any) -> None:
    texts = ['"', ",", "\n", "\r\n", "", " a ", 'b"",\n"', "=1+1"]
    found = page.execute_async_script(
        """const [texts, done] = arguments;
        const { parseCsv, writeCsv } = await import("/static/parse.js");
        done(parseCsv(writeCsv(texts.map((text) => ({ text })))).slice(1).map((record) => record[1]));""",
        texts,
    )
    assert found == texts


def test_page_waits_for_a_busy_server(browser: Any) -> None:
    classifier = Explainer()
    with serving(classifier, texts=1, waiting=1) as server, ThreadPoolExecutor(3) as pool:
        open_page(browser, server)
        classifier.go_on.clear()
        others = [pool.submit(server.post, "/v1/sentiment", {"text": "good"}) for _ in range(3)]
        assert next(as_completed(others, 10)).result()[0] == 503  # one is under way, one waits
        ask(browser, "good")
        time.sleep(0.3)  # it has been turned away by now, and tries again after a second
        assert not find(browser, "#answer").is_displayed()
        classifier.go_on.set()
        wait(browser, lambda: text(browser, "#verdict") == "Glad you liked it!")
        assert {other.result(10)[0] for other in others} == {200, 503}


def test_page_says_that_the_server_is_gone(browser: Any) -> None:
    with serving(Explainer()) as server:
        open_page(browser, server)
    ask(browser, "good")
    wait(browser, lambda: text(browser, "#error") == "The server does not answer. Is it still running?")


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_and_can_be_read(page: Any, tmp_path: Path, width: int, scheme: str) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        ask(page, "good film, " * 20 + "x" * 80)
        wait(page, lambda: find(page, "#curve .line").is_displayed())
        drop(
            page, tmp_path, "two.jsonl", "".join(json.dumps({"text": one}) + "\n" for one in ("good", "bad " * 99, " "))
        )
        wait(page, lambda: text(page, "#summary").startswith("3 reviews"))
        assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        weak = page.execute_script(CONTRASTS)
        assert weak == []
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


# Every element that holds text and is seen, whose contrast is below WCAG's 4.5: drawn to a canvas, which knows all
# of CSS's ways to write a colour.
CONTRASTS = """
const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const paint = (colours) => {
  for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const light = (colour) => colour.map((part) => part / 255)
  .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const weak = [];
for (const node of document.querySelectorAll("body *")) {
  const style = getComputedStyle(node);
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  if (!own || !node.checkVisibility() || node.closest(".hidden")) continue;
  const backs = [];
  for (let at = node; at; at = at.parentElement) backs.unshift(getComputedStyle(at).backgroundColor);
  const back = paint(backs);
  const front = paint([`rgb(${back})`, node instanceof SVGElement ? style.fill : style.color]);
  const [low, high] = [light(back), light(front)].sort((one, other) => one - other);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) weak.push(`${node.tagName} ${node.className} ${node.textContent.slice(0, 20)}: ${ratio.toFixed(2)}`);
}
return weak;
"""


def test_page_names_all_that_is_worked_with(page: Any) -> None:
    unnamed = page.execute_script(
        """return [...document.querySelectorAll("button, input, select, textarea, [role=slider], progress")]
        .filter((node) => !(node.textContent.trim() || node.labels?.length || node.ariaLabel
          || document.getElementById(node.getAttribute("aria-labelledby"))))
        .map((node) => node.outerHTML)"""
    )
    assert unnamed == []
    headings = page.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map((node) => node.tagName)")
    assert headings == ["H1", "H2", "H3", "H3", "H4", "H4", "H2"]


def test_docs_page_describes_the_interface(browser: Any, server: Running) -> None:
    browser.get_log("browser")  # of tests before
    browser.get(f"{server.url}/docs")
    wait(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "h2")) == 3)
    assert "At most 50 texts of 500 characters in a request." in text(browser, "#about")
    assert "list of strings, at most 50 of 500 characters" in text(browser, "#routes")
    assert f"curl {server.url}/v1/sentiment" in text(browser, "#routes")
    assert browser.get_log("browser") == []


class Topics(Classifier):
    """Finds the topic of a text."""

    classes = ("Food", "Sports", "World")

    def try_infer(self, texts: list[str]) -> Any:
        found = super().try_infer(texts)
        world, sports = {"Food": 0.1, "Sports": 0.2, "World": 0.7}, {"Food": 0.05, "Sports": 0.9, "World": 0.05}
        both = [sports if "goal" in one else world for one in texts]
        likeliest = [max(one, key=lambda name: one[name]) for one in both]
        return [
            answer and Prediction(name, one[name], one, 2, 0.0, False)
            for answer, name, one in zip(found, likeliest, both)
        ]


def test_page_shows_the_likeliest_of_other_classes(browser: Any) -> None:
    with serving(Topics(), characters=500, texts=50) as running:
        browser.get(f"http://127.0.0.1:{running.port}/")
        wait(browser, lambda: text(browser, "h1") == "Which class is it?")
        assert "which of its 3 classes the text belongs to (Food, Sports, World)," in text(browser, "#lead")
        assert (browser.title, text(browser, "label"), text(browser, "#many")) == (
            "Which class is it?",
            "A text",
            "Many texts",
        )
        assert not find(browser, "#examples-box").is_displayed()
        ask(browser, "an election")
        wait(browser, lambda: text(browser, "#verdict") == "World")
        assert text(browser, "#sure") == "70.0% World, 20.0% Sports, 10.0% Food"
        assert not find(browser, "#scale").is_displayed()
        assert browser.get_log("browser") == []


def test_page_shows_many_texts_of_other_classes(browser: Any, tmp_path: Path, downloads: Path) -> None:
    with serving(Topics(), characters=500, texts=50) as running:
        browser.get(f"http://127.0.0.1:{running.port}/")
        drop(browser, tmp_path, "topics.txt", "an election\na goal\nan envoy\n")
        wait(browser, lambda: text(browser, "#summary") == "3 reviews: 2 World, 1 Sports.")
        world = "World 70.0% 20.0% Sports, 10.0% Food"
        sports = "2 a goal Sports 90.0% 5.0% Food, 5.0% World"
        assert rows(browser) == [f"1 an election {world}", sports, f"3 an envoy {world}"]
        assert not find(browser, "#fractions").is_displayed()
        orders = browser.find_elements(By.CSS_SELECTOR, "#order option")
        names = [f"most {name} first" for name in ("Food", "Sports", "World")]
        assert [order.text for order in orders] == ["as in the file", *names, "least sure first"]
        orders[2].click()
        wait(browser, lambda: rows(browser)[0] == sports)
        orders[3].click()
        wait(browser, lambda: rows(browser)[2] == sports)
        find(browser, "#download").click()
        path = downloads / "topics-sentiment.csv"
        wait(browser, path.is_file)
        with open(path, encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        assert [row["label"] for row in found] == ["World", "Sports", "World"]
        assert json.loads(found[1]["probabilities"]) == {"Food": 0.05, "Sports": 0.9, "World": 0.05}
        find(browser, "#results tbody button").click()
        wait(browser, lambda: text(browser, "#verdict") == "World")
        assert browser.get_log("browser") == []
