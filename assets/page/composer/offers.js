/** What the providers offer for a draft: which models, at what price, and what speaks against one. Pure. */

/**
 * @typedef {object} Offer one model
 * @property {string} id
 * @property {string} title
 * @property {number | null} usd of one picture as the draft has it; null where it is not known
 * @property {number | null} seconds that one usually takes
 * @property {boolean} overnight it takes hours
 * @property {"draft" | "standard" | "best" | null} quality
 * @property {number} references that it takes at most
 * @property {boolean} fourK
 * @property {boolean} exactSeed
 * @property {{kind: "retired" | "references" | "value" | "seed" | "retiring", value: string, then?: string} | null} note
 * @property {boolean} retired it can be seen, not chosen
 */

/** @typedef {{provider: any, offers: Offer[]}} Group */

/**
 * The models that can be chosen, by provider; a retired one only where it is the chosen one.
 * @param {any[]} providers as `/api/providers` has them
 * @param {import("./draft.js").DraftFields} fields
 * @returns {Group[]}
 */
export function offersOf(providers, fields) {
  const titles = new Map(providers.flatMap(({ models }) => models.map((model) => [model.id, model.title ?? model.id])));
  const groups = providers.map((provider) => {
    const shown = provider.models.filter((model) => model.status !== "retired" || model.id === fields.model);
    return { provider, offers: shown.map((model) => offerOf(model, fields, titles)) };
  });
  return groups.filter(({ offers }) => offers.length > 0);
}

/** @param {any} model @param {import("./draft.js").DraftFields} fields @param {Map<string, string>} titles @returns {Offer} */
function offerOf(model, fields, titles) {
  return {
    id: model.id,
    title: model.title ?? model.id,
    usd: priceOf(model, fields),
    seconds: model.seconds ?? null,
    overnight: model.overnight === true,
    quality: model.quality ?? null,
    references: model.max_references,
    fourK: model.image_sizes.includes("4K"),
    exactSeed: model.seed === "exact",
    note: noteOf(model, fields, titles),
    retired: model.status === "retired",
  };
}

/** @param {any} model @param {import("./draft.js").DraftFields} fields @returns {number | null} */
function priceOf({ price }, { image_size: size, references }) {
  const one = price?.[size] ?? null;
  const each = references.length === 0 ? 0 : (price?.per_reference ?? null);
  return one === null || each === null ? null : one + references.length * each;
}

/** What speaks against a model: its end, or something that the draft asks for. @returns {Offer["note"]} */
function noteOf(model, { image_size: size, aspect_ratio: ratio, references, seed }, titles) {
  if (model.status === "retired") return { kind: "retired", value: model.retired_on };
  if (references.length > model.max_references) return { kind: "references", value: String(model.max_references) };
  if (!model.image_sizes.includes(size)) return { kind: "value", value: size };
  if (!model.aspect_ratios.includes(ratio)) return { kind: "value", value: ratio };
  if (seed !== null && model.seed === "none") return { kind: "seed", value: String(seed) };
  if (model.status !== "retiring" || !model.retired_on) return null;
  return { kind: "retiring", value: model.retired_on, then: model.successor && (titles.get(model.successor) ?? model.successor) };
}

/**
 * Only what has every word of a search in its name, its id or its provider's name.
 * @param {Group[]} groups @param {string} search
 * @returns {Group[]}
 */
export function narrowed(groups, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (provider, { id, title }) => {
    const text = `${title} ${id} ${provider.title ?? provider.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const left = groups.map(({ provider, offers }) => ({ provider, offers: offers.filter((offer) => fits(provider, offer)) }));
  return left.filter(({ offers }) => offers.length > 0);
}
