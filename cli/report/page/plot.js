// One plot with its controls, for the cases of a suite.
//
// Okabe and Ito, Color Universal Design (2008), without the yellow, which nobody sees on white; the eighth is the
// text's own. Beyond eight, dashes tell lines apart.
const colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", null];
const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourOf = (i) => colours[i % colours.length] ?? style("--text");
const dashOf = (i) => dashes[Math.floor(i / colours.length) % dashes.length];

function select(label, options, chosen, change) {
  const box = made("select", { onchange: () => change(options[box.selectedIndex]) },
    ...options.map((one) => made("option", {}, shortened(one === null ? "all" : String(one), 60))));
  box.selectedIndex = Math.max(0, options.indexOf(chosen));
  return made("label", {}, label, box);
}

function tick(label, on, change) {
  const box = made("input", { type: "checkbox", onchange: () => change(box.checked) });
  box.checked = on;
  return made("label", {}, box, label);
}

// The x of a first look: what has the most values to draw a line through.
function firstX(cases, names) {
  const numeric = names.filter((name) => valuesOf(cases, name).every((v) => typeof v === "number"));
  const lines = numeric.toSorted((a, b) => valuesOf(cases, b).length - valuesOf(cases, a).length);
  return lines[0] ?? (names.includes("impl") ? "impl" : names[0] ?? byOrder);
}

const wide = (values, least) => values.length > 1 && Math.min(...values) > 0 &&
  Math.max(...values) / Math.min(...values) >= least;

