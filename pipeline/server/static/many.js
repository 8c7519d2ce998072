// Many reviews: a file's rows, their answers in a table, and the whole as a download.

import { post } from "./api.js";
import { count, element, fill, likeliest, percent } from "./dom.js";
import { parseFile, writeCsv } from "./parse.js";

const TOGETHER = 64; // texts in a request: small enough that the bar moves
const PAGE = 100; // rows shown at a time
const LARGEST = 100 * 2 ** 20; // bytes of a file that a browser handles well
const SENTIMENT = ["positive", "negative"];
const NAMED = 5; // other classes in the summary

const ids = ["file", "drop", "file-error", "file-status", "batch", "progress", "stop", "summary", "fractions", "order",
  "download", "results", "more"];
const page = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
const tableBody = page.results.querySelector("tbody");
let rows = [];
let running = new AbortController();
let name = "reviews";
let shown = PAGE;
let classes = []; // of the model, as far as they are known
let orders = {}; // of the rows: comparisons by the name of each

/** Make the page take files: `limits()` are the server's, `show(text)` puts one review into the form above. */
export function prepareFiles(limits, show) {
  page.file.addEventListener("change", () => {
    if (page.file.files.length) open(page.file.files[0], limits());
    page.file.value = ""; // the same file may be chosen again
  });
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => hover(event, true));
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, (event) => hover(event, false));
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) open(event.dataTransfer.files[0], limits());
  });
  page.stop.addEventListener("click", () => running.abort());
  page.order.addEventListener("change", () => showTable(PAGE));
  page.more.addEventListener("click", () => showTable(shown + PAGE));
  page.download.addEventListener("click", download);
  tableBody.addEventListener("click", (event) => {
    const row = event.target.closest("button")?.dataset.row;
    if (row !== undefined) show(rows[row].text);
  });
}

function hover(event, over) {
  if (!event.dataTransfer?.types.includes("Files")) return; // text may be dragged into the form as ever
  event.preventDefault();
  page.drop.classList.toggle("over", over);
}

async function open(file, limits) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  page["file-error"].textContent = "";
  page.batch.hidden = true;
  try {
    rows = parseFile(file.name, await readText(file));
    name = file.name.replace(/\.[^.]*$/, "");
    page.batch.hidden = false;
    offerOrders(SENTIMENT);
    await answer(limits, signal);
  } catch (error) {
    if (!signal.aborted) page["file-error"].textContent = error.message;
  }
}

async function readText(file) {
  if (file.size > LARGEST) throw new Error(`${file.name}: too large for a browser; the command line takes any size.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name}: not UTF-8 text.`);
  }
}

/** Offer the orders of a model of these classes, and order by none of them. */
function offerOrders(names) {
  classes = names;
  orders = { file: () => 0, unsure: (one, other) => one.probability - other.probability };
  const probability = ({ positive, probabilities }, name) =>
    (probabilities ? probabilities[name] : name === "positive" ? positive : 1 - positive);
  const options = [["file", "as in the file"], ...names.map((name) => [`most ${name}`, `most ${name} first`]),
    ["unsure", "least sure first"]];
  for (const name of names) orders[`most ${name}`] = (one, other) => probability(other, name) - probability(one, name);
  fill(page.order, options.map(([value, says]) => element("option", { value }, says)));
  page.fractions.hidden = names !== SENTIMENT;
}

async function answer(limits, signal) {
  const own = rows;
  for (const row of own) {
    if (Array.from(row.text).length > limits.characters) row.error ??= `more than ${count(limits.characters, "character")}`;
  }
  page.stop.hidden = page.progress.hidden = false;
  showProgress();
  showTable(PAGE);
  try {
    for (const part of split(own.filter((row) => !row.error), limits)) {
      const { results } = await post("v1/sentiment", { texts: part.map((row) => row.text) }, signal);
      part.forEach((row, index) => Object.assign(row, results[index]));
      if (own !== rows) return;
      const other = part.find((row) => row.probabilities);
      if (other && classes === SENTIMENT) offerOrders(Object.keys(other.probabilities));
      showProgress();
      if (page.order.value !== "file" || own.indexOf(part[0]) < shown) showTable(shown);
    }
  } finally {
    if (own === rows) finish(signal);
  }
}

