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
export function show({ title, where = "", done = 0, content, screen = "" }) {
  $("title").textContent = title;
  $("where").textContent = where;
  $("progress").style.width = `${Math.round(100 * done)}%`;
  document.title = where ? `${where} – ${title}` : title;
  $("main").dataset.screen = screen;
  $("main").replaceChildren(...content);
  window.scrollTo(0, 0);
  const heading = $("main").querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

// Whom to ask; an address of electronic mail can be clicked.
export function showContact(words, contact) {
  const line = $("contact");
  line.hidden = !contact;
  const mail = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(contact);
  line.replaceChildren(`${words} `, mail ? h("a", { href: `mailto:${contact}` }, contact) : contact);
}

// A text of several paragraphs, with empty lines between them.
export function paragraphs(text) {
  return text.split(/\n\s*\n/).filter((part) => part.trim()).map((part) => h("p", {}, part.trim()));
}

// The line that says what is missing: said aloud as well, and marked when the button was pressed in vain.
export function missingLine() {
  const element = h("p", { class: "missing", id: "missing", hidden: true });
  return {
    element,
    // Set what is missing; "" for nothing.
    set(text) {
      element.textContent = text;
      element.hidden = !text;
      if (!text) element.classList.remove("urgent");
    },
    urge(text, focus) {
      element.textContent = text;
      element.hidden = false;
      element.classList.add("urgent");
      announce(text);
      focus?.focus();
    },
  };
}

// The buttons at the end of a screen: back, where there is a way back, and on.
export function actions(back, backLabel, next, nextLabel) {
  return h("div", { class: "actions" },
    back ? h("button", { type: "button", id: "back", onclick: back }, backLabel) : null,
    h("button", { type: "button", class: "main", id: "next", onclick: next }, nextLabel));
}

// One line about the connection, with at most one thing to do about it; empty hides it.
export function tellConnection(text, action = null) {
  const line = $("connection");
  line.hidden = !text;
  line.replaceChildren(text, ...(action ? [" ", h("button", { class: "small", onclick: action.run }, action.label)] : []));
}

export function letter(index) {
  return index < 26 ? String.fromCharCode(65 + index) : `M${index + 1}`;
}
