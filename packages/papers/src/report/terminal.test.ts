import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { claimStripText, claimsText, figureText, tableText } from "./terminal.ts";
import { claims, figures, resultsTable, settingsTable } from "./testing/fixtures.ts";
import { oddFigures } from "./testing/odd-figures.ts";
import { oneLine, shorten, textColumns, wrapText } from "./text.ts";

const widths = [60, 80, 109, 110, 160];
const colours = /\p{Cc}\[[\d;]*m/gu;
const withoutColours = (text: string) => text.replace(colours, "");
const tables = [resultsTable, settingsTable];

const everything = (width: number, color: boolean): string[] => [
  ...[...figures, ...oddFigures].map((figure) => figureText(figure, { width, color })),
  ...tables.map((table) => tableText(table, { width, color })),
  claimsText(claims, { width, color }),
];

describe("text for a terminal", () => {
  it("is never wider than asked for", () => {
    for (const width of widths) {
      for (const text of everything(width, false)) {
        const longest = Math.max(...text.split("\n").map(textColumns));
        expect(longest, `${width}: ${text.split("\n")[0]}`).toBeLessThanOrEqual(width);
      }
    }
  });

  it("has colours only if asked for, and the same words with and without", () => {
    expect(everything(80, false).join("")).not.toContain("\u001b");
    expect(claimsText(claims, { color: true })).toContain("\u001b[32m✓ holds\u001b[0m");
    for (const width of widths) {
      expect(withoutColours(claimsText(claims, { width, color: true }))).toBe(
        claimsText(claims, { width }),
      );
      for (const table of tables)
        expect(withoutColours(tableText(table, { width, color: true }))).toBe(
          tableText(table, { width }),
        );
    }
  });

  it("lets nobody else's text move the cursor", () => {
    const evil = "a\u001b[2J\u0007b\u009b1mc\nd\u202ee";
    expect(oneLine(evil)).toBe("a[2Jb1mc de");
    const table = { id: evil, title: evil, caption: evil, columns: [evil, "n"], rows: [[evil, 1]] };
    const figure = {
      ...figures[0],
      title: evil,
      caption: evil,
      x: { label: evil },
      y: { label: evil },
      marks: [
        { type: "bars", series: evil, x: [evil, "b"], y: [1, 2] },
        { type: "bars", series: `${evil}2`, x: [evil, "b"], y: [1, 2] },
        { type: "rule", series: evil, y: 1 },
      ],
    } as const;
    const lines = {
      ...figure,
      marks: [{ type: "line", series: evil, x: [evil, "b"], y: [1, 2] }],
    } as const;
    const heat = {
      ...figure,
      marks: [{ type: "heatmap", rows: [evil], columns: [evil], values: [[1]] }],
    } as const;
    const claim = { ...claims[0], statement: evil, paper: evil };
    const texts = [
      tableText(table),
      ...[figure, lines, heat].map((each) => figureText(each)),
      ...[80, 140].map((width) => claimsText([claim], { width })),
    ];
    expect(texts.join("").replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe("a table", () => {
  it("puts words to the left and numbers under each other to the right", () => {
    const table = {
      id: "t",
      title: "Scores",
      columns: ["method", "accuracy", "epochs", "share"],
      rows: [
        ["Adam", 0.9, 12, "87.3 %"],
        ["数据 diet", 0.8713, 120, null],
        ["none", null, 7, "3 %"],
      ],
    };
    expect(tableText(table).split("\n")).toEqual([
      "Scores",
      "method     accuracy  epochs   share",
      "───────────────────────────────────",
      "Adam         0.9000      12  87.3 %",
      "数据 diet    0.8713     120       –",
      "none              –       7     3 %",
    ]);
  });

  it("breaks words where there is no room, and columns where there is none at all", () => {
    const narrow = tableText(settingsTable, { width: 60 }).split("\n");
    expect(narrow.filter((line) => line.includes("12.4 s")).length).toBe(1);
    expect(narrow.join(" ")).toContain("gain");
    const columns = Array.from({ length: 30 }, (_, i) => `column ${i}`);
    const wide = tableText(
      { id: "w", title: "W", columns, rows: [columns.map((_, i) => i * 1111)] },
      { width: 60 },
    );
    expect(wide).toContain("32\u202f219");
    expect(tableText({ id: "e", title: "Empty", columns: [], rows: [] })).toBe("Empty");
  });
});

describe("verdicts", () => {
  it("are a table where there is room and paragraphs where there is none", () => {
    expect(claimsText(claims, { width: 140 })).toMatch(
      /^Verdict +Claim +The paper reports +Bar +Measured/,
    );
    const narrow = claimsText(claims, { width: 60 });
    expect(narrow).toMatch(/^✓ holds\n {2}Boosted groups/);
    expect(narrow).toMatch(/measured {2}0.0048 \[0.0022, 0.0075\]/);
    expect(narrow).toMatch(/2 of 4 claims hold, 1 does not hold here, 1 is inconclusive$/);
    expect(claimsText([])).toBe("no claim is decided");
  });

  it("show the interval against the bar", () => {
    const [claim] = claims;
    const strip = claimStripText({
      ...claim,
      bar: { atLeast: 0 },
      samples: [0, 10],
      mean: 5,
      interval: [2, 8],
    });
    expect(strip).toBe("┄┄┃━━━[━━━━━●━━━━]━━━━━━");
    expect(claimStripText({ ...claim, samples: [], mean: Number.NaN, interval: null })).toBe("");
  });
});

describe("a plot", () => {
  it("has its dots where Braille has them", () => {
    const canvas = createCanvas(2, 1);
    canvas.line(0, 0, 3, 3, -1);
    expect(canvas.rows((_, text) => text)).toEqual(["⠑⢄"]);
    canvas.dot(0, 99, -1);
    canvas.line(Number.NaN, 0, 1, 1, -1);
    expect(canvas.rows((_, text) => text)).toEqual(["⠑⢄"]);
  });

  it("draws rising lines upwards and bars as long as their numbers", () => {
    const base = { id: "f", title: "F", y: { label: "" } };
    const x = [0, 1, 2, 3];
    const rows = figureText({
      ...base,
      x: { label: "" },
      marks: [{ type: "line", x, y: x }],
    }).split("\n");
    const firstDot = (row: string) => row.search(/[\u2801-\u28ff]/);
    expect(firstDot(rows[1])).toBeGreaterThan(firstDot(rows[8]));
    const bars = figureText({
      ...base,
      x: { label: "" },
      marks: [{ type: "bars", x: ["a", "b"], y: [10, 5] }],
    });
    const lengths = bars.split("\n").map((row) => row.match(/█/g)?.length ?? 0);
    expect(lengths[1] / lengths[2]).toBeCloseTo(2, 0);
  });
});

describe("text in a given room", () => {
  it("counts what a reader sees", () => {
    expect(["abc", "数据", "é", "👩‍🔬", "−0.5"].map(textColumns)).toEqual([3, 4, 1, 2, 4]);
  });

  it("is broken at spaces, and inside words only where it must be", () => {
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapText("extraordinary fit", 6)).toEqual(["extrao", "rdinar", "y fit"]);
    expect(wrapText("数据", 1)).toEqual(["数", "据"]);
    expect(wrapText("", 5)).toEqual([""]);
    expect(shorten("accuracy", 5)).toBe("accu…");
    expect(shorten("数据数据", 5)).toBe("数据…");
    expect(shorten("fits", 4)).toBe("fits");
  });
});
