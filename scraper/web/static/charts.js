// The grid of charts: which metrics there are, in which groups, and what is fetched for those that are seen.

import * as api from "./api.js";
import { Plot, nearest } from "./plot.js";
import { SPAN } from "./smooth.js";
import { set, view } from "./state.js";
import { colour, h, pattern, release, shown } from "./text.js";

const BATCH = 8; // metrics asked for at once
const ADDRESS = 8000; // characters of metric names in one address, but for a single name that is longer
const CARDS = 300; // drawn at most; the rest is found by its name
const TIERS = ["primary", "standard", "custom"];
const grid = document.getElementById("grid");
const cards = new Map(); // metric -> Card
export const details = new Map(); // run id -> what the server says of it
const events = new Map(); // run id -> its events, and how many there were
let said = () => {};
let opened = () => {};

export function start(say, open) {
  said = say;
  opened = open;
}

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.card.visible = isIntersecting;
    target.classList.toggle("seen", isIntersecting); // what is not seen must not be animated
  }
  load();
}, { root: document.getElementById("charts"), rootMargin: "150px" });

class Card {
  constructor(metric) {
    this.metric = metric;
    this.visible = false;
    this.curves = new Map(); // run id -> the API's curves of this metric, one a set of labels
    this.zoomed = new Map(); // the same for the zoomed range
    this.stale = new Set(); // run ids to fetch
    this.pin = h("button", { type: "button", title: "Pin to the top", onclick: () => this.toggle("pins") }, "★");
    this.grow = h("button", { type: "button", title: "Larger", onclick: () => this.toggle("large") }, "⤢");
    this.area = h("div", { className: "plot", tabIndex: 0, role: "img" });
    this.legend = h("tbody");
    this.note = h("p", { className: "note" });
    const head = h("tr", {}, ...["run", "at cursor", "last", "best"].map((name) => h("th", { scope: "col" }, name)));
    this.title = h("h3", {}, h("span", {}, metric));
    this.element = h("article", { className: "card loading" },
      h("div", { className: "card-head" }, this.title, this.grow, this.pin),
      this.area, h("div", { className: "legend", tabIndex: -1 }, h("table", {}, h("thead", {}, head), this.legend)), this.note);
    this.element.card = this;
    this.plot = new Plot(this.area, { zoom: (range) => set({ zoom: range }, { step: true }), open: opened, hover: (values, near) => this.hover(values, near) });
    seen.observe(this.element);
  }

  // Adds or takes this metric to or from a list of the view.
  toggle(list) {
    set({ [list]: view[list].includes(this.metric) ? view[list].filter((name) => name !== this.metric) : [...view[list], this.metric] });
  }

  hover(values, near) {
    for (const row of this.legend.rows) {
      row.cells[1].textContent = values?.has(row.curve) ? shown(values.get(row.curve), row.form) : "";
      row.classList.toggle("near", row.curve === near);
    }
  }

  remove() {
    seen.unobserve(this.element);
    this.plot.destroy();
    this.element.remove();
  }

  facts(run) {
    return (details.get(run)?.metrics ?? []).filter((one) => one.name === this.metric);
  }

  // What is to be drawn, each in its run's colour; further curves of that colour are dashed.
  expected() {
    const used = new Map();
    return view.runs.flatMap((run) => {
      const hue = colour(run);
      return this.facts(run).map((facts) => {
        const dash = used.get(hue) ?? 0;
        used.set(hue, dash + 1);
        const labels = facts.key.slice(facts.name.length);
        const { name, folds } = details.get(run);
        return { id: `${run} ${facts.key}`, run, facts, folds, name: `${name}${labels}`, colour: hue, dash };
      });
    });
  }

  drawn(expected) {
    return expected.flatMap((one) => {
      const named = (curves) => curves?.find((data) => data.key === one.facts.key);
      const whole = named(this.curves.get(one.run));
      const part = view.zoom && named(this.zoomed.get(one.run));
      return whole || part ? [{ ...one, data: part || whole, whole: part && whole }] : [];
    });
  }

