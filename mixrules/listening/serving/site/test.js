// The listening test from start to end: which screen comes when, and what is kept in between.

import { letter, show, showContact, tellConnection } from "./dom.js";
import { headphoneCheck } from "./headphones.js";
import { sessionOrder } from "./order.js";
import { pairScreen } from "./pair_screen.js";
import { AudioProblem, Player, fetchAhead, forgetOthers, setVolume, silence } from "./player.js";
import { ratingScreen } from "./rating_screen.js";
import { after, consent, notice, thanks, training, welcome } from "./screens.js";
import { fetchAgain } from "./requests.js";
import { Session, TabGuard } from "./session.js";
import { answersOf, secondsLeft, sessionSteps } from "./steps.js";
import { counted, setWords, t } from "./words.js";

const IDLE = 4; // time beyond so many times what a screen should take counts as a break

let test = null;
let session = null;
let turns = [];
let steps = [];
let at = 0; // the step that is shown
let finish = null; // the last screen, once it is shown
let stopped = false; // another tab has the session

function display(content) {
  if (stopped) return;
  const step = steps[at];
  let where = "";
  if (step) {
    const seconds = secondsLeft(steps, at, session.state.pace);
    const left = seconds < 50 ? t("left.short") : counted("left.minutes", Math.ceil(seconds / 60));
    where = `${t("where", { number: at + 1, count: steps.length })} · ${left}`;
  }
  show({ title: test.title || document.title, where, done: at / steps.length, content, screen: step ? step.kind : "end" });
}

function tell() {
  if (session.problem) tellConnection(session.problem, { label: t("again"), run: () => session.send() });
  else tellConnection(session.notice);
  finish?.update();
}

function keep() {
  if (stopped || session.keep()) return;
  tellConnection(t("problem.storage"));
}

