// Making elements, saying things to screen readers, and showing one screen at a time.

const $ = (id) => document.getElementById(id);

// An element: h("button", {class: "main", onclick: go, "aria-label": "Go"}, "Go").
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function announce(text) {
  $("live").textContent = "";
  // A change is read out, the same text again would not be.
  setTimeout(() => { $("live").textContent = text; }, 50);
}

// Replace the screen. Its heading takes the focus, so that keyboard and screen reader start there.
export function show({ title, where = "", done = 0, content }) {
  $("title").textContent = title;
  $("where").textContent = where;
  $("progress").style.width = `${Math.round(100 * done)}%`;
  document.title = where ? `${where} – ${title}` : title;
  $("main").replaceChildren(...content);
  window.scrollTo(0, 0);
  const heading = $("main").querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

// One line about the connection, with at most one thing to do about it; empty hides it.
export function tellConnection(text, action = null) {
  const line = $("connection");
  line.hidden = !text;
  line.replaceChildren(text, ...(action ? [" ", h("button", { class: "small", onclick: action.run }, action.label)] : []));
}

export function joined(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export function letter(index) {
  return index < 26 ? String.fromCharCode(65 + index) : `M${index + 1}`;
}
