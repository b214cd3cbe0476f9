// Shows each call as it comes, and what becomes of it; without this script a reload shows the same.
"use strict";
const rows = document.getElementById("rows");
const live = new EventSource(rows.dataset.live);

live.addEventListener("message", (event) => {
  const holder = document.createElement("template");
  holder.innerHTML = JSON.parse(event.data);
  const row = holder.content.firstElementChild;
  const before = document.getElementById(row.id);
  document.getElementById("none").hidden = true;
  if (!before) {
    rows.prepend(row);
    // No more than a reload would show.
    while (rows.children.length > Number(rows.dataset.kept)) {
      rows.lastElementChild.remove();
    }
    return;
  }
  // Who reads what was said goes on reading it, with the focus where it was.
  const details = row.querySelector("details");
  const old = before.querySelector("details");
  if (details && old) {
    details.open = old.open;
  }
  const isIn = before.contains(document.activeElement);
  before.replaceWith(row);
  if (isIn) {
    row.querySelector("summary")?.focus();
  }
});
document.getElementById("problems")?.focus();
