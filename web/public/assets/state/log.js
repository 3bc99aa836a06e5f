// Output chunks to lines: two streams in one log, each with its own terminal state. Pure.

import { AnsiParser } from "./ansi.js";

/**
 * @typedef {{ stream: "stdout" | "stderr", spans: TextSpan[], open: boolean,
 *   restart?: boolean }} LogLine */

/** A line longer than this is broken, so that one endless line cannot freeze a page. */
const LINE_LIMIT_CHARS = 4096;

export class LogLines {
  #parsers = { stdout: new AnsiParser(), stderr: new AnsiParser() };
  /** @type {LogLine | null} */
  #open = null;

  /**
   * Adds a chunk. `changed` is the unfinished last line if the chunk went on with it (its spans
   * were replaced), `added` are the lines after it.
   * @param {OutputChunk} chunk
   * @returns {{ changed: LogLine | null, added: LogLine[] }}
   */
  append(chunk) {
    /** @type {LogLine[]} */
    const added = [];
    /** @type {LogLine | null} */
    let changed = null;
    let line = this.#open;
    if (line && line.stream !== chunk.stream) {
      line.open = false;
      line = null;
    }
    for (const span of this.#parsers[chunk.stream].parse(chunk.text)) {
      for (const piece of pieces(span.text)) {
        if (piece === "\n") {
          if (line) line.open = false;
          else added.push({ stream: chunk.stream, spans: [], open: false });
          line = null;
          continue;
        }
        if (piece === "\r") {
          // The line starts again with what follows, as progress bars expect.
          if (line) line.restart = true;
          continue;
        }
        if (line && !line.restart && length(line) > LINE_LIMIT_CHARS) {
          line.open = false;
          line = null;
        }
        if (!line) {
          line = { stream: chunk.stream, spans: [], open: true };
          added.push(line);
        } else if (line === this.#open) {
          changed = line;
        }
        const before = line.restart ? [] : line.spans;
        line.restart = false;
        line.spans = [...before, { text: piece, style: span.style }];
      }
    }
    this.#open = line;
    return { changed, added };
  }
}

/** @param {string} text */
function pieces(text) {
  return text
    .replaceAll("\r\n", "\n")
    .split(/(\n|\r)/)
    .filter(Boolean);
}

/** @param {LogLine} line */
function length(line) {
  return line.spans.reduce((sum, span) => sum + span.text.length, 0);
}
