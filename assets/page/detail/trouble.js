/** What stands in the picture's place where it cannot be shown. */

import { element } from "../studio/dom.js";
import { icon } from "../studio/icons.js";

export class Trouble extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "alert");
    this.hidden = true;
  }

  /** @param {string} title @param {string} more @param {string} label of the one way out @param {() => void} run */
  tell(title, more, label, run) {
    const button = element("button", { type: "button", class: "plain", onclick: run }, label);
    this.replaceChildren(icon("alert"), element("strong", {}, title), element("span", {}, more), button);
    this.hidden = false;
  }
}

customElements.define("ig-trouble", Trouble);
