// The drawer below the charts: a log line in context, the log's end, the summary table, differences, help.

import * as api from "./api.js";
import { details } from "./charts.js";
import { set, view } from "./state.js";
import { clock, h, plain, shown } from "./text.js";

const drawer = document.getElementById("drawer");
const title = document.getElementById("drawer-title");
const body = document.getElementById("drawer-body");
let asked = 0; // the newest question; answers to older ones are dropped

const KEYS = [
  ["/", "filter runs"], ["m", "find metrics"], ["x", "next x axis"], ["y", "log y"], ["[ ]", "less or more smoothing"], ["0", "zoom out"],
  ["s", "summary"], ["d", "differences"], ["l", "log"], ["Esc", "close"], ["← →", "move along the chart in focus"], ["Enter", "open its log line"],
];

const name = (id) => details.get(id)?.name ?? id;

const table = (headers, rows) => h("table", { className: "facts" },
  h("thead", {}, h("tr", {}, ...headers.map((one) => h("th", { scope: "col" }, one)))),
  h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", { className: cell?.number ? "number" : "" }, cell?.number ?? cell ?? "–"))))));

async function line(at) {
  const [id, position] = at.split("@");
  const found = await api.run(id, "/lines", { at: position, context: 12 });
  const text = (one) => `${plain(one)}\n`;
  const here = h("span", { className: "here" }, text(found.text));
  return [`${name(id)}: ${found.path}, byte ${found.offset.toLocaleString("en")}`,
    h("pre", {}, found.before.map(text).join(""), here, found.after.map(text).join("")), () => here.scrollIntoView({ block: "center" })];
}

async function log() {
  const id = view.runs[view.runs.length - 1];
  if (!id) return ["Log", h("p", { className: "quiet" }, "Choose a run to see the end of its log.")];
  const found = await api.run(id, "/log", { lines: 300 });
  const text = found.lines.map(plain).join("\n");
  return [`${name(id)}: ${found.path || "log"}`, text ? h("pre", {}, text) : h("p", { className: "quiet" }, "Nothing was printed yet."), () => {
    body.scrollTop = body.scrollHeight;
  }];
}

async function summary() {
  const rows = view.runs.flatMap((id) => (details.get(id)?.metrics ?? []).map((one) => [
    name(id), one.key, ...[one.count.toLocaleString("en"), shown(one.first.value, one.format), shown(one.last.value, one.format, one.unit),
      one.best ? shown(one.best.value, one.format) : "–", one.best ? String(one.best.step ?? `epoch ${one.best.epoch}`) : "–",
      shown(one.mean, one.format), one.non_finite || "–"].map((number) => ({ number: String(number) }))]));
  const states = view.runs.filter((id) => details.has(id)).map((id) => {
    const run = details.get(id);
    const lines = run.coverage.lines ? `${run.coverage.matched.toLocaleString("en")} of ${run.coverage.lines.toLocaleString("en")} lines held metrics` : "";
    return h("p", { className: "quiet" }, [`${run.name}: ${run.status}`, `started ${clock(run.started)}`, run.config.host, run.config.git_commit,
      lines, run.note].filter(Boolean).join(" · "));
  });
  return ["Summary", h("div", {}, ...states, table(["run", "metric", "count", "first", "last", "best", "best at", "mean", "NaN/inf"], rows))];
}

async function diff() {
  if (view.runs.length < 2) return ["Differences", h("p", { className: "quiet" }, "Choose at least two runs to see what differs between them.")];
  const found = await api.get("/differences", { run: view.runs });
  const cell = (value) => (value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  if (!found.differences.length) return ["Differences", h("p", { className: "quiet" }, "Nothing that was recorded of these runs differs.")];
  return ["Differences", table(["", ...found.runs.map(name)], found.differences.map((one) => [one.name, ...one.values.map(cell)]))];
}

async function help() {
  return ["Keys", h("div", {}, table(["key", "does"], KEYS.map(([key, does]) => [h("kbd", {}, key), does])),
    h("p", { className: "quiet" }, "Drag in a chart to zoom all, double-click to zoom out, click a point for its log line. × ▲ ▼ mark NaN, inf and -inf; dashed lines mark events. The address bar holds the view."))];
}

const SHOWS = { line: () => line(view.at), log, summary, diff, help };

// Shows what the view says, or nothing. A live log stays at its end unless one has scrolled up.
export async function show({ moved = false } = {}) {
  const what = SHOWS[view.open];
  if (!what) {
    drawer.hidden = true;
    return;
  }
  const question = ++asked;
  const atEnd = drawer.hidden || body.scrollTop + body.clientHeight >= body.scrollHeight - 40;
  const wasHidden = drawer.hidden;
  drawer.hidden = false;
  try {
    const [heading, content, after] = await what();
    if (question !== asked) return;
    title.textContent = heading;
    body.replaceChildren(content);
    if (after && (!moved || atEnd)) after();
  } catch (error) {
    if (question !== asked) return;
    title.textContent = "Not available";
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
