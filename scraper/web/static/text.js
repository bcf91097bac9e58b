// Numbers, times and elements for people. Text from a log only ever becomes a text node.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "colour") element.style.backgroundColor = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
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

export const age = (moment) => (moment === null ? "" : `${duration(Date.now() / 1000 - moment)} ago`);
export const clock = (moment) => (moment === null || moment === undefined ? "–" : new Date(moment * 1000).toLocaleString());

// A printed line without colour codes and other control characters.
export const plain = (line) => line.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b./g, "")
  .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, "\ufffd");

// Distinct for the colour-blind (Okabe and Ito 2008; Tol 2021), readable on dark and on light.
const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56a3d9", "#882255", "#44aa99", "#7a5cc9", "#999933"];

// A run keeps its colour wherever it is shown: it comes from its id alone.
export function colour(id) {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  return PALETTE[(hash ^ (hash >>> 15)) % PALETTE.length];
}

export function pattern(text) {
  try {
    return { test: (value) => true, ...(text && matcher(new RegExp(text, "i"))) };
  } catch {
    return null; // not a regular expression yet, while it is typed
  }
}

const matcher = (expression) => ({ test: (value) => expression.test(value) });
