/** What today has cost against its cap: asked after submits and when jobs end, while somebody looks. */

import { Problem, get } from "./api.js";
import { element, say } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { library } from "./library.js";
import { standing } from "./light.js";
import { providers } from "./providers.js";
import { shortcut } from "./shortcuts.js";
import { money } from "./words.js";

/** From this part of the cap on it warns. */
const NEAR = 0.8;
const SETTLE_MS = 500;
/** The worst first. */
const STATES = /** @type {const} */ (["refused", "down", "limited", "ready"]);

/** In the header: the worst light of all providers and, where any of them is paid, today's spend. A press tells more. */
class Today extends HTMLElement {
  #light = element("span", { class: "light" });
  #usd = element("strong");
  #fill = element("i");
  #bar = element("span", { class: "bar" }, this.#fill);
  #cap = element("span");
  #spend = element("span", { class: "spend", hidden: true }, element("span", { class: "word" }, t("providers.today")), this.#usd, this.#bar, this.#cap);
  #button = element("button", { type: "button", class: "tool", "aria-haspopup": "dialog", onclick: () => this.#open(!this.#spend.hidden) }, icon("pulse"), this.#light, this.#spend);
  /** @type {{usd: number, cap_usd: number | null} | null} */
  #today = null;
  #timer = 0;
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.replaceChildren(this.#button);
    library.addEventListener("live", () => library.live && this.#soon(), { signal });
    library.addEventListener("event", (event) => /** @type {CustomEvent} */ (event).detail.kind !== "image" && this.#soon(), { signal });
    document.addEventListener("visibilitychange", () => this.#soon(), { signal });
    providers.addEventListener("change", () => this.#show(), { signal });
    const forget = shortcut({ keys: "o", label: t("providers.shortcut"), group: t("composer.anywhere"), run: () => this.#open(false) });
    signal.addEventListener("abort", forget);
    if (library.live) this.#soon();
    this.#show();
  }

  disconnectedCallback() {
    window.clearTimeout(this.#timer);
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {boolean} costs whether they are what is wanted */
  #open(costs) {
    document.dispatchEvent(new CustomEvent("ig:providers", { detail: { costs } }));
  }

  /** Many events at once are one question. */
  #soon() {
    if (document.hidden) return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), SETTLE_MS);
  }

  async #ask() {
    try {
      this.#today = await get("/api/costs/today");
      this.#show();
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // asked again at the next event
    }
  }

  #show() {
    const worst = STATES.find((status) => providers.list.some((one) => one.status === status)) ?? "ready";
    this.#light.dataset.status = worst;
    const shown = this.#today !== null && providers.list.some(({ paid }) => paid);
    this.#spend.hidden = !shown;
    this.#button.toggleAttribute("data-spend", shown);
    const { usd, cap_usd: cap } = this.#today ?? { usd: 0, cap_usd: null };
    const part = cap === null ? 0 : cap > 0 ? Math.min(1, usd / cap) : 1;
    say(this.#usd, money(usd));
    this.#bar.hidden = this.#cap.hidden = cap === null;
    this.#fill.style.width = `${part * 100}%`;
    say(this.#cap, cap === null ? "" : t("providers.ofCap", { cap: money(cap) }));
    this.toggleAttribute("data-near", cap !== null && part >= NEAR);
    const told = cap === null ? t("providers.spentToday", { usd: money(usd) }) : t("providers.spentOfCap", { usd: money(usd), cap: money(cap) });
    const warned = part >= 1 && cap !== null ? t("providers.capReached") : part >= NEAR ? t("providers.capNear") : "";
    const state = worst === "ready" ? "" : providers.list.filter(({ status }) => status === worst).map(({ title }) => `${title}: ${standing(worst)}`).join(", ");
    const label = [t("providers.title"), shown && told, shown && warned, state].filter(Boolean).join(". ");
    this.#button.setAttribute("aria-label", label);
    this.#button.title = label;
  }
}

customElements.define("ig-today", Today);
