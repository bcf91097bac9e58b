// The drawer below the charts: a log line in context, the log's end, the summary table, differences, help.

import * as api from "./api.js";
import { details } from "./charts.js";
import { printed } from "./log.js";
import { set, view } from "./state.js";
import { clock, colour, duration, h, number, reason, shown } from "./text.js";

const drawer = document.getElementById("drawer");
const title = document.getElementById("drawer-title");
const tools = document.getElementById("drawer-tools");
const body = document.getElementById("drawer-body");
const LINES = 500; // of a log's end
const CONTEXT = 15; // lines before and after a point's
let asked = 0; // the newest question; answers to older ones are dropped

const KEYS = [
  ["/", "filter runs"], ["m", "find metrics"], ["x", "next x axis"], ["y", "log y axis"], ["[ ]", "less or more smoothing"], ["0", "zoom out"],
  ["s", "summary"], ["d", "differences"], ["l", "log"], ["Esc", "close"], ["← →", "move along the chart in focus"], ["Enter", "open its log line"],
];

const name = (id) => details.get(id)?.name ?? id;
const num = (text) => h("td", { className: "number" }, text);
const count = (value) => num(value.toLocaleString("en"));
const quiet = (text) => h("p", { className: "quiet" }, text);
const called = (id) => [h("span", { className: "swatch", colour: colour(id) }), name(id)];

// A table; a header that ends in "#" is that of a column of numbers.
function table(headers, rows) {
  const head = headers.map((one) => h("th", { scope: "col", className: one.endsWith("#") ? "number" : "" }, one.replace(/#$/, "")));
  const cell = (one) => (one instanceof Node ? one : h("td", {}, one ?? "–"));
  return h("table", { className: "facts" }, h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, ...[first].flat()), ...rest.map(cell)))));
}

// The lines of a log, and a list to choose another run's from.
function choice(id, what) {
  if (view.runs.length < 2) return null;
  const options = view.runs.map((one) => h("option", { value: one, selected: one === id }, name(one)));
  return h("select", { ariaLabel: "Run whose log is shown", onchange: (event) => set({ at: event.target.value, open: what }) }, ...options);
}

async function line(at) {
  const [id, position] = at.split("@");
  const found = await api.run(id, "/lines", { at: position, context: CONTEXT });
  const here = printed(found.text, "here");
  return { heading: `${name(id)} · ${found.path} · byte ${found.offset.toLocaleString("en")}`,
    content: h("div", { className: "terminal" }, ...found.before.map((one) => printed(one)), here, ...found.after.map((one) => printed(one))),
    after: () => here.scrollIntoView({ block: "center" }) };
}

async function log() {
  const id = view.runs.includes(view.at) ? view.at : view.runs[view.runs.length - 1];
  if (!id) return { heading: "Log", content: quiet("Choose a run to see the end of its log.") };
  const found = await api.run(id, "/log", { lines: LINES });
  const content = found.lines.length ? h("div", { className: "terminal" }, ...found.lines.map((one) => printed(one))) : quiet("Nothing was printed yet.");
  return { heading: `${name(id)} · ${found.path || "log"}`, content, tool: choice(id, "log"), after: () => { body.scrollTop = body.scrollHeight; } };
}

function facts(run) {
  const until = run.ended ?? (run.status === "running" ? Date.now() / 1000 : run.heartbeat);
  const took = run.started === null || until === null || until < run.started ? "–" : duration(until - run.started);
  const happened = Object.entries(run.events).map(([kind, times]) => `${times} ${kind}`).join(", ");
  const { lines, matched } = run.coverage;
  const read = lines ? `${matched.toLocaleString("en")} of ${lines.toLocaleString("en")}` : "–";
  return [called(run.id), h("td", {}, h("span", { className: `state state-${run.status}` }, run.status), reason(run)), run.experiment, h("td", { className: "time" }, clock(run.started)),
    num(took), count(run.points), num(read), happened || "–", run.config.host || "–", run.config.git_commit?.slice(0, 8) || "–", run.tags.join(", ") || "–", run.note || "–"];
}