/** Return the rows in parts that the server takes at once. */
function split(asked, limits) {
  const parts = [];
  let size = Infinity;
  for (const row of asked) {
    const bytes = new Blob([JSON.stringify(row.text)]).size + 1;
    if (size + bytes > limits.body - 64 || parts.at(-1).length >= Math.min(TOGETHER, limits.texts)) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1).push(row);
    size += bytes;
  }
  return parts;
}

function finish(signal) {
  page.stop.hidden = page.progress.hidden = true;
  const text = (signal.aborted ? "Stopped. " : "") + page.summary.textContent;
  page.summary.textContent = page["file-status"].textContent = text;
}

function showProgress() {
  const tally = new Map(classes === SENTIMENT ? SENTIMENT.map((name) => [name, 0]) : []);
  let failed = 0;
  for (const row of rows) {
    if (row.error) failed += 1;
    else if (row.label) tally.set(row.label, (tally.get(row.label) ?? 0) + 1);
  }
  const unsure = tally.get("unsure") ?? 0;
  tally.delete("unsure");
  const done = [...tally.values()].reduce((sum, number) => sum + number, unsure + failed);
  page.progress.value = done / rows.length;
  const of = done < rows.length ? `${done.toLocaleString("en")} of ` : "";
  const named = classes === SENTIMENT ? [...tally] : [...tally].sort(([, one], [, other]) => other - one).slice(0, NAMED);
  const others = done - unsure - failed - named.reduce((sum, [, number]) => sum + number, 0);
  const parts = [...named, ["of other classes", others], ["unsure", unsure], ["without an answer", failed]];
  const says = parts.filter(([name, number]) => number || SENTIMENT.includes(name) && classes === SENTIMENT)
    .map(([name, number]) => `${number.toLocaleString("en")} ${name}`);
  page.summary.textContent = `${of}${count(rows.length, "review")}: ${says.join(", ")}.`;
  [...page.fractions.children].forEach((bar, index) => bar.style.setProperty("--fraction",
    [tally.get("negative"), unsure + failed, tally.get("positive")][index] / (done || 1)));
}

function showTable(most) {
  shown = most;
  const known = (row) => row.label !== undefined;
  const order = [...rows.keys()].sort((one, other) =>
    page.order.value === "file" ? one - other
      : known(rows[other]) - known(rows[one]) || orders[page.order.value](rows[one], rows[other]) || one - other);
  fill(tableBody, order.slice(0, shown).map((index) => tableRow(rows[index], index)));
  page.more.hidden = rows.length <= shown;
  page.more.textContent = `Show more (${(rows.length - shown).toLocaleString("en")} left)`;
}

function tableRow(row, index) {
  const text = row.text.replace(/<br\s*\/?>/g, " ") || "(empty)"; // as in the reviews of aclImdb
  const why = element("button", { type: "button", class: "review", title: "Ask why", "data-row": index }, text);
  const verdict = row.positive !== undefined || row.label === "unsure" ? row.label : ""; // other classes have no colour
  return element("tr", { class: row.error ? "failed" : verdict },
    element("th", { scope: "row", class: "number" }, String(index + 1)),
    element("td", {}, why),
    element("td", {}, ...verdictOf(row)));
}

function verdictOf(row) {
  if (row.error) return [row.error];
  if (!row.label) return ["\u2026"];
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--at", row.positive ?? row.probability);
  const verdict = [element("b", {}, row.label), ` ${percent(row.probability)}`, bar];
  if (!row.probabilities) return verdict;
  bar.classList.add("of-class");
  return [...verdict, element("span", { class: "muted small" }, likeliest(row.probabilities, 1))];
}

function download() {
  const address = URL.createObjectURL(new Blob([writeCsv(rows)], { type: "text/csv" }));
  element("a", { href: address, download: `${name}-sentiment.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
