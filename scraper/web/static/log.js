// Printed lines as a terminal shows them: colours and weights as classes, everything else a terminal would obey left out.

import { h } from "./text.js";

// A colour or weight (m), or any other thing that a terminal is told.
const TOLD = /\x1b\[([0-9;:?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[^[\]]?/g;
const LEVELS = [0, 95, 135, 175, 215, 255]; // of red, green and blue in the 256-colour table

// The colour that the numbers behind a 38 say, and how many of them that takes: 5;n of the table, 2;r;g;b.
function extended(codes) {
  if (codes[0] === 2) return [`rgb(${codes.slice(1, 4).map((one) => one & 255).join(" ")})`, 4];
  const n = codes[1] & 255;
  if (n < 16) return [n, 2];
  const grey = 8 + (n - 232) * 10;
  const parts = n >= 232 ? [grey, grey, grey] : [36, 6, 1].map((size) => LEVELS[Math.floor((n - 16) / size) % 6]);
  return [`rgb(${parts.join(" ")})`, 2];
}

// The style after the numbers of an escape sequence: a colour (0 to 15 of the terminal's own, or an rgb()) and weights.
function styled(style, numbers) {
  const codes = numbers.split(/[;:]/).map(Number);
  let found = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i];
    if (code === 0) found = {};
    else if (code === 1) found = { ...found, bold: true };
    else if (code === 2) found = { ...found, dim: true };
    else if (code === 22) found = { ...found, bold: false, dim: false };
    else if (code === 39) found = { ...found, colour: undefined };
    else if (code >= 30 && code <= 37) found = { ...found, colour: code - 30 };
    else if (code >= 90 && code <= 97) found = { ...found, colour: code - 82 };
    else if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes.slice(i + 1));
      if (code === 38) found = { ...found, colour };
      i += taken;
    }
  }
  return found;
}

function piece(text, { colour, bold, dim }) {
  if (colour === undefined && !bold && !dim) return text;
  const span = h("span", { className: [typeof colour === "number" ? `ansi${colour}` : "", bold ? "bold" : "", dim ? "dim" : ""].join(" ").trim() }, text);
  if (typeof colour === "string") span.style.color = colour;
  return span;
}

// What is left of a line after its redraws.
const redrawn = (line) => line.replace(/\r+$/, "").split("\r").pop();

// The element of one printed line.
export function printed(line, className = "") {
  const text = redrawn(line);
  const parts = [];
  let style = {};
  let from = 0;
  for (const match of text.matchAll(TOLD)) {
    if (match.index > from) parts.push(piece(text.slice(from, match.index), style));
    if (match[2] === "m") style = styled(style, match[1]);
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(piece(text.slice(from), style));
  return h("div", { className: `line ${className}` }, ...(parts.length ? parts : ["\u00a0"]));
}