async function loadTest() {
  const answer = await fetchAgain("test.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(t("problem.absent", { status: answer.status }));
  const definition = await answer.json().catch(() => { throw new Error(t("problem.damaged")); });
  if (definition.format !== "mixrules-listening-test" || ![1, 2].includes(definition.version)) throw new Error(t("problem.format"));
  return { definition, takesRatings: answer.headers.get("X-Mixrules-Ratings") === "accepted" };
}

// A player with the excerpts in it. What cannot be loaded is said in one line, with a way to try again.
async function loaded(files, names) {
  for (;;) {
    const player = new Player(() => {});
    const wait = setTimeout(() => display(notice(t("loading"), [t("loading.text")])), 300);
    try {
      await player.load(files, names);
      player.onsilence = () => tellConnection(t("silent"));
      session.state.duration ||= Math.round(10 * player.duration) / 10;
      return player;
    } catch (problem) {
      if (!(problem instanceof AudioProblem)) throw problem;
      clearTimeout(wait);
      await new Promise((resolve) => display(notice(t("problem.audio.title"),
        [t(`problem.audio.${problem.message}`, problem.values), t("problem.audio.text")],
        [{ label: t("again"), main: true, run: resolve }])));
    } finally {
      clearTimeout(wait);
    }
  }
}

// What is played on a step of pages: stimulus ids (null for the reference), their files, and what they are called.
function playedOn(step) {
  const { page, order } = step.turn;
  const file = (id) => page.stimuli.find((stimulus) => stimulus.id === id).file;
  const ids = step.kind === "pair" ? [step.trial.a, step.trial.b, ...(step.trial.x ? [step.trial.x] : [])] : order;
  const names = ids.map((_, place) => t("mix", { letter: step.kind === "pair" ? "ABX"[place] : letter(place) }));
  const files = ids.map(file);
  if (page.reference) return { ids: [...ids, null], files: [...files, page.reference.file], names: [...names, t("reference")] };
  return { ids, files, names };
}

function filesAhead() {
  const next = steps[at + 1];
  return next?.turn ? playedOn(next).files : [];
}

async function showWelcome(back) {
  const first = test.training?.stimuli[0] || turns[0].page.stimuli[0];
  const player = await loaded([first.file], [t("excerpt")]);
  const on = await welcome(test, session, { player, display, back, turns });
  if (on) session.state.welcomed = true;
  return on;
}

async function showTraining(back) {
  const { stimuli } = test.training;
  const player = await loaded(stimuli.map((stimulus) => stimulus.file), stimuli.map((stimulus) => stimulus.label));
  // Who comes back has heard it.
  if (session.state.trained) for (const track of player.tracks) track.all = true;
  fetchAhead(filesAhead());
  const on = await training(test, { player, display, back });
  if (on) session.state.trained = true;
  return on;
}

async function showPage(step, back, last) {
  const draft = session.draft(step.turn.page);
  const pair = step.kind === "pair";
  const { ids, files, names } = playedOn(step);
  forgetOthers([...new Set([...files, ...filesAhead()])]);
  const player = await loaded(files, names);
  const answers = pair ? answersOf(draft, step.trial, step.attributes) : [];
  ids.forEach((id, place) => {
    const known = pair ? answers.every((answer) => answer?.passed) : draft.heard[id ?? "reference"]?.all;
    player.tracks[place].all = Boolean(known);
    player.tracks[place].seconds = pair ? answers[0]?.heard[place] || 0 : draft.heard[id ?? "reference"]?.seconds || 0;
  });
  fetchAhead(filesAhead());

  const before = draft.seconds;
  const trialBefore = answers[0]?.seconds || 0;
  const since = performance.now();
  const rounded = (seconds) => Math.round(100 * seconds) / 100;
  const passed = () => (performance.now() - since) / 1000;
  const note = () => {
    draft.seconds = rounded(before + passed());
    const heard = player.tracks.map((track) => rounded(track.seconds));
    if (pair) {
      for (const answer of answersOf(draft, step.trial, step.attributes)) {
        if (answer) Object.assign(answer, { seconds: rounded(trialBefore + passed()), heard: [heard[0], heard[1], step.trial.x ? heard[2] : 0] });
      }
    } else {
      ids.forEach((id, place) => { draft.heard[id ?? "reference"] = { all: player.heard(place) === 1, seconds: heard[place] }; });
    }
    keep();
  };
  const every = setInterval(note, 2000);
  note();
  const options = { player, keep: note, display, back, last };
  const trials = steps.filter((other) => other.turn === step.turn && other.kind === "pair");
  const on = pair
    ? await pairScreen(test, step, draft, { ...options, number: trials.indexOf(step) + 1, count: trials.length })
    : await ratingScreen(test, step, draft, options);
  player.count();
  note();
  clearInterval(every);
  player.close();
  if (on) {
    const first = !step.done();
    if (!pair && !draft.passed.includes(step.name)) draft.passed.push(step.name);
    if (first) {
      const { pace } = session.state;
      pace.spent += Math.min(passed(), IDLE * step.seconds());
      pace.expected += step.seconds();
    }
    markDone(step.turn);
  }
  return on;
}

// A page counts once each of its screens was passed; only then is it sent.
function markDone(turn) {
  const draft = session.state.drafts[turn.page.id];
  if (draft) draft.done = steps.filter((step) => step.turn === turn).every((step) => step.done());
}

// Shows a step; resolves to whether it goes on.
async function showStep(step) {
  const back = at > 0;
  const last = at === steps.length - 1;
  if (step.kind === "consent") return consent(test, session, { display });
  if (step.kind === "welcome") return showWelcome(back);
  if (step.kind === "headphones") return headphoneCheck(test, session, { display, back });
  if (step.kind === "training") return showTraining(back);
  if (step.kind === "after") {
    const on = await after(test, session, { display, back });
    if (on) session.state.answeredAfter = true;
    return on;
  }
  return showPage(step, back, last);
}

function end() {
  at = steps.length;
  finish = thanks(test, session, new Set(turns.map(({ page }) => page.repeat_of || page.id)).size, startAnew);
  display(finish.content);
  session.send();
}

function startAnew() {
  // What no server has is handed to the listener before it is forgotten here.
  if (!session.allSent && !session.state.downloaded) session.download();
  session.startAnew();
  location.reload();
}

function welcomeBack() {
  return new Promise((resolve) => display(notice(t("resume.title"),
    [...(session.changed ? [t("resume.changed")] : []), t("resume.text", { number: at + 1, count: steps.length }), t("resume.volume")],
    [{ label: t("resume.go"), main: true, run: resolve }, { label: t("resume.anew"), run: startAnew }])));
}

// Resolves when this tab has the session for itself.
async function alone() {
  const guard = new TabGuard(session.key, () => {
    stopped = true;
    session.takesRatings = false;
    silence();
    show({ title: test.title, content: notice(t("tabs.gone.title"), [t("tabs.gone.text")]) });
  });
  while (!(await guard.ask())) {
    await new Promise((resolve) => show({
      title: test.title,
      content: notice(t("tabs.open.title"), [t("tabs.open.text")],
        [{ label: t("tabs.open.here"), main: true, run: () => guard.take().then(resolve) }]),
    }));
    if (guard.holds) break;
  }
  session.load();
}

function arrange() {
  const { state } = session;
  const order = sessionOrder(test, state.seed, state.turn);
  turns = order.turns;
  session.turns = turns;
  steps = sessionSteps(test, order, state);
  for (const turn of turns) markDone(turn);
  const open = steps.findIndex((step) => !step.done());
  at = open < 0 || session.complete ? steps.length : open;
}

async function run() {
  const { definition, takesRatings } = await loadTest();
  test = definition;
  setWords(test);
  showContact(t("contact"), test.contact || "");
  session = new Session(test, takesRatings, tell);
  await alone();
  await session.askTurn();
  arrange();
  const { state } = session;
  setVolume(state.volume_db);
  session.send();
  if (takesRatings) session.sender.sendForgotten(state.session_id);
  if (session.badName) tellConnection(t("problem.listener"));
  if (session.resumed && !session.complete && state.welcomed && at < steps.length) await welcomeBack();
  while (at < steps.length) {
    const on = await showStep(steps[at]);
    if (stopped) return;
    at += on ? 1 : -1;
    if (at === steps.length) state.finished ??= new Date().toISOString();
    keep();
    if (on) session.send();
  }
  end();
}

addEventListener("beforeunload", (event) => {
  if (session && !stopped && session.complete && !session.allSent && !session.state.downloaded) event.preventDefault();
});

run().catch((problem) => {
  const why = problem instanceof TypeError && !test ? t("problem.silent") : problem.message;
  show({
    title: test?.title || document.title,
    content: notice(t("problem.title"), [why, t("problem.kept")], [{ label: t("again"), main: true, run: () => location.reload() }]),
  });
});
