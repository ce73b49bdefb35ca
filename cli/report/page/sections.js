// What is on the page besides plots: one function per section, each returns an element or nothing.
const statistic = (one, column) => one.statistics[column] ?? null;

function marksOf(one) {
  return [one.summary.noisy && "too noisy to tell", one.summary.serial && "serial"].filter(Boolean).join(", ");
}

function summarySection() {
  return made("div", {}, ...data.runs.flatMap((run) => [
    ...(data.runs.length > 1 ? [made("h3", {}, named(run.name))] : []),
    ...run.suites.map((one) => made("p", {}, made("strong", {}, named(one.name)), `: ${one.sentence}`)),
  ]));
}

function casesSection() {
  const names = varying(data.cases);
  const extra = data.columns.filter((name) => name !== "ns_per_op" && name !== "cpu_ns_per_op" && name !== "ops_per_s" &&
    data.cases.some((one) => statistic(one, name)));
  const columns = names.length ? names : ["case", "impl"];
  return sortableTable("Cases", [
    ...columns.map((name) => ({ title: name, of: (one) => dimensionOf(one, name),
      number: valuesOf(data.cases, name).every((v) => typeof v === "number") })),
    { title: "median per operation", number: true, of: (one) => statistic(one, "ns_per_op")?.[0] ?? null,
      show: (one) => withUnit(statistic(one, "ns_per_op")?.[0], "ns_per_op") },
    { title: "95% interval", number: true, of: (one) => statistic(one, "ns_per_op")?.[1] ?? null,
      show: (one) => { const s = statistic(one, "ns_per_op");
        return s ? `${withUnit(s[1], "ns_per_op")} – ${withUnit(s[2], "ns_per_op")}` : "–"; } },
    { title: "±", number: true, of: (one) => one.summary.spread,
      show: (one) => one.summary.spread === null ? "–" : one.summary.spread > 9.99 ? ">999%" : `${Math.round(one.summary.spread * 100)}%` },
    { title: "CPU per operation", number: true, of: (one) => statistic(one, "cpu_ns_per_op")?.[0] ?? null,
      show: (one) => withUnit(statistic(one, "cpu_ns_per_op")?.[0], "cpu_ns_per_op") },
    { title: "operations/s", number: true, of: (one) => statistic(one, "ops_per_s")?.[0] ?? null,
      show: (one) => readable(statistic(one, "ops_per_s")?.[0]) },
    { title: "samples", number: true, of: (one) => one.summary.count },
    { title: "remarks", of: marksOf },
    ...extra.map((name) => ({ title: name, number: true, of: (one) => statistic(one, name)?.[0] ?? null,
      show: (one) => withUnit(statistic(one, name)?.[0], name) })),
  ], data.cases);
}

function samplesSection() {
  const names = varying(data.cases);
  const columns = data.columns.filter((name) => data.cases.some((one) => one.columns[name]));
  const rows = data.cases.flatMap((one) => one.order.map((order, i) => ({ one, order, i })));
  return sortableTable("Samples", [
    { title: "order", number: true, of: (row) => row.order },
    ...names.map((name) => ({ title: name, of: (row) => dimensionOf(row.one, name),
      number: valuesOf(data.cases, name).every((v) => typeof v === "number") })),
    { title: "rep", number: true, of: (row) => row.one.rep[row.i] },
    ...columns.map((name) => ({ title: name, number: true, of: (row) => row.one.columns[name]?.[row.i] ?? null,
      show: (row) => { const v = row.one.columns[name]?.[row.i]; return v === null || v === undefined ? "–" : String(v); } })),
  ], rows.sort((a, b) => a.one.run - b.one.run || a.order - b.order));
}

const percent = (ratio) => ratio === null ? "–" : ratio >= 10 ? `×${readable(ratio)}`
  : `${ratio >= 1 ? "+" : "−"}${Math.abs((ratio - 1) * 100).toFixed(1)}%`;
const verdictClass = { better: "better", worse: "worse", same: undefined, "cannot tell": "unsure" };

