// The controls of playback: play, place, loop, and a button for each excerpt. Keys: digits, space, L.

import { announce, h, tellConnection } from "./dom.js";
import { t } from "./words.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// {transport, buttons, keys, update, close}; extra(index) adds words to a button's description.
export function makeDeck(player, names, { onselect = () => {}, extra = () => "" } = {}) {
  const play = h("button", { type: "button", class: "play", onclick: () => toggle() });
  const place = h("input", { type: "range", class: "place", min: 0, max: 1000, step: 10, value: 0, "aria-label": t("place") });
  place.addEventListener("input", () => player.seek((place.valueAsNumber / 1000) * player.duration));
  const time = h("span", { class: "time", "aria-hidden": "true" });
  const loop = h("button", { type: "button", class: "loop", onclick: () => player.setLoop(!player.loop) }, t("loop"));
  const fills = names.map(() => h("span", { class: "fill", "aria-hidden": "true" }));
  const buttons = names.map((name, index) => h("button", { type: "button", class: "stimulus", onclick: () => select(index) },
    h("span", { class: "name" }, name), h("span", { class: "heard", "aria-hidden": "true" }, fills[index])));

  async function toggle() {
    await player.toggle();
    if (player.playing) watch();
  }

  // A context that does not move has no device to play on; better said than waited for.
  function watch() {
    const at = player.position();
    setTimeout(() => {
      if (player.playing && player.duration > 0 && player.position() === at) tellConnection(t("silent"));
    }, 2500);
  }

  async function select(index) {
    player.switchTo(index);
    onselect(index);
    if (!player.playing) await toggle();
  }

  function update() {
    play.textContent = player.playing ? t("pause") : t("play");
    play.classList.toggle("on", player.playing);
    loop.setAttribute("aria-pressed", player.loop);
    const at = player.position();
    if (document.activeElement !== place || player.playing) place.value = player.duration ? (1000 * at) / player.duration : 0;
    place.setAttribute("aria-valuetext", t("place.value", { at: at.toFixed(1), all: player.duration.toFixed(1) }));
    time.textContent = `${clock(at)} / ${clock(player.duration)}`;
    buttons.forEach((button, index) => {
      const heard = player.heard(index);
      const current = index === player.current;
      button.setAttribute("aria-pressed", current);
      button.classList.toggle("sounding", current && player.playing);
      button.classList.toggle("done", heard === 1);
      fills[index].style.width = `${Math.round(100 * heard)}%`;
      const words = [names[index].length === 1 ? t("mix", { letter: names[index] }) : names[index], heard === 1 ? t("heard") : t("unheard"), extra(index)];
      const label = words.filter(Boolean).join(", ");
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    });
  }

  function onkey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = document.activeElement;
    if (on && on.matches("textarea, select, input[type=text], input[type=number]")) return;
    if (event.key >= "1" && event.key <= "9" && Number(event.key) <= names.length) {
      event.preventDefault();
      select(Number(event.key) - 1);
    } else if (event.key === "l" || event.key === "L") {
      player.setLoop(!player.loop);
      announce(player.loop ? t("loop.on") : t("loop.off"));
    } else if (event.key === " ") {
      // Space does what it does everywhere on a button or an unchecked choice, and plays elsewhere.
      const own = on && (on.matches("button:not(.stimulus), summary, a, input[type=radio]:not(:checked)")
        || (on.matches(".stimulus") && on.getAttribute("aria-pressed") !== "true"));
      if (own) return;
      event.preventDefault();
      toggle();
    }
  }
  // Firefox presses a button when space is released.
  function onkeyup(event) {
    if (event.key === " " && document.activeElement?.matches(".stimulus[aria-pressed=true]")) event.preventDefault();
  }
  addEventListener("keydown", onkey);
  addEventListener("keyup", onkeyup);

  return {
    transport: h("div", { class: "transport", role: "group", "aria-label": t("playback") }, play, place, time, loop),
    buttons,
    keys: h("p", { class: "keys" }, keyWords(names.length)),
    update,
    close() {
      removeEventListener("keydown", onkey);
      removeEventListener("keyup", onkeyup);
    },
  };
}

// The line about keys, each of them drawn as a key.
function keyWords(count) {
  const kbd = (label) => h("kbd", {}, label);
  const drawn = {
    digits: count > 1 ? [kbd("1"), "–", kbd(String(Math.min(count, 9)))] : [kbd("1")],
    space: [kbd(t("keys.space"))],
    loop: [kbd("L")],
  };
  return t("keys").split(/\{(\w+)\}/).flatMap((part, index) => (index % 2 ? drawn[part] || [part] : [part]));
}
