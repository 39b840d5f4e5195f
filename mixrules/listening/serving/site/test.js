// The listening test from start to end: which screen comes when, and what is kept in between.

import { letter, show, tellConnection } from "./dom.js";
import { sessionOrder } from "./order.js";
import { AudioProblem, Player, fetchAhead, forgetOthers, setVolume, silence } from "./player.js";
import { ratingScreen } from "./rating_screen.js";
import { notice, thanks, training, welcome } from "./screens.js";
import { Session, TabGuard } from "./session.js";

let test = null;
let session = null;
let turns = [];
let finish = null; // the last screen, once it is shown
let stopped = false; // another tab has the session

function display(content, where = "") {
  if (stopped) return;
  const { phase, pages, draft } = session.state;
  const parts = test.layout === "all" ? 1 : test.attributes.length;
  const done = phase === "thanks" ? 1 : (pages.length + (draft?.part || 0) / parts) / turns.length;
  show({ title: test.title || "Listening test", where, done, content });
}

function tell() {
  if (session.problem) tellConnection(session.problem, { label: "Try again", run: () => session.send() });
  else tellConnection("");
  finish?.update();
}

function keep() {
  if (stopped || session.keep()) return;
  tellConnection("This browser keeps nothing between visits: please finish without closing this tab.");
}

async function loadTest() {
  const answer = await fetch("test.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(`The server has no test here (${answer.status}).`);
  const definition = await answer.json().catch(() => { throw new Error("The test's definition is damaged."); });
  if (definition.format !== "mixrules-listening-test" || definition.version !== 1) throw new Error("This page does not know the test's format.");
  return { definition, takesRatings: answer.headers.get("X-Mixrules-Ratings") === "accepted" };
}

// A player with the excerpts in it. What cannot be loaded is said in one line, with a way to try again.
async function loaded(files, names) {
  for (;;) {
    const player = new Player(() => {});
    const wait = setTimeout(() => display(notice("Loading …", ["The excerpts of the next page are on their way."])), 300);
    try {
      await player.load(files, names);
      return player;
    } catch (problem) {
      if (!(problem instanceof AudioProblem)) throw problem;
      clearTimeout(wait);
      await new Promise((resolve) => display(notice("An excerpt is missing",
        [problem.message, "Your ratings so far are kept. If it fails again, please tell whoever invited you."],
        [{ label: "Try again", main: true, run: resolve }])));
    } finally {
      clearTimeout(wait);
    }
  }
}

async function begin() {
  const { stimuli } = test.training || test.pages[0];
  const player = await loaded([stimuli[0].file], ["The excerpt"]);
  await welcome(test, session, { player, display });
  session.state.phase = test.training ? "training" : "pages";
  keep();
}

async function train() {
  const { stimuli } = test.training;
  const player = await loaded(stimuli.map((stimulus) => stimulus.file), stimuli.map((stimulus) => stimulus.label));
  fetchAhead(filesOf(turns[0]));
  await training(test, { player, display: (content) => display(content, "Training") });
  session.state.phase = "pages";
  keep();
}

function filesOf({ page, order }) {
  return order.map((id) => page.stimuli.find((stimulus) => stimulus.id === id).file);
}

async function ratePage(index) {
  const turn = turns[index];
  const { state } = session;
  if (state.draft?.page_id !== turn.page.id) state.draft = { page_id: turn.page.id, part: 0, values: {}, comment: "", seconds: 0, heard: {} };
  const { draft } = state;
  const files = filesOf(turn);
  forgetOthers(files);
  const player = await loaded(files, turn.order.map((_, place) => `Mix ${letter(place)}`));
  turn.order.forEach((id, place) => {
    player.tracks[place].all = Boolean(draft.heard[id]?.all);
    player.tracks[place].seconds = draft.heard[id]?.seconds || 0;
  });
  if (index + 1 < turns.length) fetchAhead(filesOf(turns[index + 1]));

  const before = draft.seconds;
  const since = performance.now();
  const note = () => {
    draft.seconds = Math.round(100 * before + (performance.now() - since) / 10) / 100;
    turn.order.forEach((id, place) => {
      draft.heard[id] = { all: player.heard(place) === 1, seconds: Math.round(100 * player.tracks[place].seconds) / 100 };
    });
    keep();
  };
  const parts = test.layout === "all" ? [test.attributes] : test.attributes.map((attribute) => [attribute]);
  const every = setInterval(note, 2000);
  for (; draft.part < parts.length; draft.part++) {
    note();
    const lastPart = draft.part === parts.length - 1;
    const part = parts.length > 1 ? ` · ${draft.part + 1} of ${parts.length}` : "";
    await ratingScreen(test, turn, parts[draft.part], draft, {
      player,
      keep: note,
      lastPart,
      last: lastPart && index === turns.length - 1,
      display: (content) => display(content, `Page ${index + 1} of ${turns.length} · ${turn.page.label}${part}`),
    });
    player.count();
    note();
  }
  clearInterval(every);
  player.close();
  state.pages.push({
    page_id: turn.page.id,
    order: turn.order,
    seconds: draft.seconds,
    comment: draft.comment,
    ratings: turn.order.flatMap((id) => test.attributes.map((attribute) => ({
      stimulus_id: id,
      attribute: attribute.id,
      value: draft.values[id][attribute.id],
      initial: turn.initial[id][attribute.id],
      seconds_listened: draft.heard[id].seconds,
    }))),
  });
  state.draft = null;
  if (state.pages.length === turns.length) state.phase = "thanks";
  keep();
  session.send();
}

function end() {
  finish = thanks(test, session, startAnew);
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
  const page = session.state.pages.length + 1;
  return new Promise((resolve) => display(notice("Welcome back",
    [`Everything you rated is kept. You go on with page ${page} of ${turns.length}.`, "Please keep the volume as it was."],
    [{ label: "Go on", main: true, run: resolve }, { label: "I am somebody else: start anew", run: startAnew }])));
}

// Resolves when this tab has the session for itself.
async function alone() {
  const guard = new TabGuard(session.key, () => {
    stopped = true;
    session.takesRatings = false;
    silence();
    show({ title: test.title, content: notice("Continued in another tab", ["This test goes on in the other tab. You can close this one."]) });
  });
  while (!(await guard.ask())) {
    await new Promise((resolve) => show({
      title: test.title,
      content: notice("Already open in another tab",
        ["This test is open in another tab of this browser. Go on there, so that your ratings stay together, or continue here instead."],
        [{ label: "Continue here", main: true, run: () => guard.take().then(resolve) }]),
    }));
    if (guard.holds) break;
  }
  session.load();
}

async function run() {
  const { definition, takesRatings } = await loadTest();
  test = definition;
  session = new Session(test, takesRatings, tell);
  await alone();
  turns = sessionOrder(test, session.state.seed);
  const { state } = session;
  setVolume(state.volume_db);
  session.send();
  if (session.resumed && (state.phase === "pages" || state.phase === "training")) await welcomeBack();
  if (state.phase === "welcome") await begin();
  if (state.phase === "training") await train();
  while (state.phase === "pages") await ratePage(state.pages.length);
  end();
}

addEventListener("beforeunload", (event) => {
  if (session && !stopped && session.complete && !session.allSent && !session.state.downloaded) event.preventDefault();
});

run().catch((problem) => {
  const why = problem instanceof TypeError && !test ? "The server does not answer." : problem.message;
  show({
    title: "Listening test",
    content: notice("The test cannot go on", [why, "What you have rated is kept in this browser."], [{ label: "Try again", main: true, run: () => location.reload() }]),
  });
});
