import { describe, expect, it } from "vitest";
import { type Report, reportSchema } from "../contract/report.ts";
import { claimStrip, claimsTable } from "./claims.ts";
import { commandLine } from "./command.ts";
import { drawingDocument } from "./document.ts";
import { reportHtml } from "./html.ts";
import { html, safe } from "./markup.ts";
import { dataTable, pictureHtml, timingsTable } from "./pieces.ts";
import { claims, useReport, verifyReport } from "./testing/fixtures.ts";
import { verdictsInWords } from "./verdicts.ts";

const { defaultView } = await drawingDocument();

function parse(page: string): Document {
  if (defaultView === null) throw new Error("this document parses nothing");
  return new defaultView.DOMParser().parseFromString(page, "text/html");
}

const evil = `</style></script><script>alert(1)</script>"><img src=//evil.example/x onerror=alert(1)> ' onclick='alert(1) &lt;b&gt; javascript:alert(1)`;

/** A report with every free text replaced. */
function hostile<R extends Report>(report: R): R {
  const kept = new Set(["kind", "paper", "preset", "verdict", "type", "scale", "png", "finished"]);
  const spoil = (value: unknown, name = ""): unknown => {
    if (kept.has(name)) return value;
    if (typeof value === "string") return evil;
    if (Array.isArray(value)) return value.map((each) => spoil(each));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, spoil(each, key)]);
    return Object.fromEntries(
      name === "options" ? entries.map(([key, each]) => [key + evil, each]) : entries,
    );
  };
  return spoil(report) as R;
}

const pages = {
  verify: await reportHtml(verifyReport),
  use: await reportHtml(useReport),
  hostileVerify: await reportHtml(hostile(verifyReport)),
  hostileUse: await reportHtml(hostile(useReport), { json: evil }),
};

describe("the page of a report", () => {
  it("is made of reports that the schema accepts", () => {
    for (const report of [verifyReport, useReport])
      expect(reportSchema.safeParse(report).error).toBeUndefined();
  });

  it("shows texts as texts, whatever they are", () => {
    const tags = (page: string) =>
      new Set([...parse(page).querySelectorAll("*")].map((each) => each.tagName.toLowerCase()));
    expect(pages.hostileVerify).toContain("&lt;script&gt;alert(1)");
    for (const [page, tame] of [
      [pages.hostileVerify, pages.verify],
      [pages.hostileUse, pages.use],
    ]) {
      const usual = tags(tame);
      expect([...tags(page)].filter((tag) => !usual.has(tag))).toEqual([]);
      const document = parse(page);
      expect(document.querySelectorAll("style").length).toBe(1);
      for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
          expect(name.startsWith("on"), name).toBe(false);
          if (name === "src") expect(value).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+$/);
        }
      }
    }
  });

  it("asks nothing of the network: only links lead elsewhere", () => {
    for (const page of [pages.verify, pages.use]) {
      const document = parse(page);
      const places = [...document.querySelectorAll("[src], [href]")].filter(
        (element) => element.tagName.toLowerCase() !== "a",
      );
      for (const element of places)
        expect(element.getAttribute("src") ?? element.getAttribute("href")).toMatch(/^data:/);
      const outside = page
        .replace(/<a href="[^"]*"/g, "")
        .replaceAll("http://www.w3.org/2000/svg", "");
      expect(outside).not.toMatch(/https?:\/\/|url\(|@import|<script|srcset/);
      expect(document.querySelector("meta[http-equiv]")?.getAttribute("content")).toContain(
        "default-src 'none'",
      );
    }
  });

  it("begins with the paper and its verdicts", () => {
    const document = parse(pages.verify);
    expect(document.querySelector("h1")?.textContent).toContain("Gradient Boosting");
    expect(document.querySelector("a")?.getAttribute("href")).toBe(
      "https://arxiv.org/abs/1909.12098",
    );
    expect(document.querySelector("h2")?.textContent).toBe(
      "2 of 4 claims hold, 1 does not hold here, 1 is inconclusive",
    );
    const words = [...document.querySelectorAll(".etude-verdict")].map((each) =>
      each.textContent?.trim(),
    );
    expect(words).toEqual(["✓ holds", "? inconclusive", "✗ does not hold here", "✓ holds"]);
    const headings = [...document.querySelectorAll("h2")].map((each) => each.textContent);
    expect(headings.slice(1)).toEqual(["Findings", "Figures", "Tables", "Run it again"]);
  });

  it("of a smoke run says that its verdicts mean nothing", async () => {
    expect(await reportHtml({ ...verifyReport, preset: "smoke" })).toContain(
      "too small for its verdicts",
    );
    expect(pages.verify).not.toContain("too small for its verdicts");
  });

  it("of a use names what went in and came out", () => {
    const text = parse(pages.use).body.textContent ?? "";
    for (const part of ["my census.csv: 48842 rows", "model.onnx", "184 kB", "1.2 MB"])
      expect(text).toContain(part);
  });

  it("stays below 300 kB with eight figures", () => {
    expect(pages.verify.length).toBeLessThan(300_000);
  });

  it("bears reports without anything in them", async () => {
    const empty = {
      claims: [],
      tables: [],
      figures: [],
      pictures: [],
      findings: [],
      timings: [],
      options: {},
    };
    const page = await reportHtml({ ...verifyReport, ...empty });
    expect(page).toContain("These options decide no claim.");
    expect(page).not.toContain("<h2>Figures</h2>");
  });
});

