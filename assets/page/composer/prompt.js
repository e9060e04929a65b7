/** The foot of the prompt: how long it is, and ways to references and to what is not wanted. The text is Gradio's Textbox. */

import { element, fieldError, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { shortcut } from "../studio/shortcuts.js";
import { number } from "../studio/words.js";
import { draft } from "./draft.js";
import { t } from "./language.js";
import { openOptions } from "./options.js";
import { pickReferences } from "./references.js";

/** As the request has it: characters, not UTF-16 units. */
const PROMPT_MAX = 10_000;

class PromptFoot extends HTMLElement {
  #counter = element("span", { class: "counter" });
  #area = /** @type {HTMLTextAreaElement} */ (document.querySelector("#prompt textarea"));
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const tool = (/** @type {"picture" | "exclude"} */ name, /** @type {string} */ label, /** @type {(event: Event) => void} */ onclick) =>
      element("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick }, icon(name));
    const add = tool("picture", t("composer.addImages"), pickReferences);
    const exclude = tool("exclude", t("composer.addNegative"), (event) => openOptions("negative-prompt", /** @type {HTMLElement} */ (event.currentTarget)));
    this.replaceChildren(element("div", { class: "tools" }, add, exclude), this.#counter);
    this.#translate();
    this.#area.dir = "auto";
    const own = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail === "prompt";
    draft.addEventListener("change", (event) => own(event) && this.#show(), { signal });
    this.#area.addEventListener(
      "input",
      () => {
        if (this.#area.value !== draft.fields.prompt) draft.set("prompt", this.#area.value);
        fieldError("prompt", "");
      },
      { signal },
    );
    const forget = shortcut({ keys: "p", label: t("composer.toPrompt"), group: t("composer.anywhere"), run: () => this.#area.focus() });
    signal.addEventListener("abort", forget);
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    const { prompt } = draft.fields;
    if (this.#area.value !== prompt) {
      this.#area.value = prompt;
      this.#area.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the value it is told of
    }
    const length = [...prompt].length;
    say(this.#counter, `${number(length)} / ${number(PROMPT_MAX)}`);
    this.#counter.classList.toggle("over", length > PROMPT_MAX);
  }

  /** Gradio draws its form in English. */
  #translate() {
    this.#area.placeholder = t("composer.promptExample");
    const label = document.querySelector("#prompt [data-testid='block-info']");
    if (label !== null) say(label, t("composer.prompt"));
  }
}

customElements.define("ig-prompt-foot", PromptFoot);
