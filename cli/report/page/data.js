// What the page is about, and how it is written. All files of this folder are one function together.
// Names come from anywhere: they only ever become text nodes and attributes, never markup.
const data = JSON.parse(document.getElementById("data").textContent);

// made("td", {class: "number"}, "text", element, ...)
function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// A name of somebody else, whichever way it is written.
const named = (text) => made("bdi", { title: text.length > 80 ? text.slice(0, 2000) : undefined }, text);
const shortened = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 9)}…${text.slice(-8)}`);

const timeUnits = [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]];

// Three significant digits, all digits of what is larger.
function readable(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e15 || size < 1e-6) return number.toExponential(2);
  if (size >= 100) return Math.round(number).toLocaleString("en");
  return number.toLocaleString("en", { maximumSignificantDigits: 3 });
}

const unitEndings = [["_ns", "ns"], ["ns_per_op", "ns per operation"], ["_us", "µs"], ["_ms", "ms"],
  ["_bytes", "bytes"], ["_pct", "%"], ["ops_per_s", "operations/s"], ["procs", "CPUs"], ["tasks", "tasks"]];

// "ns_per_op" -> "time per operation (ns)"
function axisTitle(column) {
  if (column === "ns_per_op") return "time per operation (ns)";
  if (column === "cpu_ns_per_op") return "CPU time per operation (ns)";
  if (column === "ops_per_s") return "operations per second";
  if (column === "procs") return "procs (CPUs)";
  if (column === "tasks" || column === "tasks per CPU") return column;
  for (const [ending, unit] of unitEndings) {
    if (column.endsWith(ending) && column !== ending) return `${column.slice(0, -ending.length)} (${unit})`;
  }
  return column;
}

function withUnit(number, column) {
  if (number === null || number === undefined) return "–";
  const scale = column.endsWith("ns_per_op") || column.endsWith("_ns") ? 1
    : column.endsWith("_us") ? 1e3 : column.endsWith("_ms") ? 1e6 : 0;
  if (!scale) return readable(number);
  const ns = number * scale;
  const [unit, size] = timeUnits.findLast(([, least]) => Math.abs(ns) >= least) ?? timeUnits[0];
  return `${readable(ns / size)} ${unit}`;
}

// What tells cases apart, in the order in which it is told.
const fixedDimensions = ["run", "suite", "case", "impl", "vehicle", "procs", "tasks"];
const dimensions = [...fixedDimensions, ...data.parameters];

function dimensionOf(one, name) {
  if (name === "run") return data.runs[one.run].name;
  return fixedDimensions.includes(name) ? one[name] : one.parameters[name] ?? null;
}

function valuesOf(cases, name) {
  const seen = new Map();
  for (const one of cases) {
    const value = dimensionOf(one, name);
    if (value !== null) seen.set(typeof value + value, value);
  }
  const values = [...seen.values()];
  return values.every((v) => typeof v === "number") ? values.sort((a, b) => a - b) : values;
}

const varying = (cases) => dimensions.filter((name) => valuesOf(cases, name).length > 1);

// Measured in any order, listed in that of their names.
function inOrder(a, b) {
  for (const name of dimensions) {
    const [x, y] = [dimensionOf(a, name), dimensionOf(b, name)];
    if (x === y) continue;
    if (typeof x === "number" && typeof y === "number") return x - y;
    return String(x ?? "").localeCompare(String(y ?? ""), "en", { numeric: true });
  }
  return 0;
}
data.cases.sort(inOrder);
