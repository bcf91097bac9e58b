// One chart: the curves of one metric, drawn by uPlot, with marks, a tooltip and the cursor it shares with all others.
/* global uPlot */

import { basis, smoothed } from "./smooth.js";
import { clock, compact, duration, h, shown } from "./text.js";

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const NEAR = 7; // pixels within which an event's mark is meant
const REACH = 16; // pixels beyond its ends within which a curve is still under the cursor
const APART = 9; // pixels between two glyphs of one kind: closer ones would be a smear
// Ticks at whole steps, and at lengths of time that people use.
const TICKS = {
  step: Array.from({ length: 14 }, (_, i) => [1, 2, 5].map((one) => one * 10 ** i)).flat(),
  relative: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000],
};
const PLACES = { step: compact, epoch: compact, relative: duration };
const FARTHEST = 8e307; // what is shown where values lie so far apart that their distance is no number
const GLYPHS = { NaN: "×", Infinity: "▲", "-Infinity": "▼" };
const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
};

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

// Where places go back, as those of another attempt that cuts none, such as a fold.
const turns = (xs) => xs.flatMap((x, i) => (i && x !== null && x < xs[i - 1] ? [i] : []));

// Every list of a curve or of its means, cut at these indices.
function cut(lists, at) {
  const ends = [0, ...at, lists.xs.length];
  const part = (of, i) => (Array.isArray(of) ? of.slice(ends[i], ends[i + 1]) : of);
  return ends.slice(1).map((_, i) => Object.fromEntries(Object.entries(lists).map(([name, of]) => [name, part(of, i)])));
}

// A curve that goes back as several that do not, in its colour: uPlot draws what is in order.
export function pieces(curve) {
  const at = turns(curve.data.xs);
  if (!at.length) return [curve];
  const means = curve.data.means ? cut(curve.data.means, turns(curve.data.means.xs)) : [];
  const own = (i) => (means.length === at.length + 1 ? means[i] : null);
  const fold = (data) => curve.folds?.find((one) => one.attempts.includes(data.attempts[0]))?.name;
  const name = (data) => [curve.name, fold(data)].filter(Boolean).join(" · ");
  return cut(curve.data, at).map((data, i) => ({ ...curve, name: name(data), whole: null, data: { ...data, means: own(i) } }));
}

// What uPlot draws of a curve of the API: places, finite values, and apart from them what is not finite.
function prepared(curve, how) {
  const { xs, values } = curve.data;
  const fits = (x, y) => !(how.log && y <= 0) && !(how.logx && x <= 0);
  const placed = how.logx ? xs.map((x) => (x > 0 ? x : null)) : xs; // uPlot.join leaves out what has no place
  const ys = values.map((value, i) => (typeof value === "number" && fits(xs[i], value) ? value : null));
  const marks = xs.flatMap((x, i) => (typeof values[i] === "string" && fits(x, 1) ? [{ x, value: values[i] }] : []));
  const hidden = values.filter((value, i) => typeof value === "number" && !fits(xs[i], value)).length;
  const found = { ...curve, xs, placed, ys, marks, hidden, soft: null };
  if (how.smooth > 0 && xs.length > 1) {
    const from = basis(curve.data, curve.whole);
    const soft = smoothed(from, how.smooth, curve.data.raw_count);
    found.soft = { xs: from.xs, ys: soft.map((y, i) => (y !== null && fits(from.xs[i], y) ? y : null)) };
  }
  return found;
}

// A table of places and values as uPlot.join takes it: those without a place are left out.
const table = (xs, ys) => (xs.includes(null) ? [xs.filter((x) => x !== null), ys.filter((_, i) => xs[i] !== null)] : [xs, ys]);

export class Plot {
  // `told`: zoom(range), open(run, position), hover(values by curve id or null, id of the nearest)
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

