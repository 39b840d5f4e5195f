// What chance decides, from one recorded seed: the order of pages and stimuli, where sliders start.

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

// The whole session: [{page, order: [stimulus ids], initial: {stimulus id: {attribute id: number or null}}}].
export function sessionOrder(test, seed) {
  const random = generator(seed);
  return pageOrder(test.pages, random).map((page) => {
    const order = shuffled(page.stimuli.map((stimulus) => stimulus.id), random);
    const initial = {};
    for (const id of order) {
      initial[id] = {};
      for (const attribute of test.attributes) {
        initial[id][attribute.id] = test.scale.kind === "continuous" ? Math.floor(random() * 101) : null;
      }
    }
    return { page, order, initial };
  });
}
