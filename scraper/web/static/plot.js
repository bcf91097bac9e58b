// One chart: the curves of one metric, drawn by uPlot, with marks, a tooltip and the cursor it shares with all others.
/* global uPlot */

import { clock, duration, h, shown } from "./text.js";

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const NEAR = 7; // pixels within which an event's mark is meant
const REACH = 16; // pixels beyond its ends within which a curve is still under the cursor
// Ticks at whole steps, and at lengths of time that people use.
const TICKS = {
  step: Array.from({ length: 14 }, (_, i) => [1, 2, 5].map((one) => one * 10 ** i)).flat(),
  relative: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000],
};
const GLYPHS = { NaN: "×", Infinity: "▲", "-Infinity": "▼" };
const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
};

// Debiased exponential mean that weighs by the distance along x, so that thinned-out stretches count as much as dense ones.
export function smoothed(xs, ys, weight) {
  const mean = (xs[xs.length - 1] - xs[0]) / Math.max(1, xs.length - 1) || 1;
  let before = null;
  let sum = 0;
  let share = 0;
  return ys.map((y, i) => {
    if (y === null) return null;
    const keep = before === null ? weight : weight ** Math.max(0, (xs[i] - before) / mean);
    sum = sum * keep + y * (1 - keep);
    share = share * keep + (1 - keep);
    before = xs[i];
    return share > 0 ? sum / share : y;
  });
}

// The index of the nearest place in an ascending list.
export function nearest(xs, x) {
  let low = 0;
  let high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle;
    else high = middle;
  }
  return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
}

// What uPlot draws of a curve of the API: places, finite values, and apart from them what is not finite.
function prepared(curve, how) {
  const { xs, values } = curve.data;
  const ys = values.map((value) => (typeof value === "number" && !(how.log && value <= 0) ? value : null));
  const marks = xs.flatMap((x, i) => (typeof values[i] === "string" ? [{ x, i, value: values[i] }] : []));
  const hidden = how.log ? values.filter((value) => typeof value === "number" && value <= 0).length : 0;
  return { ...curve, xs, ys, marks, hidden, soft: how.smooth > 0 && ys.length > 1 ? smoothed(xs, ys, how.smooth) : null };
}

export class Plot {
  // `told`: zoom(range), open(curve, position), hover(values by curve id or null)
  constructor(element, told) {
    this.element = element;
    this.told = told;
    this.tip = h("div", { className: "tip", hidden: true });
    this.uplot = null;
    this.curves = [];
    this.events = [];
    this.sizes = new ResizeObserver(() => this.uplot?.setSize(this.size()));
    this.sizes.observe(element);
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("blur", () => { this.tip.hidden = true; });
  }

  size() {
    return { width: Math.max(120, this.element.clientWidth), height: Math.max(120, this.element.clientHeight) };
  }

  // Draws curves ({id, name, colour, dash, data}) with events ({x, kind, line, at, run, colour}); returns how many values log y hides.
  draw(curves, events, how) {
    this.how = how;
    this.events = events;
    this.curves = curves.map((curve) => prepared(curve, how));
    const shape = JSON.stringify([how.x, how.log, how.theme, this.curves.map((curve) => [curve.id, curve.colour, curve.soft !== null])]);
    const tables = this.curves.map((curve) => (curve.soft ? [curve.xs, curve.ys, curve.soft] : [curve.xs, curve.ys]));
    const data = tables.length ? uPlot.join(tables) : [[], []];
    if (this.uplot && shape === this.shape) this.uplot.setData(data, false);
    else this.build(data);
    this.shape = shape;
    this.fit();
    return this.curves.reduce((sum, curve) => sum + curve.hidden, 0);
  }

  // Shows the zoomed range, or everything.
  fit() {
    const xs = this.uplot.data[0];
    const whole = xs.length ? [xs[0], xs[xs.length - 1]] : [0, 1];
    if (whole[0] === whole[1]) whole.splice(0, 2, whole[0] - 0.5, whole[0] + 0.5);
    const [min, max] = this.how.zoom ?? whole;
    this.uplot.setScale("x", { min, max });
  }

