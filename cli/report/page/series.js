// From cases and what was chosen to lines: {name, points: [{x, y, low, high}]}, sorted by x.
const byOrder = "order of measuring";
const byRank = "percentile of samples";

function quantile(sorted, p) {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.ceil(at)] - sorted[low]) * (at - low);
}

// The interval of the median from order statistics, as results/statistics.hpp explains it.
function medianInterval(sorted) {
  const n = sorted.length;
  if (n > 1000) {  // the normal approximation, to a rank
    const r = Math.max(1, Math.floor((n - 1.96 * Math.sqrt(n)) / 2));
    return [sorted[r - 1], sorted[n - r]];
  }
  let r = 0;
  let term = Math.pow(0.5, n);
  let below = term;  // P(B <= r)
  while (1 - 2 * below >= 0.95 && r + 1 <= n / 2) {
    r++;
    term *= (n - r + 1) / r;
    below += term;
  }
  r = Math.max(r, 1);
  return [sorted[r - 1], sorted[n - r]];
}

const listed = (one, name) => {
  const value = dimensionOf(one, name);
  if (value === null) return null;
  return ["run", "suite", "case", "impl", "vehicle"].includes(name) ? String(value) : `${name} ${value}`;
};

function seriesOf(cases, chosen) {
  const groups = new Map();
  for (const one of cases) {
    const values = one.columns[chosen.y];
    if (!values) continue;
    const name = chosen.by.map((dimension) => listed(one, dimension)).filter((text) => text !== null).join(" ");
    const key = JSON.stringify(chosen.by.map((dimension) => dimensionOf(one, dimension)));
    if (!groups.has(key)) groups.set(key, { name: name || "all", cases: [] });
    groups.get(key).cases.push(one);
  }
  return [...groups.values()].map((group) => ({ name: group.name, points: pointsOf(group.cases, chosen) }))
    .filter((line) => line.points.length > 0);
}

function pointsOf(cases, chosen) {
  const measured = (one) => one.columns[chosen.y].filter((v) => v !== null);
  if (chosen.x === byOrder) {
    return cases.flatMap((one) => one.columns[chosen.y].map((y, i) => ({ x: one.order[i], y })))
      .filter((point) => point.y !== null).sort((a, b) => a.x - b.x);
  }
  if (chosen.x === byRank) {
    const sorted = cases.flatMap(measured).sort((a, b) => a - b);
    return sorted.map((y, i) => ({ x: sorted.length === 1 ? 50 : (100 * i) / (sorted.length - 1), y }));
  }
  const places = new Map();
  for (const one of cases) {
    const x = dimensionOf(one, chosen.x);
    if (x === null) continue;
    if (!places.has(x)) places.set(x, []);
    places.get(x).push(one);
  }
  const points = [];
  for (const [x, here] of places) {
    const sorted = here.flatMap(measured).sort((a, b) => a - b);
    if (sorted.length === 0) continue;
    const [low, high] = medianInterval(sorted);
    points.push({ x: chosen.categories ? chosen.categories.indexOf(x) : x, y: quantile(sorted, 0.5), low, high });
  }
  return points.sort((a, b) => a.x - b.x);
}
