"use strict";

// Tables: a click on a head, or Enter or Space on it, sorts the rows by that column.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.kind !== "text" && head.dataset.kind !== "number") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(table, body, heads, head, column));
  });
}

function sort(table, body, heads, head, column) {
  const now = head.getAttribute("aria-sort");
  const other = { ascending: "descending", descending: "ascending" };
  const direction = other[now] || head.dataset.best;
  for (const each of heads) {
    if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
  }
  head.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const numeric = head.dataset.kind === "number";
  const keyed = [...body.rows].map((row) => [value(row.cells[column], numeric), row]);
  keyed.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (numeric ? a - b : a.localeCompare(b));
  });
  body.append(...keyed.map(([, row]) => row));
}

// What a cell is sorted by; null, which comes last, where there is nothing.
function value(cell, numeric) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  if (text === "") return null;
  return numeric ? Number(text) : text;
}

// Learning curves: a box shows or hides a method in all panels.
for (const box of document.querySelectorAll(".legend input")) {
  box.disabled = false;
  box.addEventListener("change", () => show(box));
  show(box); // Browsers remember boxes when a page is loaded again.
}

function show(box) {
  for (const line of document.querySelectorAll(`.curves .${box.value}`)) {
    line.classList.toggle("hidden", !box.checked);
  }
}