// One metric of one run; `wins`: it has the best value of the runs looked at.
const reached = (id, one, wins) => [called(id), h("td", { className: "name", title: one.key }, one.key), count(one.count), num(shown(one.first.value, one.format)), num(shown(one.last.value, one.format, one.unit)),
  h("td", { className: wins ? "number wins" : "number" }, one.best ? shown(one.best.value, one.format, one.unit) : "–"),
  num(one.best ? one.best.step?.toLocaleString("en") ?? `epoch ${one.best.epoch}` : "–"), num(shown(one.mean, one.format)), num(one.non_finite || "–")];

async function summary() {
  const shownRuns = view.runs.map((id) => details.get(id)).filter(Boolean);
  if (!shownRuns.length) return { heading: "Summary", content: quiet("Choose a run to see what it came to.") };
  const keys = [...new Set(shownRuns.flatMap((run) => run.metrics.map((one) => one.key)))];
  const rows = keys.flatMap((key) => {
    const found = shownRuns.flatMap((run) => run.metrics.filter((one) => one.key === key).map((one) => [run.id, one]));
    const values = found.filter(([, one]) => one.best).map(([, one]) => number(one.best.value) * (one.higher_is_better ? 1 : -1));
    const best = values.length > 1 ? Math.max(...values) : NaN;
    return found.map(([id, one]) => reached(id, one, one.best && number(one.best.value) * (one.higher_is_better ? 1 : -1) === best));
  });
  return { heading: "Summary", content: h("div", {},
    table(["run", "status", "experiment", "started", "took#", "points#", "lines with metrics#", "events", "host", "commit", "tags", "note"], shownRuns.map(facts)),
    table(["run", "metric", "count#", "first#", "last#", "best#", "best at#", "mean#", "NaN, inf#"], rows)) };
}

async function diff() {
  if (view.runs.length < 2) return { heading: "Differences", content: quiet("Choose at least two runs to see what differs between them.") };
  const found = await api.get("/differences", { run: view.runs });
  if (!found.differences.length) return { heading: "Differences", content: quiet("Nothing that was recorded of these runs differs.") };
  const cell = (value) => (value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  return { heading: "Differences", content: table(["fact", ...found.runs.map(name)], found.differences.map((one) => [one.name, ...one.values.map(cell)])) };
}

async function help() {
  return { heading: "Keys and help", content: h("div", {}, table(["key", "does"], KEYS.map(([key, does]) => [h("kbd", {}, key), does])),
    quiet("Drag in a chart to zoom all of them, double-click to zoom out, click a point for its log line. × ▲ ▼ at the edges mark NaN, inf and -inf; flags mark events. The address bar holds the view: a copied address shows the same.")) };
}

const SHOWS = { line: () => line(view.at), log, summary, diff, help };

// Shows what the view says, or nothing. A live log stays at its end unless one has scrolled up.
export async function show({ moved = false } = {}) {
  const what = SHOWS[view.open];
  for (const one of ["summary", "diff", "log", "help"]) document.getElementById(`show-${one}`).setAttribute("aria-pressed", view.open === one);
  if (!what) {
    drawer.hidden = true;
    return;
  }
  const question = ++asked;
  const atEnd = drawer.hidden || body.scrollTop + body.clientHeight >= body.scrollHeight - 40;
  const wasHidden = drawer.hidden;
  drawer.hidden = false;
  try {
    const { heading, content, tool, after } = await what();
    if (question !== asked) return;
    title.textContent = title.title = heading;
    tools.replaceChildren(...(tool ? [tool] : []));
    body.replaceChildren(content);
    if (after && (!moved || atEnd)) after();
  } catch (error) {
    if (question !== asked) return;
    title.textContent = "Not available";
    tools.replaceChildren();
    body.replaceChildren(h("p", {}, error.message));
  }
  if (wasHidden && !moved) drawer.focus();
}

const toggle = (what) => set({ open: view.open === what ? "" : what });

export function start() {
  document.getElementById("close-drawer").addEventListener("click", () => set({ open: "" }));
  for (const what of ["summary", "diff", "log", "help"]) document.getElementById(`show-${what}`).addEventListener("click", () => toggle(what));
}

export const keys = { s: () => toggle("summary"), d: () => toggle("diff"), l: () => toggle("log"), "?": () => toggle("help"), Escape: () => set({ open: "" }) };
