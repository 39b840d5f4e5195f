// Several excerpts at once, started on the same sample and looped; one is heard, the others wait at gain 0.

import { fetchAgain } from "./requests.js";

const FADE_S = 0.003; // time constant: a switch is over after some 10 ms
const AHEAD_S = 0.03; // sources are started a little later, all at the same instant
const BIN_S = 0.05; // how finely it is kept what was heard
const START_MS = 3000; // how long a browser may take to open its audio device
const HEARD = 0.97; // the part that counts as all of it: a switch cuts a bin at either end

// What is wrong with an excerpt: a key of the page's words below problem.audio, and values for it.
export class AudioProblem extends Error {
  constructor(key, values = {}) {
    super(key);
    this.values = values;
  }
}

// Bytes by file, so that the next page can be fetched ahead and a retry asks for what is missing only.
const fetched = new Map();

function bytesOf(file) {
  if (!fetched.has(file)) {
    const promise = fetchAgain(file).then((response) => {
      if (!response.ok) throw new AudioProblem("missing", { status: response.status });
      return response.arrayBuffer();
    });
    promise.catch(() => fetched.delete(file));
    fetched.set(file, promise);
  }
  return fetched.get(file);
}

export function fetchAhead(files) {
  for (const file of files) bytesOf(file).catch(() => {});
}

export function forgetOthers(files) {
  for (const file of fetched.keys()) if (!files.includes(file)) fetched.delete(file);
}

let context = null;
let output = null;

function audioContext() {
  if (!context) {
    const Kind = window.AudioContext || window.webkitAudioContext;
    if (!Kind) throw new AudioProblem("none", { name: "" });
    context = new Kind();
    output = context.createGain();
    output.connect(context.destination);
  }
  return context;
}

// Decibels, 0 at most: the excerpts are matched in loudness and must not clip.
export function setVolume(db) {
  audioContext();
  output.gain.value = 10 ** (Math.min(db, 0) / 20);
}

// A buffer of both channels that is played at once, for the check of headphones; resolves at its end.
export async function playChannels(left, right, rate) {
  const context = audioContext();
  if (context.state !== "running") await context.resume();
  const buffer = context.createBuffer(2, left.length, rate);
  buffer.getChannelData(0).set(left);
  buffer.getChannelData(1).set(right);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(output);
  return new Promise((resolve) => {
    source.onended = resolve;
    source.start();
  });
}

// Not a sound any more from this tab.
export function silence() {
  context?.close();
}

export class Player {
  // onchange is called when something that is shown has changed: playing, current, position, heard.
  constructor(onchange) {
    this.onchange = onchange;
    this.onsilence = () => {};
    this.tracks = [];
    this.current = 0;
    this.loop = true;
    this.playing = false;
    this.offset = 0;
    this.duration = 0;
    this.sources = [];
  }

  // Fetch and decode; names are what the listener calls the excerpts. Fails with one line.
  async load(files, names) {
    const context = audioContext();
    const decoded = await Promise.allSettled(files.map(async (file) => {
      const bytes = await bytesOf(file).catch((error) => {
        throw error instanceof AudioProblem ? error : new AudioProblem("lost");
      });
      return context.decodeAudioData(bytes.slice(0)).catch(() => {
        fetched.delete(file);
        throw new AudioProblem("damaged");
      });
    }));
    const failed = decoded.findIndex((result) => result.status === "rejected");
    if (failed >= 0) {
      const { reason } = decoded[failed];
      throw new AudioProblem(reason.message, { ...reason.values, name: names[failed] });
    }
    this.tracks = decoded.map(({ value: buffer }) => {
      const gain = context.createGain();
      gain.gain.value = 0;
      gain.connect(output);
      return { buffer, gain, bins: null, seconds: 0, all: false };
    });
    this.duration = Math.min(...this.tracks.map((track) => track.buffer.duration));
    for (const track of this.tracks) track.bins = new Uint8Array(Math.max(1, Math.round(this.duration / BIN_S)));
    this.timer = setInterval(() => this.tick(), 50);
  }