  build(data) {
    this.uplot?.destroy();
    const of = colours();
    const series = [{}];
    for (const curve of this.curves) {
      const line = { stroke: curve.colour, dash: DASHES[curve.dash % DASHES.length], points: { show: (u, i) => this.sparse(u, i), size: 4 } };
      series.push({ ...line, width: curve.soft ? 1 : 1.5, alpha: curve.soft ? 0.28 : 1 });
      if (curve.soft) series.push({ ...line, width: 2, points: { show: false } });
    }
    if (series.length === 1) series.push({});
    const axis = { stroke: of("quiet"), grid: { stroke: of("grid"), width: 1 }, ticks: { stroke: of("line"), width: 1, size: 4 }, font: "11px system-ui" };
    const places = { step: (value) => value.toLocaleString("en"), epoch: String, relative: duration };
    const place = places[this.how.x];
    this.uplot = new uPlot({
      ...this.size(),
      legend: { show: false },
      scales: { x: { time: this.how.x === "time" }, y: this.how.log ? { distr: 3 } : { range: (u, low, high) => padded(low, high) } },
      axes: [
        { ...axis, size: this.how.x === "time" ? 44 : 30, space: 70, ...(TICKS[this.how.x] ? { incrs: TICKS[this.how.x] } : {}), ...(place ? { values: (u, ticks) => ticks.map(place) } : {}) },
        { ...axis, size: 56, values: (u, ticks) => ticks.map((tick) => (tick === null ? "" : short(tick))) },
      ],
      series,
      cursor: {
        drag: { x: true, y: false, setScale: false },
        sync: { key: "scraper", setSeries: false, filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
        points: { show: false },
        bind: { dblclick: () => () => this.told.zoom(null) },
      },
      hooks: {
        setSelect: [(u) => this.selected(u)],
        setCursor: [() => this.cursor()],
        draw: [(u) => this.marks(u)],
        ready: [(u) => u.over.addEventListener("click", () => this.open())],
      },
    }, data, this.element);
    this.uplot.over.append(this.tip);
    this.uplot.over.addEventListener("mouseleave", () => { this.tip.hidden = true; });
  }

  sparse(u, index) {
    return u.data[index].length < 40 || u.data[index].filter((y) => typeof y === "number").length < 3;
  }

  selected(u) {
    const { left, width } = u.select;
    if (width < 4) return;
    this.dragged = performance.now();
    const ends = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    const digits = Math.max(0, Math.ceil(3 - Math.log10(ends[1] - ends[0]))); // to a thousandth of the range: an address people can read
    const range = ends.map((end) => Number(end.toFixed(Math.min(digits, 20))));
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.told.zoom(range);
  }

  // What lies under the cursor: of every curve the nearest point, and the curve that is nearest in height.
  under() {
    const { left, top } = this.uplot.cursor;
    if (left === undefined || left < 0) return null;
    const x = this.uplot.posToVal(left, "x");
    const [low, high] = [left + REACH, left - REACH].map((place) => this.uplot.posToVal(place, "x"));
    const found = this.curves.filter((curve) => curve.xs.length && curve.xs[0] <= low && curve.xs[curve.xs.length - 1] >= high).map((curve) => {
      const i = nearest(curve.xs, x);
      const y = curve.soft?.[i] ?? curve.ys[i];
      return { curve, i, away: y === null ? 1e6 : Math.abs(this.uplot.valToPos(y, "y") - top) };
    });
    const event = this.events.find((one) => Math.abs(this.uplot.valToPos(one.x, "x") - left) <= NEAR);
    return found.length ? { all: found, best: found.reduce((one, other) => (other.away < one.away ? other : one)), event } : null;
  }

  cursor() {
    const found = this.under();
    this.told.hover(found && new Map(found.all.map(({ curve, i }) => [curve.id, curve.data.values[i]])));
    const hovered = found && (this.uplot.over.matches(":hover") || document.activeElement === this.element);
    this.tip.hidden = !hovered;
    if (hovered) this.describe(found);
  }

  describe({ best: { curve, i }, event }) {
    const { data } = curve;
    const rows = [
      data.steps[i] === null ? null : `step ${data.steps[i].toLocaleString("en")}`,
      data.epochs[i] === null ? null : `epoch ${shown(data.epochs[i])}`,
      `value ${shown(data.values[i])}`,
      curve.soft && curve.soft[i] !== null ? `smoothed ${shown(curve.soft[i])}` : null,
      data.times[i] === null ? null : clock(data.times[i]),
      event ? `${event.kind}: ${event.line}`.slice(0, 120) : null,
    ];
    const name = h("b", {}, curve.name);
    name.style.color = curve.colour;
    this.tip.replaceChildren(name, ...rows.filter(Boolean).map((row) => h("div", {}, row)));
    const { left, top } = this.uplot.cursor;
    const room = this.uplot.over.clientWidth;
    this.tip.style.left = left > room / 2 ? "" : `${left + 14}px`;
    this.tip.style.right = left > room / 2 ? `${room - left + 14}px` : "";
    this.tip.style.top = `${Math.max(0, Math.min(top - 20, this.uplot.over.clientHeight - 90))}px`;
  }

  open() {
    if (performance.now() - (this.dragged ?? -1e6) < 300) return; // the end of a drag, no click
    const found = this.under();
    if (!found) return;
    if (found.event) this.told.open(found.event.run, found.event.at);
    else this.told.open(found.best.curve.run, found.best.curve.data.positions[found.best.i]);
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key === "Enter") this.open();
    else if (event.key in moves && this.curves[0]?.xs.length) {
      const { xs, ys } = this.curves[0];
      const { left } = this.uplot.cursor;
      const now = left === undefined || left < 0 ? 0 : nearest(xs, this.uplot.posToVal(left, "x"));
      const next = Math.min(xs.length - 1, Math.max(0, now + moves[event.key] * (event.shiftKey ? 20 : 1)));
      this.uplot.setCursor({ left: this.uplot.valToPos(xs[next], "x"), top: ys[next] === null ? 20 : this.uplot.valToPos(ys[next], "y") });
      event.preventDefault();
    }
  }

  // Events as dashed lines from top to bottom, values that are not finite as glyphs on the edge.
  marks(u) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.setLineDash([3 * ratio, 4 * ratio]);
    for (const event of this.events) {
      const x = Math.round(u.valToPos(event.x, "x", true));
      ctx.globalAlpha = 0.55;
      ctx.strokeStyle = event.colour;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.fillStyle = event.colour;
      ctx.textAlign = "left";
      ctx.font = `${10 * ratio}px system-ui`;
      ctx.fillText(event.kind.slice(0, 1).toUpperCase(), x + 3 * ratio, bbox.top + 10 * ratio);
    }
    ctx.font = `bold ${13 * ratio}px system-ui`;
    ctx.textAlign = "center";
    for (const curve of this.curves) {
      ctx.fillStyle = curve.colour;
      for (const mark of curve.marks) {
        const y = mark.value === "Infinity" ? bbox.top + 12 * ratio : bbox.top + bbox.height - 3 * ratio;
        ctx.fillText(GLYPHS[mark.value], u.valToPos(mark.x, "x", true), y);
      }
    }
    ctx.restore();
  }

  destroy() {
    this.sizes.disconnect();
    this.uplot?.destroy();
    this.uplot = null;
  }
}

function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(1).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}
