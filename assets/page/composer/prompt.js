/** The foot of the prompt: how long it is, and a way to add references. The text itself is Gradio's Textbox. */

import { fieldError, element, say } from "../studio/dom.js";
import { draft } from "./draft.js";
import { icon } from "../studio/icons.js";
import { pickReferences } from "./references.js";
import { number } from "../studio/words.js";

/** As the request has it: characters, not UTF-16 units. */
const PROMPT_MAX = 10_000;

class PromptFoot extends HTMLElement {
  #counter = element("span", { class: "counter" });

  connectedCallback() {
    const add = element("button", { type: "button", class: "tool", "aria-label": "Add reference images", title: "Add reference images", onclick: pickReferences }, icon("picture"));
    this.replaceChildren(add, this.#counter);
    const area = /** @type {HTMLTextAreaElement} */ (document.querySelector("#prompt textarea"));
    if (draft.fields.prompt !== "") {
      area.value = draft.fields.prompt;
      area.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the value it is told of
    }
    area.addEventListener("input", () => {
      draft.set("prompt", area.value);
      fieldError("prompt", "");
      this.#count();
    });
    this.#count();
  }

  #count() {
    const length = [...draft.fields.prompt].length;
    say(this.#counter, `${number(length)} / ${number(PROMPT_MAX)}`);
    this.#counter.classList.toggle("over", length > PROMPT_MAX);
  }
}

customElements.define("ig-prompt-foot", PromptFoot);