describe("pieces", () => {
  it("escape values of a template unless these are marked as HTML", () => {
    expect(
      html`<p title="${'"&'}">${"<b>"}${safe("<i>", ["</i>"])}${false}${undefined}${3}</p>`,
    ).toBe('<p title="&quot;&amp;">&lt;b&gt;<i></i>3</p>');
  });

  it("show a claim without a finite measurement or with one seed", () => {
    const [claim] = claims;
    const broken = { ...claim, samples: [Number.NaN], mean: Number.NaN, interval: null };
    expect(claimStrip(broken)).toBe("");
    expect(claimsTable([broken])).toContain("–");
    expect(claimStrip({ ...claim, samples: [0.1], mean: 0.1, interval: null })).toContain(
      "1 seed: 0.1",
    );
    expect(
      claimStrip({
        ...claim,
        bar: { atLeast: 0.5 },
        samples: [0.5, 0.5],
        mean: 0.5,
        interval: [0.5, 0.5],
      }),
    ).not.toMatch(/NaN|Infinity/);
  });

  it("put numbers to the right and say how many rows are left out", () => {
    const rows = Array.from({ length: 600 }, (_, i) => [`row ${i}`, i / 7, null]);
    const table = dataTable({ id: "t", title: "T", columns: ["name", "value", "none"], rows });
    expect(table).toContain("The first 500 of 600 rows.");
    expect(table).toContain('<td>row 1</td><td class="etude-number">0.14</td><td>–</td>');
  });

  it("add up the steps of all seeds", () => {
    const table = timingsTable([
      { step: "seed-0/train", seconds: 60 },
      { step: "seed-12/train", seconds: 73 },
    ]);
    expect(table).toContain("2 min 13 s of computing");
    expect(table.match(/<tr>/g)?.length).toBe(2);
  });

  it("enlarge small pictures by whole factors and bear broken ones", () => {
    const [picture] = verifyReport.pictures;
    expect(pictureHtml(picture)).toContain('width="240" height="160"');
    expect(pictureHtml({ ...picture, png: "AAAA" })).toContain("<img alt");
  });

  it("count verdicts in words", () => {
    const [holds, open, fails] = claims;
    expect(verdictsInWords([])).toBe("no claim is decided");
    expect(verdictsInWords([holds])).toBe("the claim holds");
    expect(verdictsInWords([holds, holds])).toBe("all 2 claims hold");
    expect(verdictsInWords([fails, fails, open])).toBe("2 do not hold here, 1 is inconclusive");
  });
});

describe("the command line", () => {
  it("names what differs from the preset, and only that", () => {
    expect(commandLine(verifyReport)).toBe("etude verify gbnn --preset quick");
    expect(commandLine({ ...verifyReport, changed: true, seeds: [3, 5] })).toBe(
      "etude verify gbnn --preset quick --seeds 3,5 --set tables=australian,vehicle --set hiddenUnits=200 --set groupSize=10 --set shrinkage=0.1 --set standardise=true",
    );
  });

  it("quotes for the shell", () => {
    expect(commandLine(useReport)).toBe(
      "etude use gbnn --data 'my census.csv' --target 'income > 50k' --hidden-units 200 --folds 1,2,3 --note none --seed 7",
    );
    const options = { target: "it's; rm -rf /" };
    expect(commandLine({ ...useReport, options })).toContain(`--target 'it'\\''s; rm -rf /'`);
  });
});
