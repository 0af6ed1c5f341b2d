import { Presets, SingleBar } from "cli-progress";
import { formatSeconds } from "./format.js";
import type { OutputStream } from "./io.js";

/** Shows how far a command is. */
export interface Progress {
  /**
   * @param fraction part of the work that is done, 0..1; undefined where the end is not known
   * @param note what is being done, shown behind it
   */
  update(fraction: number | undefined, note: string): void;
  /** Takes the bar away, so that what follows is printed on a clean line. */
  stop(): void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** Milliseconds between two plain lines. */
const lineInterval = 2000;

const percentOf = (fraction: number): number => Math.floor(100 * Math.min(1, Math.max(0, fraction)));

/** A bar on a terminal, a line every other second elsewhere, nothing when silenced. */
export function startProgress(title: string, stream: OutputStream, quiet: boolean): Progress {
  if (quiet) return silent;
  return stream.isTTY === true ? progressBar(title, stream) : progressLines(title, stream);
}

function progressBar(title: string, stream: OutputStream): Progress {
  let fraction: number | undefined;
  let note = "";
  const size = 24;
  const bar = new SingleBar(
    {
      stream,
      format: () => {
        if (fraction === undefined) return `${title} ${note}`;
        const filled = Math.round((size * percentOf(fraction)) / 100);
        return `${title} ${"\u2588".repeat(filled)}${"\u2591".repeat(size - filled)} ${percentOf(fraction)}% ${note}`;
      },
      hideCursor: true,
      clearOnComplete: true,
      fps: 10,
      // Ctrl-C goes through the abort signal, whose handling ends in stop(), which shows the cursor.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(1000, 0);
  let running = true;
  return {
    update: (at, what) => {
      fraction = at;
      note = what;
      // Never the total itself, at which the bar would end by itself.
      if (running) bar.update(at === undefined ? 0 : Math.min(999, 10 * percentOf(at)));
    },
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}

function progressLines(title: string, stream: OutputStream): Progress {
  const started = Date.now();
  let last = started;
  return {
    update: (fraction, note) => {
      const now = Date.now();
      if (now - last < lineInterval) return;
      last = now;
      const parts = [
        ...(fraction === undefined ? [] : [`${percentOf(fraction)}%`]),
        ...(note === "" ? [] : [note]),
        `${formatSeconds((now - started) / 1000)} so far`,
      ];
      stream.write(`${title}: ${parts.join(", ")}\n`);
    },
    stop: () => undefined,
  };
}
