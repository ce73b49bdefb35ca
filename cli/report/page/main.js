// Puts the page together.
const plots = [];

function section(id, title, ...content) {
  return { id, title, element: made("section", { id, "aria-labelledby": `${id}-title` },
    made("h2", { id: `${id}-title` }, title), ...content) };
}

function plotSections() {
  const suites = valuesOf(data.cases, "suite");
  return suites.map((name, i) => {
    const plot = plotOf(data.cases.filter((one) => one.suite === name));
    plots.push(plot);
    return section(`plot-${i}`, suites.length === 1 ? "Plot" : `Plot: ${shortened(name, 60)}`, plot.element,
      made("p", { class: "soft" }, "Points are medians; bands and bars are 95% intervals of them. Drag to zoom, double-click for " +
        "the whole plot; with the keyboard, the plot takes arrows, +, − and 0. Where a suite has many lines, a first look is at some: ",
      "“only” chooses others."));
  });
}

const sections = [];
if (data.cases.length) sections.push(section("summary", "Summary", summarySection()));
if (data.findings.length) sections.push(section("findings", "Findings", findingsSection()));
data.comparisons.forEach((one, i) => sections.push(section(`comparison-${i}`, "Comparison", comparisonSection(one))));
if (data.cases.length) {
  sections.push(...plotSections());
  sections.push(section("cases", "Cases", casesSection()));
  sections.push(section("samples", "Samples", samplesSection()));
  sections.push(section("machine", "Machine and warnings", machineSection()));
}

const root = document.documentElement;
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const theme = made("button", { type: "button", id: "theme", onclick: () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  repaint();
} });
function repaint() {
  theme.textContent = isDark() ? "light colours" : "dark colours";
  for (const plot of plots) plot.again();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

const suiteNames = valuesOf(data.cases, "suite").map((name) => shortened(name, 60));
document.title = `gobench: ${suiteNames.join(", ") || "findings"}`;
const about = data.runs[0]?.context;
document.body.append(
  made("header", {}, made("h1", {}, "gobench"),
    made("nav", { "aria-label": "Sections" }, ...sections.map((one) => made("a", { href: `#${one.id}` }, one.title))), theme),
  ...(about ? [made("p", { class: "soft" }, [about.cpu_model, about.cpus_online && `${about.cpus_online} CPUs`, about.kernel,
    about.start_time].filter(Boolean).join(", "))] : []),
  made("main", {}, ...sections.map((one) => one.element)),
  made("footer", { class: "soft" }, made("details", {}, made("summary", {}, "About this page"),
    made("p", {}, `Made by gobench ${data.version}. It loads nothing from elsewhere. The plots are drawn by uPlot:`),
    made("pre", {}, data.licence))));
for (const plot of plots) plot.start();
theme.textContent = isDark() ? "light colours" : "dark colours";
// On paper the colours are those of the light page.
let before;
addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; repaint(); });
addEventListener("afterprint", () => {
  if (before === undefined) delete root.dataset.theme; else root.dataset.theme = before;
  repaint();
});
