// The screens around the rating: welcome, welcome back, training, thanks, and plain notices.

import { announce, h, joined } from "./dom.js";
import { setVolume } from "./player.js";
import { makeDeck } from "./deck.js";

// A heading, lines of text, and buttons: [{label, run, main}].
export function notice(heading, lines, buttons = []) {
  return [h("section", { class: "narrow" },
    h("h1", {}, heading),
    lines.map((line) => h("p", {}, line)),
    buttons.length ? h("div", { class: "actions" }, buttons.map(({ label, run, main }) =>
      h("button", { class: main ? "main" : "", onclick: run }, label))) : null)];
}

// Resolves when the listener has answered what is asked, set the volume, and goes on.
export function welcome(test, session, { player, display }) {
  return new Promise((resolve) => {
    const { state } = session;
    const asked = test.questions.map((question) => ({ question, ...askedBy(question, state, () => session.keep()) }));
    const level = h("input", { type: "range", id: "volume", min: -30, max: 0, step: 1, value: state.volume_db, "aria-describedby": "volume-help" });
    const say = () => level.setAttribute("aria-valuetext", `${level.valueAsNumber + 30} of 30`);
    level.addEventListener("input", () => {
      state.volume_db = level.valueAsNumber;
      setVolume(state.volume_db);
      say();
      session.keep();
    });
    say();
    let played = false;
    const play = h("button", { type: "button", class: "play" }, "Play an excerpt");
    play.addEventListener("click", async () => {
      setVolume(state.volume_db);
      await player.toggle();
      played = true;
    });
    player.onchange = () => {
      play.textContent = player.playing ? "Pause" : "Play an excerpt";
      play.classList.toggle("on", player.playing);
    };
    const missing = h("p", { class: "missing urgent", id: "missing", hidden: true });
    const go = () => {
      const open = asked.find(({ question, answered }) => question.required && !answered());
      missing.textContent = open ? `Please answer: ${open.question.label}.`
        : played ? "" : "Please play the excerpt and set a comfortable volume first.";
      missing.hidden = !missing.textContent;
      if (missing.textContent) {
        announce(missing.textContent);
        (open ? open.first : play).focus();
        return;
      }
      player.close();
      resolve();
    };
    // An abbreviation stays as it is.
    const attributes = test.attributes.map(({ label }) => (label === label.toUpperCase() ? label : label.toLowerCase()));
    const size = Math.max(...test.pages.map((page) => page.stimuli.length));
    display([h("section", { class: "narrow" },
      h("h1", {}, "Welcome"),
      h("p", {}, `You will hear short excerpts of songs. Each comes in ${size > 1 ? `up to ${size} mixes` : "one mix"}, which you rate for ${joined(attributes)}. ` +
        `There ${test.pages.length === 1 ? "is one page" : `are ${test.pages.length} pages`}. There are no right answers: your own judgement counts.`),
      h("p", {}, "Your ratings are kept after every page. If you close this tab, open the same address in this browser to go on."),
      asked.length ? h("h2", {}, "About you") : null,
      asked.map(({ element }) => element),
      h("h2", {}, "Volume"),
      h("p", { id: "volume-help" }, "Find a quiet place. Play the excerpt, set a comfortable volume here and on your device, and then leave it as it is until the end."),
      h("div", { class: "volume" }, play, h("label", { for: "volume" }, "Volume"), level),
      missing,
      h("div", { class: "actions" }, h("button", { class: "main", id: "next", onclick: go }, "Begin")))]);
  });
}

