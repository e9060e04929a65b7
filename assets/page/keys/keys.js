/** The dialog in which a provider gets its key. The key goes to the server and is never held or shown here. */

import { openDialog } from "../composer/dialog.js";
import { Problem, call, get } from "../studio/api.js";
import { element, say } from "../studio/dom.js";
import { speak, t } from "../studio/i18n.js";
import { providers } from "../studio/providers.js";
import * as words from "../words/keys.js";

speak("keys", words);

/** @typedef {{provider: string, title: string, setting: string, source: "environment" | "page" | null}} KeyState */

/** Where a vendor gives keys. @type {Record<string, string>} */
const WHERE = { gemini: "keys.whereGemini", openai: "keys.whereOpenai" };

/** One provider: a field while it has no key, else where its key is from. */
class KeyRow extends HTMLElement {
  #input = /** @type {HTMLInputElement} */ (
    element("input", { type: "password", autocomplete: "off", spellcheck: "false", maxlength: 500, required: true })
  );
  #save = element("button", { type: "submit", class: "primary" });
  #told = element("p", { class: "told", role: "status" });

  /** @param {KeyState} state */
  show(state) {
    this.dataset.provider = state.provider;
    this.#input.setAttribute("aria-label", t("keys.label", { title: state.title }));
    this.#input.placeholder = t("keys.paste");
    say(this.#save, t("keys.save"));
    const heading = element("h3", {}, state.title);
    if (state.source === null) this.replaceChildren(heading, this.#form(state), ...this.#hint(state), this.#told);
    else if (state.source === "environment") {
      this.replaceChildren(heading, element("p", {}, t("keys.fixed", { setting: state.setting })), this.#told);
    } else {
      const remove = element("button", { type: "button", class: "plain", onclick: () => void this.#remove(state) }, t("keys.remove"));
      this.replaceChildren(heading, element("div", { class: "line" }, element("p", {}, t("keys.kept")), remove), this.#told);
    }
  }

  #form(state) {
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#give(state);
    };
    return element("form", { class: "line", onsubmit }, this.#input, this.#save);
  }

  #hint(state) {
    const where = WHERE[state.provider];
    return where === undefined ? [] : [element("p", { class: "hint" }, t(where))];
  }

  /** @param {KeyState} state */
  async #give(state) {
    const key = this.#input.value;
    this.#tell(t("keys.testing"), false);
    this.#save.setAttribute("disabled", "");
    try {
      const given = await call("PUT", `/api/keys/${state.provider}`, { json: { key } });
      this.#input.value = "";
      this.show(given);
      this.#tell(t("keys.saved", { title: state.title }), false);
      document.dispatchEvent(new CustomEvent("ig:keys-changed"));
      await providers.load();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#tell(error.errors[0]?.message.replace(/^key: /, "") ?? error.message, true);
      this.#input.focus();
    } finally {
      this.#save.removeAttribute("disabled");
    }
  }

  /** @param {KeyState} state */
  async #remove(state) {
    try {
      this.show(await call("DELETE", `/api/keys/${state.provider}`));
      this.#tell(t("keys.removed", { title: state.title }), false);
      document.dispatchEvent(new CustomEvent("ig:keys-changed"));
      await providers.load();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#tell(error.message, true);
    }
  }

  /** @param {string} text @param {boolean} wrong */
  #tell(text, wrong) {
    say(this.#told, text);
    this.#told.classList.toggle("wrong", wrong);
    if (wrong) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
  }
}

/** Opens the dialog when the page asks for it with `ig:keys`. */
class Keys extends HTMLElement {
  #clean = new AbortController();

  connectedCallback() {
    document.addEventListener("ig:keys", () => void this.#open(), { signal: this.#clean.signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  async #open() {
    const list = element("div", { class: "rows" });
    const dialog = openDialog({ title: t("keys.title"), look: "keys", content: [element("p", { class: "why" }, t("keys.why")), list] });
    try {
      const { keys } = await get("/api/keys");
      list.append(...keys.map(rowFor));
      if (keys.length === 0) list.append(element("p", {}, t("keys.none")));
      dialog.querySelector("input")?.focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      list.append(element("p", { class: "told wrong", role: "alert" }, error.message));
    }
  }
}

/** @param {KeyState} state */
function rowFor(state) {
  const row = /** @type {KeyRow} */ (document.createElement("ig-key"));
  row.show(state);
  return row;
}

customElements.define("ig-key", KeyRow);
customElements.define("ig-keys", Keys);
