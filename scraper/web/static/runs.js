// The list of runs: which there are, which are looked at.

import * as api from "./api.js";
import { set, view } from "./state.js";
import { age, colour, h, pattern } from "./text.js";

const PAGE = 200;
const MOST = 50; // runs looked at together
const list = document.getElementById("run-list");
const count = document.getElementById("run-count");
const filter = document.getElementById("run-filter");
const state = document.getElementById("run-status");
const more = document.getElementById("more-runs");
export let runs = [];
let next = null;

// Fetches the newest runs; older ones that were fetched stay.
export async function refresh() {
  const found = await api.get("/runs", { limit: PAGE });
  const known = new Set(found.runs.map((run) => run.id));
  const oldest = found.runs[found.runs.length - 1]?.id ?? "";
  const older = found.next ? runs.filter((run) => !known.has(run.id) && run.id < oldest) : [];
  if (!older.length) next = found.next;
  runs = [...found.runs, ...older];
  show();
}

async function older() {
  const found = await api.get("/runs", { limit: PAGE, after: next });
  next = found.next;
  runs = [...runs, ...found.runs];
  show();
}

function fits(run, wanted) {
  return (!view.status || run.status === view.status) && wanted.test([run.name, run.id, run.experiment, ...run.tags].join(" "));
}

export function show() {
  const wanted = pattern(view.q);
  filter.classList.toggle("bad-input", wanted === null);
  filter.setAttribute("aria-invalid", wanted === null);
  const shown = runs.filter((run) => fits(run, wanted ?? pattern("")));
  count.textContent = !runs.length ? "" : shown.length === runs.length ? `${runs.length} ${runs.length === 1 ? "run" : "runs"}` : `${shown.length} of ${runs.length} runs`;
  more.hidden = !next;
  const focused = document.activeElement?.value;
  list.replaceChildren(...shown.map(row));
  if (focused) list.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
}

// Why a run is in its state.
function reason(run) {
  if (run.signal) return ` by signal ${run.signal}`;
  return run.exit_code ? `, exit status ${run.exit_code}` : "";
}

function row(run) {
  const on = view.runs.includes(run.id);
  const box = h("input", { type: "checkbox", value: run.id, checked: on, onchange: () => toggle(run.id) });
  const swatch = h("span", on ? { className: "swatch", colour: colour(run.id) } : { className: "swatch" });
  const when = age(run.started ?? run.heartbeat);
  const facts = h("span", { className: "run-facts" }, h("span", { className: `state-${run.status}` }, run.status + reason(run)),
    ` · ${[run.experiment, run.last_step === null ? "" : `step ${run.last_step.toLocaleString("en")}`, when, ...run.tags].filter(Boolean).join(" · ")}`);
  return h("li", {}, h("label", { title: `${run.id}\n${run.command.join(" ")}` }, box, swatch, h("span", { className: "run-name" }, run.name), facts));
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
  more.addEventListener("click", older);
}
