// The check for headphones of Woods et al. (2017, Attention, Perception & Psychophysics 79): of three tones one is 6 dB
// softer, and one has its sides in antiphase, so that loudspeakers cancel it in part and it is taken for the softest.

import { actions, h, missingLine } from "./dom.js";
import { playChannels } from "./player.js";
import { makeChoice } from "./scales.js";
import { t } from "./words.js";

const RATE = 44100;
const HZ = 200;
const TONE_S = 1.0;
const RAMP_S = 0.1;
const PAUSE_S = 0.5;
const LEVEL = 0.1;
const SOFTER_DB = -6;
const TRIALS = 6; // every order of loud, soft and antiphase once
const NEEDED = 5;
const KINDS = [["loud", "soft", "anti"], ["loud", "anti", "soft"], ["soft", "loud", "anti"], ["soft", "anti", "loud"], ["anti", "loud", "soft"], ["anti", "soft", "loud"]];

// The two channels of three tones.
export function tones(kinds) {
  const samples = Math.round((kinds.length * TONE_S + (kinds.length - 1) * PAUSE_S) * RATE);
  const left = new Float32Array(samples);
  const right = new Float32Array(samples);
  kinds.forEach((kind, place) => {
    const first = Math.round(place * (TONE_S + PAUSE_S) * RATE);
    const count = Math.round(TONE_S * RATE);
    const level = LEVEL * (kind === "soft" ? 10 ** (SOFTER_DB / 20) : 1);
    for (let i = 0; i < count; i++) {
      const edge = Math.min(1, Math.min(i, count - i) / (RAMP_S * RATE));
      const value = level * Math.sin(Math.PI * edge / 2) ** 2 * Math.sin((2 * Math.PI * HZ * i) / RATE);
      left[first + i] = value;
      right[first + i] = kind === "anti" ? -value : value;
    }
  });
  return [left, right];
}

// Resolves to true when it was passed, or need not be; to false for the way back. The result is kept in the session.
export function headphoneCheck(test, session, { display, back }) {
  return new Promise((resolve) => {
    const order = [...KINDS].sort(() => Math.random() - 0.5);
    const attempts = (session.state.headphones?.attempts || 0) + 1;
    let correct = 0;

    function trial(number) {
      const kinds = order[number];
      let chosen = null;
      let heard = false;
      let playing = false;
      const missing = missingLine();
      const lights = kinds.map((_, place) => h("span", { class: "tone" }, t("headphones.playing", { number: place + 1 })));
      const play = h("button", { type: "button", class: "play" }, t("headphones.play"));
      play.addEventListener("click", async () => {
        if (playing) return;
        playing = true;
        missing.set("");
        const timers = kinds.map((_, place) => setTimeout(() => lights.forEach((light, at) => light.classList.toggle("on", at === place)), 1000 * place * (TONE_S + PAUSE_S)));
        await playChannels(...tones(kinds), RATE);
        timers.forEach(clearTimeout);
        lights.forEach((light) => light.classList.remove("on"));
        playing = false;
        heard = true;
      });
      const control = makeChoice(kinds.map((_, place) => [place, t("headphones.playing", { number: place + 1 })]), {
        name: t("headphones.ask"),
        value: null,
        onrate: (place) => { chosen = place; missing.set(""); },
      });
      const go = () => {
        if (!heard) return missing.urge(t("headphones.missing.play"), play);
        if (chosen === null) return missing.urge(t("headphones.missing.choose"), control);
        if (kinds[chosen] === "soft") correct += 1;
        if (number + 1 < TRIALS) trial(number + 1);
        else verdict();
      };
      display([h("section", { class: "narrow" },
        h("h1", {}, t("headphones.title")),
        h("p", {}, t("headphones.text")),
        h("p", { class: "hint" }, t("headphones.count", { number: number + 1, count: TRIALS })),
        h("div", { class: "tones" }, play, lights),
        h("h2", {}, t("headphones.ask")),
        control.element,
        missing.element,
        actions(number ? null : back && (() => resolve(false)), t("back"), go, t("next")))]);
    }

    function verdict() {
      const passed = correct >= NEEDED;
      session.state.headphones = { correct, of: TRIALS, passed, attempts };
      session.keep();
      const on = passed || test.headphone_check !== "required";
      const again = () => headphoneCheck(test, session, { display, back }).then(resolve);
      display([h("section", { class: "narrow" },
        h("h1", {}, t("headphones.title")),
        h("p", { class: passed ? "verdict good" : "verdict" }, t(passed ? "headphones.passed" : "headphones.failed")),
        h("div", { class: "actions" },
          passed ? null : h("button", { type: "button", id: "again", class: "main", onclick: again }, t("again")),
          on ? h("button", { type: "button", id: "next", class: passed ? "main" : "", onclick: () => resolve(true) }, t(passed ? "next" : "headphones.anyway")) : null))]);
    }

    trial(0);
  });
}
