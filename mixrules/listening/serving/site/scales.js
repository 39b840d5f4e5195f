// The scales: five labelled steps, a slider from 0 to 100 with the same labels along it, and the choice of one of some.

import { h } from "./dom.js";
import { t } from "./words.js";

let made = 0;

// A control is {element, value (null while not rated), focus(), setOthers([[letter, value]])}.
export function makeScale(scale, { name, value, initial, onrate }) {
  return scale.kind === "likert"
    ? likert(scale.labels, { name, value, onrate })
    : slider(scale.labels, { name, value, initial, onrate });
}

// A choice of one: options are [[value, label]]. A control like those of scales.
export function makeChoice(options, { name, value, onrate }) {
  const group = `scale-${++made}`;
  const inputs = options.map(([given]) => {
    const input = h("input", { type: "radio", name: group, value: given, checked: value === given });
    input.addEventListener("change", () => onrate(given));
    return input;
  });
  const element = h("div", { class: "verdicts", role: "radiogroup", "aria-label": name },
    options.map(([, label], index) => h("label", { class: "step" }, inputs[index], h("span", { class: "text" }, label))));
  return { element, focus: () => (inputs.find((input) => input.checked) || inputs[0]).focus() };
}

function likert(labels, { name, value, onrate }) {
  const group = `scale-${++made}`;
  const control = { value };
  const marks = [];
  const inputs = [];
  const options = labels.map((label, index) => {
    const input = h("input", { type: "radio", name: group, value: index + 1, checked: value === index + 1 });
    input.addEventListener("change", () => {
      control.value = index + 1;
      onrate(control.value);
    });
    inputs.push(input);
    marks.push(h("span", { class: "others", "aria-hidden": "true" }));
    return h("label", { class: "step" }, input, h("span", { class: "text" }, label), marks[index]);
  });
  control.element = h("div", { class: "likert", role: "radiogroup", "aria-label": name }, options);
  control.focus = () => (inputs.find((input) => input.checked) || inputs[0]).focus();
  control.setOthers = (others) => marks.forEach((mark, index) => {
    mark.textContent = others.filter(([, given]) => given === index + 1).map(([letter]) => letter).join(" ");
  });
  return control;
}

function slider(labels, { name, value, initial, onrate }) {
  const control = { value };
  const input = h("input", { type: "range", min: 0, max: 100, step: 1, value: value ?? initial, "aria-label": name });
  const number = h("output", { class: "number", "aria-hidden": "true" });
  const others = h("div", { class: "ticks", "aria-hidden": "true" });
  const describe = () => {
    const label = labels[Math.min(Math.floor(input.valueAsNumber / 20), 4)];
    const rated = control.value !== null;
    number.textContent = rated ? String(control.value) : "–";
    input.setAttribute("aria-valuetext", rated ? t("rate.value", { value: control.value, label }) : t("rate.unrated"));
    input.classList.toggle("unrated", !rated);
  };
  const rate = () => {
    control.value = input.valueAsNumber;
    describe();
    onrate(control.value);
  };
  input.addEventListener("input", rate);
  // Where the slider happens to stand right, a click or Enter keeps it there.
  input.addEventListener("pointerup", () => { if (control.value === null) rate(); });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") rate(); });
  describe();
  control.element = h("div", { class: "slider" },
    h("div", { class: "track" }, others, input, number),
    h("div", { class: "along", "aria-hidden": "true" }, labels.map((label) => h("span", {}, label))));
  control.focus = () => input.focus();
  control.setOthers = (list) => {
    // Letters that would cover each other stand together.
    const groups = [];
    for (const [letter, given] of [...list].sort((a, b) => a[1] - b[1])) {
      const group = groups[groups.length - 1];
      if (group && given - group.at < 5) group.letters += ` ${letter}`;
      else groups.push({ at: given, letters: letter });
    }
    others.replaceChildren(...groups.map(({ at, letters }) => {
      const tick = h("span", {}, letters);
      tick.style.left = `${at}%`;
      return tick;
    }));
  };
  return control;
}
