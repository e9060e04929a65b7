/** A small picture of a file, for the time until the server has one. */

const EDGE = 108;

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
