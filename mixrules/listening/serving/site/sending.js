// Ratings on their way to the server, whole documents of a session, until it says that they are kept.

import { pauseAfter, sendRatings } from "./requests.js";
import { hex, store } from "./store.js";
import { t } from "./words.js";

const UNSENT = "mixrules-unsent:"; // then a session's id: a document that no server has confirmed
const MOST_FORKS = 3;

export class Sender {
  // onchange is called when what is told has changed: {problem, notice}, at most one of them a text.
  constructor(onchange) {
    this.onchange = onchange;
    this.problem = ""; // what keeps the ratings from the server
    this.notice = ""; // what became of them, where it is not as usual
    this.busy = false;
    this.tries = 0;
    this.forks = 0;
  }

  // Sends what the session has and the server lacks. The session is asked for: due(), state, results(), digest(), keep().
  async send(session) {
    clearTimeout(this.timer);
    if (this.busy || !session.due()) return;
    this.busy = true;
    const { state } = session;
    const results = session.results();
    const digest = session.digest();
    const follows = state.follows || [];
    // Noted before they are sent: an answer may be lost on its way.
    state.follows = [...follows, results.updated].slice(-20);
    session.keep();
    store.set(UNSENT + results.session_id, JSON.stringify(results));
    const { outcome, status, why, least } = await sendRatings(results, follows);
    this.busy = false;
    if (outcome === "saved" || outcome === "aside") this.confirm(session, results, digest, outcome === "aside");
    else if (outcome === "conflict" && this.forks < MOST_FORKS) this.fork(session, results.session_id);
    else if (outcome === "again") this.wait(session, status, least);
    else this.problem = t("problem.refused", { why });
    this.onchange();
    if (outcome !== "again" && outcome !== "refused" && session.due()) this.send(session);
  }

  confirm(session, results, digest, aside) {
    store.remove(UNSENT + results.session_id);
    session.state.sent = digest;
    session.state.follows = [results.updated];
    session.keep();
    this.tries = 0;
    this.problem = "";
    this.notice = aside ? t("problem.aside") : this.notice;
  }

  // The server has other ratings under this session's name, of another tab or device: these get a name of their own.
  fork(session, session_id) {
    store.remove(UNSENT + session_id);
    session.state.session_id = hex(16);
    session.state.follows = [];
    session.state.sent = null;
    session.keep();
    this.forks += 1;
    this.problem = "";
    this.notice = t("problem.forked");
  }

  wait(session, status, least) {
    this.tries += 1;
    this.problem = t(status === 507 ? "problem.full" : status ? "problem.busy" : "problem.connection");
    this.timer = setTimeout(() => this.send(session), pauseAfter(this.tries, least));
  }

  // Ratings of earlier visits that no server has confirmed, of whichever version of a test: once each.
  async sendForgotten(current) {
    for (const key of store.keys()) {
      if (!key.startsWith(UNSENT) || key === UNSENT + current) continue;
      let results = null;
      try { results = JSON.parse(store.get(key)); } catch { /* not ours */ }
      let { outcome } = results ? await sendRatings(results, []) : { outcome: "refused" };
      if (outcome === "conflict") ({ outcome } = await sendRatings({ ...results, session_id: hex(16) }, []));
      if (outcome === "saved" || outcome === "aside" || !results) store.remove(key);
    }
  }
}
