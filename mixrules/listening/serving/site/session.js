// One listener's session: kept in this browser after every change, sent to the server after every page.

import { seedOf } from "./order.js";
import { fetchAgain } from "./requests.js";
import { Sender } from "./sending.js";
import { trialName } from "./steps.js";
import { hex, store } from "./store.js";

export class Session {
  // takesRatings: whether a server is there that keeps ratings. onsaved is called when that state changes.
  constructor(test, takesRatings, onsaved) {
    this.test = test;
    this.takesRatings = takesRatings;
    this.sender = new Sender(onsaved);
    const named = new URLSearchParams(location.search).get(test.listener_parameter || "listener") || "";
    this.named = /^[A-Za-z0-9_-]{1,64}$/.test(named) ? named : "";
    this.badName = Boolean(named) && !this.named;
    this.key = `mixrules:${test.test_id}:${this.named}`;
    this.turns = [];
    this.load();
    addEventListener("online", () => this.send());
  }

  load() {
    let state = null;
    try { state = JSON.parse(store.get(this.key)); } catch { /* not ours: start anew */ }
    this.resumed = Boolean(state && state.test_id === this.test.test_id && (state.drafts || Array.isArray(state.pages)));
    const fresh = this.fresh();
    this.state = this.resumed ? { ...fresh, ...upgraded(state) } : fresh;
    const revision = this.test.revision || "";
    this.changed = this.resumed && this.state.definition !== revision;
    // What was finished and sent belongs to the definition that was shown then.
    this.frozen = this.changed && Boolean(this.state.finished) && this.state.sent !== null;
    if (!this.changed || this.state.finished) return;
    this.state.definition = revision;
    // What the server has of the earlier definition stays as it is, under the name that it has there.
    if (this.state.sent !== null) this.state.session_id = hex(16);
  }

  fresh() {
    const listener_id = this.named || hex(8);
    const session_id = hex(16);
    return {
      test_id: this.test.test_id,
      definition: this.test.revision || "",
      listener_id,
      session_id,
      started: new Date().toISOString(),
      seed: seedOf(`${this.test.seed}:${listener_id}:${session_id}`),
      turn: null, // the session's number, by which songs are shared out
      volume_db: 0,
      duration: 0, // of an excerpt, in seconds, once one is loaded
      pace: { spent: 0, expected: 0 },
      consent: null,
      headphones: null,
      answers: {},
      welcomed: false,
      trained: false,
      answeredAfter: false,
      finished: null,
      drafts: {}, // what was answered, by page
      sent: null, // the digest of what the server has
      follows: [], // the times of the documents that the server has, or may have
      downloaded: false,
    };
  }