function comparisonSection(one) {
  const telling = varying(data.cases).filter((name) => name !== "run");
  const tells = (name) => telling.length === 0 || telling.includes(name);
  const label = (c) => [...["suite", "case", "impl", "vehicle"].filter(tells).map((name) => c[name]),
    ...["procs", "tasks"].filter((name) => tells(name) && c[name]).map((name) => `${name}=${c[name]}`),
    ...Object.entries(c.parameters).filter(([name]) => tells(name)).map(([name, value]) => `${name}=${value}`)].join(" ");
  const mean = one.geometric_means[0];
  return made("div", {},
    made("p", {}, named(one.base), " → ", named(one.new), `: ${one.better} better, ${one.worse} worse, ${one.same} the same, ` +
      `${one.cannot_tell} cannot be told` + (mean && mean.ratio !== null
      ? `; geometric mean of the ratios ${percent(mean.ratio)} over ${mean.cases} cases.` : ".")),
    ...[["first", one.only_in_base], ["second", one.only_in_new]].filter(([, list]) => list.length).map(([which, list]) =>
      made("details", {}, made("summary", {}, `${list.length} only in the ${which} result`),
        ...list.map((text) => made("p", {}, named(text))))),
    sortableTable("Comparison", [
      { title: "case", of: label },
      { title: "verdict", of: (c) => c.verdict, show: (c) => made("span", { class: verdictClass[c.verdict] }, c.verdict) },
      { title: "change", number: true, of: (c) => c.ratio, show: (c) => percent(c.ratio) },
      { title: "95% interval", number: true, of: (c) => c.ratio_interval?.[0] ?? null,
        show: (c) => c.ratio_interval ? `${percent(c.ratio_interval[0])} to ${percent(c.ratio_interval[1])}` : "–" },
      { title: "before", number: true, of: (c) => c.base.median, show: (c) => withUnit(c.base.median, one.metric) },
      { title: "after", number: true, of: (c) => c.new.median, show: (c) => withUnit(c.new.median, one.metric) },
      { title: "p, corrected", number: true, of: (c) => c.p_corrected,
        show: (c) => c.p_corrected === null ? "–" : c.p_corrected < 0.0005 ? "<0.001" : c.p_corrected.toFixed(3) },
      { title: "remarks", of: (c) => [c.cpu_time && "by CPU time", ...c.notes].filter(Boolean).join(", ") },
    ], one.cases));
}

function findingsSection() {
  const frame = (f) => `    ${f.function ?? "?"}${f.file ? `  ${f.file}${f.line ? `:${f.line}` : ""}` : ""}`;
  const access = (a) => [`${a.op ?? "access"}${a.size ? ` of ${a.size} bytes` : ""}${a.task ? ` by ${
    typeof a.task === "string" ? a.task : a.task.name ?? JSON.stringify(a.task)}` : ""}${
    a.locks?.length ? `, holding ${a.locks.map((l) => typeof l === "string" ? l : l.name ?? JSON.stringify(l)).join(", ")}` : ""}`,
  ...(a.stack ?? []).map(frame)].join("\n");
  return made("div", {}, ...data.findings.map((file) => made("div", {},
    made("h3", {}, named(file.name), `: ${file.findings.length === 0 ? "nothing found" : file.findings.length === 1
      ? "1 finding" : `${file.findings.length} findings`}`),
    ...file.findings.map((f) => made("details", { open: file.findings.length <= 5 },
      made("summary", {}, made("strong", { class: "worse" }, String(f.kind ?? "finding")), " ", named(String(f.message ?? ""))),
      ...(f.accesses ?? []).map((a) => made("pre", {}, access(a))),
      ...[["object", f.object], ["reproduce", f.reproduce], ["fingerprint", f.fingerprint]].filter(([, v]) => v).map(
        ([title, value]) => made("p", {}, `${title}: `, made("code", {},
          typeof value === "string" ? value : value.description ?? JSON.stringify(value)))))))));
}

function machineSection() {
  const text = (value) => value === null || value === "" ? null : Array.isArray(value) ? value.join(" ")
    : typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k} ${v}`).join(", ") : String(value);
  return made("div", {}, ...data.runs.map((run) => made("div", {},
    made("h3", {}, named(run.name)),
    ...run.context.warnings.concat(run.remarks).map((w) => made("p", { class: "unsure" }, `⚠ ${w}`)),
    made("dl", {}, ...Object.entries(run.context).filter(([name, value]) => name !== "warnings" && text(value))
      .flatMap(([name, value]) => [made("dt", {}, name), made("dd", {}, made("bdi", {}, text(value)))])))));
}
