// What this browser keeps. A private window or a full store throws; what is kept then lives in this tab only.

export const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, text) { try { localStorage.setItem(key, text); return true; } catch { return false; } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* nothing is kept */ } },
  keys() { try { return Object.keys(localStorage); } catch { return []; } },
};

export function hex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}
