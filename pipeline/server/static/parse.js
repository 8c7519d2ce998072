// Files of reviews: from their text to rows, and from rows with answers to CSV.

/** Return the rows of a file: `{text}` each, or `{text, error}` for one that cannot be asked about. */
export function parseFile(name, content) {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const parse = { txt: parseLines, csv: parseTable, jsonl: parseObjects }[ending];
  if (!parse) throw new Error(`${name}: expected a file that ends in .txt, .csv or .jsonl.`);
  const rows = parse(content.replace(/^\ufeff/, ""));
  if (!rows.length) throw new Error(`${name}: there is no review in it.`);
  return rows.map((row) => ({ ...row, text: row.text.toWellFormed?.() ?? row.text }));
}

const lines = (content) => content.split(/\r\n|\n|\r/).filter((line) => line.trim());

const parseLines = (content) => lines(content).map((text) => ({ text }));

function parseObjects(content) {
  return lines(content).map((line) => {
    try {
      const { text } = JSON.parse(line);
      if (typeof text === "string") return { text };
    } catch {
      return { text: line, error: "not JSON" };
    }
    return { text: line, error: "no field text in it" };
  });
}

function parseTable(content) {
  const [head = [], ...records] = parseCsv(content);
  const column = head.findIndex((name) => name.trim().toLowerCase() === "text");
  if (column < 0) throw new Error(`Expected a column named text; found ${head.join(", ") || "none"}.`);
  return records
    .filter((record) => record.some((field) => field.trim()))
    .map((record) => (column < record.length ? { text: record[column] } : { text: "", error: "no such column" }));
}

/** Return the records of CSV as RFC 4180 has it: quotes, doubled quotes, line ends inside of quotes. */
export function parseCsv(content) {
  const records = [];
  let record = [];
  // a field, quoted or not, and what ends it
  for (const [all, quoted, plain, end] of content.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|\n|\r|$)/g)) {
    if (!all && !record.length) break; // behind the last line's end
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      records.push(record);
      record = [];
    }
    if (!end) break;
  }
  return records;
}

/** Return CSV of the rows and their answers, with the columns of `sentiment infer`. */
export function writeCsv(rows) {
  const share = rows.some((row) => row.probabilities) ? "probabilities" : "positive";
  const columns = ["label", "probability", share, "words", "unknown", "cut", "error"];
  const plain = (value) => (typeof value === "object" ? JSON.stringify(value) : value);
  const records = rows.map((row, number) => [number + 1, row.text, ...columns.map((name) => plain(row[name] ?? ""))]);
  const quote = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return [["row", "text", ...columns], ...records].map((record) => record.map(quote).join(",") + "\r\n").join("");
}
