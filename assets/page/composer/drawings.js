/** Three small drawings for the examples: shapes in flat colours, the same in every theme. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {[string, Record<string, string | number>]} Shape */

/** @type {Record<string, Shape[]>} each on a field of 96 by 96 */
const SHAPES = {
  bottle: [
    ["rect", { width: 96, height: 96, fill: "#e9d8c6" }],
    ["rect", { y: 66, width: 96, height: 30, fill: "#f4e9dc" }],
    ["ellipse", { cx: 50, cy: 75, rx: 33, ry: 9, fill: "#d8bfa6" }],
    ["ellipse", { cx: 48, cy: 70, rx: 31, ry: 9, fill: "#fbf4ea" }],
    ["rect", { x: 38, y: 31, width: 20, height: 39, rx: 6, fill: "#8a4b3a" }],
    ["rect", { x: 43, y: 17, width: 10, height: 15, rx: 3, fill: "#3c2420" }],
    ["rect", { x: 38, y: 44, width: 20, height: 13, fill: "#f1e3d3" }],
    ["circle", { cx: 67, cy: 64, r: 7, fill: "#d9805a" }],
    ["rect", { x: 40, y: 33, width: 3, height: 35, rx: 1.5, fill: "#ffffff", opacity: 0.28 }],
  ],
  ridges: [
    ["rect", { width: 96, height: 96, fill: "#f6c7a4" }],
    ["rect", { width: 96, height: 44, fill: "#f9dcbd" }],
    ["circle", { cx: 63, cy: 37, r: 11, fill: "#fff3d6" }],
    ["path", { d: "M0 52L18 43L36 51L58 40L78 50L96 44V96H0z", fill: "#dd8f83" }],
    ["path", { d: "M0 64L22 54L44 65L66 52L96 63V96H0z", fill: "#a5627a" }],
    ["path", { d: "M0 78L26 66L50 77L74 65L96 75V96H0z", fill: "#5d3f68" }],
    ["path", { d: "M0 88L30 79L60 89L96 82V96H0z", fill: "#2f2747" }],
  ],
  city: [
    ["rect", { width: 96, height: 96, fill: "#3a1650" }],
    ["circle", { cx: 48, cy: 45, r: 28, fill: "#f2b95e" }],
    ["rect", { y: 51, width: 96, height: 2.5, fill: "#3a1650" }],
    ["rect", { y: 58, width: 96, height: 3.5, fill: "#3a1650" }],
    ["path", { d: "M0 96V66H13V54H27V72H35V46H50V62H58V50H71V69H80V58H96V96z", fill: "#8c2f72" }],
    ["path", { d: "M0 96V80H16V70H31V84H44V66H57V80H66V72H82V83H96V96z", fill: "#1a0b2a" }],
    ["path", { d: "M20 75h3v3h-3zM26 75h3v3h-3zM48 71h3v3h-3zM48 78h3v3h-3zM70 77h3v3h-3zM76 77h3v3h-3z", fill: "#f7d98a" }],
  ],
};

/** @param {keyof typeof SHAPES} name */
export function drawing(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 96 96");
  svg.setAttribute("preserveAspectRatio", "xMidYMid slice");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of SHAPES[name]) {
    const shape = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value));
    svg.append(shape);
  }
  return svg;
}
