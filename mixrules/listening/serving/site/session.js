// One listener's session: kept in this browser after every change, sent to the server after every page.

import { seedOf } from "./order.js";

const RETRY_MS = 4000;

function hex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// A private window or a full store throws; the session then lives in this tab only.
const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, text) { try { localStorage.setItem(key, text); return true; } catch { return false; } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* nothing is kept */ } },
};

export class Session {
  // takesRatings: whether a server is there that keeps ratings. onsaved is called when that state changes.
  constructor(test, takesRatings, onsaved) {
    this.test = test;
    this.takesRatings = takesRatings;
    this.onsaved = onsaved;
    const named = new URLSearchParams(location.search).get("listener") || "";
    this.named = /^[A-Za-z0-9_-]{1,64}$/.test(named) ? named : "";
    this.key = `mixrules:${test.test_id}:${this.named}`;
    this.problem = "";
    this.sending = false;
    this.load();
    addEventListener("online", () => this.send());
  }

  load() {
    let state = null;
    try { state = JSON.parse(store.get(this.key)); } catch { /* not ours: start anew */ }
    this.resumed = Boolean(state && state.test_id === this.test.test_id && Array.isArray(state.pages));
    this.state = this.resumed ? state : this.fresh();
  }

  fresh() {
    const listener_id = this.named || hex(8);
    const session_id = hex(16);
    return {
      test_id: this.test.test_id,
      listener_id,
      session_id,
      started: new Date().toISOString(),
      seed: seedOf(`${this.test.seed}:${listener_id}:${session_id}`),
      volume_db: 0,
      phase: "welcome", // then training, pages, thanks
      answers: {},
      pages: [], // what was rated, a page at a time
      draft: null, // the page in hand
      sent: 0, // how many pages the server has
      finished_sent: false,
      downloaded: false,
    };
  }

  startAnew() {
    store.remove(this.key);
    this.load();
  }

  keep() {
    this.state.updated = new Date().toISOString();
    return store.set(this.key, JSON.stringify(this.state));
  }

  get complete() {
    return this.state.phase === "thanks";
  }

  get allSent() {
    return this.state.sent === this.state.pages.length && (!this.complete || this.state.finished_sent);
  }

  results() {
    const { test_id, listener_id, session_id, started, seed, answers, pages } = this.state;
    return {
      format: "mixrules-ratings",
      version: 1,
      test_id,
      listener_id,
      session_id,
      started,
      updated: this.state.updated || started,
      seed,
      scale: this.test.scale.kind,
      answers,
      complete: this.complete,
      pages,
    };
  }

  // Send what the server lacks; a lost connection is tried again until it is back.
  async send() {
    clearTimeout(this.timer);
    if (!this.takesRatings || this.sending || this.allSent) return;
    this.sending = true;
    const results = this.results();
    let again = false;
    try {
      const response = await fetch("ratings", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(results),
      });
      if (response.ok) {
        this.state.sent = results.pages.length;
        this.state.finished_sent = results.complete;
        this.problem = "";
        again = !this.allSent;
        this.keep();
      } else {
        const answer = await response.json().catch(() => ({}));
        this.problem = `The server did not take the ratings: ${answer.error || response.status}. They are kept in this browser.`;
      }
    } catch {
      this.problem = "The connection is lost. Your ratings are kept in this browser and will be sent when it is back.";
      this.timer = setTimeout(() => this.send(), RETRY_MS);
    }
    this.sending = false;
    this.onsaved();
    if (again) this.send();
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
