import { AxeBuilder } from "@axe-core/playwright";
import { column, parseCsv, selectRows, type Table, textAt } from "@etude/data";
import { reportSchema } from "@etude/papers/report/schema";
import { array, loadOnnx } from "@etude/tensor";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserExpected } from "../../../../../packages/tensor/src/testing/browser.ts";
import { type Harness, openHarness } from "../../../test/harness/harness.ts";
import { drop, openPanel, save } from "../../../test/harness/panelPage.ts";

const patient = { timeout: 300_000 };

/** Two numbers and a category that decide the class, with a little noise. */
function flowers(rows: number): string {
  let state = 7;
  const noise = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const lines = Array.from({ length: rows }, () => {
    const [width, length] = [noise() * 4, noise() * 3];
    const soil = noise() < 0.5 ? "clay" : "sand";
    const score = width - length + (soil === "clay" ? 0.8 : -0.2) + 0.4 * noise();
    return [width.toFixed(3), length.toFixed(3), soil, score > 1 ? "aster" : "rose"].join(",");
  });
  return `width,length,soil,flower\n${lines.join("\n")}\n`;
}

async function setOption(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole("textbox", { name, exact: true }).fill(value);
}

/** Predictions of a saved model for rows of the table, in Node. */
async function predicted(bytes: Uint8Array, table: Table): Promise<number[]> {
  const model = await loadOnnx(bytes);
  const numbers = (name: string) => {
    const found = column(table, name);
    if (found.kind !== "numeric") throw new Error(`${name} is ${found.kind}`);
    return array(Float32Array.from(found.values));
  };
  const soil = column(table, "soil");
  const outputs = await model.run({
    width: numbers("width"),
    length: numbers("length"),
    soil: Array.from({ length: table.rows }, (_, row) => textAt(soil, row) ?? ""),
  });
  await model.release();
  return Array.from(outputs.probabilities.data);
}

