/** Line icons on a 24-pixel grid, drawn with the text's colour. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  close: ["M6 6l12 12", "M18 6L6 18"],
  plus: ["M12 5v14", "M5 12h14"],
  clock: ["M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18", "M12 7v5l3 2"],
  alert: ["M12 4L2.8 19.5h18.4z", "M12 10v4.5", "M12 17v.2"],
  retry: ["M4 12a8 8 0 1 0 2.6-5.9L4 8.5", "M4 4v4.5h4.5"],
  sun: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"],
  screen: ["M4 5h16v11H4z", "M9 20h6", "M12 16v4"],
  picture: ["M21 12v7a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 19V5a1.5 1.5 0 0 1 1.5-1.5H12", "M18.5 2.5v6M15.5 5.5h6", "M4 18l5-5 4 4 3-3 5 5", "M8.5 7.5a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4"],
  chevrons: ["M8 9.5l4-4 4 4", "M8 14.5l4 4 4-4"],
  sliders: ["M4 7h9M19 7h1M4 17h1M11 17h9", "M16 4.8v4.4M8 14.8v4.4"],
  layers: ["M12 3.5l9 4.5-9 4.5L3 8z", "M3.5 12.5l8.5 4.2 8.5-4.2", "M3.5 16.7l8.5 4.2 8.5-4.2"],
  spark: ["M12 3l2.2 6.8L21 12l-6.8 2.2L12 21l-2.2-6.8L3 12l6.8-2.2z"],
  code: ["M8.5 7L3.5 12l5 5", "M15.5 7l5 5-5 5"],
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  for (const shape of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}
