// What chance decides, from one recorded seed: which songs, the order of pages, stimuli and pairs, where sliders start.

// A 32-bit number from a text: FNV-1a, its bits mixed once more (the finaliser of MurmurHash3).
export function seedOf(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

// Numbers of 0 ≤ x < 1 from a 32-bit seed: SplitMix32, a counter whose bits are mixed.
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 4294967296;
  };
}

// Fisher and Yates, from the end.
export function shuffled(items, random) {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

// The pages of one session. Songs go round: the next session begins where this one ended, so that every song is rated
// equally often after as many sessions as there are songs. `turn` counts sessions; without one the seed stands for it.
export function sessionPages(test, turn, random) {
  const songs = test.pages.filter((page) => !page.repeat_of);
  const count = test.songs_per_listener ?? songs.length;
  const first = count < songs.length ? (turn * count) % songs.length : 0;
  const given = songs.filter((_, index) => (index - first + songs.length) % songs.length < count);
  const ids = given.map((page) => page.id);
  let repeats = test.pages.filter((page) => ids.includes(page.repeat_of));
  if (test.repeats_per_listener !== null && test.repeats_per_listener !== undefined) {
    repeats = shuffled(repeats, random).slice(0, test.repeats_per_listener);
  }
  return [...given, ...repeats];
}

// Repeated pages come later than what they repeat, with another page between where there is one. The order of the
// other pages is a fair draw, except that a page to be repeated that came last changes places with the one before.
export function pageOrder(pages, random) {
  const order = shuffled(pages.filter((page) => !page.repeat_of), random);
  for (const repeat of shuffled(pages.filter((page) => page.repeat_of), random)) {
    let at = order.findIndex((page) => page.id === repeat.repeat_of);
    if (at > 0 && at === order.length - 1) {
      [order[at - 1], order[at]] = [order[at], order[at - 1]];
      at -= 1;
    }
    const room = order.length - at - 1;
    order.splice(at + 2 + Math.floor(random() * room), 0, repeat);
  }
  return order;
}

// The pairs of a page; all of them, where the test names none.
export function pairsOf(page) {
  if (page.pairs?.length) return page.pairs;
  const ids = page.stimuli.map((stimulus) => stimulus.id);
  return ids.flatMap((one, index) => ids.slice(index + 1).map((other) => [one, other]));
}

// The trials of a page, in order: {a, b} and, in ABX, {x, number}.
function trialsOf(test, page, random) {
  const abx = test.scale.kind === "abx";
  const times = abx ? test.scale.trials : 1;
  const tried = {};
  return shuffled(pairsOf(page).flatMap((pair) => Array(times).fill(pair)), random).map(([one, other]) => {
    const [a, b] = random() < 0.5 ? [one, other] : [other, one];
    if (!abx) return { a, b, number: 1 };
    const pair = [one, other].join();
    tried[pair] = (tried[pair] || 0) + 1;
    return { a, b, x: random() < 0.5 ? a : b, number: tried[pair] };
  });
}

// The whole session: {attributes, turns: [{page, order: [stimulus ids], initial: {stimulus id: {attribute id: number or
// null}}, trials: [{a, b, x, number}]}]}.
export function sessionOrder(test, seed, turn = null) {
  const random = generator(seed);
  const compares = test.scale.kind === "ab" || test.scale.kind === "abx";
  const turns = pageOrder(sessionPages(test, turn ?? seed, random), random).map((page) => {
    if (compares) return { page, order: page.stimuli.map((stimulus) => stimulus.id), initial: {}, trials: trialsOf(test, page, random) };
    const order = shuffled(page.stimuli.map((stimulus) => stimulus.id), random);
    const initial = {};
    for (const id of order) {
      initial[id] = {};
      for (const attribute of test.attributes) {
        initial[id][attribute.id] = test.scale.kind === "continuous" ? Math.floor(random() * 101) : null;
      }
    }
    return { page, order, initial, trials: [] };
  });
  return { turns, attributes: test.attribute_order === "random" ? shuffled(test.attributes, random) : test.attributes };
}
