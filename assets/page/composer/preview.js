/** Thumbnails small enough to be kept in the browser: an upload's picture cannot be asked back of the server. */

const EDGE = 108;
const KEY = "imagegen.previews";
const KEPT = 60;

/**
 * @param {Blob} file
 * @returns {Promise<string>} a data: URL of a few kilobytes; empty where the browser cannot read the picture
 */
export async function previewOf(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = EDGE / Math.min(picture.width, picture.height);
    const canvas = document.createElement("canvas");
    canvas.width = EDGE;
    canvas.height = EDGE;
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d")?.drawImage(picture, (EDGE - width) / 2, (EDGE - height) / 2, width, height);
    picture.close();
    return canvas.toDataURL("image/webp", 0.8);
  } catch {
    return "";
  }
}

/** Keep an upload's thumbnail for the day when its settings are used again. @param {string} id @param {string} preview */
export function keepPreview(id, preview) {
  if (preview === "") return;
  const others = previews().filter(([known]) => known !== id);
  try {
    localStorage.setItem(KEY, JSON.stringify([[id, preview], ...others].slice(0, KEPT)));
  } catch {
    // Storage is full or forbidden: a reference without a thumbnail shows its number.
  }
}

/** The thumbnail of an upload of this browser's; empty where there is none. @param {string} id */
export const keptPreview = (id) => previews().find(([known]) => known === id)?.[1] ?? "";

/** @returns {[string, string][]} */
function previews() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
