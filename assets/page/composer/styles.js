/** The style: a row of previews, and all of them in a dialog. At most one is chosen here; none is chosen at first. */

import { Problem, get } from "../studio/api.js";
import { element, fieldError, say } from "../studio/dom.js";
import { language } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { openDialog } from "./dialog.js";
import { draft } from "./draft.js";
import { t } from "./language.js";

const IN_ROW = 5;

/** @typedef {{id: string, name: string, name_ko: string | null, preview_url: string | null}} Style */

/** The styles that can be chosen, fetched once and again when the server is back. Tells `change`. */
class Styles extends EventTarget {
  /** @type {Style[]} */
  list = [];

  start() {
    library.addEventListener("live", () => library.live && void this.load());
  }

  /** In the person's language; the id where the style is not known. @param {string} id */
  name(id) {
    const style = this.list.find((one) => one.id === id);
    return style === undefined ? id : (language === "ko" && style.name_ko) || style.name;
  }

  async load() {
    try {
      this.list = (await get("/api/styles")).styles;
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // asked again when the stream is back
    }
  }
}

export const styles = new Styles();

/** @param {string} id chosen again it is taken away */
function choose(id) {
  draft.set("styles", draft.fields.styles.includes(id) ? [] : [id]);
  fieldError("style", "");
}

class StyleChoice extends HTMLElement {
  #row = element("div", { class: "previews", role: "group", "aria-label": t("composer.style") });
  #all = element("button", { type: "button", class: "browse", onclick: () => this.#browse() });
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.id = "style";
    this.dataset.field = "";
    this.replaceChildren(element("p", { class: "legend" }, element("span", {}, t("composer.style")), this.#all), this.#row);
    styles.addEventListener("change", () => this.#render(), { signal });
    draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === "styles" && this.#render(), { signal });
    this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #render() {
    this.hidden = styles.list.length === 0 && draft.fields.styles.length === 0;
    say(this.#all, t("composer.browse", { number: styles.list.length }));
    const shown = inRow();
    const present = [...this.#row.children].map((button) => /** @type {HTMLElement} */ (button).dataset.style);
    if (shown.join() !== present.join()) this.#row.replaceChildren(...shown.map(preview));
    mark(this.#row);
  }

  #browse() {
    const grid = element("div", { class: "previews", role: "group", "aria-label": t("composer.style") });
    grid.append(...styles.list.map(({ id }) => preview(id)));
    const chosen = /** @type {HTMLElement} */ (grid.querySelector(`[data-style="${CSS.escape(draft.fields.styles[0] ?? "")}"]`) ?? grid.firstElementChild);
    chosen.autofocus = true;
    const none = element("button", { type: "button", class: "plain", onclick: () => draft.set("styles", []) }, t("composer.noStyle"));
    const done = element("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("composer.done"));
    const dialog = openDialog({ title: t("composer.chooseStyle"), look: "styles", content: [grid, element("footer", {}, none, done)] });
    const shown = new AbortController();
    const show = () => {
      mark(grid);
      none.toggleAttribute("disabled", draft.fields.styles.length === 0);
    };
    draft.addEventListener("change", show, { signal: shown.signal });
    dialog.addEventListener("close", () => shown.abort());
    show();
  }
}

/** The first few, and in place of the last what is chosen and would not be seen. @returns {string[]} ids */
function inRow() {
  const ids = styles.list.map((style) => style.id);
  const first = ids.slice(0, IN_ROW);
  const hidden = draft.fields.styles.filter((id) => !first.includes(id));
  return [...first.slice(0, IN_ROW - hidden.length), ...hidden].slice(0, Math.max(IN_ROW, hidden.length));
}

/** @param {string} id */
function preview(id) {
  const style = styles.list.find((one) => one.id === id);
  const face = style?.preview_url ? element("img", { src: style.preview_url, alt: "", loading: "lazy", draggable: "false" }) : icon("palette");
  const button = element("button", { type: "button", "data-style": id, title: styles.name(id), onclick: () => choose(id) });
  button.append(element("span", { class: "face" }, face), element("span", { class: "name" }, styles.name(id)));
  return button;
}

/** @param {HTMLElement} group of previews */
function mark(group) {
  for (const button of /** @type {HTMLElement[]} */ ([...group.children])) {
    button.setAttribute("aria-pressed", String(draft.fields.styles.includes(button.dataset.style ?? "")));
  }
}

customElements.define("ig-styles", StyleChoice);
