/**
 * The one server-sent-event stream of this browser.
 *
 * HTTP/1.1 allows six connections to a host, so a stream for each tab would hang the seventh. The tab that holds a
 * Web Lock reads the stream and passes each event on over a BroadcastChannel; when it closes, the next tab takes over
 * where it stopped. Without locks (plain http outside loopback) each visible tab has a stream of its own.
 */

const PATH = "/api/events";
const NAME = "imagegen.events";
const KINDS = ["job", "task", "image"];
const REOPEN_MS = 1000;

/**
 * @typedef {{id: number, kind: string, job_id: string, task_index: number | null, status: string,
 *   step: string | null, image_id: string | null, at: string}} LogEvent
 * @typedef {{event: (event: LogEvent) => void, live: (live: boolean) => void, reset: () => void}} Listener
 */

export class EventStream {
  /** @type {number | null} id of the last event seen; null until there was one */
  #seq = null;
  #live = false;
  #leads = false;
  #opened = false;
  /** @type {EventSource | null} */
  #source = null;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  #reopening = 0;

  /** @param {Listener} listener `reset` means: events were missed, build the state anew */
  constructor(listener) {
    this.listener = listener;
  }

  start() {
    if (navigator.locks && "BroadcastChannel" in window) this.#share();
    else this.#alone();
    window.addEventListener("pageshow", (event) => event.persisted && this.listener.reset());
  }

  #share() {
    this.#channel = new BroadcastChannel(NAME);
    this.#channel.onmessage = ({ data }) => (this.#leads ? this.#answer(data) : this.#hear(data));
    navigator.locks.request(NAME, () => {
      this.#leads = true;
      this.#tell({ kind: "live", live: false, seq: this.#seq });
      this.#setLive(false);
      this.#open();
      return new Promise(() => {}); // held until the tab is gone
    });
    this.#tell({ kind: "hello" });
  }

  #alone() {
    const follow = () => (document.hidden ? this.#close() : this.#open());
    document.addEventListener("visibilitychange", follow);
    follow();
  }

  #answer(message) {
    if (message.kind === "hello") this.#tell({ kind: "live", live: this.#live, seq: this.#seq });
  }

  #hear(message) {
    if (message.kind === "live") {
      this.#seq ??= message.seq;
      this.#setLive(message.live);
    } else if (message.kind === "reset") {
      this.#seq = message.seq;
      this.listener.reset();
    } else if (message.kind === "event") {
      const missed = this.#seq !== null && message.previous !== null && message.previous > this.#seq;
      this.#take(message.event);
      if (missed) this.listener.reset();
    }
  }

  #open() {
    this.#close();
    const known = this.#seq;
    const again = this.#opened;
    this.#opened = true;
    const source = new EventSource(known === null ? PATH : `${PATH}?last_event_id=${known}`);
    this.#source = source;
    let dropped = again;
    source.onopen = () => {
      const mayHaveMissed = dropped && this.#seq === null; // nothing to resume from
      dropped = true;
      this.#setLive(true);
      if (mayHaveMissed) this.#reset(null);
    };
    source.onerror = () => {
      this.#setLive(false);
      if (source.readyState !== EventSource.CLOSED) return; // it reconnects by itself, with Last-Event-ID
      this.#close();
      this.#reopening = window.setTimeout(() => this.#open(), REOPEN_MS);
    };
    for (const kind of KINDS) source.addEventListener(kind, (message) => this.#receive(message));
    source.addEventListener("reset", (message) => this.#reset(Number(message.lastEventId) || null));
  }

  #close() {
    window.clearTimeout(this.#reopening);
    this.#source?.close();
    this.#source = null;
    this.#setLive(false);
  }

  #receive(message) {
    const event = { ...JSON.parse(message.data), id: Number(message.lastEventId) };
    const previous = this.#seq;
    if (!this.#take(event)) return;
    this.#tell({ kind: "event", event, previous });
  }

  /** @returns {boolean} whether the event is new */
  #take(event) {
    if (this.#seq !== null && event.id <= this.#seq) return false;
    this.#seq = event.id;
    this.listener.event(event);
    return true;
  }

  #reset(seq) {
    this.#seq = seq;
    this.#tell({ kind: "reset", seq });
    this.listener.reset();
  }

  #setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    if (this.#leads) this.#tell({ kind: "live", live, seq: this.#seq });
    this.listener.live(live);
  }

  #tell(message) {
    this.#channel?.postMessage(message);
  }
}
