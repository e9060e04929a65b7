/**
 * The open picture in the page's address: `?image=ID`. Opening adds a step to the browser's history, so that Back
 * closes; going on to a neighbour replaces it.
 */

const NAME = "image";

/** The id that the address names, or null. */
export const addressed = () => new URLSearchParams(location.search).get(NAME) || null;

/** @type {Promise<unknown>} settled once the browser has gone back */
let left = Promise.resolve();

/** @param {string} id */
export async function enter(id) {
  await left;
  const now = addressed();
  if (now === id) return;
  const address = withImage(id);
  if (now === null) history.pushState({ ...history.state, opened: true }, "", address);
  else history.replaceState(history.state, "", address);
}

/** Take the picture out of the address: a step back where opening was one, as a deep link was not. */
export function leave() {
  if (addressed() === null) return;
  if (history.state?.opened) {
    left = new Promise((resolve) => window.addEventListener("popstate", resolve, { once: true }));
    history.back();
  } else {
    history.replaceState(history.state, "", withImage(null));
  }
}

/** @param {string | null} id */
function withImage(id) {
  const address = new URL(location.href);
  if (id === null) address.searchParams.delete(NAME);
  else address.searchParams.set(NAME, id);
  return address;
}
