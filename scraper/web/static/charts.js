// The grid of charts: which metrics there are, in which groups, and what is fetched for those that are seen.

import * as api from "./api.js";
import { Plot, nearest } from "./plot.js";
import { set, view } from "./state.js";
import { colour, h, pattern, release, shown } from "./text.js";

const BATCH = 8; // metrics asked for at once
const ADDRESS = 8000; // characters of metric names in one address, but for a single name that is longer
const CARDS = 300; // drawn at most; the rest is found by its name
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
  for (const { target, isIntersecting } of entries) target.card.visible = isIntersecting;
  load();
}, { root: document.getElementById("charts"), rootMargin: "150px" });

class Card {
  constructor(metric) {
    this.metric = metric;
    this.visible = false;
    this.curves = new Map(); // run id -> the API's curves of this metric, one a set of labels
    this.zoomed = new Map(); // the same for the zoomed range
    this.stale = new Set(); // run ids to fetch
    this.pin = h("button", { type: "button", onclick: () => this.toggle() }, "★");
    this.area = h("div", { className: "plot", tabIndex: 0, role: "img" });
    this.legend = h("tbody");
    this.note = h("p", { className: "note" });
    const head = h("tr", {}, ...["run", "at cursor", "last", "best"].map((name) => h("th", { scope: "col" }, name)));
    this.element = h("article", { className: "card loading" },
      h("div", { className: "card-head" }, h("h3", { title: metric }, metric), this.pin),
      this.area, h("table", { className: "legend" }, h("thead", {}, head), this.legend), this.note);
    this.element.card = this;
    this.plot = new Plot(this.area, { zoom: (range) => set({ zoom: range }, { step: true }), open: opened, hover: (values) => this.hover(values) });
    seen.observe(this.element);
  }

  toggle() {
    set({ pins: view.pins.includes(this.metric) ? view.pins.filter((name) => name !== this.metric) : [...view.pins, this.metric] });
  }

  hover(values) {
    for (const row of this.legend.rows) row.cells[1].textContent = values?.has(row.curve) ? shown(values.get(row.curve)) : "";
  }

  remove() {
    seen.unobserve(this.element);
    this.plot.destroy();
    this.element.remove();
  }

  facts(run) {
    return (details.get(run)?.metrics ?? []).filter((one) => one.name === this.metric);
  }

  // The curves to draw, each in its run's colour; further ones of that colour are dashed.
  drawn() {
    const used = new Map();
    const found = [];
    for (const run of view.runs) {
      const hue = colour(run);
      for (const data of (view.zoom && this.zoomed.get(run)) || this.curves.get(run) || []) {
        const dash = used.get(hue) ?? 0;
        used.set(hue, dash + 1);
        const labels = data.key.slice(data.metric.length);
        found.push({ id: `${run} ${data.key}`, run, key: data.key, name: `${details.get(run)?.name ?? run}${labels}`, colour: hue, dash, data });
      }
    }
    return found;
  }

  // Marks of what happened: where it says it did, else where it was printed among the points.
  marks(curves) {
    return [...new Map(curves.map((curve) => [curve.run, curve])).values()].flatMap((curve) => {
      const { positions, times, xs, x } = (this.curves.get(curve.run) ?? [])[0] ?? curve.data;
      if (!xs.length) return [];
      const own = { step: (event) => event.step, epoch: (event) => event.epoch, time: (event) => event.time,
        relative: (event) => (event.time === null || times[0] === null ? null : event.time - (times[0] - xs[0])) }[x];
      return (events.get(curve.run)?.list ?? []).slice(-200).map((event) => (
        { ...event, x: own(event) ?? xs[nearest(positions, event.at)], run: curve.run, colour: curve.colour }));
    });
  }

  show() {
    this.pin.setAttribute("aria-pressed", view.pins.includes(this.metric));
    this.pin.setAttribute("aria-label", `Pin ${this.metric}`);
    const curves = this.drawn();
    if (!this.visible || (!curves.length && this.stale.size)) return;
    const theme = document.documentElement.dataset.theme;
    const hidden = this.plot.draw(curves, this.marks(curves), { x: view.x, log: view.log, smooth: view.smooth, zoom: view.zoom, theme });
    this.element.classList.remove("loading");
    const notes = new Set(curves.map((curve) => curve.data.note).filter(Boolean));
    if (notes.size > 1 && curves.every((curve) => curve.data.downsampled)) {
      notes.clear();
      notes.add(`each curve shows the shape of up to ${Math.max(...curves.map((curve) => curve.data.raw_count)).toLocaleString("en")} points (m4)`);
    }
    if (hidden) notes.add(`${hidden} values at or below 0 are not on a log axis`);
    this.note.textContent = this.missing ?? [...notes].slice(0, 3).join(" · ");
    this.list(curves);
  }

  list(curves) {
    let spoken = "";
    this.legend.replaceChildren(...curves.map((curve) => {
      const facts = this.facts(curve.run).find((one) => one.key === curve.key);
      const last = shown(facts?.last.value, facts?.format, facts?.unit);
      const best = facts?.best ? shown(facts.best.value, facts.format) : "–";
      spoken += `${curve.name}: last ${last}, best ${best}. `;
      const dot = h("span", { className: `dot dash${curve.dash % 4}` });
      dot.style.borderTopColor = curve.colour;
      const where = facts?.best ? `best at ${facts.best.step ?? `epoch ${facts.best.epoch}`}` : "";
      const row = h("tr", {}, h("th", { scope: "row", title: curve.name }, dot, curve.name), h("td"), h("td", {}, last), h("td", { title: where }, best));
      row.curve = curve.id;
      return row;
    }));
    this.area.setAttribute("aria-label", `Chart of ${this.metric}. ${spoken.slice(0, 500)}Arrow keys move along it, Enter opens the log line.`);
  }
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
  const all = [...new Set(view.runs.flatMap((id) => (details.get(id)?.metrics ?? []).map((one) => one.name)))];
  const fitting = all.filter((name) => wanted.test(name) || view.pins.includes(name));
  const names = new Set(fitting.slice(0, CARDS));
  for (const [name, card] of cards) if (!names.has(name)) { card.remove(); cards.delete(name); }
  const groups = new Map();
  for (const name of names) {
    const title = view.pins.includes(name) ? "★" : group(name);
    groups.set(title, [...(groups.get(title) ?? []), name]);
  }
  const titles = [...groups.keys()].sort((one, other) => rank(one) - rank(other));
  place(titles.map((title) => [title, groups.get(title)]));
  for (const card of cards.values()) {
    for (const id of view.runs) if (stale.includes(id) || !card.curves.has(id)) card.stale.add(id);
    for (const id of card.curves.keys()) if (!view.runs.includes(id)) { card.curves.delete(id); card.zoomed.delete(id); }
    card.show();
  }
  said(all.length, fitting.length, names.size);
  load();
}

const rank = (title) => (title === "★" ? 0 : title === "" ? 1 : 2);

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
  visible.forEach((card) => card.show());
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
  const asked = { metric_type: batch.map((card) => card.metric), x: view.x, max_points: enough(batch[0].area.clientWidth) };
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

// Redraws what is seen; `fetch` also asks for its points anew, as another axis or range needs.
export function redraw({ fetch = false } = {}) {
  for (const card of cards.values()) {
    if (fetch) {
      card.zoomed.clear();
      view.runs.forEach((id) => card.stale.add(id));
    }
    card.show();
  }
  if (fetch) load();
}

// Forgets the points of another axis.
export function forget() {
  for (const card of cards.values()) {
    card.curves.clear();
    card.zoomed.clear();
    card.element.classList.add("loading");
  }
}
