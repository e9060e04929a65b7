/** Keeps where one is in the gallery for the next load of the page, and goes back there. */

import { library } from "../studio/library.js";
import { keepPlace, keptPlace } from "../studio/place.js";

/** Less than that from the top is the top, in CSS pixels. */
const AT_TOP = 40;

export class Place {
  /** Where to return to, until one is there. */
  #wanted = keptPlace;

  /** @param {import("./wall.js").Wall} wall */
  constructor(wall) {
    this.wall = wall;
  }

  /** Remember the picture at the top. */
  keep() {
    if (this.#wanted !== null) return; // that is where one still is
    const { scrollTop } = this.wall.pane;
    if (scrollTop < AT_TOP) return keepPlace(null);
    for (const { section, index, y, height } of this.wall.spots()) {
      const { image } = section.tiles[index];
      if (image !== null && y + height > scrollTop + AT_TOP) return keepPlace({ image: image.id, offset: y - scrollTop });
    }
  }

  /** Go back once the pictures are there and the wall has its measures; to the next older one where that one is gone. */
  return() {
    const { pane, list } = this.wall;
    if (this.#wanted === null || !library.loaded || list.clientWidth === 0) return;
    const { image, offset } = this.#wanted;
    this.#wanted = null;
    const { pictures, sections } = library.timeline;
    const id = pictures.includes(image) ? image : pictures.find((one) => one < image);
    const tile = sections.flatMap(({ tiles }) => tiles).find((one) => one.image !== null && one.image.id === id);
    const spot = tile && this.wall.spotOf(tile.key);
    if (!spot) return;
    pane.scrollTop = spot.y - offset;
    this.wall.scroll();
  }
}
