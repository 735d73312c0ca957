// Elements without markup: everything that comes from the daemon is text.

const svgName = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

/** An element of HTML: attributes, listeners (`onclick`), then children: elements, texts, lists, or nothing. */
export function h(name, attributes, ...children) { return fill(document.createElement(name), attributes, children); }

/** An element of SVG. */
export function s(name, attributes, ...children) {
  return fill(document.createElementNS(svgName, name), attributes, children);
}

/** Adds children. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
}

/** Puts children in place of those that there are. */
export function swap(element, ...children) {
  element.replaceChildren();
  put(element, ...children);
}

/** Says something to whoever listens to the page instead of looking at it. */
export function announce(text) { document.getElementById("news").textContent = text; }

/** A description list of names and values; pairs without a value are left out. */
export function facts(pairs, attributes = { class: "facts" }) {
  return h("dl", attributes, pairs.filter((pair) => pair && pair[1] !== undefined && pair[1] !== null && pair[1] !== "")
    .map(([name, value, hint]) => h("div", { title: hint }, h("dt", null, name), h("dd", null, value))));
}

/** A table: columns of `{name, cell, numeric, head}`. */
export function table(caption, columns, rows, attributes) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", attributes, h("caption", { class: "hidden" }, caption),
      h("thead", null, h("tr", null, columns.map((column) =>
        h("th", { scope: "col", class: column.numeric && "number", "aria-sort": column.sort }, column.head ?? column.name)))),
      h("tbody", null, rows.map((row) => h("tr", null, columns.map((column, index) =>
        h(index === 0 ? "th" : "td", { scope: index === 0 && "row", class: column.numeric && "number" }, column.cell(row))))))));
}

/** A genome, which may break behind each of its parts. */
export function genomeText(text) {
  return h("code", { class: "genome" }, text.split(/(?<=;)/).map((part, index) => [index > 0 && document.createElement("wbr"), part]));
}

/** A part of a page with a heading. */
export function section(title, attributes, ...children) {
  const id = "part-" + title.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return h("section", { "aria-labelledby": id, ...attributes }, h("h2", { id }, title), children);
}

/** What went wrong, with every fault of a body or of parameters. */
export function failure(error) {
  return h("div", { class: "failure", role: "alert" }, h("p", null, error.message),
    error.errors?.length ? h("ul", null, error.errors.map((fault) =>
      h("li", null, fault.path ? [h("code", null, fault.path), " "] : null, fault.message))) : null);
}

/** Asks before what cannot be undone; true when it is meant. */
export function confirm(question, verb) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-labelledby": "question", onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } },
      h("form", { method: "dialog" }, h("p", { id: "question" }, question),
        h("p", { class: "actions" }, h("button", { value: "no", class: "plain" }, "Go back"),
          h("button", { value: "yes", class: "danger" }, verb))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
