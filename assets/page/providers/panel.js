/** The panel of providers and costs: how each stands, what its models ask for, and what the month has cost. */

import { openDialog } from "../composer/dialog.js";
import { Problem, get } from "../studio/api.js";
import { element } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { library } from "../studio/library.js";
import { providers } from "../studio/providers.js";
import { Month } from "./month.js";
import { card } from "./standing.js";

/** While somebody looks. */
const POLL_MS = 4000;

class ProvidersElement extends HTMLElement {
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const open = (/** @type {boolean} */ costs) => document.querySelector("ig-standing") === null && openPanel(costs);
    document.addEventListener("ig:providers", (event) => void open(/** @type {CustomEvent} */ (event).detail?.costs === true), { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }
}

/** @param {boolean} costs whether the costs are what is wanted */
function openPanel(costs) {
  const panel = /** @type {Standing} */ (document.createElement("ig-standing"));
  openDialog({ title: t("providers.title"), look: "providers", content: [panel] });
  panel.show(costs ? "costs" : "providers");
}

const TABS = /** @type {const} */ (["providers", "costs"]);

class Standing extends HTMLElement {
  #tabs = TABS.map((name) => element("button", { type: "button", role: "tab", id: `ig-tab-${name}`, "aria-controls": `ig-panel-${name}`, onclick: () => this.show(name) }, t(`providers.${name}`)));
  #list = element("div", { class: "cards" });
  #month = new Month();
  #panels = [this.#list, this.#month.node].map((content, index) =>
    element("div", { role: "tabpanel", id: `ig-panel-${TABS[index]}`, "aria-labelledby": `ig-tab-${TABS[index]}`, tabindex: "0" }, content),
  );
  /** @type {Map<string, any>} */
  #keys = new Map();
  #drawn = "";
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const tabs = element("div", { role: "tablist", "aria-label": t("providers.title") }, ...this.#tabs);
    tabs.addEventListener("keydown", (event) => this.#steer(event), { signal });
    this.replaceChildren(tabs, ...this.#panels);
    providers.addEventListener("change", () => this.#draw(), { signal });
    const timer = window.setInterval(() => document.hidden || !library.live || void providers.load(), POLL_MS);
    signal.addEventListener("abort", () => window.clearInterval(timer));
    document.addEventListener("ig:keys-changed", () => void this.#loadKeys(), { signal });
    this.#draw();
    void providers.load();
    void this.#loadKeys();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {"providers" | "costs"} name */
  show(name) {
    for (const [index, one] of TABS.entries()) {
      const shown = one === name;
      this.#tabs[index].setAttribute("aria-selected", String(shown));
      this.#tabs[index].tabIndex = shown ? 0 : -1;
      this.#panels[index].hidden = !shown;
      if (shown) this.#tabs[index].focus({ preventScroll: true });
    }
    if (name === "costs") void this.#month.load();
  }

  /** @param {KeyboardEvent} event */
  #steer(event) {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    this.show(this.#panels[0].hidden ? "providers" : "costs");
  }

  async #loadKeys() {
    try {
      const { keys } = await get("/api/keys");
      this.#keys = new Map(keys.map((key) => [key.provider, key]));
      this.#draw();
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // then nothing is said of keys
    }
  }

  #draw() {
    const drawn = JSON.stringify([providers.list, [...this.#keys.values()]]);
    if (drawn === this.#drawn) return; // what is read or unfolded stays
    this.#drawn = drawn;
    const open = new Set([...this.#list.querySelectorAll("details[open]")].map((one) => one.id));
    const held = this.#list.contains(document.activeElement) ? document.activeElement?.id : "";
    this.#list.replaceChildren(...providers.list.map((provider) => card(provider, this.#keys.get(provider.id) ?? null)));
    for (const details of this.#list.querySelectorAll("details")) details.open = open.has(details.id);
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
  }
}

customElements.define("ig-standing", Standing);
customElements.define("ig-providers", ProvidersElement);