function askedBy(question, state, keep) {
  const set = (text) => {
    if (text) state.answers[question.id] = text;
    else delete state.answers[question.id];
    keep();
  };
  const answered = () => Boolean(state.answers[question.id]);
  const label = `${question.label}${question.required ? "" : " (optional)"}`;
  if (!question.options.length) {
    const id = `question-${question.id}`;
    const first = h("input", { type: "text", id, maxlength: 200, value: state.answers[question.id] || "", required: question.required });
    first.addEventListener("input", () => set(first.value.trim()));
    return { element: h("div", { class: "question" }, h("label", { for: id, class: "asked" }, label), first), first, answered };
  }
  const inputs = question.options.map((option) => {
    const input = h("input", { type: "radio", name: `question-${question.id}`, value: option, checked: state.answers[question.id] === option, required: question.required });
    input.addEventListener("change", () => set(option));
    return input;
  });
  const element = h("fieldset", { class: "question" },
    h("legend", { class: "asked" }, label),
    h("div", { class: "choices" }, inputs.map((input, index) => h("label", { class: "choice" }, input, h("span", {}, question.options[index])))));
  return { element, first: inputs[0], answered };
}

// Resolves when the training excerpts were heard.
export function training(test, { player, display }) {
  return new Promise((resolve) => {
    const { stimuli, lines } = test.training;
    const labels = Object.fromEntries(test.attributes.map((attribute) => [attribute.id, attribute.label]));
    const deck = makeDeck(player, stimuli.map((stimulus) => stimulus.label));
    const missing = h("p", { class: "missing" });
    const left = () => stimuli.filter((_, index) => player.heard(index) < 1).map((stimulus) => stimulus.label);
    const say = () => {
      missing.textContent = test.require_full_listen && left().length
        ? `Still to hear to the end: ${joined(left())}.` : "";
      missing.hidden = !missing.textContent;
    };
    player.onchange = () => { deck.update(); say(); };
    const go = () => {
      say();
      if (missing.textContent) return announce(missing.textContent);
      deck.close();
      player.close();
      resolve();
    };
    display([h("section", { class: "narrow" },
      h("h1", {}, "Training"),
      h("p", {}, "Get to know what differs between mixes. Switch between these, as often as you like; nothing is rated here."),
      deck.transport,
      h("div", { class: "cards" }, deck.buttons),
      lines.length ? h("h2", {}, "What to listen for") : null,
      h("dl", { class: "lines" }, lines.flatMap((line) => [h("dt", {}, labels[line.attribute]), h("dd", {}, line.text)])),
      deck.keys,
      missing,
      h("div", { class: "actions" }, h("button", { class: "main", id: "next", onclick: go }, "To the first page")))]);
    deck.update();
    say();
  });
}

// The end: what became of the ratings, and what the listener has to do, if anything.
export function thanks(test, session, anew) {
  const state = h("p", { class: "verdict", role: "status" });
  const save = h("button", { id: "download" }, "Download my results");
  save.addEventListener("click", () => { session.download(); update(); });
  function update() {
    const { takesRatings, allSent, problem, state: kept } = session;
    const onTheWay = takesRatings && !allSent && !problem;
    save.classList.toggle("main", !allSent && !kept.downloaded);
    save.hidden = onTheWay || (takesRatings && allSent);
    state.classList.toggle("good", allSent || kept.downloaded);
    if (takesRatings && allSent) state.textContent = "All your ratings are saved. You can close this page.";
    else if (onTheWay) state.textContent = "Your ratings are being saved …";
    else if (kept.downloaded) state.textContent = "Your results are in your downloads. Please send that file to whoever invited you.";
    else if (takesRatings) state.textContent = "Your ratings have not reached the server yet. Please leave this page open for a moment, or download your results and send the file to whoever invited you.";
    else state.textContent = "One last step: download your results, and send the file to whoever invited you.";
  }
  update();
  return {
    update,
    content: [h("section", { class: "narrow" },
      h("h1", {}, "Thank you"),
      h("p", {}, `You have rated all of the ${test.pages.length === 1 ? "page" : `${test.pages.length} pages`}.`),
      state,
      h("div", { class: "actions" }, save, h("button", { id: "anew", onclick: anew }, "Start for another listener")))],
  };
}
