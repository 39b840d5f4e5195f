// The screens around the answers: consent, welcome, training, last questions, the end, and plain notices.

import { questionsOf } from "./asked.js";
import { actions, h, missingLine, paragraphs } from "./dom.js";
import { makeDeck } from "./deck.js";
import { setVolume } from "./player.js";
import { counted, listed, t } from "./words.js";

// A heading, lines of text, and buttons: [{label, run, main}].
export function notice(heading, lines, buttons = []) {
  return [h("section", { class: "narrow" },
    h("h1", {}, heading),
    lines.map((line) => h("p", {}, line)),
    buttons.length ? h("div", { class: "actions" }, buttons.map(({ label, run, main }) =>
      h("button", { type: "button", class: main ? "main" : "", onclick: run }, label))) : null)];
}

// Every screen resolves to true when the listener goes on, and to false for the way back; `back` says whether there is one.

export function consent(test, session, { display }) {
  return new Promise((resolve) => {
    const { state } = session;
    const tick = h("input", { type: "checkbox", id: "consent", checked: Boolean(state.consent) });
    const missing = missingLine();
    tick.addEventListener("change", () => {
      state.consent = tick.checked ? new Date().toISOString() : null;
      missing.set("");
      session.keep();
    });
    const go = () => (state.consent ? resolve(true) : missing.urge(t("consent.missing"), tick));
    display([h("section", { class: "narrow" },
      h("h1", {}, t("consent.title")),
      paragraphs(test.consent.text),
      h("label", { class: "tick" }, tick, h("span", {}, test.consent.label || t("consent.label"))),
      missing.element,
      actions(null, "", go, t("next")))]);
  });
}

export function welcome(test, session, { player, display, back, turns }) {
  return new Promise((resolve) => {
    const { state } = session;
    const asked = questionsOf(test, session, "before");
    const level = h("input", { type: "range", id: "volume", min: -30, max: 0, step: 1, value: state.volume_db, "aria-describedby": "volume-help" });
    const say = () => level.setAttribute("aria-valuetext", t("volume.value", { value: level.valueAsNumber + 30 }));
    level.addEventListener("input", () => {
      state.volume_db = level.valueAsNumber;
      setVolume(state.volume_db);
      say();
      session.keep();
    });
    say();
    let played = state.welcomed;
    const play = h("button", { type: "button", class: "play" }, t("volume.play"));
    play.addEventListener("click", async () => {
      setVolume(state.volume_db);
      await player.toggle();
      played = true;
      missing.set("");
    });
    player.onchange = () => {
      play.textContent = player.playing ? t("pause") : t("volume.play");
      play.classList.toggle("on", player.playing);
    };
    const missing = missingLine();
    const leave = (on) => {
      player.close();
      resolve(on);
    };
    const go = () => {
      const open = asked.missing();
      if (open) return missing.urge(...open);
      if (!played) return missing.urge(t("volume.missing"), play);
      leave(true);
    };
    display([h("section", { class: "narrow" },
      h("h1", {}, t("welcome.title")),
      test.introduction ? paragraphs(test.introduction) : ourIntroduction(test, turns),
      h("p", {}, t("welcome.kept")),
      asked.elements.length ? h("h2", {}, t("welcome.about")) : null,
      asked.elements,
      h("h2", {}, t("volume")),
      h("p", { id: "volume-help" }, t("volume.text")),
      h("div", { class: "volume" }, play, h("label", { for: "volume" }, t("volume")), level),
      missing.element,
      actions(back && (() => leave(false)), t("back"), go, t("begin")))]);
  });
}

function ourIntroduction(test, turns) {
  const songs = counted("welcome.songs", turns.filter(({ page }) => !page.repeat_of).length);
  if (test.scale.kind === "ab") return [h("p", {}, `${t("welcome.ab", { songs })} ${t("welcome.judge")}`)];
  if (test.scale.kind === "abx") return [h("p", {}, `${t("welcome.abx", { songs })} ${t("welcome.judge.abx")}`)];
  const size = Math.max(...turns.map(({ page }) => page.stimuli.length));
  // Within a sentence English has small letters; an abbreviation stays as it is.
  const small = (label) => (document.documentElement.lang !== "en" || label === label.toUpperCase() ? label : label.toLowerCase());
  const attributes = listed(test.attributes.map(({ label }) => small(label)));
  return [h("p", {}, `${counted("welcome.rate", size, { songs, attributes })} ${t("welcome.judge")}`)];
}

