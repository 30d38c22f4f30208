// Firefox for the tests in Python: a line of JSON says what to do, a line of JSON says what came of it.
// Knows: how puppeteer drives Firefox over WebDriver BiDi. Refuses to know: what is tested; `tests/firefox.py` is
// the other end. Started as `node firefox.mjs PATH-OF-FIREFOX`, it ends with its standard input.

import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const LONGEST = 100_000; // for a batch of pairs, in milliseconds

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  protocolTimeout: LONGEST,
  extraPrefsFirefox: {
    // Whatever is not on this machine is asked of a port that nobody listens on.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "media.autoplay.default": 0, // films play without a click
    "dom.testing.testutils.enabled": true, // TestUtils.gc()
  },
});

/** What Python names by a number: contexts and pages. */
const known = [];
const name = (thing) => known.push(thing) - 1;

/** Firefox reports with the errors what else its console says, such as refused connections; that has no stack. */
const isThrown = (stack) => /\n\s+at /.test(stack);

const acts = {
  context: async () => name(Object.assign(await browser.createBrowserContext(), { errors: [], scripts: [] })),
  script: async (context, script) => {
    context.scripts.push(script);
    for (const page of await context.pages()) await page.evaluateOnNewDocument(script);
  },
  page: async (context) => {
    const page = await context.newPage();
    page.on("pageerror", ({ stack }) => isThrown(stack) && context.errors.push(stack));
    for (const script of context.scripts) await page.evaluateOnNewDocument(script);
    return name(page);
  },
  goto: (page, url, waitUntil, timeout) => page.goto(url, { waitUntil, timeout }).then(nothing),
  reload: (page, timeout) => page.reload({ timeout }).then(nothing),
  back: (page) => page.evaluate("setTimeout(() => history.back())").then(nothing),
  url: (page) => page.url(),
  evaluate,
  wait,
  idle: (page, timeout) => page.waitForNetworkIdle({ timeout }).then(nothing),
  click: (page, selector) => page.locator(selector).click(),
  focus: (page, selector) => page.focus(selector),
  type: (page, selector, text) => page.type(selector, text),
  fill: (page, selector, text) => page.$eval(selector, fill, text),
  press,
  close: async (thing) => {
    await thing.close();
    return thing.errors?.splice(0);
  },
};

const nothing = () => null;

/** The value of the code; where that is a function, what it returns. Neither is subject to the page's policy. */
async function evaluate(page, code, argument) {
  const value = await page.evaluateHandle(code);
  return page.evaluate((it, given) => (typeof it === "function" ? it(given) : it), value, argument);
}

/** Asks again and again, also across a navigation, which ends whatever runs in the page that was. */
async function wait(page, code, timeout) {
  const end = Date.now() + timeout;
  const question = `(async () => { const it = ${code}; return Boolean(await (typeof it === "function" ? it() : it)) })()`;
  let seen;
  while (Date.now() < end) {
    seen = await page.evaluate(question).catch((error) => ({ error }));
    if (seen === true) return null;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw seen?.error ?? new Error(`not so in time: ${code}`);
}

/** In the page. */
function fill(field, text) {
  field.focus();
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

/** One key, or as in "Control+z". */
async function press({ keyboard }, keys) {
  const [key, ...held] = keys.split("+").reverse();
  for (const each of held.reverse()) await keyboard.down(each);
  await keyboard.press(key);
  for (const each of held) await keyboard.up(each);
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

say({ value: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { act, on, with: words } = JSON.parse(line);
  try {
    say({ value: await acts[act](...(on === undefined ? [] : [known[on]]), ...words) });
  } catch (error) {
    say({ error: `${error?.stack ?? error}` });
  }
}
await browser.close();
