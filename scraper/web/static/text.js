// Numbers, times and elements for people. Text from a log only ever becomes a text node.

// What could hide or turn around the text beside it: control characters, overrides of the direction, spaces without width.
const TRICKS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
export const tidy = (text) => text.replace(TRICKS, "\ufffd");

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "colour") element.style.backgroundColor = element.style.accentColor = value;
    else if (name in element) element[name] = name === "title" ? tidy(value) : value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : tidy(String(child)))));
  return element;
}

// The API's "NaN", "Infinity" and "-Infinity" as numbers; null stays null.
export const number = (value) => (typeof value === "string" ? Number(value) : value);

export function shown(value, form = "float", unit = "") {
  if (value === null || value === undefined) return "–";
  const exact = number(value);
  if (!Number.isFinite(exact)) return String(value);
  const size = Math.abs(exact);
  const digits = Number.isInteger(exact) && size < 1e7 ? exact.toLocaleString("en")
    : size >= 1000 && size < 1e6 ? exact.toFixed(2)
      : size >= 1e-4 && size < 1e7 ? String(Number(exact.toPrecision(4))) : exact.toExponential(3);
  return form === "percent" ? `${digits}%` : unit ? `${digits} ${unit}` : digits;
}

// A tick of an axis: at most about six characters.
export function compact(value) {
  const size = Math.abs(value);
  if (size >= 1e12 || (size > 0 && size < 1e-3)) return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  const [scale, letter] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  return `${Number((value / scale).toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 4 })}${letter}`;
}

export function duration(seconds) {
  let left = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]]) {
    if (left >= size || (size === 1 && parts.length === 0)) {
      parts.push(`${Math.floor(left / size)}${name}`);
      left %= size;
    } else if (parts.length) break;
  }
  return parts.slice(0, 2).join(" ");
}

// How long ago, in its largest unit.
export const age = (moment) => (moment === null ? "" : duration(Date.now() / 1000 - moment).split(" ")[0]);
export const clock = (moment) => (moment === null || moment === undefined ? "–" : new Date(moment * 1000).toLocaleString());

const SIGNALS = { 1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM" };

// Why a run is in its state.
export function reason(run) {
  if (run.signal) return ` by ${SIGNALS[run.signal] ?? `signal ${run.signal}`}`;
  return run.exit_code ? `, exit status ${run.exit_code}` : "";
}

// Distinct for the colour-blind (after Okabe and Ito 2008, and Tol 2021), each dark enough for white and light enough for black.
const PALETTE = {
  light: ["#0072b2", "#d55e00", "#00815e", "#b0558a", "#8f6a00", "#2b84c4", "#882255", "#2e8577", "#6a4bc0", "#76761f"],
  dark: ["#4fa8e0", "#ff8a3d", "#2fc79a", "#e594c3", "#dcb13c", "#8cc9f5", "#d9668f", "#6fd3c3", "#a88cf0", "#c9c95a"],
};
const given = new Map(); // run id -> place in the palette

// A run keeps its colour while the page is open, and has the same in the next visit unless another took it: it comes from its id.
export function colour(id) {
  const size = PALETTE.light.length;
  if (!given.has(id)) {
    let hash = 2166136261;
    for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
    const wanted = (hash ^ (hash >>> 15)) >>> 0;
    const uses = Array.from({ length: size }, (_, i) => [...given.values()].filter((place) => place === i).length);
    const places = Array.from({ length: size }, (_, i) => (wanted + i) % size);
    given.set(id, places.reduce((best, place) => (uses[place] < uses[best] ? place : best)));
  }
  return PALETTE[document.documentElement.dataset.theme === "dark" ? "dark" : "light"][given.get(id)];
}

// Lets the colours of runs that are looked at no more be given to others.
export function release(kept) {
  for (const id of given.keys()) if (!kept.includes(id)) given.delete(id);
}

// What tells whether a text fits a regular expression, whatever its case; null while it is none yet.
export function pattern(text) {
  try {
    const expression = new RegExp(text, "i");
    return { test: (value) => expression.test(value) };
  } catch {
    return null;
  }
}
