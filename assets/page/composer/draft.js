/** What is being composed. Kept in localStorage at each change: neither a reload nor a restart loses a typed word. */

const KEY = "imagegen.draft";

/**
 * @typedef {{id: string, label: string, preview: string}} DraftReference preview is a small data: or thumbnail URL
 * @typedef {{prompt: string, aspect_ratio: string, image_size: string, count: number, model: string,
 *   references: DraftReference[]}} DraftFields
 */

/** @type {DraftFields} */
const FRESH = { prompt: "", aspect_ratio: "1:1", image_size: "1K", count: 1, model: "auto", references: [] };

/** Tells `change` with the name of the field as its detail. */
export class Draft extends EventTarget {
  /** @type {DraftFields} */
  fields = { ...FRESH, ...kept() };

  /**
   * @template {keyof DraftFields} Name
   * @param {Name} name
   * @param {DraftFields[Name]} value
   */
  set(name, value) {
    this.fields = { ...this.fields, [name]: value };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.fields));
    } catch {
      // Storage is full or forbidden: the draft lives as long as the page.
    }
    this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }

  /** The body of `POST /api/generate`. */
  request() {
    const { references, ...rest } = this.fields;
    const named = references.map(({ id, label }) => (label.trim() ? { id, label: label.trim() } : { id }));
    return { ...rest, reference_images: named };
  }
}

/** @returns {Partial<DraftFields>} only what has the type of a draft */
function kept() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const same = Object.entries(FRESH).filter(([name, value]) => typeof stored[name] === typeof value);
    return Object.fromEntries(same.map(([name]) => [name, stored[name]]));
  } catch {
    return {};
  }
}

export const draft = new Draft();
