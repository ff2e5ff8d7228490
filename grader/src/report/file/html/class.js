// Sorts and searches the table of submissions.
"use strict";

(() => {
  const table = document.getElementById("submissions");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const collator = new Intl.Collator(undefined, { numeric: true });

  const key = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;

  const sort = (column) => {
    const descending = heads[column].getAttribute("aria-sort") === "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sign = descending ? -1 : 1;
    rows.sort((a, b) => sign * collator.compare(key(a, column), key(b, column)));
    body.append(...rows);
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(column));
    head.replaceChildren(button);
  });

  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("p");
  input.type = "search";
  input.autocomplete = "off";
  label.append("Search ", input);
  label.className = "search";
  found.setAttribute("aria-live", "polite");
  found.className = "help";
  table.parentElement.before(label, found);

  const search = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown += 1;
    }
    found.textContent = `${shown} of ${rows.length} shown`;
  };
  input.addEventListener("input", search);
  search();
})();
