// Knows: the modules that are loaded when they are needed, and then used without waiting.
// Refuses to know: when that is.

/**
 * What has come.
 * @type {{ css?: typeof import("../css/css.js"), image?: typeof import("../media/image.js"), plan?: typeof import("./planner.js"),
 *   status?: typeof import("../ui/toast.js"), swap?: typeof import("./swap.js") }}
 */
export const modules = {};
export const loadCSS = async () => (modules.css ??= await import("../css/css.js"));
export const loadImage = async () => (modules.image ??= await import("../media/image.js"));
export const loadPlan = async () => (modules.plan ??= await import("./planner.js"));
export const loadStatus = async () => (modules.status ??= await import("../ui/toast.js"));
export const loadSwap = async () => (modules.swap ??= await import("./swap.js"));
