// Why: the words coloured by what they added, and the curve of the answer along the text.

import { element, fill, percent, signed } from "./dom.js";

const HEIGHT = 230;
const MARGIN = { top: 30, right: 14, bottom: 30, left: 46 };
const LABELS = 4; // so many steps of the curve bear their word
const SLIGHT = 0.1; // of the strongest word: what adds less is left plain

const parts = Object.fromEntries(["words", "curve", "readout", "target"].map((id) => [id, document.getElementById(id)]));
const tableBody = document.querySelector("#word-table tbody");
let shown; // what is on the page: the explanation, its marks in the text, the word pointed at

/** Show an explanation of `text`. */
export function showWhy(text, explanation) {
  const { words, attributions, prefix_probabilities: probabilities } = explanation;
  const sizes = attributions.map(Math.abs);
  shown = { ...explanation, marks: markWords(text, explanation), at: sizes.indexOf(Math.max(...sizes)) };
  parts.target.textContent = explanation.target;
  fill(tableBody, words.map((word, index) =>
    element("tr", {}, element("th", { scope: "row" }, word),
      element("td", { class: "number" }, signed(attributions[index])),
      element("td", { class: "number" }, percent(probabilities[index])))));
  draw();
}

/** Show the text with its words marked; return each word's mark. */
function markWords(text, { attributions, offsets }) {
  const characters = Array.from(text); // the server counts code points, not UTF-16's halves of them
  const places = [];
  offsets.forEach(([start, stop], index) => {
    const last = places.at(-1);
    if (last && start < last.stop) { // several words of one place
      last.words.push(index);
      last.stop = Math.max(last.stop, stop);
    } else {
      places.push({ start, stop, words: [index] });
    }
  });
  for (const place of places) place.attribution = place.words.reduce((sum, index) => sum + attributions[index], 0);
  const strongest = Math.max(...places.map((place) => Math.abs(place.attribution)), 1e-9);
  const marks = [];
  const nodes = [];
  let end = 0;
  for (const { start, stop, words, attribution: sum } of places) {
    const mark = element("span", { "data-index": words[0] }, characters.slice(start, stop).join(""));
    const weight = Math.abs(sum) / strongest;
    if (weight >= SLIGHT) mark.className = sum > 0 ? "for" : "against";
    mark.style.setProperty("--weight", weight);
    nodes.push(characters.slice(end, start).join(""), mark);
    for (const index of words) marks[index] = mark;
    end = stop;
  }
  fill(parts.words, [...nodes, element("span", { class: "unread" }, characters.slice(end).join(""))]);
  return marks;
}

function draw() {
  const { curve } = parts;
  const width = curve.clientWidth || 600;
  const { prefix_probabilities: probabilities, words } = shown;
  const inner = width - MARGIN.left - MARGIN.right;
  const x = (index) => MARGIN.left + (probabilities.length > 1 ? (index / (probabilities.length - 1)) * inner : inner / 2);
  const y = (probability) => MARGIN.top + (1 - probability) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = probabilities.map((probability, index) => `${x(index)},${y(probability)}`).join("L");
  const area = `M${x(0)},${y(0.5)}L${line}L${x(probabilities.length - 1)},${y(0.5)}Z`;
  shown.x = x;
  shown.y = y;
  curve.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  fill(curve, [
    shape("clipPath", { id: "above" }, shape("rect", { x: 0, y: 0, width, height: y(0.5) })),
    shape("clipPath", { id: "below" }, shape("rect", { x: 0, y: y(0.5), width, height: HEIGHT })),
    ...[[1, "100%"], [0.5, "50%"], [0, "0%"]].flatMap(([probability, name]) => [
      shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(probability), y2: y(probability) }),
      shape("text", { class: "axis", x: MARGIN.left - 8, y: y(probability) + 4, "text-anchor": "end" }, name),
    ]),
    shape("text", { class: "axis", x: MARGIN.left, y: HEIGHT - 8 }, "first word"),
    shape("text", { class: "axis", x: width - MARGIN.right, y: HEIGHT - 8, "text-anchor": "end" }, "last word"),
    shape("path", { class: "area for", d: area, "clip-path": "url(#above)" }),
    shape("path", { class: "area against", d: area, "clip-path": "url(#below)" }),
    shape("path", { class: "line", d: `M${line}` }),
    ...jumps(probabilities, words, x, y, width),
    shape("line", { class: "cursor", y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
    shape("circle", { class: "cursor", r: 5 }),
  ]);
  curve.setAttribute("aria-valuemin", 1);
  curve.setAttribute("aria-valuemax", probabilities.length);
  pointAt(shown.at);
}

/** Return labels for the words at which the answer changed most, as far as they have room. */
function jumps(probabilities, words, x, y, width) {
  const change = probabilities.map((probability, index) => probability - (index ? probabilities[index - 1] : 0.5));
  const order = [...change.keys()].sort((one, other) => Math.abs(change[other]) - Math.abs(change[one]));
  const taken = [];
  for (const index of order) {
    if (taken.length === LABELS || Math.abs(change[index]) < 0.1) break;
    const long = 10 + 8 * words[index].length;
    const right = Math.max(x(index) - 4, MARGIN.left + long); // left of the step's end, where the curve is not
    const bottom = Math.min(y(probabilities[index]) + (change[index] > 0 ? -9 : 17), y(0) - 6);
    const free = (other) => right - long > other.right || right < other.right - other.long
      || Math.abs(bottom - other.bottom) > 18;
    if (right <= width && taken.every(free)) taken.push({ index, right, long, bottom });
  }
  return taken.map(({ index, right, bottom }) =>
    shape("text", { class: "jump", x: right, y: bottom, "text-anchor": "end" }, words[index]));
}

function pointAt(index) {
  const { words, attributions, prefix_probabilities: probabilities, marks, x, y } = shown;
  const { curve, readout } = parts;
  marks[shown.at]?.classList.remove("at");
  shown.at = Math.min(Math.max(index, 0), words.length - 1);
  marks[shown.at]?.classList.add("at");
  const [line, dot] = curve.querySelectorAll(".cursor");
  line.setAttribute("x1", x(shown.at));
  line.setAttribute("x2", x(shown.at));
  dot.setAttribute("cx", x(shown.at));
  dot.setAttribute("cy", y(probabilities[shown.at]));
  const told = `adds ${signed(attributions[shown.at])}; ${percent(probabilities[shown.at])} ${shown.target} so far`;
  const place = `word ${shown.at + 1} of ${words.length}`;
  fill(readout, [element("b", {}, `\u201c${words[shown.at]}\u201d`), `, ${place}, ${told}`]);
  curve.setAttribute("aria-valuenow", shown.at + 1);
  curve.setAttribute("aria-valuetext", `${words[shown.at]}, ${place}, ${told}`);
}

function shape(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

parts.curve.addEventListener("pointermove", (event) => {
  const { left, width } = parts.curve.getBoundingClientRect();
  const inner = width - MARGIN.left - MARGIN.right;
  pointAt(Math.round(((event.clientX - left - MARGIN.left) / inner) * (shown.words.length - 1)));
});
parts.curve.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 };
  const ends = { Home: 0, End: shown.words.length - 1 };
  if (!(event.key in steps) && !(event.key in ends)) return;
  event.preventDefault();
  pointAt(ends[event.key] ?? shown.at + steps[event.key]);
});
parts.words.addEventListener("pointerover", (event) => {
  if (event.target.dataset.index) pointAt(Number(event.target.dataset.index));
});
new ResizeObserver(() => shown && draw()).observe(parts.curve);