  // Draws curves ({id, name, colour, dash, data, whole, facts, folds}) with events ({x, kind, line, at, run, colour}); returns how many values
  // logarithms hide.
  draw(curves, events, how) {
    this.how = how;
    this.events = how.logx ? events.filter((event) => event.x > 0) : events;
    this.curves = curves.flatMap(pieces).map((curve) => prepared(curve, how));
    const shape = JSON.stringify([how.x, how.log, how.logx, how.theme, this.curves.map((curve) => [curve.id, curve.colour, curve.soft !== null])]);
    const tables = this.curves.flatMap((curve) => [table(curve.placed, curve.ys), ...(curve.soft ? [softTable(curve.soft, how)] : [])]);
    const data = tables.length ? uPlot.join(tables) : [[], []];
    if (this.uplot && shape === this.shape) this.uplot.setData(data, false);
    else this.build(data);
    this.shape = shape;
    this.fit();
    return this.curves.reduce((sum, curve) => sum + curve.hidden, 0);
  }

  // Shows the zoomed range, or everything.
  fit() {
    const drawn = this.curves.filter((curve) => curve.xs.length);
    const xs = drawn.flatMap((curve) => [curve.xs[0], curve.xs[curve.xs.length - 1]]);
    const whole = xs.length ? [Math.min(...xs), Math.max(...xs)] : [0, 1];
    if (this.how.logx) whole[0] = this.uplot.data[0][0] ?? 0.1;
    if (whole[0] === whole[1]) whole.splice(0, 2, whole[0] - 0.5, whole[0] + 0.5);
    const [min, max] = this.how.zoom ?? whole;
    this.uplot.setScale("x", { min: this.how.logx ? Math.max(min, whole[0]) : min, max });
  }

  build(data) {
    this.uplot?.destroy();
    const of = colours();
    const series = [{}];
    for (const curve of this.curves) {
      const line = { stroke: curve.colour, dash: DASHES[curve.dash % DASHES.length], points: { show: (u, i) => this.sparse(u, i), size: 5 } };
      series.push({ ...line, width: curve.soft ? 1 : 1.5, alpha: curve.soft ? 0.25 : 1 });
      if (curve.soft) series.push({ ...line, width: 2, points: { show: false } });
    }
    if (series.length === 1) series.push({});
    this.uplot = new uPlot({
      ...this.size(),
      padding: [10, null, null, 0],
      legend: { show: false },
      scales: {
        x: { time: this.how.x === "time", ...(this.how.logx ? { distr: 3 } : {}) },
        y: this.how.log ? { distr: 3 } : { range: (u, low, high) => padded(low, high) },
      },
      axes: this.axes(of),
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

  axes(of) {
    const { x, logx } = this.how;
    const common = { stroke: of("quiet"), grid: { stroke: of("grid"), width: 1 }, ticks: { stroke: of("line"), width: 1, size: 4 }, font: "11px system-ui, sans-serif" };
    const place = PLACES[x];
    const places = place ? { values: (u, ticks) => written(ticks, place) } : {};
    return [
      { ...common, size: x === "time" ? 44 : 30, space: 70, ...(TICKS[x] && !logx ? { incrs: TICKS[x] } : {}), ...places },
      { ...common, size: 52, values: (u, ticks) => written(ticks, compact) },
    ];
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
      const soft = curve.soft ? curve.soft.ys[nearest(curve.soft.xs, curve.xs[i])] : null;
      const y = soft ?? curve.ys[i];
      return { curve, i, soft, away: y === null ? 1e6 : Math.abs(this.uplot.valToPos(y, "y") - top) };
    });
    const event = this.events.find((one) => Math.abs(this.uplot.valToPos(one.x, "x") - left) <= NEAR);
    return found.length ? { all: found, best: found.reduce((one, other) => (other.away < one.away ? other : one)), event } : null;
  }

  cursor() {
    const found = this.under();
    const hovered = found && (this.uplot.over.matches(":hover") || document.activeElement === this.element);
    this.told.hover(found && new Map(found.all.map(({ curve, i }) => [curve.id, curve.data.values[i]])), hovered ? found.best.curve.id : null);
    this.tip.hidden = !hovered;
    if (hovered) this.describe(found);
  }

  describe({ best: { curve, i, soft }, event }) {
    const { data, facts } = curve;
    const value = (one) => shown(one, facts?.format, facts?.unit);
    const rows = [
      ["step", data.steps[i] === null ? null : data.steps[i].toLocaleString("en")],
      ["epoch", data.epochs[i] === null ? null : shown(data.epochs[i])],
      ["value", value(data.values[i])],
      ["smoothed", soft === null ? null : value(soft)],
      ["time", data.times[i] === null ? null : clock(data.times[i])],
      ...(event ? [[event.kind, event.line.slice(0, 120)]] : []),
    ].filter(([, text]) => text !== null);
    const dot = h("span", { className: "dot", colour: curve.colour });
    this.tip.replaceChildren(h("b", {}, dot, curve.name), ...rows.map(([name, text]) => h("div", {}, h("span", {}, name), h("span", {}, text))));
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
      document.getElementById("spoken").textContent = this.tip.innerText;
      event.preventDefault();
    }
  }