  // Marks of what happened: where it says it did, else where it was printed among the points.
  marks(curves) {
    return [...new Map(curves.map((curve) => [curve.run, curve])).values()].flatMap((curve) => {
      const { positions, times, xs, x } = (this.curves.get(curve.run) ?? [])[0] ?? curve.data;
      if (!xs.length) return [];
      const own = { step: (event) => event.step, epoch: (event) => event.epoch, time: (event) => event.time,
        relative: (event) => (event.time === null || times[0] === null ? null : event.time - (times[0] - xs[0])) }[x];
      const marked = (events.get(curve.run)?.list ?? []).filter((event) => event.kind !== "fold"); // which begin where all curves do
      return marked.slice(-200).map((event) => (
        { ...event, x: own(event) ?? xs[nearest(positions, event.at)], run: curve.run, colour: curve.colour }));
    });
  }

  show() {
    for (const [button, list, name] of [[this.pin, "pins", "Pin"], [this.grow, "large", "Enlarge"]]) {
      button.setAttribute("aria-pressed", view[list].includes(this.metric));
      button.setAttribute("aria-label", `${name} ${this.metric}`);
    }
    this.element.classList.toggle("large", view.large.includes(this.metric));
    const expected = this.expected();
    this.describe(expected[0]?.facts);
    this.list(expected);
    if (!this.visible || this.stale.size) return;
    const curves = this.drawn(expected);
    const theme = document.documentElement.dataset.theme;
    const how = { x: view.x, log: view.log, logx: view.logx && view.x !== "time", smooth: view.smooth, zoom: view.zoom, theme };
    const hidden = this.plot.draw(curves, this.marks(curves), how);
    this.element.classList.remove("loading");
    this.note.textContent = this.note.title = this.missing ?? notes(curves, hidden).join(" · ");
  }

  // The title: the metric, which way is better, its unit; what it means as a tooltip.
  describe(facts) {
    if (!facts || this.title.children.length > 1) return;
    const better = { true: ["↑", "higher is better"], false: ["↓", "lower is better"] }[facts.higher_is_better];
    if (better) this.title.append(h("span", { className: "quiet", title: better[1], ariaLabel: better[1] }, better[0]));
    if (facts.unit) this.title.append(h("span", { className: "quiet" }, facts.unit));
    this.title.firstChild.title = [facts.label === this.metric ? "" : facts.label, facts.description, this.metric].filter(Boolean).join("\n");
  }

  list(expected) {
    let spoken = "";
    this.legend.replaceChildren(...expected.map(({ id, name, facts, colour: hue, dash }) => {
      const last = shown(facts.last.value, facts.format);
      const best = facts.best ? shown(facts.best.value, facts.format) : "–";
      spoken += `${name}: last ${last}, best ${best}. `;
      const dot = h("span", { className: `dot dash${dash % 4}` });
      dot.style.borderTopColor = hue;
      const where = facts.best ? h("small", {}, ` at ${facts.best.step?.toLocaleString("en") ?? `epoch ${facts.best.epoch}`}`) : null;
      const row = h("tr", {}, h("th", { scope: "row", title: name }, dot, name), h("td"), h("td", {}, last), h("td", {}, best, where));
      return Object.assign(row, { curve: id, form: facts.format });
    }));
    this.area.setAttribute("aria-label", `Chart of ${this.metric}. ${spoken.slice(0, 500)}Arrow keys move along it, Enter opens the log line.`);
  }
}

// What a reader should know about how curves are drawn, each thing once.
function notes(curves, hidden) {
  const found = new Set(curves.flatMap(({ data }) => data.note.split("; ").filter((part) => part && !part.endsWith("(m4)"))));
  const thinned = curves.filter(({ data }) => data.downsampled);
  const most = Math.max(0, ...thinned.map(({ data }) => data.raw_count));
  if (view.smooth && curves.length) {
    const long = curves.some(({ data }) => data.raw_count > SPAN);
    found.add(`bold: mean of all points, ${view.smooth.toFixed(2)} of the past ${long ? "per thousandth" : "per point"}`);
  }
  if (thinned.length) found.add(`shape of ${thinned.length > 1 ? "up to " : ""}${most.toLocaleString("en")} points; zoom in for more`);
  if (hidden) found.add(`${hidden.toLocaleString("en")} points at or below 0 are not on a log axis`);
  return [...found];
}

