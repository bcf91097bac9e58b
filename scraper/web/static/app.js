// Puts the page together: the view, the tools, the keys, and the live connection that tells when to ask again.

import * as api from "./api.js";
import * as charts from "./charts.js";
import * as drawer from "./drawer.js";
import * as runs from "./runs.js";
import { listen, set, view } from "./state.js";
import { h, tidy } from "./text.js";

const AXES = ["step", "epoch", "time", "relative"];
const LIST_MS = 2000; // between two looks at the list of runs
const MOVED_MS = 500; // between two looks at what moved
const RETRY_MS = 3000;
const at = (id) => document.getElementById(id);
const message = at("message");
let stop = null; // how to end the live connection
let listAsked = -LIST_MS;
let listing = null; // the next look at the list
let retry = null;
let starting = false; // the view is being made up; nothing is to be asked for yet
let frame = null; // the next drawing while the slider moves
let notice = ""; // what to say beside what the charts report

function say(kind, ...content) {
  message.hidden = !content.length;
  message.className = kind;
  message.replaceChildren(...content.map((one) => (typeof one === "string" ? h("p", {}, one) : one)));
}

function status(kind, text) {
  at("status").className = kind;
  if (at("status").textContent !== text) at("status").textContent = text;
}

function failed(error) {
  at("grid").classList.remove("waiting");
  say("error", error.message, h("button", { type: "button", onclick: begin }, "Try again"));
  status("bad", "not connected");
  clearTimeout(retry);
  if (error.status === 0 || error.status === 503) retry = setTimeout(begin, RETRY_MS);
}

// What the charts report: how many metrics there are, fit and are drawn; or an error.
function counted(all, fitting, drawn) {
  if (all === null) return failed(fitting);
  const report = (...content) => say("", ...(notice ? [notice] : []), ...content);
  const names = view.runs.map((id) => charts.details.get(id)?.name ?? id).join(", ");
  document.title = names ? `${tidy(names.slice(0, 60))} · scraper` : "scraper";
  if (!runs.runs.length) report("No run yet. Record one with:", h("code", {}, "scraper run -- python train.py"));
  else if (!view.runs.length) report("Choose a run on the left to see its metrics.");
  else if (view.runs.some((id) => !charts.details.has(id))) report();
  else if (!all) report(`Metrics unavailable: nothing that ${names} printed was understood as a metric yet.`, h("code", {}, "scraper packs explain 'A LINE OF ITS LOG'"));
  else if (!fitting) report(`None of the ${all} metrics fits “${view.m}”.`);
  else if (drawn < fitting) report(`The first ${drawn} of ${fitting} metrics are drawn; find others by their name.`);
  else report();
  return undefined;
}

const gone = (error) => error.status === 404 && view.runs.length > 0;

async function learn(again) {
  try {
    await charts.learn(again);
  } catch (error) {
    if (!gone(error)) throw error;
    const known = new Set(runs.runs.map((run) => run.id));
    notice = error.message;
    set({ runs: view.runs.filter((id) => known.has(id)) });
    counted(0, 0, 0);
  }
}

// Starts from what the address says, or from the newest run.
async function begin() {
  clearTimeout(retry);
  try {
    await runs.refresh();
    starting = true;
    if (!view.runs.length && runs.runs.length) set({ runs: [runs.runs[0].id] });
    starting = false;
    await learn(view.runs);
    await drawer.show();
    connect();
  } catch (error) {
    failed(error);
  }
}

function connect() {
  stop?.();
  stop = null;
  if (document.hidden) return;
  stop = api.live(view.runs, moved, (gaveUp) => {
    status("bad", "connection lost; trying again");
    if (gaveUp) {
      clearTimeout(retry);
      retry = setTimeout(begin, RETRY_MS);
    }
  });
}

let waiting = null;
let newest = [];

function moved(states) {
  newest = states;
  const running = states.filter((state) => state.status === "running").length;
  status(running ? "live" : "", running ? `live: ${running} of ${states.length} running` : "up to date");
  waiting ??= setTimeout(async () => {
    waiting = null;
    await follow(newest).catch(failed);
  }, MOVED_MS);
}

