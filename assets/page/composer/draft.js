/** What is being composed. Kept in localStorage at each change: neither a reload nor a restart loses a typed word. */

const KEY = "imagegen.draft";

/**
 * @typedef {{id: string, label: string, preview: string}} DraftReference preview is a small data: or thumbnail URL
 * @typedef {{prompt: string, negative_prompt: string, aspect_ratio: string, image_size: string, count: number,
 *   styles: string[], model: string, routing: "order" | "cheapest" | "best" | "fastest", budget: string | number | null,
 *   failover: boolean | null, seed: number | null, seed_locked: boolean, album: string, output_format: string,
 *   remove_background: boolean, references: DraftReference[]}} DraftFields an empty text is a field that is left out;
 *   routing and budget are for Auto
 */

/** @type {DraftFields} */
const FRESH = {
  prompt: "",
  negative_prompt: "",
  aspect_ratio: "1:1",
  image_size: "1K",
  count: 1,
  styles: [],
  model: "auto",
  routing: "order",
  budget: null,
  failover: null,
  seed: null,
  seed_locked: false,
  album: "",
  output_format: "",
  remove_background: false,
  references: [],
};

/** Fields whose values have not all the same type, and which values fit. */
const OPEN = {
  seed: (/** @type {unknown} */ value) => value === null || typeof value === "number",
  failover: (/** @type {unknown} */ value) => value === null || typeof value === "boolean",
  budget: (/** @type {any} */ value) => value === null || typeof value === "number" || ["low", "medium", "high"].includes(value),
  routing: (/** @type {any} */ value) => ["order", "cheapest", "best", "fastest"].includes(value),
};

/** Tells `change` with the name of the field as its detail. */
export class Draft extends EventTarget {
  /** @type {DraftFields} */
  fields = { ...FRESH, ...fitting(kept()) };

  /**
   * @template {keyof DraftFields} Name
   * @param {Name} name
   * @param {DraftFields[Name]} value
   */
  set(name, value) {
    this.#put({ [name]: value });
  }

  /** Set several fields at once; what is no field of a draft is left out. @param {Partial<DraftFields>} partial */
  fill(partial) {
    this.#put(fitting(partial));
  }

  /** Every field as it was at the very first. */
  clear() {
    this.#put(FRESH);
  }

  /** The body of `POST /api/generate`. */
  request() {
    const { references, seed_locked: _, negative_prompt: negative, seed, album, output_format, remove_background, ...others } = this.fields;
    const { routing, budget, failover, ...rest } = others;
    const auto = rest.model === "auto";
    const named = references.map(({ id, label }) => (label.trim() ? { id, label: label.trim() } : { id }));
    return {
      ...rest,
      ...(auto && routing !== "order" && { routing }),
      ...(auto && budget !== null && { budget }),
      ...(failover !== null && { failover }),
      ...(negative.trim() && { negative_prompt: negative }),
      ...(seed !== null && { seed }),
      ...(album && { album }),
      ...(output_format && { output_format }),
      ...(remove_background && { remove_background }),
      reference_images: named,
    };
  }

  /** @param {Partial<DraftFields>} changed */
  #put(changed) {
    this.fields = { ...this.fields, ...changed };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.fields));
    } catch {
      // Storage is full or forbidden: the draft lives as long as the page.
    }
    for (const name of Object.keys(changed)) this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }
}

/** @returns {Record<string, unknown>} */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** Only what has the name and the type of a draft's field. @param {Record<string, any>} given @returns {Partial<DraftFields>} */
function fitting(given) {
  const same = Object.entries(FRESH).filter(([name, fresh]) => kindOf(given[name], name) === kindOf(fresh, name));
  return Object.fromEntries(same.map(([name]) => [name, given[name]]));
}

/** @param {unknown} value @param {string} name */
function kindOf(value, name) {
  if (name in OPEN) return OPEN[/** @type {keyof typeof OPEN} */ (name)](value) ? name : "other";
  return Array.isArray(value) ? "list" : typeof value;
}

export const draft = new Draft();
