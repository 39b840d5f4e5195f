// Requests that are tried again: a server that is busy, restarts or cannot be reached for a while costs a wait.

const FIRST_MS = 2000;
const LONGEST_MS = 60000;
const PATIENCE_MS = 30000;
const TRIES = 4;
const AGAIN = [408, 425, 429, 500, 502, 503, 504, 507]; // a later try may do better

// How long to wait after so many tries: twice as long each time, and not the same in every browser of a class.
export function pauseAfter(tries, least = 0) {
  const longest = Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS);
  return Math.max(least, longest * (0.5 + Math.random() / 2));
}

function leastOf(response) {
  return 1000 * (Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 0);
}

// As fetch, for what is read: some tries until the server answers.
export async function fetchAgain(url, options = {}) {
  for (let tries = 1; ; tries++) {
    let least = 0;
    try {
      const response = await fetch(url, options);
      if (tries === TRIES || !AGAIN.includes(response.status)) return response;
      least = leastOf(response);
    } catch (problem) {
      if (tries === TRIES) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseAfter(tries, least)));
  }
}

// Sends ratings once. `follows` are the times of the documents that the server has, or may have, of this tab.
// Resolves to {outcome, status, why, least}: "saved"; "aside", kept but not of this version of the test; "conflict", the
// server has others of this session; "again", a later try may do, after `least` milliseconds; "refused".
export async function sendRatings(results, follows) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  const headers = { "Content-Type": "application/json" };
  if (follows.length) headers["If-Match"] = follows.map((time) => `"${time}"`).join(", ");
  try {
    const response = await fetch("ratings", { method: "POST", headers, body: JSON.stringify(results), signal: stop.signal });
    const { status } = response;
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return { outcome: answer.aside ? "aside" : "saved", status, why: answer.aside || "", least: 0 };
    const outcome = status === 409 ? "conflict" : AGAIN.includes(status) ? "again" : "refused";
    return { outcome, status, why: answer.error || String(status), least: leastOf(response) };
  } catch {
    return { outcome: "again", status: 0, why: "", least: 0 };
  } finally {
    clearTimeout(timer);
  }
}
