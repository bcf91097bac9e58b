// The list of runs: which there are, which are looked at.

import * as api from "./api.js";
import { set, view } from "./state.js";
import { age, colour, h, pattern, reason } from "./text.js";

const PAGE = 200;
const MOST = 50; // runs looked at together
const list = document.getElementById("run-list");
const count = document.getElementById("run-count");
const filter = document.getElementById("run-filter");
const state = document.getElementById("run-status");
const experiment = document.getElementById("run-experiment");
const all = document.getElementById("all-runs");
const more = document.getElementById("more-runs");
export let runs = [];
let next = null;
let listed = ""; // the experiment whose runs these are

const page = (parameters) => api.get(view.e ? `/experiments/${encodeURIComponent(view.e)}/runs` : "/runs", { limit: PAGE, ...parameters });

// Fetches the newest runs; older ones that were fetched stay.
export async function refresh() {
  const [found] = await Promise.all([page({}), experiments()]);
  if (listed !== view.e) runs = [];
  listed = view.e;
  const known = new Set(found.runs.map((run) => run.id));
  const oldest = found.runs[found.runs.length - 1]?.id ?? "";
  const older = found.next ? runs.filter((run) => !known.has(run.id) && run.id < oldest) : [];
  if (!older.length) next = found.next;
  runs = [...found.runs, ...older];
  show();
}

async function experiments() {
  const names = (await api.get("/experiments")).experiments.filter((one) => one.runs).map((one) => one.name);
  const options = ["", ...names];
  if (options.length !== experiment.options.length || options.some((name, i) => name !== experiment.options[i].value)) {
    experiment.replaceChildren(...options.map((name) => h("option", { value: name }, name || "all experiments")));
  }
  experiment.hidden = names.length < 2 && !view.e;
  experiment.value = view.e;
}

async function older() {
  const found = await page({ after: next });
  next = found.next;
  runs = [...runs, ...found.runs];
  show();
}

function fits(run, wanted) {
  return (!view.status || run.status === view.status) && wanted.test([run.name, run.id, run.experiment, ...run.tags].join(" "));
}

const fitting = () => {
  const wanted = pattern(view.q) ?? pattern("");
  return runs.filter((run) => fits(run, wanted));
};

export function show() {
  const wrong = pattern(view.q) === null;
  filter.classList.toggle("bad-input", wrong);
  filter.setAttribute("aria-invalid", wrong);
  const shown = fitting();
  all.title = `Look at ${shown.length > MOST ? `the newest ${MOST} of them` : "all of them"} together`;
  const known = `${runs.length}${next ? "+" : ""} ${runs.length === 1 ? "run" : "runs"}`;
  count.textContent = !runs.length ? "No run yet" : shown.length === runs.length ? known : `${shown.length} of ${known}`;
  more.hidden = !next;
  const focused = list.contains(document.activeElement) ? document.activeElement.value : null;
  list.replaceChildren(...shown.map(row));
  if (focused) list.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
}

function row(run) {
  const on = view.runs.includes(run.id);
  const box = h("input", { type: "checkbox", value: run.id, checked: on, onchange: () => toggle(run.id) });
  if (on) box.style.accentColor = colour(run.id);
  const when = h("span", { className: "run-age", title: `started ${new Date((run.started ?? run.heartbeat ?? 0) * 1000).toLocaleString()}` }, age(run.started ?? run.heartbeat));
  const told = [run.last_step === null ? "" : `step ${run.last_step.toLocaleString("en")}`, view.e ? "" : run.experiment, ...run.tags].filter(Boolean);
  const facts = h("span", { className: "run-facts" }, h("span", { className: `state state-${run.status}` }, run.status), [reason(run), ...told].join(" · "));
  return h("li", {}, h("label", { title: `${run.id}\n${run.command.join(" ")}` }, box, h("span", { className: "run-name" }, run.name), when, facts));
}

function toggle(id) {
  const chosen = view.runs.includes(id) ? view.runs.filter((one) => one !== id) : [...view.runs, id];
  set({ runs: chosen.slice(-MOST) }, { step: true });
}

export function start() {
  filter.value = view.q;
  state.value = view.status;
  filter.addEventListener("input", () => set({ q: filter.value }));
  state.addEventListener("change", () => set({ status: state.value }));
  experiment.addEventListener("change", () => set({ e: experiment.value }));
  more.addEventListener("click", older);
  all.addEventListener("click", () => set({ runs: fitting().slice(0, MOST).map((run) => run.id) }, { step: true }));
  document.getElementById("no-runs").addEventListener("click", () => set({ runs: [] }, { step: true }));
}
