// Runs in every page of the differential test before anything of the page's own. Knows: how time, chance and what is
// seen are made the same in two loads of a page, how a page is used, and how all that can be observed is written down.
// Refuses to know: what of it should be equal.
(() => {
  const native = {
    setTimeout: setTimeout.bind(window),
    fetch: window.fetch.bind(window),
    ports: new MessageChannel(),
    now: performance.now.bind(performance),
  };
  const HOTRELOAD = "/__hotreload__/";

  /** Who asks: the client goes by the browser's own clock, whatever the page's is. */
  const isClient = () => (new Error().stack?.split("\n")[3] ?? "").includes(HOTRELOAD);

  function replace(object, name, value) {
    const own = object[name];
    const set = (other) => void (value = other);
    Object.defineProperty(object, name, { configurable: true, enumerable: true, get: () => (isClient() ? own : value), set });
  }

  // Time: it passes only in `tick`. ---------------------------------------------------------------------------------------

  const START = 1_700_000_000_000;
  const FRAME = 16;
  let now = 0;
  let lastTimer = 0;
  const timers = new Map();

  const later = (callback, ms, every, values) => {
    const delay = Math.max(0, Number(ms) || 0);
    const run = typeof callback === "function" ? callback : () => (0, eval)(String(callback));
    timers.set(++lastTimer, { at: now + delay, every: every ? Math.max(1, delay) : 0, run, values });
    return lastTimer;
  };
  const forget = (id) => void timers.delete(id);
  const nextFrame = (run) => {
    const at = (Math.floor(now / FRAME) + 1) * FRAME;
    timers.set(++lastTimer, { at, every: 0, run: () => run(now), values: [] });
    return lastTimer;
  };
  replace(window, "setTimeout", (callback, ms, ...values) => later(callback, ms, false, values));
  replace(window, "setInterval", (callback, ms, ...values) => later(callback, ms, true, values));
  replace(window, "clearTimeout", forget);
  replace(window, "clearInterval", forget);
  replace(window, "requestAnimationFrame", nextFrame);
  replace(window, "cancelAnimationFrame", forget);
  replace(performance, "now", () => now);
  const RealDate = Date;
  function FixedDate(...values) {
    if (!new.target) return new RealDate(START + now).toString();
    return values.length ? Reflect.construct(RealDate, values, new.target) : Reflect.construct(RealDate, [START + now], new.target);
  }
  FixedDate.prototype = RealDate.prototype;
  Object.assign(FixedDate, { UTC: RealDate.UTC, parse: RealDate.parse, now: () => START + now });
  RealDate.prototype.constructor = FixedDate;
  window.Date = FixedDate;

  async function tick(ms) {
    const end = now + ms;
    for (let steps = 0; steps < 2_000; steps++) {
      let due;
      for (const [id, timer] of timers) if (timer.at <= end && (!due || timer.at < due.timer.at)) due = { id, timer };
      if (!due) break;
      const { id, timer } = due;
      now = Math.max(now, timer.at);
      if (timer.every) timer.at += timer.every;
      else timers.delete(id);
      try {
        timer.run(...timer.values);
      } catch (error) {
        note(`uncaught ${error}`);
      }
      await turn();
    }
    now = end;
    for (const frame of frames()) await frame[KEY].tick(ms);
  }

  // Chance, size and sight. -----------------------------------------------------------------------------------------------

  let seed = 7;
  const chance = () => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) % 65_536) / 65_536;
  Math.random = chance;
  crypto.getRandomValues = (array) => array.map(() => Math.floor(chance() * 256));
  crypto.randomUUID = () => `00000000-0000-4000-8000-${String(Math.floor(chance() * 1e12)).padStart(12, "0")}`;

  /** All is in sight, and nothing changes its size: each element that is observed is told of once. */
  const watcher = (tell) =>
    class {
      #callback;
      #observed = new Set();
      constructor(callback) {
        this.#callback = callback;
      }
      observe(target) {
        this.#observed.add(target);
        later(() => this.#observed.has(target) && target.isConnected && this.#callback([tell(target)], this), 0, false, []);
      }
      unobserve(target) {
        this.#observed.delete(target);
      }
      disconnect() {
        this.#observed.clear();
      }
      takeRecords = () => [];
    };
  window.IntersectionObserver = watcher((target) => ({
    target, isIntersecting: true, intersectionRatio: 1, time: now,
    boundingClientRect: target.getBoundingClientRect(), intersectionRect: target.getBoundingClientRect(), rootBounds: null,
  }));
  window.ResizeObserver = watcher((target) => {
    const contentRect = target.getBoundingClientRect();
    const size = [{ inlineSize: contentRect.width, blockSize: contentRect.height }];
    return { target, contentRect, contentBoxSize: size, borderBoxSize: size, devicePixelContentBoxSize: size };
  });
  const still = new CSSStyleSheet();
  still.replaceSync("*,*::before,*::after{transition:none!important;animation:none!important;scroll-behavior:auto!important}");
  document.adoptedStyleSheets.push(still);

  // What is counted and reported. -----------------------------------------------------------------------------------------

  let calls = {};
  window.hit = (name) => void (calls[name] = (calls[name] ?? 0) + 1);
  /** Those while it loaded, and those since it is looked at: what failed between was said of another source. */
  let errors = [];
  let first = [];
  const plain = (text) => String(text).replaceAll(location.origin, "").slice(0, 300);
  const note = (text) => void errors.push(plain(text));
  addEventListener("error", (event) => event instanceof ErrorEvent && note(event.message));
  addEventListener("unhandledrejection", (event) => note(`rejected ${event.reason}`));
  const told = console.error;
  console.error = (...values) => (note(`console ${values.join(" ")}`), told.apply(console, values));
  for (const name of ["alert", "confirm", "prompt", "open", "print"]) window[name] = () => (window.hit(name), null);

  // The page's own requests. ----------------------------------------------------------------------------------------------

  let requests = 0;
  const loading = new Set();
  window.fetch = async (...values) => {
    requests++;
    const end = () => void native.setTimeout(() => requests--, 5);
    try {
      const response = await native.fetch(...values);
      // What reads the answer goes on when all of it has come.
      response.clone().arrayBuffer().then(end, end);
      return response;
    } catch (error) {
      end();
      throw error;
    }
  };
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...values) {
    requests++;
    this.addEventListener("loadend", () => native.setTimeout(() => requests--, 0));
    return send.apply(this, values);
  };
  const arrived = ({ target }) => void loading.delete(target);
  for (const type of ["load", "error"]) document.addEventListener(type, arrived, true);
  let isChanged = false;
  const isLoading = (node) =>
    (node.localName === "script" && node.src && /^(|module|text\/javascript)$/.test(node.type)) ||
    (node.localName === "link" && node.rel === "stylesheet" && node.href && !node.sheet);
  new MutationObserver((records) => {
    isChanged = true;
    if (document.readyState === "loading") return;
    for (const { addedNodes } of records) for (const node of addedNodes) if (node.nodeType === 1 && isLoading(node)) loading.add(node);
  }).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });

  /** No navigation but the client's reload and the test's own. */
  let isUsed = false;
  window.navigation?.addEventListener("navigate", (event) => {
    const { sameDocument } = event.destination;
    if (isUsed && !sameDocument && event.navigationType !== "reload" && event.cancelable) event.preventDefault(), window.hit("leave");
  });

  // Waiting. --------------------------------------------------------------------------------------------------------------

  const turns = [];
  native.ports.port1.onmessage = () => turns.shift()?.();
  const turn = () => new Promise((resolve) => (turns.push(resolve), native.ports.port2.postMessage(0)));
  const sleep = (ms) => new Promise((resolve) => native.setTimeout(resolve, ms));
  const images = () => [...document.images].some((image) => !image.complete && image.loading !== "lazy");
  const isBusy = () =>
    document.readyState !== "complete" || requests > 0 || images() || document.querySelector(".htmx-request") !== null ||
    [...loading].some((node) => node.isConnected) || frames().some((frame) => frame.document.readyState !== "complete");

  /** Until nothing moves that does not wait for a timer. */
  async function settle() {
    const end = native.now() + 4_000;
    for (let quiet = 0; quiet < 2; ) {
      if (native.now() > end) return "the page never rests";
      if (isBusy()) await sleep(3);
      await turn();
      await turn();
      quiet = isBusy() || isChanged ? 0 : quiet + 1;
      isChanged = false;
    }
    return "";
  }

  /** @returns {Window[]} the frames that can be looked into */
  function frames() {
    const found = [];
    for (let i = 0; i < window.length; i++) {
      try {
        if (window[i][KEY]) found.push(window[i]);
      } catch {} // of another origin
    }
    return found;
  }

  /** The client has a connection, and knows what the page was like when it came. */
  async function follow() {
    const end = native.now() + 10_000;
    const has = () => performance.getEntriesByType("resource").some(({ name }) => name.includes(`${HOTRELOAD}source/`));
    while (!has()) {
      if (native.now() > end) throw new Error("the client has not asked for the source");
      await sleep(3);
    }
  }

  // Writing down. ---------------------------------------------------------------------------------------------------------

  const INLINE = new Set("A ABBR B BUTTON CODE EM I IMG INPUT KBD LABEL MARK S SELECT SMALL SPAN STRONG SUB SUP U VAR".split(" "));
  const isInline = (node) => node && (node.nodeType === 3 ? /\S/.test(node.data) : INLINE.has(node.nodeName));
  const isBlank = (node) => node.nodeType === 3 && !/\S/.test(node.data) && !(isInline(seen(node, "previousSibling")) && isInline(seen(node, "nextSibling")));
  function seen(node, way) {
    do node = node[way];
    while (node?.nodeType === 8);
    return node;
  }
  // Where scripts put things by the layout is theirs to do again when the window changes.
  const PLACES = /^(top|left|right|bottom|inset|transform|translate)\b/;
  const styleOf = (text) => text.split(/;(?![^(]*\))/).map((part) => part.trim().replace(/\s*:\s*/, ": ")).filter((part) => part && !PLACES.test(part)).sort().join("; ");
  const rulesOf = (sheet) => {
    try {
      return [...sheet.cssRules].map(({ cssText }) => cssText).join(" ");
    } catch {
      return "";
    }
  };
  function hash(text) {
    let h = 5_381;
    for (let i = 0; i < text.length; i++) h = (Math.imul(h, 33) + text.charCodeAt(i)) | 0;
    return h;
  }

  /** What floats beside something stands where that stood when it was put there: only a scroll moves it. */
  const isAfloat = (element) => element.closest("[data-popper-placement],[data-tippy-root]") !== null;
  /** A second style sheet with the same rules is none: what a script takes for another is told by its text. */
  const isSecond = (element) =>
    element.localName === "style" && element.sheet &&
    [...(element.parentNode?.children ?? [])].find((other) => other.localName === "style" && other.sheet && rulesOf(other.sheet) === rulesOf(element.sheet)) !== element;

  function attributesOf(element) {
    const list = [...element.attributes].map(({ name, value }) => {
      if (name === "class") value = [...new Set(value.trim().split(/\s+/))].sort().join(" ");
      if (name === "style") value = isAfloat(element) ? "" : styleOf(value);
      return name === "nonce" || (value === "" && /^(class|style)$/.test(name)) ? "" : ` ${name}=${JSON.stringify(plain(value))}`;
    });
    return list.sort().join("");
  }

  function propertiesOf(element) {
    let text = "";
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName)) text += ` .value=${JSON.stringify(element.value)}`;
    if (/^(checkbox|radio)$/.test(element.type)) text += ` .checked=${element.checked} .indeterminate=${element.indeterminate ?? ""}`;
    if (element.nodeName === "OPTION") text += ` .selected=${element.selected}`;
    if (element.nodeName === "DIALOG") text += ` .modal=${element.matches(":modal")}`;
    if (element.nodeName === "CANVAS") text += ` .drawn=${hash(element.toDataURL())}`;
    if (element.nodeName === "STYLE" && element.sheet) text += ` .rules=${rulesOf(element.sheet)}`;
    if (element.localName.includes("-")) text += ` .defined=${element.matches(":defined")}`;
    if (element.popover) text += ` .popover=${element.matches(":popover-open")}`;
    return text;
  }

  function* lines(node, indent = "", isKept = false) {
    if (node.nodeType === 3) {
      if (isKept) yield indent + JSON.stringify(plain(node.data));
      else if (!isBlank(node)) yield indent + JSON.stringify(plain(node.data.replace(/\s+/g, " ").trim()));
    } else if (node.nodeType === 1 && !isOurs(node) && !isSecond(node)) {
      yield `${indent}<${node.localName}${attributesOf(node)}>${propertiesOf(node)}`;
      const inner = `${indent} `;
      if (node.shadowRoot) {
        yield `${inner}#shadow ${node.shadowRoot.adoptedStyleSheets.map(rulesOf).join(" ")}`;
        yield* below(node.shadowRoot, `${inner} `, false);
      }
      if (node.localName === "template") yield* below(node.content, `${inner}| `, false);
      if (node.localName === "iframe" && node.contentDocument) yield* below(node.contentDocument, `${inner}> `, false);
      // A <style> is what its rules are, a script what it has done.
      else if (node.localName !== "style") yield* below(node, inner, isKept || /^(pre|textarea|script)$/.test(node.localName));
    }
  }
  function* below(node, indent, isKept) {
    // Texts side by side are one text to a reader.
    let text = null;
    for (const kid of node.childNodes) {
      if (kid.nodeType === 8) continue;
      if (kid.nodeType === 3) {
        text = text ? document.createTextNode(text.data + kid.data) : kid;
        if (seen(kid, "nextSibling")?.nodeType === 3) continue;
        if (text === kid) yield* lines(kid, indent, isKept);
        else if (isKept || /\S/.test(text.data)) yield indent + JSON.stringify(plain(isKept ? text.data : text.data.replace(/\s+/g, " ").trim()));
        text = null;
      } else yield* lines(kid, indent, isKept);
    }
  }

  /** The tag of the client in a document that a script has fetched and put in: it is no part of the site. */
  const isOurs = (node) => node.localName === "script" && node.src.includes(HOTRELOAD);

  const picture = () => [
    `at ${location.pathname}${location.search}${location.hash} state ${JSON.stringify(history.state)}`,
    `title ${JSON.stringify(document.title)}`,
    ...lines(document.documentElement),
  ];

  // Using. ----------------------------------------------------------------------------------------------------------------

  const CONTROL = "button,a[href],summary,select,textarea,input:not([type=hidden]),[onclick],[role=button],[role=tab],[tabindex],[contenteditable]";
  const CONTENT = "li,p,td,th,h1,h2,h3,h4,img,pre,code,span,b,i,em,label,div,section";
  const STEPS = 36;

  function* everyElement(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* everyElement(element.shadowRoot);
    }
  }
  const usable = () => (document.body ? [...everyElement(document.body)].filter((element) => element.matches(CONTROL)) : []);
  const touchable = () => {
    const all = document.body ? [...everyElement(document.body)] : [];
    const rest = all.filter((element) => !element.matches(CONTROL) && element.matches(CONTENT) && (!element.matches("div,section") || element.children.length < 2));
    const controls = all.filter((element) => element.matches(CONTROL));
    const step = Math.max(1, Math.ceil(rest.length / Math.max(6, STEPS - controls.length)));
    return [...controls.slice(0, STEPS), ...rest.filter((_, index) => index % step === 0)];
  };

  /** How a person tells it from others. */
  const nameOf = (element) =>
    element.id ? `#${element.id}` : `${element.localName} ${element.name ?? ""} ${element.type ?? ""} ${(element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 60)}`;

  function named() {
    const found = new Map();
    for (const element of [...usable(), ...document.querySelectorAll("li,p,td,h2,h3,div[class]")]) {
      const name = nameOf(element);
      found.set(name, found.has(name) ? null : element);
    }
    return found;
  }

  /** What can be told from all others, controls first. */
  function choices() {
    const controls = new Set(usable());
    const found = [...named()].filter(([, element]) => element);
    return { controls: found.filter(([, e]) => controls.has(e)).map(([name]) => name), others: found.filter(([, e]) => !controls.has(e)).map(([name]) => name).slice(0, 40) };
  }

  const fire = (element, type, Kind = Event) => element.dispatchEvent(new Kind(type, { bubbles: true, cancelable: true, composed: true, view: window }));

  function write(element, value) {
    const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value");
    set.call(element, value);
    fire(element, "input", InputEvent);
    fire(element, "change");
  }

  function use(element, word) {
    isUsed = true;
    fire(element, "mouseenter", MouseEvent);
    fire(element, "mouseover", MouseEvent);
    fire(element, "pointerdown", PointerEvent);
    fire(element, "mousedown", MouseEvent);
    if (element.localName === "select" && element.options.length) {
      element.selectedIndex = (element.selectedIndex + 1) % element.options.length;
      fire(element, "input");
      fire(element, "change");
    } else if (element.localName === "textarea" || (element.localName === "input" && /^(text|search|email|number|tel|url|)$/.test(element.type))) {
      write(element, element.type === "number" ? "7" : word);
    }
    fire(element, "pointerup", PointerEvent);
    fire(element, "mouseup", MouseEvent);
    if (typeof element.click === "function") element.click();
    else fire(element, "click", MouseEvent);
  }

  async function act({ name, word }) {
    const element = named().get(name);
    if (!element) return `there is no ${name}`;
    use(element, word);
    await settle();
    return "";
  }

  /** Uses one element after the other; what the page was like after each. */
  let album = [];
  async function sweep(word) {
    calls = {};
    album = [];
    const report = [];
    for (const element of touchable()) {
      if (!element.isConnected) {
        report.push(["gone", 0]);
        album.push([]);
        continue;
      }
      use(element, word);
      report.push(shot(nameOf(element), await settle()));
    }
    report.push(shot("all", await settle()));
    for (const ms of [20, 1_000, 3_000]) {
      await tick(ms);
      report.push(shot(`${ms} ms later`, await settle()));
    }
    return report;
  }
  const failures = () => [...first.map((text) => `failed at load: ${text}`), ...errors.map((text) => `error ${text}`)];
  const focused = () => {
    const { activeElement } = document;
    return activeElement === document.body ? "" : nameOf(activeElement ?? document.body).slice(0, 30);
  };
  function shot(name, restless = "") {
    const all = [...picture(), ...Object.entries(calls).sort().map(([what, count]) => `called ${what} ${count} times`), ...failures(), restless];
    album.push(all);
    return [name, hash(all.join("\n"))];
  }

  const KEY = Symbol.for("judge");
  window[KEY] = Object.freeze({
    tick, settle, follow, act, choices, sweep,
    // Not while all is used: where the focus goes then is the browser's affair.
    picture: () => [`focus on ${focused()}`, ...picture(), ...failures()],
    path: () => location.pathname,
    page: (index) => album[index],
    async loaded(ms) {
      const restless = await this.rest(ms);
      first = errors;
      errors = [];
      return restless;
    },
    /** From now on what is reported counts. */
    look: () => void (errors = []),
    async rest(ms) {
      const restless = await settle();
      await tick(ms);
      return restless || (await settle());
    },
  });
})();
