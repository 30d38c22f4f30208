// Knows: the modules that are loaded when they are needed, and then used without waiting.
// Refuses to know: when that is.

/**
 * What has come.
 * @type {{ css?: typeof import("./css.js"), image?: typeof import("./image.js"), plan?: typeof import("./plan.js"),
 *   status?: typeof import("./status.js"), swap?: typeof import("./swap.js") }}
 */
export const modules = {};
export const loadCSS = async () => (modules.css ??= await import("./css.js"));
export const loadImage = async () => (modules.image ??= await import("./image.js"));
export const loadPlan = async () => (modules.plan ??= await import("./plan.js"));
export const loadStatus = async () => (modules.status ??= await import("./status.js"));
export const loadSwap = async () => (modules.swap ??= await import("./swap.js"));
