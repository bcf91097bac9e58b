// Smoothing: a debiased exponential mean over every printed point, or over the means of stretches where there are too many of those.

export const SPAN = 1000; // a curve of more points than this is smoothed by the thousandth of it, for a point would be less than a pixel

// What to smooth of a curve of the API: places, values (null: not finite) and how many points each stands for. `before`: the whole
// curve, of which `data` is a part; its stretches in front of the part are where the average comes from.
export function basis(data, before) {
  const own = data.means ?? { xs: data.xs, values: data.values.map((value) => (typeof value === "number" ? value : null)), counts: null };
  const found = { xs: own.xs, ys: own.values, counts: own.counts ?? own.xs.map(() => 1) };
  if (!before || !own.xs.length) return found;
  const whole = basis(before);
  const end = whole.xs.findIndex((x) => x >= own.xs[0]);
  const front = (name) => [...whole[name].slice(0, end < 0 ? undefined : end), ...found[name]];
  return { xs: front("xs"), ys: front("ys"), counts: front("counts") };
}

// `weight` of the past from point to point, or from thousandth to thousandth of a curve of more than SPAN points.
export function smoothed({ ys, counts }, weight, total) {
  const share = Math.min(1, SPAN / Math.max(1, total));
  let sum = 0;
  let known = 0;
  return ys.map((y, i) => {
    if (y === null) return null;
    const keep = weight ** (counts[i] * share);
    sum = sum * keep + y * (1 - keep);
    known = known * keep + (1 - keep);
    return known > 0 ? sum / known : y;
  });
}