// Learns what the runs are; `again` names those that moved.
export async function learn(again = view.runs) {
  release(view.runs);
  for (const id of details.keys()) if (!view.runs.includes(id)) details.delete(id);
  const asked = view.runs.filter((id) => !details.has(id) || again.includes(id));
  await Promise.all(asked.map(async (id) => {
    const found = await api.run(id);
    if (found.id !== id) set({ runs: view.runs.map((one) => (one === id ? found.id : one)) });
    details.set(found.id, found);
  }));
  layout(again);
  await happenings();
}

// Fetches the events of runs that have some that are not known yet, and draws their marks.
async function happenings() {
  const total = (run) => Object.values(run.events).reduce((sum, one) => sum + one, 0);
  const behind = [...details.values()].filter((run) => total(run) && total(run) !== events.get(run.id)?.total);
  if (!behind.length) return;
  await Promise.all(behind.map(async (run) => {
    events.set(run.id, { total: total(run), list: (await api.run(run.id, "/events")).events });
  }));
  for (const card of cards.values()) card.show();
}

const group = (metric) => (metric.includes("/") ? metric.slice(0, metric.indexOf("/")) : "");

// Lays out groups and cards for the metrics of the runs looked at; `stale` names the runs whose points are to be fetched again.
export function layout(stale = []) {
  const wanted = pattern(view.m) ?? pattern("");
  const all = named();
  const fitting = all.filter((name) => wanted.test(name) || view.pins.includes(name));
  const names = new Set(fitting.slice(0, CARDS));
  for (const [name, card] of cards) if (!names.has(name)) { card.remove(); cards.delete(name); }
  const groups = new Map();
  for (const name of names) {
    const title = view.pins.includes(name) ? "★" : group(name);
    groups.set(title, [...(groups.get(title) ?? []), name]);
  }
  const titles = [...groups.keys()].sort((one, other) => (other === "★") - (one === "★"));
  grid.classList.remove("waiting");
  place(titles.map((title) => [title, groups.get(title)]));
  for (const card of cards.values()) {
    for (const id of view.runs) if (stale.includes(id) || !card.curves.has(id)) card.stale.add(id);
    for (const id of card.curves.keys()) if (!view.runs.includes(id)) { card.curves.delete(id); card.zoomed.delete(id); }
    card.show();
  }
  said(all.length, fitting.length, names.size);
  load();
}

// The metrics of the runs looked at: the important ones first, then in the order of their first printing.
function named() {
  const tiers = new Map();
  for (const one of view.runs.flatMap((id) => details.get(id)?.metrics ?? [])) {
    tiers.set(one.name, Math.min(tiers.get(one.name) ?? TIERS.length, TIERS.indexOf(one.tier)));
  }
  return [...tiers.keys()].sort((one, other) => tiers.get(one) - tiers.get(other));
}

function place(groups) {
  const old = new Map([...grid.children].map((element) => [element.dataset.title, element]));
  const sections = groups.map(([title, names]) => {
    const section = old.get(title) ?? made(title);
    const inside = names.map((name) => {
      if (!cards.has(name)) cards.set(name, new Card(name));
      return cards.get(name).element;
    });
    const holder = section.lastElementChild;
    if (inside.length !== holder.children.length || inside.some((element, i) => element !== holder.children[i])) holder.replaceChildren(...inside);
    section.open = !view.closed.includes(title);
    section.firstElementChild.textContent = `${title === "★" ? "Pinned" : title || "Metrics"} (${names.length})`;
    return section;
  });
  if (sections.length !== grid.children.length || sections.some((one, i) => one !== grid.children[i])) grid.replaceChildren(...sections);
}

function made(title) {
  const section = h("details", { className: "group", open: true }, h("summary"), h("div", { className: "cards" }));
  section.dataset.title = title;
  section.addEventListener("toggle", () => {
    const others = view.closed.filter((one) => one !== title);
    set({ closed: section.open ? others : [...others, title] });
  });
  return section;
}