describe.runIf(browserExpected)("using a method in the browser", () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await openHarness();
  });
  afterAll(() => harness?.close());

  test(
    "a dropped table gives a model and predictions, and nothing is requested",
    patient,
    async () => {
      const context = await harness.browser.newContext();
      const { page, problems, requests } = await openPanel(context, harness.server.url, {
        panel: "use",
        slug: "gbnn",
        about: true,
      });
      const csv = flowers(160);
      await drop(page, "data", "flowers.csv", csv);
      await page.getByText("160 rows, 4 columns").waitFor({ timeout: 240_000 });

      // The engine is here and the file is open: from now on there must be silence.
      expect(requests.some((url) => url.endsWith(".wasm"))).toBe(true);
      const [told, answered] = [requests.length, harness.server.requests.length];
      await page.getByRole("combobox", { name: "Target" }).selectOption("flower");
      await page.getByText("Options", { exact: true }).click();
      await setOption(page, "Units", "8");
      await setOption(page, "Max iter", "20");
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: 240_000 });
      expect(requests.slice(told)).toEqual([]);
      expect(harness.server.requests.slice(answered)).toEqual([]);

      const model = await save(page, "Save model.onnx");
      const file = new TextDecoder().decode(await save(page, "Save predictions.csv"));
      const report = JSON.parse(new TextDecoder().decode(await save(page, "Save report.json")));
      await save(page, "Save report.html");
      expect(requests.slice(told).filter((url) => !url.startsWith("blob:"))).toEqual([]);
      expect(harness.server.requests.slice(answered)).toEqual([]);
      expect(reportSchema.parse(report)).toMatchObject({
        kind: "use",
        paper: "gbnn",
        inputs: [{ name: "data", file: "flowers.csv", describe: "160 rows, 4 columns" }],
        options: { target: "flower", units: 8 },
      });

      const predictions = await parseCsv(file, { name: "predictions.csv" });
      const rows = column(predictions, "row");
      if (rows.kind !== "numeric") throw new Error("rows have no numbers");
      const table = await parseCsv(csv, { name: "flowers.csv" });
      // Lines of the file are counted from 1, and the header is one.
      const held = selectRows(
        table,
        Int32Array.from(rows.values, (line) => line - 2),
      );
      const probabilities = await predicted(model, held);
      const saved = ["P(aster)", "P(rose)"].map((name) => column(predictions, name));
      expect(held.rows).toBe(32);
      for (let row = 0; row < held.rows; row++) {
        for (const [k, values] of saved.entries()) {
          const there = Number(textAt(values, row));
          expect(Math.abs(probabilities[row * 2 + k] - there)).toBeLessThan(1e-5);
        }
      }
      expect(problems).toEqual([]);
      await context.close();
    },
  );

  test("the policy refuses every way out, in the page and in the worker", patient, async () => {
    const context = await harness.browser.newContext();
    const { page, requests } = await openPanel(context, harness.server.url, {
      panel: "use",
      slug: "gbnn",
      about: true,
    });
    await drop(page, "data", "flowers.csv", flowers(20));
    await page.getByText("20 rows, 4 columns").waitFor({ timeout: 240_000 });
    const before = requests.length;
    const attempt = async (): Promise<string[]> => {
      const refused: string[] = [];
      globalThis.addEventListener("securitypolicyviolation", (event) => {
        refused.push((event as SecurityPolicyViolationEvent).effectiveDirective);
      });
      await fetch("https://elsewhere.example/").catch(() => {});
      try {
        new WebSocket("wss://elsewhere.example/").close();
      } catch {
        refused.push("connect-src"); // Some versions throw instead.
      }
      if ("sendBeacon" in navigator) navigator.sendBeacon("https://elsewhere.example/", "x");
      await new Promise((resolve) => setTimeout(resolve, 200));
      return refused;
    };
    expect(await page.evaluate(attempt)).toEqual(["connect-src", "connect-src", "connect-src"]);
    const [worker] = page.workers();
    expect((await worker.evaluate(attempt)).slice(0, 2)).toEqual(["connect-src", "connect-src"]);
    expect(harness.server.requests.filter((line) => line.includes("elsewhere"))).toEqual([]);
    // The list that tests go by does see what the page asks for.
    await page.evaluate(() => fetch("/about/gbnn?control"));
    await worker.evaluate(() => fetch("/about/gbnn?control"));
    expect(requests.slice(before).filter((url) => url.endsWith("?control"))).toHaveLength(2);
    await context.close();
  });

  test("what is wrong in a file is told with file, row and column", patient, async () => {
    const context = await harness.browser.newContext();
    const { page } = await openPanel(context, harness.server.url, {
      panel: "use",
      slug: "gbnn",
      about: true,
    });
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Still missing: data.").waitFor();
    await drop(page, "data", "torn.csv", "a,b\n1,2\n3\n");
    const alert = page.getByRole("alert");
    await alert.getByText(/^1 cell where the header has 2/).waitFor({ timeout: 240_000 });
    expect(await alert.getByRole("definition").allInnerTexts()).toEqual(["torn.csv", "3"]);
    await drop(page, "data", "photo.onnx", "no");
    await alert.getByText(/expected a table .* got a model/).waitFor();

    await drop(page, "data", "mixed.csv", `a,b\n${"1,2\n".repeat(30)}`);
    await page.getByText("30 rows, 2 columns").waitFor();
    await page.getByRole("button", { name: "Run" }).click();
    await alert.getByText(/target is missing/).waitFor();
    await context.close();
  });

  test("the example table needs no file, and everything works by keyboard", patient, async () => {
    const context = await harness.browser.newContext();
    const { page } = await openPanel(context, harness.server.url, { panel: "use", slug: "gbnn" });
    await page.getByRole("button", { name: "Prepare the method" }).press("Enter");
    await page.getByRole("button", { name: "Try it with the wine table" }).press("Enter");
    await page.getByText("178 rows, 14 columns").waitFor({ timeout: 240_000 });
    expect(await page.getByRole("combobox", { name: "Target" }).inputValue()).toBe("cultivar");
    const { violations } = await new AxeBuilder({ page }).analyze();
    // Of a page, not of a panel.
    const ofPage = new Set(["landmark-one-main", "page-has-heading-one", "region"]);
    expect(violations.map(({ id }) => id).filter((id) => !ofPage.has(id))).toEqual([]);
    await page.getByText("Options", { exact: true }).press("Enter");
    await setOption(page, "Units", "6");
    await setOption(page, "Max iter", "15");
    await page.getByRole("button", { name: "Run" }).press("Enter");
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    await page.getByText("nothing is kept of it").waitFor();
    // The worker has kept the table, or reads it again.
    await page.getByRole("button", { name: "Run" }).press("Enter");
    await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: 240_000 });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Result");
    await context.close();
  });
});