  // Events as faint lines with a flag, values that are not finite as glyphs on the edge.
  marks(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this.flags(u, devicePixelRatio);
    ctx.font = `bold ${13 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    for (const curve of this.curves) this.glyphs(u, curve, devicePixelRatio);
    ctx.restore();
  }

  flags(u, ratio) {
    const { ctx, bbox } = u;
    ctx.font = `${10 * ratio}px system-ui, sans-serif`;
    let said = -1e9; // where the last letter stands: a further one beside it could not be read
    for (const event of [...this.events].sort((one, other) => one.x - other.x)) {
      const x = Math.round(u.valToPos(event.x, "x", true));
      ctx.fillStyle = event.colour;
      ctx.globalAlpha = 0.3;
      ctx.fillRect(x, bbox.top, ratio, bbox.height);
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.moveTo(x - 4 * ratio, bbox.top);
      ctx.lineTo(x + 4 * ratio, bbox.top);
      ctx.lineTo(x, bbox.top + 6 * ratio);
      ctx.fill();
      if (x - said > 18 * ratio) {
        const atEnd = x > bbox.left + bbox.width - 14 * ratio;
        ctx.textAlign = atEnd ? "right" : "left";
        ctx.fillText(event.kind.slice(0, 1).toUpperCase(), x + (atEnd ? -5 : 5) * ratio, bbox.top + 9 * ratio);
        said = x;
      }
    }
  }

  glyphs(u, curve, ratio) {
    const { ctx, bbox } = u;
    ctx.fillStyle = curve.colour;
    const last = {};
    for (const mark of curve.marks) {
      const x = u.valToPos(mark.x, "x", true);
      if (x - (last[mark.value] ?? -1e9) < APART * ratio) continue;
      last[mark.value] = x;
      ctx.fillText(GLYPHS[mark.value], x, mark.value === "Infinity" ? bbox.top + 14 * ratio : bbox.top + bbox.height - (mark.value === "NaN" ? 3 : 12) * ratio);
    }
  }

  destroy() {
    this.sizes.disconnect();
    this.uplot?.destroy();
    this.uplot = null;
  }
}

// Ticks as text, in full where the short form does not tell them apart. null: uPlot leaves that one out.
function written(ticks, short) {
  const texts = ticks.map((tick) => (tick === null ? "" : short(tick)));
  const told = texts.filter(Boolean);
  return new Set(told).size === told.length ? texts : ticks.map((tick) => (tick === null ? "" : Number(tick.toPrecision(12)).toLocaleString("en", { maximumFractionDigits: 9 })));
}

const softTable = ({ xs, ys }, how) => table(how.logx ? xs.map((x) => (x > 0 ? x : null)) : xs, ys);

function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  const ends = [low - room, high + room];
  return Number.isFinite(ends[1] - ends[0]) ? ends : [-FARTHEST, FARTHEST];
}