  // Where it plays, in seconds.
  position() {
    if (!this.playing) return this.offset;
    const at = Math.max(0, context.currentTime - this.started) + this.offset;
    return this.loop ? at % this.duration : Math.min(at, this.duration);
  }

  async play() {
    if (this.playing || !this.tracks.length) return;
    if (context.state !== "running") await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, START_MS))]);
    if (context.state !== "running") {
      // Firefox waits for ever where there is no device to play on.
      this.onsilence();
      return;
    }
    if (this.offset >= this.duration) this.offset = 0;
    this.playing = true;
    this.start();
    this.onchange();
  }

  start() {
    this.started = context.currentTime + AHEAD_S;
    this.counted = this.started;
    this.sources = this.tracks.map((track) => {
      const source = context.createBufferSource();
      source.buffer = track.buffer;
      source.loop = this.loop;
      source.loopEnd = this.duration;
      source.connect(track.gain);
      source.start(this.started, this.offset);
      return source;
    });
    this.tracks.forEach((track, index) => {
      track.gain.gain.cancelScheduledValues(0);
      track.gain.gain.setTargetAtTime(index === this.current ? 1 : 0, context.currentTime, FADE_S);
    });
  }

  stop() {
    this.count();
    for (const track of this.tracks) track.gain.gain.setTargetAtTime(0, context.currentTime, FADE_S);
    for (const source of this.sources) source.stop(context.currentTime + 5 * FADE_S);
    this.sources = [];
  }

  pause() {
    if (!this.playing) return;
    const at = this.position();
    this.stop();
    this.playing = false;
    this.offset = at;
    this.onchange();
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  seek(seconds) {
    const at = Math.min(Math.max(seconds, 0), this.duration);
    if (this.playing) {
      this.stop();
      this.offset = at < this.duration ? at : 0;
      this.start();
    } else {
      this.offset = at;
    }
    this.onchange();
  }

  setLoop(loop) {
    const at = this.position();
    if (this.playing) this.stop();
    this.loop = loop;
    this.offset = at;
    if (this.playing) this.start();
    this.onchange();
  }

  // Hear another excerpt from the same place on.
  switchTo(index) {
    if (index === this.current || index < 0 || index >= this.tracks.length) return;
    this.count();
    if (this.playing) {
      this.tracks[this.current].gain.gain.setTargetAtTime(0, context.currentTime, FADE_S);
      this.tracks[index].gain.gain.setTargetAtTime(1, context.currentTime, FADE_S);
    }
    this.current = index;
    this.onchange();
  }

  // Note what was heard since the last time, in the excerpt that was heard.
  count() {
    if (!this.playing) return;
    const now = context.currentTime;
    const track = this.tracks[this.current];
    const end = this.loop ? now - this.started : Math.min(now - this.started, this.duration - this.offset);
    const begin = this.counted - this.started;
    if (end <= begin) return;
    track.seconds += end - begin;
    const bins = track.bins.length;
    const first = Math.ceil(((begin + this.offset) / this.duration) * bins - 0.5);
    const last = Math.min(((end + this.offset) / this.duration) * bins - 0.5, first + bins);
    for (let bin = first; bin <= last; bin++) track.bins[bin % bins] = 1;
    this.counted = now;
  }

  // The part of an excerpt that was heard, 0 to 1.
  heard(index) {
    const track = this.tracks[index];
    if (!track) return 0;
    if (track.all) return 1;
    const part = track.bins.reduce((sum, bin) => sum + bin, 0) / track.bins.length;
    return part >= HEARD ? 1 : part;
  }

  tick() {
    if (!this.playing) return;
    this.count();
    if (!this.loop && context.currentTime - this.started >= this.duration - this.offset) {
      this.stop();
      this.playing = false;
      this.offset = 0;
    }
    this.onchange();
  }

  close() {
    if (this.playing) this.pause();
    clearInterval(this.timer);
    this.onchange = () => {};
    const gains = this.tracks.map((track) => track.gain);
    setTimeout(() => gains.forEach((gain) => gain.disconnect()), 100);
    this.tracks = [];
  }
}
