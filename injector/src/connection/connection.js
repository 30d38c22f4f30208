// Knows: how a page's WebSocket is kept open, and when it is worth opening: RFC 6455, the page
// lifecycle of the HTML standard. Refuses to know: what is said on it.

import { dom } from "../dom/dom.js";
import { SUBPROTOCOL } from "../messages.js";

/** Milliseconds before the first new attempt; doubled for each that fails. */
const FIRST_WAIT = 100;
/** At most this long: a page is back within three seconds after its server is. */
const LONGEST_WAIT = 2_000;
/** A visible page asks so often whether anybody is there. */
const BEAT = 15_000;
/** An open socket that stays silent for so long after a question, or does not open, is dead. */
const PATIENCE = 3_000;

/**
 * @typedef {object} Callbacks what the connection calls
 * @property {() => void} opened the socket is open: nothing was said on it yet
 * @property {(data: unknown) => void} received a message came
 * @property {(missed: boolean) => void} lost the socket closed, and not because the page did it; whether updates may
 *   have been missed before that: the page slept, or nobody said when the other side went
 * @property {() => string} question a message that the server answers
 */

/**
 * @typedef {object} World what a connection is made of
 * @property {new (url: string, protocol: string) => WebSocket} WebSocket
 * @property {(task: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random from 0 to 1
 * @property {Window} window
 * @property {EventTarget} document
 * @property {() => boolean} isHidden whether nobody can see the page
 */

/** @type {World} Taken once, so that a page that replaces its timers does not stop ours. */
export const BROWSER = {
  WebSocket,
  setTimeout: setTimeout.bind(window),
  clearTimeout: clearTimeout.bind(window),
  random: Math.random,
  window,
  document,
  isHidden: () => dom.visibilityState(document) === "hidden",
};

/** @param {number} ms @returns {Promise<void>} */
export const pause = (ms) => new Promise((resolve) => BROWSER.setTimeout(() => resolve(), ms));

/** One socket at a time, for as long as the page is awake. */
export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  #awake = false;
  #failures = 0;
  /** Whether updates may have been missed since the socket was last open, before it was lost. */
  #missed = false;
  /** @type {unknown} for the next attempt, or for the end of patience with a silent socket */
  #timer;
  /** @type {unknown} */
  #beat;
  /** Who waits to hear whether anybody is at the other end. @type {((isThere: boolean) => void)[]} */
  #asking = [];

  /**
   * @param {string} url ws: or wss:
   * @param {Callbacks} callbacks
   * @param {World} [world]
   */
  constructor(url, callbacks, world = BROWSER) {
    this.url = url;
    this.callbacks = callbacks;
    this.world = world;
  }

  /** Opens the socket, and again whenever it is lost. */
  start() {
    this.listen();
    this.#resume();
  }

  /** Listens to the page's life; again after `document.open()`, which removes all listeners. */
  listen() {
    const { window, document } = this.world;
    dom.addEventListener(document, "visibilitychange", this.#check);
    dom.addEventListener(document, "freeze", this.#pause);
    dom.addEventListener(document, "resume", this.#resume);
    dom.addEventListener(document, "securitypolicyviolation", /** @type {EventListener} */ (this.#forbidden));
    window.addEventListener("focus", this.#check);
    window.addEventListener("online", this.#check);
    window.addEventListener("pagehide", this.#pause);
    window.addEventListener("pageshow", this.#shown);
  }

  /**
   * Says something, if anybody can hear it.
   * @param {string} text
   * @returns {boolean} whether it was said
   */
  send(text) {
    const open = this.#socket?.readyState === 1;
    if (open) this.#socket?.send(text);
    return open;
  }

  #resume = () => {
    if (this.#awake) return;
    this.#awake = true;
    this.#connect();
  };

  /** Told after each load too. */
  #shown = (/** @type {PageTransitionEvent} */ { persisted }) => {
    if (persisted) this.#resume();
  };

  /** A page with an open socket is not kept for the way back in every browser. */
  #pause = () => {
    this.#awake = false;
    this.#missed = true;
    this.#drop();
  };

  /** The page's policy will not change: asking again would only fill its console and its reports. */
  #forbidden = (/** @type {SecurityPolicyViolationEvent} */ { blockedURI }) => {
    if (blockedURI === this.url) this.#pause();
  };

  /** Now is a good time: connects at once, or finds out whether the socket is dead. */
  #check = () => {
    if (!this.#awake || this.world.isHidden()) return;
    if (this.#socket) this.ask();
    else this.#connect();
  };

  /** Finds out whether there is anybody at the other end of an open socket. @returns {Promise<boolean>} */
  ask() {
    if (!this.send(this.callbacks.question())) return Promise.resolve(false);
    this.#after(PATIENCE, () => {
      this.#missed = true;
      this.#lose();
    });
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  /** @param {boolean} isThere */
  #answer(isThere) {
    for (const resolve of this.#asking.splice(0)) resolve(isThere);
  }

  /** @param {number} ms @param {() => void} task instead of what was to come */
  #after(ms, task) {
    this.world.clearTimeout(this.#timer);
    this.#timer = this.world.setTimeout(task, ms);
  }

  #connect = () => {
    this.#drop();
    this.#after(PATIENCE, this.#lose);
    try {
      this.#socket = new this.world.WebSocket(this.url, SUBPROTOCOL);
    } catch {
      return; // the page's policy forbids it: asked again when patience ends
    }
    this.#socket.onopen = this.#opened;
    this.#socket.onmessage = this.#received;
    this.#socket.onclose = this.#lose;
  };

  #opened = () => {
    this.#failures = 0;
    this.#missed = false;
    this.#heard();
    this.#tell(this.callbacks.opened);
  };

  /** @param {MessageEvent} event */
  #received = (event) => {
    this.#tell(() => this.callbacks.received(event.data));
    this.#heard();
    this.#answer(true);
  };

  /** Somebody is there: no hurry to ask again. */
  #heard() {
    this.world.clearTimeout(this.#timer);
    this.world.clearTimeout(this.#beat);
    this.#beat = this.world.setTimeout(this.#pulse, BEAT);
  }

  /** A hidden page needs no timer: it asks when it is seen again. */
  #pulse = () => {
    this.listen();
    this.#check();
  };

  #lose = () => {
    this.#drop();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    this.#after(wait * (0.5 + this.world.random() / 2), this.#connect);
    this.#tell(() => this.callbacks.lost(this.#missed));
  };

  /** Nothing of ours is thrown into the page. @param {() => void} what */
  #tell(what) {
    try {
      what();
    } catch (error) {
      console.debug("[hotreload]", error);
    }
  }

  /** Lets go of the socket without waiting for the other side's goodbye. */
  #drop() {
    this.world.clearTimeout(this.#timer);
    this.world.clearTimeout(this.#beat);
    this.#answer(false);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
