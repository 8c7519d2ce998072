// Making elements, and figures as they are read. Text goes in as text only, never as HTML.

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function fill(node, children) {
  node.replaceChildren(...children);
}

export const percent = (fraction) => `${(100 * fraction).toFixed(1)}%`;

export const signed = (value) => (value < 0 ? "\u2212" : "+") + Math.abs(value).toFixed(2);

export const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

/** The classes of the largest probabilities, of the three largest those from number `first` on. */
export function likeliest(probabilities, first = 0) {
  const sorted = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  return sorted.slice(first, 3).map(([name, probability]) => `${percent(probability)} ${name}`).join(", ");
}