// Asks again for the runs that printed something, and now and then for the list.
async function follow(states) {
  const differs = (state, known) => known && ["points", "status", "last_step"].some((name) => state[name] !== known[name]);
  const again = states.filter((state) => differs(state, charts.details.get(state.id))).map((state) => state.id);
  if (again.length) {
    await learn(again);
    if (view.open === "log" || view.open === "summary") await drawer.show({ moved: true });
  } else if (view.open === "log") await drawer.show({ moved: true });
  listing ??= setTimeout(() => {
    listing = null;
    listAsked = performance.now();
    runs.refresh().catch(failed);
  }, Math.max(0, listAsked + LIST_MS - performance.now()));
}

listen((changed) => {
  tools();
  if (["q", "status", "runs"].some((name) => changed.has(name))) runs.show();
  if (changed.has("e")) runs.refresh().catch(failed);
  if (changed.has("runs") && !starting) {
    if (view.runs.every((id) => runs.runs.some((run) => run.id === id)) && view.runs.length) notice = "";
    learn([]).then(connect).catch(failed);
    if (view.open) drawer.show({ moved: true });
  }
  if (changed.has("m") || changed.has("pins")) charts.layout();
  if (changed.has("x")) {
    charts.forget();
    if (view.zoom) set({ zoom: null });
  }
  if (["x", "zoom", "large"].some((one) => changed.has(one))) charts.redraw({ fetch: true });
  else if (["log", "logx", "smooth"].some((one) => changed.has(one))) charts.redraw();
  if (changed.has("open") || changed.has("at")) drawer.show();
});

function tools() {
  at("x").value = view.x;
  at("log").checked = view.log;
  at("logx").checked = view.logx;
  at("logx").disabled = view.x === "time";
  at("smooth").value = view.smooth;
  at("smooth-shown").textContent = view.smooth ? view.smooth.toFixed(2) : "off";
  at("unzoom").hidden = !view.zoom;
  if (document.activeElement !== at("metric-filter")) at("metric-filter").value = view.m;
}

const smoother = (change) => set({ smooth: Math.min(0.99, Math.max(0, Math.round((view.smooth + change) * 100) / 100)) });
const KEYS = {
  ...drawer.keys,
  "/": () => { at("runs").classList.add("open"); at("run-filter").focus(); },
  m: () => at("metric-filter").focus(),
  x: () => set({ x: AXES[(AXES.indexOf(view.x) + 1) % AXES.length] }),
  y: () => set({ log: !view.log }),
  "[": () => smoother(-0.1),
  "]": () => smoother(0.1),
  0: () => set({ zoom: null }),
};

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=search], select");
  if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== "Escape")) return;
  if (typing) event.target.blur();
  const does = KEYS[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

function theme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("scraper-theme", name);
  } catch { /* a browser that keeps nothing: the choice holds for this visit */ }
}

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
try {
  chosen = localStorage.getItem("scraper-theme");
} catch { /* as above: the system's theme it is */ }
document.documentElement.dataset.theme = chosen ?? (dark.matches ? "dark" : "light");
dark.addEventListener("change", () => {
  if (!chosen) document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  charts.redraw();
});

at("theme").addEventListener("click", () => {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  theme(chosen);
  charts.redraw();
});
at("show-runs").addEventListener("click", () => {
  const open = at("runs").classList.toggle("open");
  at("show-runs").setAttribute("aria-expanded", open);
});
at("tools").addEventListener("submit", (event) => event.preventDefault());
at("metric-filter").addEventListener("input", () => set({ m: at("metric-filter").value }));
at("x").addEventListener("change", () => set({ x: at("x").value }));
at("log").addEventListener("change", () => set({ log: at("log").checked }));
at("logx").addEventListener("change", () => set({ logx: at("logx").checked }));
at("smooth").addEventListener("input", () => {
  frame ??= requestAnimationFrame(() => {
    frame = null;
    set({ smooth: Number(at("smooth").value) });
  });
});
at("unzoom").addEventListener("click", () => set({ zoom: null }, { step: true }));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stop?.();
    stop = null;
    status("", "paused");
  } else begin();
});

charts.start(counted, (run, position) => set({ open: "line", at: `${run}@${position}` }, { step: true }));
runs.start();
drawer.start();
tools();
begin();
