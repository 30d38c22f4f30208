// Knows: what a file is to a page, by the end of its name. Refuses to know: what the server says that it is.

/** What a browser shows by itself: pictures, fonts, sounds, films and subtitles. Anything else is for scripts. */
const MEDIA =
  /\.(a?png|avif|bmp|cur|gif|ico|jfif|jpe?g|svg|webp|eot|otf|ttc|ttf|woff2?|aac|flac|m4[av]|mov|mp[34]|og[agv]|opus|vtt|wav|web[am])$/i;

/** @param {string} url */
export const isMedia = (url) => MEDIA.test(url);

/** @param {string} url */
export const isDocument = (url) => /\.x?html?$/i.test(url);
