import { AxeBuilder } from "@axe-core/playwright";
import { reproducible, type VerifyReport } from "@etude/papers";
import { reportSchema } from "@etude/papers/report/schema";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserExpected } from "../../../../../packages/tensor/src/testing/browser.ts";
import { type Harness, openHarness } from "../../../test/harness/harness.ts";
import { openPanel, ready, save } from "../../../test/harness/panelPage.ts";

const patient = { timeout: 300_000 };

async function start(page: Page): Promise<void> {
  await page.getByRole("radio", { name: "smoke" }).check();
  await page.getByRole("button", { name: "Start", exact: true }).click();
}

const finished = (page: Page) =>
  page.getByRole("heading", { name: "Verdicts" }).waitFor({ timeout: 240_000 });

async function savedReport(page: Page): Promise<VerifyReport> {
  const text = new TextDecoder().decode(await save(page, "Save report.json"));
  const report = reportSchema.parse(JSON.parse(text));
  if (report.kind !== "verify") throw new Error(`a report of ${report.kind}`);
  return report;
}

/** Violations of WCAG 2.2, levels A and AA. */
async function inaccessible(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

describe.runIf(browserExpected)("verifying in the browser", () => {
  let harness: Harness;
  let unbroken: VerifyReport;

  beforeAll(async () => {
    harness = await openHarness();
  });
  afterAll(() => harness?.close());

  test("goes from nothing to a table of verdicts, files and a shared report", patient, async () => {
    const context = await harness.browser.newContext();
    const { page, problems, requests } = await openPanel(context, harness.server.url, {
      panel: "verify",
      slug: "gbnn",
      share: true,
    });
    expect(requests.filter((url) => /worker|client|protocol|report-/.test(url))).toEqual([]);
    await page.getByRole("button", { name: "Prepare the experiment" }).click();
    await page.getByRole("radio", { name: "quick" }).waitFor();
    expect(requests.filter((url) => url.includes(".wasm"))).toEqual([]);
    await page.getByText("41 kB").waitFor();

    await start(page);
    await finished(page);
    const verdicts = page.getByRole("table", { name: "Verdicts" });
    expect(await verdicts.getByRole("row").count()).toBe(8);
    expect(await verdicts.getByRole("cell", { name: "inconclusive" }).count()).toBe(7);
    expect(await page.getByRole("status").first().innerText()).toContain("7 are inconclusive");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Verdicts");
    expect(await page.locator("figure svg").count()).toBeGreaterThan(3);

    unbroken = await savedReport(page);
    expect(unbroken).toMatchObject({ paper: "gbnn", preset: "smoke", changed: false, seeds: [0] });
    expect(unbroken.environment.device).toMatch(/^wasm, \d+ threads?$/);
    expect(unbroken.environment.runtime).toMatch(/^Chromium \d+, ONNX Runtime Web$/);
    const html = new TextDecoder().decode(await save(page, "Save report.html"));
    expect(html).toContain("Sequential Training of Neural Networks with Gradient Boosting");
    await page.getByRole("button", { name: "Share this report" }).click();
    await page.getByRole("link", { name: "/reports/abc" }).waitFor();

    expect(await inaccessible(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  test("stopped, resumed, killed and resumed, it gives the same report", patient, async () => {
    const context = await harness.browser.newContext();
    const { page, problems } = await openPanel(context, harness.server.url, {
      panel: "verify",
      slug: "gbnn",
      about: true,
    });
    await start(page);
    await page.getByText(/seed 0: iris/i).waitFor({ timeout: 240_000 });
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Finished steps are kept in this browser").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    // The second of the two tables: steps of the first are kept by then, and now the tab dies.
    await page.getByText(/seed 0: diabetes/i).waitFor({ timeout: 240_000 });
    await page.reload();
    await ready(page);
    await page.getByText(/was not finished: smoke preset, \d+ % done/).waitFor();
    await page.getByRole("button", { name: "Go on with it" }).click();
    await page.getByText(/finished steps were taken from before/).waitFor({ timeout: 240_000 });
    await finished(page);
    const resumed = await savedReport(page);
    expect(reproducible(resumed)).toEqual(reproducible(unbroken));
    expect(resumed.timings.map(({ step }) => step)).toEqual(
      unbroken.timings.map(({ step }) => step),
    );

    // A finished run is there again after a reload, and nothing is left to be resumed.
    await page.reload();
    await ready(page);
    await finished(page);
    expect(await page.getByText("was not finished").count()).toBe(0);
    expect(reproducible(await savedReport(page))).toEqual(reproducible(unbroken));
    expect(problems).toEqual([]);
    await context.close();
  });

  test("shows a recorded run beside it, before and after", patient, async () => {
    harness.server.recorded = unbroken;
    const context = await harness.browser.newContext({ viewport: { width: 390, height: 844 } });
    const { page } = await openPanel(context, harness.server.url, {
      panel: "verify",
      slug: "gbnn",
      recorded: true,
    });
    await page.getByRole("heading", { name: "Claims" }).waitFor();
    expect(await page.getByRole("img", { name: /^1 seed: / }).count()).toBe(7);
    expect(await inaccessible(page)).toEqual([]);
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    expect(await overflow()).toBe(0);
    await page.getByRole("button", { name: "Prepare the experiment" }).click();
    await start(page);
    await finished(page);
    expect(await page.getByRole("img", { name: /^1 seed: / }).count()).toBe(14);
    expect(await overflow()).toBe(0);
    await context.close();
  });

  test("says what is wrong beside the option, and before anything runs", patient, async () => {
    const context = await harness.browser.newContext();
    const { page } = await openPanel(context, harness.server.url, {
      panel: "verify",
      slug: "gbnn",
      about: true,
    });
    await page.getByText("Seeds, device and options").click();
    const units = page.getByRole("textbox", { name: "Units", exact: true });
    await units.fill("0");
    await page.getByRole("textbox", { name: "Seeds" }).fill("2..1");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByText("Expected a whole number from 1.").waitFor();
    await page.getByText("The range 2..1 runs backwards.").waitFor();
    expect(await units.getAttribute("aria-invalid")).toBe("true");
    await units.fill("5");
    await page.getByRole("textbox", { name: "Seeds" }).fill("");
    await page.getByRole("textbox", { name: "Tables", exact: true }).fill("iriss");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page
      .getByRole("alert")
      .getByText(/there is no data set "iriss"; did you mean/)
      .waitFor();
    await context.close();
  });
});
