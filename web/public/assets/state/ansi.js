// Terminal output to styled text: SGR colours and attributes (ECMA-48 §8.3.117) are kept, every other
// control sequence is dropped. Pure; the parser remembers a style or a sequence cut by a chunk's end.

/** @returns {TextStyle} */
function plain() {
  return {
    fg: null,
    bg: null,
    bold: false,
    dim: false,
    italic: false,
    underline: false,
    inverse: false,
  };
}

const ESC = "\u001b";
/** Longest unfinished escape sequence that is waited for, in characters. */
const PENDING_LIMIT = 256;

export class AnsiParser {
  #style = plain();
  #pending = "";

  /**
   * @param {string} chunk
   * @returns {TextSpan[]}
   */
  parse(chunk) {
    const text = this.#pending + chunk;
    this.#pending = "";
    /** @type {TextSpan[]} */
    const spans = [];
    let at = 0;
    while (at < text.length) {
      const start = text.indexOf(ESC, at);
      if (start < 0) {
        this.#push(spans, text.slice(at));
        break;
      }
      this.#push(spans, text.slice(at, start));
      const end = this.#escape(text, start);
      if (end < 0) {
        const rest = text.slice(start);
        if (rest.length <= PENDING_LIMIT) this.#pending = rest;
        break;
      }
      at = end;
    }
    return spans;
  }

  /** @param {TextSpan[]} spans @param {string} text */
  #push(spans, text) {
    if (!text) return;
    const style = this.#style;
    const styled =
      style.fg ||
      style.bg ||
      style.bold ||
      style.dim ||
      style.italic ||
      style.underline ||
      style.inverse;
    spans.push({ text, style: styled ? { ...style } : null });
  }

  /**
   * Handles the sequence at `start`; returns the index after it, or -1 when it is not complete.
   * @param {string} text
   * @param {number} start
   */
  #escape(text, start) {
    const kind = text[start + 1];
    if (kind === undefined) return -1;
    if (kind === "[") {
      let end = start + 2;
      while (end < text.length && !/[\u0040-\u007e]/.test(text[end])) end += 1;
      if (end >= text.length) return -1;
      if (text[end] === "m") this.#sgr(text.slice(start + 2, end));
      return end + 1;
    }
    if (kind === "]") {
      // OSC (titles, links): ends with BEL or ESC \.
      for (let end = start + 2; end < text.length; end += 1) {
        if (text[end] === "\u0007") return end + 1;
        if (text[end] === ESC && text[end + 1] === "\\") return end + 2;
      }
      return -1;
    }
    return start + 2;
  }

  /** @param {string} parameters */
  #sgr(parameters) {
    const codes = parameters.split(/[;:]/).map((part) => (part === "" ? 0 : Number(part)));
    for (let i = 0; i < codes.length; i += 1) {
      const code = codes[i];
      if (code === 38 || code === 48) {
        const { color, used } = extendedColor(codes, i + 1);
        if (code === 38) this.#style.fg = color;
        else this.#style.bg = color;
        i += used;
      } else {
        this.#attribute(code);
      }
    }
  }

  /** @param {number} code */
  #attribute(code) {
    const style = this.#style;
    if (code === 0) this.#style = plain();
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = true;
    else if (code === 7) style.inverse = true;
    else if (code === 22) {
      style.bold = false;
      style.dim = false;
    } else if (code === 23) style.italic = false;
    else if (code === 24) style.underline = false;
    else if (code === 27) style.inverse = false;
    else if (code >= 30 && code <= 37) style.fg = String(code - 30);
    else if (code === 39) style.fg = null;
    else if (code >= 40 && code <= 47) style.bg = String(code - 40);
    else if (code === 49) style.bg = null;
    else if (code >= 90 && code <= 97) style.fg = String(code - 82);
    else if (code >= 100 && code <= 107) style.bg = String(code - 92);
  }
}

/**
 * `5;n` and `2;r;g;b` after 38 or 48. The first 16 colours are names of the theme, the rest CSS.
 * @param {number[]} codes
 * @param {number} at
 * @returns {{ color: string | null, used: number }}
 */
function extendedColor(codes, at) {
  if (codes[at] === 5) {
    const index = codes[at + 1] ?? 0;
    return { color: paletteColor(index), used: 2 };
  }
  if (codes[at] === 2) {
    const [red, green, blue] = [codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0];
    return { color: `rgb(${red} ${green} ${blue})`, used: 4 };
  }
  return { color: null, used: 0 };
}

/** @param {number} index  0…255 */
function paletteColor(index) {
  if (index < 16) return String(index);
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const cube = index - 16;
  const level = (/** @type {number} */ value) => (value === 0 ? 0 : 55 + value * 40);
  const red = level(Math.floor(cube / 36));
  const green = level(Math.floor(cube / 6) % 6);
  return `rgb(${red} ${green} ${level(cube % 6)})`;
}
