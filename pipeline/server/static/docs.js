// The HTTP interface for readers, from its OpenAPI description.

import { element, fill } from "./dom.js";

const EXAMPLE = '{"text": "A warm and witty film."}';

function section(path, method, route, schemas) {
  const bodies = route.requestBody ? variants(route.requestBody.content["application/json"].schema, schemas) : [];
  const answer = variants(route.responses["200"].content["application/json"].schema, schemas);
  const refusals = Object.entries(route.responses).filter(([status]) => status !== "200");
  return element("section", {},
    element("h2", { class: "route" }, element("code", {}, `${method.toUpperCase()} ${path}`)),
    element("p", {}, route.description ?? route.summary),
    element("pre", { tabindex: "0" }, element("code", {}, command(path, bodies.length))),
    ...bodies.map((schema, index) => fieldTable(index ? "or" : "It takes", schema, schemas)),
    ...answer.map((schema) => fieldTable("It answers", schema, schemas)),
    ...(refusals.length ? [element("p", { class: "muted small" }, "Otherwise an object with the field error and a status: "
      + `${refusals.map(([status, { description }]) => `${status} ${description}`).join(", ")}.`)] : []));
}

function command(path, posts) {
  const address = new URL(`.${path}`, location.href);
  return posts ? `curl ${address} \\\n  -H 'content-type: application/json' \\\n  -d '${EXAMPLE}'` : `curl ${address}`;
}

/** Return the object schemas that a schema stands for. */
function variants(schema, schemas) {
  if (schema.$ref) return variants(schemas[schema.$ref.split("/").at(-1)], schemas);
  return (schema.oneOf ?? schema.anyOf)?.flatMap((one) => variants(one, schemas)) ?? [schema];
}

function fieldTable(title, schema, schemas) {
  const rows = Object.entries(schema.properties).flatMap(([name, field]) => [
    row(name, field),
    ...(field.items?.anyOf ? variants(field.items, schemas).flatMap((one) =>
      Object.entries(one.properties).map(([inner, innerField]) => row(`${name}[].${inner}`, innerField))) : []),
  ]);
  return element("table", {},
    element("caption", { class: "hidden" }, title),
    element("thead", {}, element("tr", {}, ...[title, "Kind", ""].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows));
}

function row(name, field) {
  return element("tr", {}, element("th", { scope: "row" }, element("code", {}, ...breakable(name))),
    element("td", {}, kind(field)), element("td", {}, field.description ?? ""));
}

/** Return a name that is broken behind its dots only. */
function breakable(name) {
  return name.split(/(?<=\.)/).flatMap((part) => [part, element("wbr")]);
}

function kind({ type, items, maxItems, maxLength, minItems, enum: words }) {
  if (words) return words.map((word) => `"${word}"`).join(" or ");
  if (type === "array" && minItems === undefined) {
    return `list of ${items.type ?? "object"}s` + (maxItems ? `, at most ${maxItems.toLocaleString("en")}` : "")
      + (items.maxLength ? ` of ${items.maxLength.toLocaleString("en")} characters` : "");
  }
  return (type ?? "object") + (maxLength ? `, at most ${maxLength.toLocaleString("en")} characters` : "");
}

try {
  const { info, paths, components } = await (await fetch("openapi.json")).json();
  document.getElementById("about").textContent = `${info.title}, version ${info.version}. ${info.description}`;
  fill(document.getElementById("routes"), Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => section(path, method, route, components.schemas))));
} catch {
  document.getElementById("error").textContent = "The server does not answer. Is it still running?";
}