  // Ask the server for this session's number, where songs are shared out. Without one the seed stands for it.
  async askTurn() {
    if (!this.takesRatings || this.state.turn !== null || (this.test.songs_per_listener ?? null) === null || Object.keys(this.state.drafts).length) return;
    try {
      const response = await fetchAgain("turn", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ session_id: this.state.session_id }),
      });
      const { turn } = await response.json();
      if (response.ok && Number.isInteger(turn)) this.state.turn = turn;
    } catch { /* the seed it is */ }
    this.keep();
  }

  startAnew() {
    store.remove(this.key);
    this.load();
  }

  keep() {
    this.state.updated = new Date().toISOString();
    return store.set(this.key, JSON.stringify(this.state));
  }

  // What was answered on a page so far.
  draft(page) {
    return (this.state.drafts[page.id] ??= { values: {}, comment: "", comments: {}, seconds: 0, heard: {}, passed: [], trials: {}, done: false });
  }

  get complete() {
    return Boolean(this.state.finished);
  }

  get allSent() {
    if (this.frozen) return true;
    return this.state.sent === this.digest();
  }

  digest() {
    return seedOf(JSON.stringify({ ...this.results(), updated: "" }));
  }

  results() {
    const { test_id, definition, listener_id, session_id, started, seed, turn, answers, consent, headphones, finished } = this.state;
    const some = (this.test.songs_per_listener ?? null) !== null || (this.test.repeats_per_listener ?? null) !== null;
    return {
      format: "mixrules-ratings",
      version: 2,
      test_id,
      definition,
      listener_id,
      session_id,
      started,
      updated: this.state.updated || started,
      seed,
      scale: this.test.scale.kind,
      turn,
      assigned: some ? this.turns.map(({ page }) => page.id) : [],
      consent,
      headphones,
      answers,
      complete: this.complete,
      finished,
      pages: this.turns.filter(({ page }) => this.state.drafts[page.id]?.done).map((turn) => this.page(turn)),
    };
  }

  page({ page, order, initial, trials }) {
    const draft = this.state.drafts[page.id];
    const { seconds, comment } = draft;
    if (trials.length) {
      const attributes = this.test.scale.kind === "abx" ? [null] : this.test.attributes;
      const made = trials.flatMap((trial) => attributes.map((attribute) => {
        const { choice, seconds, heard } = draft.trials[trialName(trial, attribute)];
        return {
          a: trial.a,
          b: trial.b,
          x: trial.x ?? null,
          attribute: attribute ? attribute.id : "",
          number: trial.number,
          choice,
          seconds,
          listened_a: heard[0],
          listened_b: heard[1],
          listened_x: trial.x ? heard[2] : 0,
        };
      }));
      return { page_id: page.id, seconds, comment, trials: made };
    }
    const comments = Object.fromEntries(Object.entries(draft.comments).filter(([, text]) => text.trim()));
    return {
      page_id: page.id,
      order,
      seconds,
      comment,
      comments,
      ratings: order.flatMap((id) => this.test.attributes.map((attribute) => ({
        stimulus_id: id,
        attribute: attribute.id,
        value: draft.values[id][attribute.id],
        initial: initial[id][attribute.id],
        seconds_listened: draft.heard[id]?.seconds || 0,
      }))),
    };
  }

  // Whether the server lacks something.
  due() {
    if (!this.takesRatings || this.allSent) return false;
    const { pages, complete } = this.results();
    return complete || pages.length > 0;
  }

  // Send what the server lacks; a lost connection is tried again until it is back.
  send() {
    return this.sender.send(this);
  }

  get problem() {
    return this.sender.problem;
  }

  get notice() {
    return this.sender.notice;
  }

  download() {
    const file = new Blob([JSON.stringify(this.results(), null, 2)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `ratings-${this.state.session_id}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    this.state.downloaded = true;
    this.keep();
  }
}

// A session that the page of an earlier release began: its pages become drafts that are done.
function upgraded(state) {
  if (state.drafts) return state;
  const { pages, draft, phase, ...kept } = state;
  const drafts = {};
  for (const page of pages) {
    const values = {};
    const heard = {};
    const attributes = [...new Set(page.ratings.map((rating) => rating.attribute))];
    for (const { stimulus_id, attribute, value, seconds_listened } of page.ratings) {
      (values[stimulus_id] ??= {})[attribute] = value;
      heard[stimulus_id] = { all: true, seconds: seconds_listened };
    }
    drafts[page.page_id] = { values, comment: page.comment, comments: {}, seconds: page.seconds, heard, passed: [...attributes, attributes.join(" ")], trials: {}, done: true };
  }
  if (draft) drafts[draft.page_id] = { ...draft, comments: {}, passed: [], trials: {}, done: false };
  const begun = phase !== "welcome";
  return { ...kept, drafts, definition: "", welcomed: begun, trained: begun && phase !== "training", finished: phase === "thanks" ? kept.updated : null, sent: null };
}

// Tells whether another tab of this browser has the same session, and lets one of them take it.
export class TabGuard {
  constructor(key, onlost) {
    this.id = hex(8);
    this.holds = false;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(key) : null;
    if (!this.channel) return;
    this.channel.onmessage = ({ data }) => {
      // Of two tabs that open at once, the one with the smaller id stays.
      if (data.ask && (this.holds || this.id < data.ask)) this.channel.postMessage({ here: this.id });
      if (data.here) this.other = true;
      if (data.take && this.holds) {
        this.holds = false;
        onlost();
      }
    };
  }

  // Resolves to whether this tab may go on.
  async ask() {
    this.other = false;
    if (this.channel) {
      this.channel.postMessage({ ask: this.id });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    this.holds = !this.other;
    return this.holds;
  }

  // Resolves when the other tab has stopped.
  async take() {
    this.channel.postMessage({ take: this.id });
    await new Promise((resolve) => setTimeout(resolve, 150));
    this.holds = true;
  }
}
