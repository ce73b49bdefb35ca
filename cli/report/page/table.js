// A table that sorts by any column, filters by text and shows a part of many rows at a time.
// columns: [{title, number, of(row) -> what is sorted by, show(row) -> text or node}]
function sortableTable(caption, columns, rows, pageSize = 200) {
  let shown = rows;
  let page = 0;
  let sorted = { column: -1, down: false };
  const body = made("tbody");
  const count = made("span", { class: "soft", role: "status" });
  const before = made("button", { type: "button", onclick: () => { page--; fill(); } }, "◂ previous");
  const after = made("button", { type: "button", onclick: () => { page++; fill(); } }, "next ▸");
  const textOf = (row) => columns.map((c) => String(c.of(row) ?? "")).join(" ").toLowerCase();
  const find = made("input", { type: "search", "aria-label": `Filter ${caption}`, placeholder: "filter rows",
    oninput: () => { page = 0; arrange(); } });

  function fill() {
    const pages = Math.max(1, Math.ceil(shown.length / pageSize));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...shown.slice(page * pageSize, (page + 1) * pageSize).map((row) =>
      made("tr", {}, ...columns.map((c) => {
        const content = c.show ? c.show(row) : c.of(row);
        return made("td", { class: c.number ? "number" : undefined },
          content instanceof Node ? content : named(content === null || content === undefined ? "–" : String(content)));
      }))));
    count.textContent = pages > 1
      ? `rows ${page * pageSize + 1} to ${Math.min(shown.length, (page + 1) * pageSize)} of ${shown.length.toLocaleString("en")}`
      : `${shown.length} row${shown.length === 1 ? "" : "s"}`;
    before.disabled = page === 0;
    after.disabled = page === pages - 1;
    before.hidden = after.hidden = pages === 1;
  }

  function arrange() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = words.length ? rows.filter((row) => { const text = textOf(row); return words.every((w) => text.includes(w)); })
      : rows.slice();
    if (sorted.column >= 0) {
      const { of } = columns[sorted.column];
      const sign = sorted.down ? -1 : 1;
      shown.sort((a, b) => {
        const [x, y] = [of(a), of(b)];
        const [noX, noY] = [x === null || x === undefined, y === null || y === undefined];
        if (noX || noY) return noX - noY;  // what is not known stays last
        return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
      });
    }
    heads.forEach((head, i) => {
      const is = i === sorted.column;
      head.setAttribute("aria-sort", is ? (sorted.down ? "descending" : "ascending") : "none");
      head.firstChild.textContent = columns[i].title + (is ? (sorted.down ? " ▾" : " ▴") : "");
    });
    fill();
  }

  const heads = columns.map((c, i) => made("th", { scope: "col", class: c.number ? "number" : undefined },
    made("button", { type: "button", onclick: () => {
      sorted = { column: i, down: sorted.column === i && !sorted.down };
      page = 0;
      arrange();
    } }, c.title)));
  arrange();
  return made("div", {},
    made("div", { class: "controls" }, find, count, before, after),
    made("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      made("table", {}, made("thead", {}, made("tr", {}, ...heads)), body)));
}