let loading = null;
let again = false;

// Fetches what is stale and seen, one request a run and batch; called while it runs, it runs once more.
export async function load() {
  if (loading) { again = true; return; }
  loading = fetchSeen();
  try {
    await loading;
  } catch (error) {
    said(null, error);
  } finally {
    loading = null;
  }
  if (again) { again = false; load(); }
}

async function fetchSeen() {
  const visible = [...cards.values()].filter((card) => card.visible && card.stale.size);
  const jobs = [];
  for (const id of view.runs) {
    const due = visible.filter((card) => card.stale.has(id) && card.facts(id).length);
    visible.forEach((card) => { if (!due.includes(card)) card.stale.delete(id); });
    batches(due).forEach((batch) => jobs.push([id, batch]));
  }
  await Promise.all(jobs.map(([id, batch]) => fetchBatch(id, batch)));
  for (const card of visible) {
    card.show();
    await new Promise((done) => setTimeout(done)); // so that a key or a click need not wait for all of them
  }
}

// Parts cards into batches whose names fit into one address.
function batches(due) {
  const found = [];
  let room = 0;
  for (const card of due) {
    const length = encodeURIComponent(card.metric).length;
    if (length > room || found[found.length - 1].length === BATCH) {
      found.push([]);
      room = ADDRESS;
    }
    found[found.length - 1].push(card);
    room -= length;
  }
  return found;
}

// Points to ask for of each series: four a pixel show all there is to see, and with many runs each may be coarser.
const enough = (width) => (view.runs.length > 4 ? 1000 : Math.min(4000, Math.max(1, Math.ceil(width / 250)) * 1000));

async function fetchBatch(id, batch) {
  const asked = { metric_type: batch.map((card) => card.metric), x: view.x, max_points: enough(Math.max(...batch.map((card) => card.area.clientWidth))), means: view.smooth > 0 };
  const { x, zoom } = view;
  const found = await api.run(id, "/series", asked);
  if (x !== view.x) return; // the axis was changed meanwhile: they stay stale
  for (const card of batch) {
    const curves = found.series.filter((one) => one.metric === card.metric);
    card.curves.set(id, curves);
    card.missing = curves.length ? undefined : found.unavailable[card.facts(id)[0]?.key];
    card.stale.delete(id);
  }
  if (zoom) await fetchZoomed(id, batch, asked, zoom);
}

// Fetches the zoomed range in full detail, bounded by the steps of the points around it.
async function fetchZoomed(id, batch, asked, zoom) {
  const curves = batch.flatMap((card) => card.curves.get(id) ?? []).filter((curve) => curve.downsampled && curve.xs.length);
  if (!curves.length) return;
  const ends = curves.map((curve) => {
    const place = (i) => curve.steps[i] ?? curve.epochs[i] ?? 0;
    return [place(Math.max(0, nearest(curve.xs, zoom[0]) - 1)), place(Math.min(curve.xs.length - 1, nearest(curve.xs, zoom[1]) + 1))];
  });
  const bounds = { min_step: Math.min(...ends.map((one) => one[0])), max_step: Math.max(...ends.map((one) => one[1])) };
  const found = await api.run(id, "/series", { ...asked, ...bounds });
  if (zoom !== view.zoom) return; // zoomed on meanwhile
  const thinned = new Set(curves.map((curve) => curve.metric));
  for (const card of batch.filter((one) => thinned.has(one.metric))) card.zoomed.set(id, found.series.filter((one) => one.metric === card.metric));
}

// Redraws what is seen; `fetch` also asks for its points anew, as another axis or range needs, and smoothing for what was not smoothed.
export function redraw({ fetch = false } = {}) {
  for (const card of cards.values()) {
    if (fetch) card.zoomed.clear();
    for (const id of view.runs) if (fetch || (view.smooth && card.curves.get(id)?.some((data) => data.downsampled && !data.means))) card.stale.add(id);
    card.show();
  }
  load();
}

// Forgets the points of another axis.
export function forget() {
  for (const card of cards.values()) {
    card.curves.clear();
    card.zoomed.clear();
    card.element.classList.add("loading");
  }
}
