/** Copying words and pictures, where the browser lets us: it does on https and on this machine. */

/** The browser does not let this page write to the clipboard. */
export class Forbidden extends Error {}

/** @param {string} text @throws {Forbidden} */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    throw new Forbidden();
  }
}

/**
 * Copy a picture as PNG, the one format that every clipboard takes.
 * @param {string} url
 * @throws {Forbidden}
 */
export async function copyPicture(url) {
  if (!navigator.clipboard?.write || !("ClipboardItem" in window)) throw new Forbidden();
  try {
    // The promise goes in unawaited: Safari asks for the write within the click itself.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(url) })]);
  } catch {
    throw new Forbidden();
  }
}

/** @param {string} url @returns {Promise<Blob>} */
async function pngOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error("The picture cannot be loaded.");
  const blob = await answer.blob();
  if (blob.type === "image/png") return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}