function plotOf(cases) {
  const names = varying(cases);
  const columns = data.columns.filter((name) => cases.some((one) => one.columns[name]));
  const state = { x: firstX(cases, names), y: columns[0], by: [], only: {}, logX: false, logY: false, points: true };
  const hidden = new Set();
  const area = made("div", { class: "plot", tabindex: "0", role: "img" });
  const readout = made("output", { class: "readout soft" });
  const list = made("ul", { class: "names", "aria-label": "Lines; press to hide or show" });
  const controls = made("div", { class: "controls" });
  let chart = null;
  let lines = [];
  let categories = null;
  let whole = () => {};

  // Where lines would be more than one can tell apart, only the first value of what is neither x nor who does the work.
  function narrow() {
    state.only = {};
    let left = cases;
    for (const name of names) {
      if (name === state.x || name === "impl" || name === "run") continue;
      const lineCount = new Set(left.map((one) => JSON.stringify(
        names.filter((n) => n !== state.x).map((n) => dimensionOf(one, n))))).size;
      if (lineCount <= 10 && name !== "case") continue;
      const values = valuesOf(left, name);
      if (values.length < 2) continue;
      state.only[name] = values[0];
      left = left.filter((one) => dimensionOf(one, name) === values[0]);
    }
  }

  const selected = () => cases.filter((one) =>
    Object.entries(state.only).every(([name, value]) => value === null || dimensionOf(one, name) === value));

  function restart() {
    state.by = names.filter((name) => name !== state.x);
    narrow();
    guessScales();
    show();
  }

  function guessScales() {
    const xs = valuesOf(selected(), state.x);
    state.logX = xs.every((v) => typeof v === "number") && wide(xs, 16);
    let [low, high] = [Infinity, 0];
    for (const one of selected()) {
      for (const value of one.columns[state.y] ?? []) {
        if (value === null) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    state.logY = low > 0 && high / low >= 30;
  }

  function showControls() {
    const others = names.filter((name) => name !== state.x);
    const again = (change) => (value) => { change(value); show(); };
    controls.replaceChildren(
      select("x", [...names, byOrder, byRank], state.x, (value) => { state.x = value; hidden.clear(); restart(); }),
      select("y", columns, state.y, (value) => { state.y = value; guessScales(); show(); }),
      tick("log x", state.logX, again((on) => { state.logX = on; })),
      tick("log y", state.logY, again((on) => { state.logY = on; })),
      ...(others.length ? [made("fieldset", {}, made("legend", {}, "lines by"), ...others.map((name) =>
        tick(shortened(name, 30), state.by.includes(name), again((on) => {
          state.by = others.filter((n) => (n === name ? on : state.by.includes(n)));
          hidden.clear();
        }))))] : []),
      ...others.map((name) => select(`only ${shortened(name, 30)}`, [null, ...valuesOf(cases, name)],
        state.only[name] ?? null, again((value) => { state.only[name] = value; }))),
      made("button", { type: "button", onclick: () => zoom(0.6) }, "zoom in"),
      made("button", { type: "button", onclick: () => zoom(1 / 0.6) }, "zoom out"),
      made("button", { type: "button", onclick: () => whole() }, "whole plot"));
  }

  function showNames() {
    list.replaceChildren(...lines.map((line, i) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      mark.setAttribute("width", "28");
      mark.setAttribute("height", "10");
      const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
      stroke.setAttribute("d", "M0 5H28");
      stroke.setAttribute("stroke", colourOf(i));
      stroke.setAttribute("stroke-width", "3");
      stroke.setAttribute("stroke-dasharray", dashOf(i).join(" "));
      mark.append(stroke);
      return made("li", {}, made("button", {
        type: "button", "aria-pressed": String(!hidden.has(line.name)), title: line.name.slice(0, 2000),
        onclick: (event) => {
          if (!hidden.delete(line.name)) hidden.add(line.name);
          event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(line.name)));
          chart.setSeries(i + 1, { show: !hidden.has(line.name) });
          whole();
        },
      }, mark, made("bdi", {}, shortened(line.name, 80))));
    }));
  }

  // The interval of each point: a band along lines, a bar with ends where the points are not joined.
  function drawIntervals(u, at) {
    const line = lines[at - 1];
    if (at === 0 || !u.series[at].show || line.points[0].low === undefined) return;
    const px = (value) => u.valToPos(value, "x", true);
    const py = (value) => u.valToPos(value, "y", true);
    const safe = line.points.filter((p) => !state.logY || p.low > 0);
    const { ctx } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.fillStyle = ctx.strokeStyle = colourOf(at - 1);
    if (categories || safe.length === 1 || lines.length > 4) {  // more bands than that hide each other
      const end = 4 * devicePixelRatio;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.globalAlpha = 0.6;
      ctx.beginPath();
      for (const p of safe) {
        const x = px(p.x + spread(at - 1));
        ctx.moveTo(x, py(p.low));
        ctx.lineTo(x, py(p.high));
        for (const y of [p.low, p.high]) { ctx.moveTo(x - end, py(y)); ctx.lineTo(x + end, py(y)); }
      }
      ctx.stroke();
    } else {
      ctx.globalAlpha = 0.18;
      ctx.beginPath();
      for (const p of safe) ctx.lineTo(px(p.x), py(p.high));
      for (const p of safe.toReversed()) ctx.lineTo(px(p.x), py(p.low));
      ctx.fill();
    }
    ctx.restore();
  }

  // Points of several lines at one name stand beside each other.
  const spread = (i) => (categories && lines.length > 1 ? (0.5 * (i + 0.5)) / lines.length - 0.25 : 0);

  function read(u) {
    const { left, top, idx } = u.cursor;
    if (idx === null || idx === undefined || left < 0) { readout.textContent = ""; return; }
    let best = null;
    lines.forEach((line, i) => {
      const y = u.data[i + 1][idx];
      if (y === null || y === undefined || !u.series[i + 1].show) return;
      const away = Math.abs(u.valToPos(y, "y") - top);
      if (!best || away < best.away) best = { away, line, y, x: u.data[0][idx] };
    });
    if (!best) return;
    const point = best.line.points.find((p) => p.y === best.y);
    const x = categories ? String(categories[Math.round(best.x)]) : `${state.x} ${readable(best.x)}`;
    readout.textContent = `${shortened(best.line.name, 80)}, ${shortened(x, 60)}: ${withUnit(best.y, state.y)}` +
      (point?.low !== undefined ? ` [${withUnit(point.low, state.y)}, ${withUnit(point.high, state.y)}]` : "");
  }

  function zoom(factor, shift = 0) {
    for (const key of ["x", "y"]) {
      const scale = chart.scales[key];
      const log = key === "x" ? state.logX && !categories : state.logY;
      const [to, from] = log ? [Math.log, Math.exp] : [(v) => v, (v) => v];
      const [low, high] = [to(scale.min), to(scale.max)];
      if (key === "y" && shift) continue;
      const middle = (low + high) / 2 + shift * (high - low);
      const half = ((high - low) / 2) * factor;
      chart.setScale(key, { min: from(middle - half), max: from(middle + half) });
    }
  }

  area.addEventListener("keydown", (event) => {
    const action = { ArrowLeft: () => zoom(1, -0.1), ArrowRight: () => zoom(1, 0.1), "+": () => zoom(0.6),
      "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), 0: whole, Escape: whole }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });

  function show() {
    chart?.destroy();
    const few = selected();
    const xs = state.x === byOrder || state.x === byRank ? [] : valuesOf(few, state.x);
    categories = xs.some((v) => typeof v !== "number") ? xs : null;
    lines = seriesOf(few, { ...state, categories });
    showControls();
    showNames();
    const raw = state.x === byOrder;
    const all = [...new Set(lines.flatMap((line, i) => line.points.map((p) => p.x + spread(i))))].sort((a, b) => a - b);
    const place = new Map(all.map((x, i) => [x, i]));
    const values = lines.map((line, i) => {
      const row = new Array(all.length).fill(null);
      for (const p of line.points) row[place.get(p.x + spread(i))] = p.y;
      return row;
    });
    const logX = state.logX && !categories && all[0] > 0;
    const logY = state.logY && lines.every((line) => line.points.every((p) => p.y > 0));
    const axis = { stroke: style("--text"), grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line") },
      font: "13px system-ui, sans-serif", labelFont: "14px system-ui, sans-serif", labelSize: 24 };
    const marks = xs.length > 0 && xs.length <= 12 && !categories;
    // Of the lines that are not hidden.
    const roomY = () => {
      let [low, high] = [Infinity, -Infinity];
      for (const { points } of lines.filter((line) => !hidden.has(line.name))) {
        for (const p of points) {
          low = Math.min(low, p.low === undefined || (logY && p.low <= 0) ? p.y : p.low);
          high = Math.max(high, p.high ?? p.y);
        }
      }
      if (low === Infinity) return logY ? [1, 10] : [0, 1];
      return logY ? [low / 1.3, high * 1.3] : uPlot.rangeNum(Math.min(0, low), high, 0.08, true);
    };
    const ends = [all[0], all.at(-1)];
    const roomX = categories ? [-0.5, categories.length - 0.5]
      : ends[0] === ends[1] ? [ends[0] / 2, ends[0] * 2 || 1]
      : logX ? [ends[0] / 1.1, ends[1] * 1.1] : [ends[0] - (ends[1] - ends[0]) / 40, ends[1] + (ends[1] - ends[0]) / 40];
    // Exactly what is asked for; dragging and the buttons choose, and whole() sets it all again.
    const range = (u, low, high) => (low === null || !(low < high) ? [1, 10] : [low, high]);
    area.setAttribute("aria-label", `${axisTitle(state.y)} by ${state.x}: ${lines.length} line${lines.length === 1 ? "" : "s"}. ` +
      "Arrow keys move, plus and minus zoom, 0 shows all.");
    const options = {
      width: Math.max(280, area.clientWidth - 8), height: 420, legend: { show: false },
      cursor: { drag: { x: true, y: true, uni: 20, setScale: true }, points: { size: 8 },
        bind: { dblclick: () => () => whole() } },
      scales: {
        x: { time: false, distr: logX ? 3 : 1, range },
        y: { distr: logY ? 3 : 1, range },
      },
      axes: [
        { ...axis, label: raw ? "sample, in the order of measuring" : axisTitle(state.x),
          splits: categories ? () => categories.map((_, i) => i) : marks ? (u) => sparse(u, xs)
            : logX ? (u) => roundNumbers(u.scales.x.min, u.scales.x.max) : undefined,
          filter: (u, splits) => splits,
          values: (u, splits) => splits.map((v) => (categories ? shortened(String(categories[v]), 18) : readable(v))),
          rotate: categories && categories.length > 5 ? -35 : 0,
          size: categories && categories.length > 5 ? 110 : 44 },
        { ...axis, label: axisTitle(state.y), size: 76,
          splits: logY ? (u) => roundNumbers(u.scales.y.min, u.scales.y.max) : undefined, filter: (u, splits) => splits,
          values: (u, splits) => splits.map((v) => v === null ? "" : readable(v)) },
      ],
      series: [{}, ...lines.map((line, i) => ({
        label: shortened(line.name, 60), show: !hidden.has(line.name), stroke: colourOf(i), dash: dashOf(i), width: 2,
        spanGaps: true, paths: raw || categories ? () => null : undefined,
        points: { show: raw || categories || all.length <= 60, size: raw ? 3 : 8, fill: colourOf(i) },
      }))],
      hooks: { drawSeries: [drawIntervals], setCursor: [read] },
    };
    area.replaceChildren();
    if (lines.length === 0) {
      area.append(made("p", {}, "Nothing was measured that this would show; choose another y or other values."));
      return;
    }
    chart = new uPlot(options, [all, ...values], area);
    whole = () => chart.batch(() => {
      chart.setScale("x", { min: roomX[0], max: roomX[1] });
      const [low, high] = roomY();
      chart.setScale("y", { min: low, max: high });
    });
    whole();
  }

  // 1, 2 and 5 of every power of ten, or only the powers where those are many.
  function roundNumbers(low, high) {
    const powers = Math.log10(high / low);
    if (!(powers > 0 && powers < 400)) return [];
    const steps = powers < 0.5 ? [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] : powers <= 4 ? [1, 2, 5] : [1];
    const all = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const step of steps) {
        const value = Number(`${step}e${power}`);
        if (value >= low && value <= high) all.push(value);
      }
    }
    return all;
  }

  // Those of the values whose labels have room.
  function sparse(u, xs) {
    const kept = [];
    let last = -Infinity;
    for (const x of xs) {
      if (x < u.scales.x.min || x > u.scales.x.max) continue;
      const at = u.valToPos(x, "x");
      if (at - last < 44) continue;
      kept.push(x);
      last = at;
    }
    return kept;
  }

  const element = made("div", {}, controls, area, readout, list);
  new ResizeObserver(() => {
    const width = Math.max(280, area.clientWidth - 8);
    if (chart && chart.width !== width) chart.setSize({ width, height: 420 });
  }).observe(area);
  return { element, start: restart, again: show };
}
