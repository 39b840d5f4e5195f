// A page of ratings: excerpts to switch between, and the scales, for one attribute or for all.

import { actions, h, letter, missingLine } from "./dom.js";
import { makeDeck } from "./deck.js";
import { makeScale } from "./scales.js";
import { listed, t } from "./words.js";

// Rate the excerpts of a step ({turn: {page, order, initial}, attributes, last}); the draft is kept in step:
// {values: {stimulus id: {attribute id: number}}, comment, comments}. Resolves to whether it goes on, or back.
export function ratingScreen(test, step, draft, { player, display, keep, back, last }) {
  return new Promise((resolve) => {
    const { turn: { page, order, initial }, attributes } = step;
    const letters = order.map((_, index) => letter(index));
    const names = page.reference ? [...letters, t("reference")] : letters;
    const valueOf = (id, attribute) => draft.values[id]?.[attribute.id] ?? null;
    const ratedAll = (id) => attributes.every((attribute) => valueOf(id, attribute) !== null);
    const controls = order.map((id, index) => attributes.map((attribute) => makeScale(test.scale, {
      name: t("rate.name", { mix: t("mix", { letter: letters[index] }), attribute: attribute.label }),
      value: valueOf(id, attribute),
      initial: initial[id][attribute.id],
      onrate(value) {
        (draft.values[id] ??= {})[attribute.id] = value;
        keep();
        update();
      },
    })));

    const deck = makeDeck(player, names, {
      onselect: () => update(),
      extra: (index) => (index >= order.length ? "" : ratedAll(order[index]) ? t("rated") : t("unrated")),
    });
    const missing = missingLine();
    const unheard = () => names.filter((_, index) => test.require_full_listen && player.heard(index) < 1);
    const unrated = () => letters.filter((_, index) => !ratedAll(order[index]));
    const shown = () => Math.min(player.current, order.length - 1);
    let asked = false; // whether Next was pressed in vain: then what is open is marked

    function todo() {
      const parts = [];
      if (unheard().length) parts.push(t("todo.hear", { names: listed(unheard()) }));
      if (unrated().length) parts.push(t("todo.rate", { names: listed(unrated()) }));
      return parts.length ? t("todo", { parts: parts.join("; ") }) : "";
    }

    function update() {
      deck.update();
      const text = todo();
      missing.set(text || t("todo.done"));
      missing.element.classList.toggle("ready", !text);
      deck.buttons.forEach((button, index) => button.classList.toggle("rated", index < order.length && ratedAll(order[index])));
      rows.forEach((row, index) => {
        row.classList.toggle("current", index === player.current);
        row.classList.toggle("open", asked && (!ratedAll(order[index]) || unheard().includes(letters[index])));
      });
      if (together) {
        rows.forEach((row, index) => { row.hidden = index !== shown(); });
        showOthers();
      }
    }

    // With all attributes together one excerpt's scales are shown; the others' ratings stand beside them.
    function showOthers() {
      attributes.forEach((attribute, place) => {
        const given = order.map((id, index) => [letters[index], valueOf(id, attribute), index]);
        controls[shown()][place].setOthers(given.filter(([, value, index]) => value !== null && index !== shown()));
      });
    }

    const together = attributes.length > 1;
    const mixName = (index) => t("mix", { letter: letters[index] });
    const reference = page.reference ? h("div", { class: "refer" }, deck.buttons[order.length], h("p", { class: "hint" }, t("rate.reference"))) : null;
    const rows = together
      ? order.map((_, index) => h("section", { class: "panel", "aria-label": mixName(index) },
        h("h2", {}, mixName(index)),
        attributes.map((attribute, place) => h("div", { class: "attribute" },
          h("div", { class: "asks" }, h("h3", {}, attribute.label), h("p", { class: "hint" }, attribute.hint)),
          controls[index][place].element))))
      : order.map((_, index) => h("div", { class: "row" }, deck.buttons[index], controls[index][0].element));

    function leave(on) {
      deck.close();
      resolve(on);
    }

    function go() {
      const text = todo();
      if (!text) return leave(true);
      asked = true;
      const index = order.findIndex((id, at) => !ratedAll(id) || unheard().includes(letters[at]));
      if (index < 0) {
        update();
        return missing.urge(text, deck.buttons[order.length]);
      }
      if (together) player.switchTo(index);
      update();
      const open = attributes.findIndex((attribute) => valueOf(order[index], attribute) === null);
      const first = open >= 0 && !unheard().includes(letters[index]) ? controls[index][open] : deck.buttons[index];
      return missing.urge(text, first);
    }

    const [attribute] = attributes;
    display([h("section", { "data-page": page.id, "data-attributes": attributes.map(({ id }) => id).join(" ") },
      h("h1", {}, together ? t("rate.all") : attribute.label),
      h("p", { class: "hint" }, together ? t("rate.all.text") : attribute.hint),
      reference,
      deck.transport,
      together ? h("div", { class: "tabs", role: "group", "aria-label": t("mixes") }, deck.buttons.slice(0, order.length)) : null,
      h("div", { class: together ? "panels" : "rows" }, rows),
      step.last ? commentsOf(test, draft, order, keep) : null,
      deck.keys,
      missing.element,
      actions(back && (() => leave(false)), t("back"), go, t(last ? "finish" : "next")))]);
    player.onchange = update;
    update();
  });
}

// Fields for comments: one for the page, or one for each mix.
export function commentsOf(test, draft, order, keep) {
  const kind = test.comments || "page";
  if (kind === "off") return null;
  const field = (id, label, text, set) => {
    const area = h("textarea", { id, maxlength: 2000, rows: 2 });
    area.value = text;
    area.addEventListener("input", () => { set(area.value); keep(); });
    return [h("label", { for: id }, label), area];
  };
  if (kind === "page" || !order.length) {
    return h("details", { class: "comment", open: Boolean(draft.comment) }, h("summary", {}, t("comment")),
      field("comment", t("comment.page"), draft.comment || "", (text) => { draft.comment = text; }));
  }
  const given = Object.values(draft.comments).some((text) => text.trim());
  return h("details", { class: "comment", open: given }, h("summary", {}, t("comments")),
    order.flatMap((id, index) => field(`comment-${letter(index)}`, t("comment.mix", { letter: letter(index) }), draft.comments[id] || "",
      (text) => { draft.comments[id] = text; })));
}
