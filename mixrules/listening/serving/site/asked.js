// Questions about the listener: a choice, a number, a line of text.

import { h } from "./dom.js";
import { t } from "./words.js";

// The questions of before or after: {elements, missing()}; missing() is [what to say, where to go] or null.
export function questionsOf(test, session, when) {
  const asked = test.questions.filter((question) => (question.when || "before") === when).map((question) => askedBy(question, session));
  return {
    elements: asked.map(({ element }) => element),
    missing: () => asked.map(({ problem, first }) => [problem(), first]).find(([text]) => text) || null,
  };
}

function askedBy(question, session) {
  const { answers } = session.state;
  const set = (text) => {
    if (text) answers[question.id] = text;
    else delete answers[question.id];
    session.keep();
  };
  const label = question.required ? question.label : t("optional", { label: question.label });
  if (question.options.length) return choice(question, label, answers, set);
  const id = `question-${question.id}`;
  const first = h("input", {
    type: question.number ? "number" : "text",
    id,
    maxlength: question.number ? null : 200,
    min: question.minimum,
    max: question.maximum,
    step: question.number ? "any" : null,
    value: answers[question.id] || "",
    required: Boolean(question.required),
  });
  first.addEventListener("input", () => set(first.value.trim()));
  return {
    element: h("div", { class: "question" }, h("label", { for: id, class: "asked" }, label), first),
    first,
    problem: () => problemOf(question, first),
  };
}

function problemOf(question, input) {
  const { label, minimum, maximum } = question;
  const text = input.value.trim();
  if (!text && !input.validity.badInput) return question.required ? t("answer.missing", { label }) : "";
  if (!question.number) return "";
  const least = minimum ?? null;
  const most = maximum ?? null;
  const number = input.validity.badInput ? NaN : Number(text);
  if (Number.isFinite(number) && (least === null || number >= least) && (most === null || number <= most)) return "";
  if (least !== null && most !== null) return t("answer.between", { label, minimum, maximum });
  if (least !== null) return t("answer.least", { label, minimum });
  return most !== null ? t("answer.most", { label, maximum }) : t("answer.number", { label });
}

function choice(question, label, answers, set) {
  const inputs = question.options.map((option) => {
    const input = h("input", { type: "radio", name: `question-${question.id}`, value: option, checked: answers[question.id] === option, required: Boolean(question.required) });
    input.addEventListener("change", () => set(option));
    return input;
  });
  const element = h("fieldset", { class: "question" },
    h("legend", { class: "asked" }, label),
    h("div", { class: "choices" }, inputs.map((input, index) => h("label", { class: "choice" }, input, h("span", {}, question.options[index])))));
  return { element, first: inputs[0], problem: () => (question.required && !answers[question.id] ? t("answer.missing", { label: question.label }) : "") };
}
