// The controls of playback: play, place, loop, and a button for each excerpt. Keys: digits, space, L.

import { announce, h, tellConnection } from "./dom.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// {transport, buttons, keys, update, close}; extra(index) adds words to a button's description.
export function makeDeck(player, names, { onselect = () => {}, extra = () => "" } = {}) {
  const play = h("button", { type: "button", class: "play", onclick: () => toggle() });
  const place = h("input", { type: "range", class: "place", min: 0, max: 1000, step: 10, value: 0, "aria-label": "Place in the excerpt" });
  place.addEventListener("input", () => player.seek((place.valueAsNumber / 1000) * player.duration));
  const time = h("span", { class: "time", "aria-hidden": "true" });
  const loop = h("button", { type: "button", class: "loop", onclick: () => player.setLoop(!player.loop) }, "Loop");
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
      if (player.playing && player.duration > 0 && player.position() === at) tellConnection("No sound comes: is a playback device connected?");
    }, 2500);
  }

  async function select(index) {
    player.switchTo(index);
    onselect(index);
    if (!player.playing) await toggle();
  }

  function update() {
    play.textContent = player.playing ? "Pause" : "Play";
    play.classList.toggle("on", player.playing);
    loop.setAttribute("aria-pressed", player.loop);
    const at = player.position();
    if (document.activeElement !== place || player.playing) place.value = player.duration ? (1000 * at) / player.duration : 0;
    place.setAttribute("aria-valuetext", `${at.toFixed(1)} of ${player.duration.toFixed(1)} seconds`);
    time.textContent = `${clock(at)} / ${clock(player.duration)}`;
    buttons.forEach((button, index) => {
      const heard = player.heard(index);
      const current = index === player.current;
      button.setAttribute("aria-pressed", current);
      button.classList.toggle("sounding", current && player.playing);
      button.classList.toggle("done", heard === 1);
      fills[index].style.width = `${Math.round(100 * heard)}%`;
      const words = [names[index].length === 1 ? `Mix ${names[index]}` : names[index], heard === 1 ? "heard" : "not heard to the end", extra(index)];
      const label = words.filter(Boolean).join(", ");
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    });
  }

  function onkey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = document.activeElement;
    if (on && on.matches("textarea, select, input[type=text]")) return;
    if (event.key >= "1" && event.key <= "9" && Number(event.key) <= names.length) {
      event.preventDefault();
      select(Number(event.key) - 1);
    } else if (event.key === "l" || event.key === "L") {
      player.setLoop(!player.loop);
      announce(player.loop ? "Loop on" : "Loop off");
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
    transport: h("div", { class: "transport", role: "group", "aria-label": "Playback" }, play, place, time, loop),
    buttons,
    keys: h("p", { class: "keys" }, "Keys: ", h("kbd", {}, "1"), names.length > 1 ? ["–", h("kbd", {}, String(Math.min(names.length, 9)))] : "",
      " switch, ", h("kbd", {}, "Space"), " plays and pauses, ", h("kbd", {}, "L"), " loops."),
    update,
    close() {
      removeEventListener("keydown", onkey);
      removeEventListener("keyup", onkeyup);
    },
  };
}
