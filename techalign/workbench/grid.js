// A table of texts whose cells are edited in place; what is wrong with one is said below it.
function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "ta-grid";
  const box = document.createElement("div");
  box.className = "ta-grid-box";
  box.append(table);
  el.append(box);
  let own = false; // a change that was made here needs no drawing

  function draw() {
    const header = model.get("header");
    const head = document.createElement("tr");
    for (const { name, help } of header) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      cell.title = help;
      head.append(cell);
    }
    const body = model.get("rows").map((row, i) => {
      const line = document.createElement("tr");
      row.forEach((text, j) => line.append(field(text, i, j, header[j].name)));
      return line;
    });
    table.replaceChildren(head, ...body);
    mark();
  }

  function field(text, i, j, name) {
    const cell = document.createElement("td");
    const input = document.createElement("input");
    input.value = text;
    input.size = Math.min(Math.max(text.length, name.length, 6), 40);
    input.setAttribute("aria-label", `${name}, row ${i + 1}`);
    input.addEventListener("change", () => {
      const rows = model.get("rows").map((row) => [...row]);
      rows[i][j] = input.value;
      own = true;
      model.set("rows", rows);
      model.save_changes();
      own = false;
    });
    // the notebook's own keys are not for whoever types
    for (const kind of ["keydown", "keyup"]) {
      input.addEventListener(kind, (event) => event.stopPropagation());
    }
    const said = document.createElement("small");
    said.id = `ta-said-${Math.random().toString(36).slice(2)}`;
    input.setAttribute("aria-describedby", said.id);
    cell.append(input, said);
    return cell;
  }

  function mark() {
    const names = model.get("header").map((column) => column.name);
    const said = new Map();
    for (const { row, column, reason } of model.get("problems")) {
      const key = `${row} ${Math.max(names.indexOf(column), 0)}`;
      said.set(key, [...(said.get(key) ?? []), reason]);
    }
    [...table.rows].slice(1).forEach((line, i) =>
      [...line.cells].forEach((cell, j) => {
        const reasons = said.get(`${i} ${j}`) ?? [];
        cell.firstChild.setAttribute("aria-invalid", String(reasons.length > 0));
        cell.lastChild.textContent = reasons.join("; ");
      }),
    );
  }

  model.on("change:header", draw);
  model.on("change:rows", () => own || draw());
  model.on("change:problems", mark);
  draw();
}

export default { render };
