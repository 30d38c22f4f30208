// Knows: how to find out why the server refuses the page's socket. Refuses to know: who is told.
// A refused socket gives no reason (https://websockets.spec.whatwg.org/#feedback-from-the-protocol). A request that may
// do something is refused for the same one, and says so.
import { served } from "../tag.js";
import { ask } from "../updates/resources.js";

/** @param {(text: string) => void} show while the page is without its server */
export async function explain(show) {
  const response = await ask(new URL("ws", served.own).href, { method: "POST" });
  const reason = response.status === 403 && (await response.text()).trim();
  if (reason) show(`Waiting for the server. ${reason}`);
}
