// Knows: that an update cannot be made in place, and the reason to tell. Refuses to know: how a full reload is done.

/** Thrown by an update that only a full reload makes right; its message is the reason that people read. */
export class NeedsReload extends Error {}