export function training(test, { player, display, back }) {
  return new Promise((resolve) => {
    const { stimuli, lines, text } = test.training;
    const labels = Object.fromEntries(test.attributes.map((attribute) => [attribute.id, attribute.label]));
    const deck = makeDeck(player, stimuli.map((stimulus) => stimulus.label));
    const missing = missingLine();
    const left = () => (test.require_full_listen ? stimuli.map((_, index) => index).filter((index) => player.heard(index) < 1) : []);
    const todo = () => (left().length ? t("training.missing", { names: listed(left().map((index) => t("quoted", { text: stimuli[index].label }))) }) : "");
    player.onchange = () => {
      deck.update();
      missing.set(todo());
    };
    const leave = (on) => {
      deck.close();
      player.close();
      resolve(on);
    };
    const go = () => (todo() ? missing.urge(todo(), deck.buttons[left()[0]]) : leave(true));
    display([h("section", { class: "narrow" },
      h("h1", {}, t("training.title")),
      text ? paragraphs(text) : h("p", {}, t("training.text")),
      deck.transport,
      h("div", { class: "cards" }, deck.buttons),
      lines.length ? h("h2", {}, t("training.lines")) : null,
      lines.length ? h("dl", { class: "lines" }, lines.flatMap((line) => [h("dt", {}, labels[line.attribute]), h("dd", {}, line.text)])) : null,
      deck.keys,
      missing.element,
      actions(back && (() => leave(false)), t("back"), go, t("next")))]);
    deck.update();
    missing.set(todo());
  });
}

// The questions after the last page.
export function after(test, session, { display, back }) {
  return new Promise((resolve) => {
    const asked = questionsOf(test, session, "after");
    const missing = missingLine();
    const go = () => {
      const open = asked.missing();
      return open ? missing.urge(...open) : resolve(true);
    };
    display([h("section", { class: "narrow" },
      h("h1", {}, t("after.title")),
      asked.elements,
      missing.element,
      actions(back && (() => resolve(false)), t("back"), go, t("finish")))]);
  });
}

// The end: what became of the answers, what the listener has to do, if anything, and what is given.
export function thanks(test, session, songs, anew) {
  const verdict = h("p", { class: "verdict", role: "status" });
  const save = h("button", { type: "button", id: "download" }, t("end.download"));
  save.addEventListener("click", () => { session.download(); update(); });
  const reward = rewardOf(test, session);
  function update() {
    const { takesRatings, allSent, problem, state } = session;
    const onTheWay = takesRatings && !allSent && !problem;
    const safe = (takesRatings && allSent) || state.downloaded;
    save.classList.toggle("main", !safe);
    save.hidden = onTheWay || (takesRatings && allSent);
    verdict.classList.toggle("good", safe);
    if (takesRatings && allSent) verdict.textContent = t(reward ? "end.saved.return" : "end.saved");
    else if (onTheWay) verdict.textContent = t("end.saving");
    else if (state.downloaded) verdict.textContent = t("end.downloaded");
    else verdict.textContent = t(takesRatings ? "end.waiting" : "end.offline");
    if (reward) reward.hidden = !safe;
  }
  update();
  return {
    update,
    content: [h("section", { class: "narrow" },
      h("h1", {}, t("end.title")),
      h("p", {}, `${counted("end.done", songs)} ${t("end.thanks")}`),
      verdict,
      reward,
      h("div", { class: "actions" }, save, h("button", { type: "button", id: "anew", onclick: anew }, t("end.anew"))))],
  };
}

// What a crowd platform wants at the end; shown once the answers are safe.
function rewardOf(test, session) {
  const given = test.completion;
  if (!given || !(given.text || given.code || given.url)) return null;
  const { listener_id: listener, session_id } = session.state;
  const values = { listener, session: session_id, code: given.code };
  const address = given.url.replace(/\{(listener|session|code)\}/g, (_, name) => encodeURIComponent(values[name]));
  const copy = h("button", { type: "button", id: "copy" }, t("end.copy"));
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(given.code); copy.textContent = t("end.copied"); } catch { getSelection().selectAllChildren(code); }
  });
  const code = h("output", { class: "code", id: "code", "aria-label": t("end.code") }, given.code);
  return h("div", { class: "reward" },
    given.text ? paragraphs(given.text) : null,
    given.code ? h("p", { class: "given" }, `${t("end.code")}: `, code, " ", copy) : null,
    given.url ? h("p", {}, h("a", { class: "button main", id: "return", href: address }, t("end.return"))) : null);
}
