import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { showProgress } from "./progress.ts";
import { recordingTerminal } from "./testing/runs.ts";

describe("progress where nothing can be drawn over", () => {
  it("is a line every five seconds at most, with time, label, metrics and their rate", async () => {
    const { terminal, err, out } = recordingTerminal(".");
    let seconds = 0;
    const { show, stop } = await showProgress(terminal, "lines", () => seconds);
    for (; seconds <= 20; seconds += 0.5) {
      show({ type: "metric", name: "loss", step: seconds * 100, value: 1 / (1 + seconds) });
      show({ type: "progress", done: seconds, total: 100, label: "training\u001b[2J" });
    }
    stop();
    expect(out).toEqual([]);
    expect(err).toHaveLength(5);
    expect(err[0]).toBe("  0 %  training[2J  0 s so far  loss 1");
    expect(err[4]).toBe(" 20 %  training[2J  1 min 20 s left  loss 0.0476, 100 steps/s");
    // What a paper says must not move the cursor.
    expect(err.join("")).not.toContain("\u001b");
  });

  it("passes on what is logged at once", async () => {
    const { terminal, err } = recordingTerminal(".");
    const { show } = await showProgress(terminal, "lines", () => 0);
    show({ type: "log", message: "one" });
    show({ type: "log", message: "two" });
    expect(err).toEqual(["one", "two"]);
  });

  it("is one document a line for programs, and nothing when quiet", async () => {
    const { terminal, err } = recordingTerminal(".");
    const event = { type: "metric", name: "loss", step: 1, value: 0.5 } as const;
    (await showProgress(terminal, "events")).show(event);
    (await showProgress(terminal, "none")).show(event);
    expect(err.map((line) => JSON.parse(line))).toEqual([event]);
  });
});

describe("the bar", () => {
  it("never is wider than the screen, and is gone at the end", async () => {
    let drawn = "";
    const stream = Object.assign(
      new Writable({
        write: (chunk, _encoding, done) => {
          drawn += chunk;
          done();
        },
      }),
      {
        isTTY: true,
        columns: 50,
        cursorTo: () => {},
        clearLine: () => {},
        moveCursor: () => {},
        clearScreenDown: () => {},
      },
    );
    const { terminal } = recordingTerminal(".");
    const { show, stop } = await showProgress(
      { ...terminal, errorStream: stream, columns: 50 },
      "bar",
    );
    show({ type: "progress", done: 1, total: 3, label: "x".repeat(200) });
    stop();
    const lines = stripVTControlCharacters(drawn).split(/[\r\n]+/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(50);
  });
});
