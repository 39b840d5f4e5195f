// A comparison of two excerpts: which is better (A/B), or which of them a third one is (ABX).

import { actions, h, missingLine } from "./dom.js";
import { makeDeck } from "./deck.js";
import { commentsOf } from "./rating_screen.js";
import { makeChoice } from "./scales.js";
import { trialName } from "./steps.js";
import { listed, t } from "./words.js";

// Compare the excerpts of a step ({turn: {page}, trial: {a, b, x}, attributes, last}); answers are kept in the draft's
// trials, by trial and attribute: {choice, seconds, heard: [A, B, X], passed}. Resolves to whether it goes on, or back.
export function pairScreen(test, step, draft, { player, display, keep, back, last, number, count }) {
  return new Promise((resolve) => {
    const { turn: { page }, trial } = step;
    const abx = test.scale.kind === "abx";
    const attributes = abx ? [null] : step.attributes;
    const names = [t("pair.a"), t("pair.b"), ...(abx ? ["X"] : []), ...(page.reference ? [t("reference")] : [])];
    const options = abx ? [["a", t("abx.a")], ["b", t("abx.b")]]
      : [["a", t("pair.better", { letter: names[0] })], ...(test.scale.no_preference === false ? [] : [["none", t("pair.none")]]), ["b", t("pair.better", { letter: names[1] })]];
    const answerOf = (attribute) => (draft.trials[trialName(trial, attribute)] ??= { choice: null, seconds: 0, heard: [0, 0, 0], passed: false });
    const deck = makeDeck(player, names, { onselect: () => update() });
    const missing = missingLine();
    const unheard = () => names.filter((_, index) => test.require_full_listen && player.heard(index) < 1);
    const open = () => attributes.filter((attribute) => !answerOf(attribute).choice);
    const controls = attributes.map((attribute) => makeChoice(options, {
      name: attribute ? t("pair.answer", { attribute: attribute.label }) : t("pair.choice"),
      value: answerOf(attribute).choice,
      onrate(choice) {
        answerOf(attribute).choice = choice;
        keep();
        update();
      },
    }));

    function todo() {
      const parts = [];
      if (unheard().length) parts.push(t("todo.hear", { names: listed(unheard()) }));
      if (open().length) parts.push(t("todo.choose"));
      return parts.length ? t("todo", { parts: parts.join("; ") }) : "";
    }

    function update() {
      deck.update();
      const text = todo();
      missing.set(text || t("todo.done"));
      missing.element.classList.toggle("ready", !text);
    }

    function leave(on) {
      deck.close();
      if (on) attributes.forEach((attribute) => { answerOf(attribute).passed = true; });
      resolve(on);
    }

    function go() {
      const text = todo();
      if (!text) return leave(true);
      const first = unheard().length ? deck.buttons[names.indexOf(unheard()[0])] : controls[attributes.indexOf(open()[0])];
      return missing.urge(text, first);
    }

    const [first] = attributes;
    const single = attributes.length === 1;
    display([h("section", { class: "narrow", "data-page": page.id, "data-trial": step.index, "data-attributes": step.attributes.map(({ id }) => id).join(" ") },
      h("h1", {}, abx ? t("abx.title") : single ? first.label : t("pair.title")),
      h("p", { class: "hint" }, abx ? t("abx.text") : single && first.hint ? first.hint : t("pair.text")),
      count > 1 ? h("p", { class: "hint" }, t(abx ? "abx.count" : "pair.count", { number, count })) : null,
      page.reference ? h("p", { class: "hint" }, t("rate.reference")) : null,
      deck.transport,
      h("div", { class: "cards pair" }, deck.buttons),
      controls.map((control, index) => h("div", { class: "question" },
        h("h2", {}, single ? t("pair.choice") : attributes[index].label),
        single ? null : h("p", { class: "hint" }, attributes[index].hint),
        control.element)),
      step.last ? commentsOf({ ...test, comments: test.comments === "off" ? "off" : "page" }, draft, [], keep) : null,
      deck.keys,
      missing.element,
      actions(back && (() => leave(false)), t("back"), go, t(last ? "finish" : "next")))]);
    player.onchange = update;
    update();
  });
}
