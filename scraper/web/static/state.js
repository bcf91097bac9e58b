// What is looked at. It is all in the address bar, so that a copied address shows the same.

const DEFAULTS = { runs: [], e: "", q: "", status: "", m: "", x: "step", log: false, logx: false, smooth: 0, pins: [], large: [], closed: [], zoom: null, open: "", at: "" };
const listeners = [];
export const view = { ...DEFAULTS, ...read() };

function read() {
  const query = new URLSearchParams(location.search);
  const found = {};
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    if (!query.has(name)) continue;
    if (Array.isArray(standard)) found[name] = query.getAll(name);
    else if (name === "zoom") found[name] = query.get(name).split("~").map(Number);
    else if (typeof standard === "number") found[name] = Math.min(0.99, Math.max(0, Number(query.get(name)) || 0));
    else if (typeof standard === "boolean") found[name] = true;
    else found[name] = query.get(name);
  }
  if (found.zoom && !(found.zoom.length === 2 && found.zoom.every(Number.isFinite))) delete found.zoom;
  if (found.x && !["step", "epoch", "time", "relative"].includes(found.x)) delete found.x;
  return found;
}

function address() {
  const query = new URLSearchParams();
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const value = view[name];
    if (Array.isArray(standard)) value.forEach((one) => query.append(name, one));
    else if (name === "zoom") value && query.set(name, value.join("~"));
    else if (value !== standard) query.set(name, value === true ? "1" : value);
  }
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

const WRITE_MS = 200; // between two changes of the address: browsers refuse more than a few in a second
let written = -WRITE_MS;
let writing = null;

// Puts the view into the address: as a new page of the history for a `step`, else soon.
function write(step) {
  clearTimeout(writing);
  const wait = written + WRITE_MS - performance.now();
  if (!step && wait > 0) {
    writing = setTimeout(write, wait, false);
    return;
  }
  written = performance.now();
  history[step ? "pushState" : "replaceState"](null, "", address());
}

// Tells every listener which names changed.
export function set(changes, { step = false } = {}) {
  const names = Object.keys(changes).filter((name) => JSON.stringify(view[name]) !== JSON.stringify(changes[name]));
  if (!names.length) return;
  Object.assign(view, changes);
  write(step);
  listeners.forEach((listener) => listener(new Set(names)));
}

export const listen = (listener) => listeners.push(listener);

addEventListener("popstate", () => {
  Object.assign(view, DEFAULTS, read());
  listeners.forEach((listener) => listener(new Set(Object.keys(DEFAULTS))));
});
