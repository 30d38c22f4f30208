// Knows: the modules that show a change, loaded when one is needed first, and then used without waiting.
// Refuses to know: when that is.

/** What has come. @type {{ css?: typeof import("../css/css.js"), image?: typeof import("../media/image.js") }} */
export const modules = {};

export const loadCSS = async () => {
  const css = await import("../css/css.js");
  if (!modules.css) css.start();
  return (modules.css = css);
};
export const loadImage = async () => (modules.image ??= await import("../media/image.js"));
