// The screens of a session in their order, what each has been answered with, and how long the rest will take.

// Each step: {kind, seconds, done()}; those of pages also {turn, part, attributes} or {turn, trial, attributes}.
export function sessionSteps(test, { turns, attributes }, state) {
  const steps = [];
  const add = (kind, seconds, done, more = {}) => steps.push({ kind, seconds, done, ...more });
  const asked = (when) => test.questions.filter((question) => (question.when || "before") === when).length;
  const length = () => state.duration || 10;
  if (test.consent) add("consent", () => 30, () => Boolean(state.consent));
  add("welcome", () => 40 + 6 * asked("before"), () => state.welcomed);
  if (test.headphone_check && test.headphone_check !== "off") add("headphones", () => 60, () => Boolean(state.headphones));
  if (test.training) add("training", () => 15 + test.training.stimuli.length * length(), () => state.trained);
  for (const turn of turns) {
    if (turn.trials.length) pairSteps(test, turn, attributes, state, length, add);
    else ratingSteps(test, turn, attributes, state, length, add);
  }
  if (asked("after")) add("after", () => 10 * asked("after"), () => state.answeredAfter);
  return steps;
}

function ratingSteps(test, turn, attributes, state, length, add) {
  const parts = test.layout === "all" ? [attributes] : attributes.map((attribute) => [attribute]);
  const count = turn.order.length;
  parts.forEach((here, part) => {
    const seconds = () => count * ((part ? 0.5 : 1.1) * length() + 4 * here.length);
    add("rate", seconds, () => {
      const draft = state.drafts[turn.page.id];
      return Boolean(draft) && draft.passed.includes(key(here)) && turn.order.every((id) =>
        here.every((attribute) => (draft.values[id]?.[attribute.id] ?? null) !== null));
    }, { turn, part, attributes: here, last: part === parts.length - 1, name: key(here) });
  });
}

function pairSteps(test, turn, attributes, state, length, add) {
  const abx = test.scale.kind === "abx";
  const parts = abx ? [[]] : test.layout === "all" ? [attributes] : attributes.map((attribute) => [attribute]);
  turn.trials.forEach((trial, index) => parts.forEach((here, part) => {
    const seconds = () => 6 + (part ? 1 : abx ? 2.2 : 2) * length();
    add("pair", seconds, () => answersOf(state.drafts[turn.page.id], trial, here).every((answer) => answer?.passed),
      { turn, trial, index, attributes: here, last: index === turn.trials.length - 1 && part === parts.length - 1 });
  }));
}

const key = (attributes) => attributes.map((attribute) => attribute.id).join(" ");

export function trialName(trial, attribute) {
  return `${[trial.a, trial.b].sort().join("+")}#${trial.number} ${attribute ? attribute.id : ""}`.trim();
}

// What a draft holds of a trial, an entry for each attribute; in ABX there is one.
export function answersOf(draft, trial, attributes) {
  return (attributes.length ? attributes : [null]).map((attribute) => draft?.trials[trialName(trial, attribute)]);
}

// Seconds until the end from a step on, at the listener's own pace: that of what was done so far, against 60 s at ours.
export function secondsLeft(steps, from, pace) {
  const factor = Math.min(Math.max((pace.spent + 60) / (pace.expected + 60), 0.4), 3);
  return factor * steps.slice(from).reduce((sum, step) => sum + (step.kind === "rate" || step.kind === "pair" || !step.done() ? step.seconds() : 0), 0);
}
