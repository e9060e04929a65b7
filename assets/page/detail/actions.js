/** What can be done with the open picture. Each is a button with a key of its own. */

import { Problem, call } from "../studio/api.js";
import { element, say } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { toast } from "../studio/toast.js";
import { price } from "../studio/words.js";
import { Forbidden, copyPicture } from "./clipboard.js";
import "./cutout.js";
import { isCutout } from "./record.js";
import { quoteOf, submit, variationOf } from "./variation.js";

const SAID_MS = 4000;

/** Tells `away` when the picture was left for the composer, `leaving` while it goes to the trash, then `deleted`. */
export class Actions extends HTMLElement {
  /** @type {import("./record.js").Look | null} */
  #look = null;
  #said = element("p", { class: "status", role: "status" });
  #silence = 0;
  #price = element("small");
  #cutout = /** @type {any} */ (document.createElement("ig-cutout"));
  #buttons = {
    remix: button("remix", "shuffle", t("shared.remix"), "R"),
    variation: button("variation", "spark", t("detail.variation"), "V", this.#price),
    download: button("download", "download", t("shared.download"), "D"),
    reference: button("reference", "picture", t("shared.useAsReference"), "U"),
    copy: button("copy", "copy", t("detail.copyPicture"), "C"),
    delete: button("delete", "trash", t("shared.delete"), "Del"),
  };

  connectedCallback() {
    const { remix, variation, download, reference, copy, delete: remove } = this.#buttons;
    this.replaceChildren(remix, variation, download, this.#cutout, reference, copy, remove, this.#said);
    this.onclick = (event) => {
      const act = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.act;
      if (act !== undefined) void this.#act(act);
    };
  }

  /** Press the button of that name, if it can be pressed. @param {string} act */
  press(act) {
    /** @type {HTMLElement | null} */ (this.querySelector(`button[data-act="${act}"]`))?.click();
  }

  /** Before the record is here only what needs no record can be done. @param {any} image @param {import("./record.js").Look | null} look */
  show(image, look) {
    const other = this.#look?.image.id !== look?.image.id;
    this.#look = look;
    this.#cutout.show(image, isCutout(image), look?.image.notice ?? look?.cutout?.notice ?? null);
    for (const one of Object.values(this.#buttons)) allow(one, look !== null);
    if (look !== null && look.made === null) {
      allow(this.#buttons.remix, false, t("detail.noRequest"));
      allow(this.#buttons.variation, false, t("detail.noRequest"));
    }
    if (other) {
      this.#say("");
      say(this.#price, "");
      if (look !== null && look.made !== null) void this.#quote(look);
    }
  }

  async #quote(look) {
    try {
      const quote = await quoteOf(variationOf(look));
      if (look !== this.#look) return;
      const text = price(quote.usd, quote.known);
      say(this.#price, text);
      this.#buttons.variation.title = t("detail.variationFor", { price: text });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (look === this.#look && !error.unanswered) allow(this.#buttons.variation, false, error.message);
    }
  }

  /** @param {string} act */
  async #act(act) {
    const look = this.#look;
    const pressed = this.#buttons[act];
    if (look === null || pressed === undefined || pressed.ariaDisabled === "true") return;
    const { id } = look.image;
    allow(pressed, false);
    try {
      if (act === "remix") this.#leaveWith("ig:remix", { request: look.made.request });
      else if (act === "reference") this.#leaveWith("ig:use-reference", { imageId: id });
      else if (act === "download") download(id);
      else if (act === "copy") await this.#copy(look.image.url);
      else if (act === "variation") await this.#vary(look);
      else if (act === "delete") await this.#delete(id);
    } catch (error) {
      if (error instanceof Forbidden) this.#say(t("detail.copyForbidden"));
      else if (error instanceof Problem) this.#say(error.message);
      else throw error;
    } finally {
      allow(pressed, true, pressed.title);
    }
  }

  #leaveWith(name, detail) {
    this.dispatchEvent(new CustomEvent("away"));
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }

  async #copy(url) {
    await copyPicture(url);
    this.#say(t("shared.copied"));
  }

  async #vary(look) {
    await submit(variationOf(look));
    this.#say(t("detail.variationQueued"));
  }

  async #delete(id) {
    this.dispatchEvent(new CustomEvent("leaving", { detail: true })); // its event may be here before the answer
    try {
      await call("DELETE", `/api/images/${id}`);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("leaving", { detail: false }));
      throw error;
    }
    this.dispatchEvent(new CustomEvent("deleted"));
    library.forget(id);
    const restore = async () => {
      try {
        await call("POST", `/api/images/${id}/restore`);
        await library.describe(id);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        toast(error.message);
      }
    };
    toast(t("detail.deleted"), { label: t("shared.undo"), run: () => void restore() });
  }

  #say(text) {
    window.clearTimeout(this.#silence);
    say(this.#said, text);
    if (text !== "") this.#silence = window.setTimeout(() => say(this.#said, ""), SAID_MS);
  }
}

function button(act, shape, label, key, more = null) {
  const hint = element("kbd", { "aria-hidden": "true" }, key);
  return element("button", { type: "button", "data-act": act, "aria-keyshortcuts": key === "Del" ? "Delete" : key }, icon(shape), element("span", {}, label), more, hint);
}

/** Not `disabled`, which would drop the focus and hide the reason. */
function allow(one, on, reason = "") {
  one.ariaDisabled = on ? null : "true";
  one.title = reason;
}

/** The server names the file. @param {string} id */
function download(id) {
  const link = /** @type {HTMLAnchorElement} */ (element("a", { href: `/api/images/${id}/download`, download: "" }));
  document.body.append(link);
  link.click();
  link.remove();
}

customElements.define("ig-actions", Actions);
