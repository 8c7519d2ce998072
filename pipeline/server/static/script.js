// The page: one review and its answer. Files of many are in many.js.

import { health, post } from "./api.js";
import { count, element, fill, likeliest, percent } from "./dom.js";
import { prepareFiles } from "./many.js";
import { showWhy } from "./why.js";

const EXAMPLES = {
  Delighted: "This movie is great. I really loved the part where the plot happened, and I would gladly watch it again. "
    + "Beautiful, funny, fantastic!",
  Furious: "Two hours of my life that nobody gives back. Dull, badly acted and far too long; even the music is awful.",
  "Of two minds": "The first hour is wonderful: warm, witty and superbly acted. Then the story falls apart, and the "
    + "ending is a boring, pointless mess.",
  "A tricky one": "I expected the worst. The trailer was terrible, the poster is ugly and the title is stupid. "
    + "And yet I enjoyed every minute of it: one of the best comedies of the year.",
  "Not unkind": "It is not a bad film, and nobody in it is without talent. I just never cared what happened next.",
};
const ids = ["ask", "text", "count", "status", "error", "answer", "verdict", "scale", "marker", "sure", "facts", "why", "no-why",
  "example-list", "model", "title", "lead", "text-label", "examples-box", "many"];
const page = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
let asking; // an AbortController: a new question ends the one before it
let server = { explains: true, limits: { characters: 20000, texts: 256, body: 4194304 } };

async function ask() {
  const text = page.text.value.toWellFormed?.() ?? page.text.value;
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  page.error.textContent = "";
  page.answer.setAttribute("aria-busy", "true");
  try {
    if (!text.trim()) throw new Error("Write or paste a review first.");
    const { results } = await post("v1/sentiment", { text }, signal);
    showVerdict(results[0]);
    if (results[0].label === "unsure") showNoWhy("there is no word to judge by.");
    else if (server.explains) await explain(text, signal);
    else showNoWhy("this network gives answers but no gradients, as those in ONNX do.");
  } catch (error) {
    if (signal.aborted) return;
    page.answer.hidden = true;
    page.error.textContent = error.message;
  }
  page.answer.removeAttribute("aria-busy");
}

async function explain(text, signal) {
  try {
    const explanation = await post("v1/explain", { text }, signal);
    page.why.hidden = false;
    showWhy(text, explanation);
  } catch (error) {
    if (signal.aborted) return;
    showNoWhy(error.message);
  }
}

function showNoWhy(reason) {
  page["no-why"].hidden = false;
  page["no-why"].textContent = `Why is not to be had: ${reason}`;
}

function showVerdict(verdict) {
  page.answer.hidden = false;
  page.answer.className = verdict.label;
  page.why.hidden = page["no-why"].hidden = true;
  page.verdict.textContent = verdict.message;
  page.scale.hidden = verdict.positive === undefined; // a model of other classes
  page.marker.style.setProperty("--at", verdict.positive);
  const sure = verdict.probabilities ? likeliest(verdict.probabilities)
    : verdict.label === "unsure" ? "neither positive nor negative" : `${percent(verdict.probability)} ${verdict.label}`;
  fill(page.sure, [element("b", {}, sure)]);
  page.facts.textContent = facts(verdict);
  page.status.textContent = `${verdict.message} ${sure}.`;
}

function facts({ label, words, unknown, cut }) {
  const strange = Math.round(words * unknown);
  const known = label === "unsure" ? "none of them a word known to the network"
    : strange ? `${strange} of them unknown to the network` : "all of them known to the network";
  return `Read as ${count(words, "word")}, ${known}.` + (cut ? " Longer than what it reads: the rest is not counted." : "");
}

function describeOtherClasses(classes) {
  document.title = page.title.textContent = "Which class is it?";
  const named = classes.slice(0, 10).join(", ") + (classes.length > 10 ? ", \u2026" : "");
  page.lead.textContent = "Paste a text. A small network reads it word by word, says which of its "
    + `${classes.length} classes the text belongs to (${named}), and shows which words told it so.`;
  page["text-label"].textContent = "A text";
  page.text.placeholder = "What did they write?";
  page.many.textContent = "Many texts";
  page["examples-box"].hidden = true;
}

function countCharacters() {
  const length = Array.from(page.text.value).length;
  const most = server.limits.characters;
  page.count.textContent = length ? `${length.toLocaleString("en")} of ${count(most, "character")}` : "";
  page.count.classList.toggle("over", length > most);
}

function show(text) {
  page.text.value = text;
  countCharacters();
  page.ask.requestSubmit();
  page.ask.scrollIntoView();
}

page.ask.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
page.text.addEventListener("input", countCharacters);
page.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) page.ask.requestSubmit();
});
fill(page["example-list"], Object.entries(EXAMPLES).map(([name, text]) => {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", () => show(text));
  return element("li", {}, button);
}));
prepareFiles(() => server.limits, show);
try {
  server = await health();
  page.model.textContent = `${server.model} (version ${server.version})`;
  if (server.classes.join() !== "negative,positive") describeOtherClasses(server.classes);
} catch {
  page.error.textContent = "The server does not answer. Is it still running?";
}
