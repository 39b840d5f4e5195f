// A page of the test: excerpts to switch between, and the scales, for one attribute or for all.

import { announce, h, joined, letter } from "./dom.js";
import { makeDeck } from "./deck.js";
import { makeScale } from "./scales.js";

// Rate the excerpts of `turn` ({page, order, initial}) for `attributes`. `draft` is kept in step:
// {values: {stimulus id: {attribute id: number}}, comment}. Resolves when all is heard and rated.
export function ratingScreen(test, turn, attributes, draft, { player, display, keep, last, lastPart }) {
  return new Promise((resolve) => {
    const { order, initial } = turn;
    const letters = order.map((_, index) => letter(index));
    const valueOf = (id, attribute) => draft.values[id]?.[attribute.id] ?? null;
    const ratedAll = (id) => attributes.every((attribute) => valueOf(id, attribute) !== null);
    const controls = order.map((id, index) => attributes.map((attribute) => makeScale(test.scale, {
      name: `Mix ${letters[index]}: ${attribute.label}`,
      value: valueOf(id, attribute),
      initial: initial[id][attribute.id],
      onrate(value) {
        (draft.values[id] ??= {})[attribute.id] = value;
        keep();
        update();
      },
    })));

    const deck = makeDeck(player, letters, {
      onselect: () => update(),
      extra: (index) => (ratedAll(order[index]) ? "rated" : "not rated"),
    });
    const missing = h("p", { class: "missing", id: "missing" });
    const unheard = () => letters.filter((_, index) => test.require_full_listen && player.heard(index) < 1);
    const unrated = () => letters.filter((_, index) => !ratedAll(order[index]));

    function todo() {
      const parts = [];
      if (unheard().length) parts.push(`hear ${joined(unheard())} to the end`);
      if (unrated().length) parts.push(`rate ${joined(unrated())}`);
      return parts.length ? `Still to do: ${parts.join("; ")}.` : "";
    }

    function update() {
      deck.update();
      const text = todo();
      missing.textContent = text || "Everything on this page is heard and rated.";
      missing.classList.toggle("ready", !text);
      deck.buttons.forEach((button, index) => button.classList.toggle("rated", ratedAll(order[index])));
      rows.forEach((row, index) => row.classList.toggle("current", index === player.current));
      if (together) {
        rows.forEach((row, index) => { row.hidden = index !== player.current; });
        showOthers();
      }
    }

    // With all attributes together one excerpt's scales are shown; the others' ratings stand beside them.
    function showOthers() {
      attributes.forEach((attribute, place) => {
        const given = order.map((id, index) => [letters[index], valueOf(id, attribute), index]);
        controls[player.current][place].setOthers(given.filter(([, value, index]) => value !== null && index !== player.current));
      });
    }

    const together = attributes.length > 1;
    const rows = together
      ? order.map((_, index) => h("section", { class: "panel", "aria-label": `Mix ${letters[index]}` },
        h("h2", {}, `Mix ${letters[index]}`),
        attributes.map((attribute, place) => h("div", { class: "attribute" },
          h("div", { class: "asks" }, h("h3", {}, attribute.label), h("p", { class: "hint" }, attribute.hint)),
          controls[index][place].element))))
      : order.map((_, index) => h("div", { class: "row" }, deck.buttons[index], controls[index][0].element));

    const comment = h("textarea", { id: "comment", maxlength: 2000, rows: 2 });
    comment.value = draft.comment || "";
    comment.addEventListener("input", () => { draft.comment = comment.value; keep(); });

    function go() {
      const text = todo();
      if (text) {
        missing.classList.add("urgent");
        announce(text);
        const index = order.findIndex((id, at) => !ratedAll(id) || unheard().includes(letters[at]));
        if (together) {
          player.switchTo(index);
          update();
        }
        const open = attributes.findIndex((attribute) => valueOf(order[index], attribute) === null);
        if (open >= 0 && !unheard().includes(letters[index])) controls[index][open].focus();
        else deck.buttons[index].focus();
        return;
      }
      deck.close();
      resolve();
    }

    const [attribute] = attributes;
    display([h("section", {},
      h("h1", {}, together ? "Rate each mix" : attribute.label),
      h("p", { class: "hint" }, together ? "Choose a mix, listen, and rate it. Switch as often as you like." : attribute.hint),
      deck.transport,
      together ? h("div", { class: "tabs", role: "group", "aria-label": "Mixes" }, deck.buttons) : null,
      h("div", { class: together ? "panels" : "rows" }, rows),
      lastPart ? h("details", { class: "comment", open: Boolean(draft.comment) }, h("summary", {}, "Comment (optional)"),
        h("label", { for: "comment", class: "unseen" }, "Comment on this page"), comment) : null,
      deck.keys,
      missing,
      h("div", { class: "actions" }, h("button", { class: "main", id: "next", onclick: go }, last ? "Finish" : "Next")))]);
    player.onchange = update;
    update();
  });
}
