/**
 * `node apps/site/bench/use.ts <paper> [--file data=photos.zip]... [--set "Train steps=200"]... [--picture page.png]`:
 * the method of a paper used in the system's Chromium, as a visitor does it, on an installation that was never used.
 * Prints what was read, minutes, the files that it gives and the findings. `--set` takes the label of an option.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { openBrowser } from "../../../packages/tensor/src/testing/browser.ts";
import { build } from "../build.ts";
import { startSite } from "../test/siteProcess.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: "string", multiple: true, default: [] },
    set: { type: "string", multiple: true, default: [] },
    picture: { type: "string" },
  },
});
const [paper] = positionals;
if (paper === undefined) throw new Error("name a paper");

/** "name=value" */
function pair(text: string): [string, string] {
  const place = text.indexOf("=");
  return [text.slice(0, place), text.slice(place + 1)];
}

async function set(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  const kind = await field.evaluate((element) =>
    element instanceof HTMLInputElement ? element.type : element.tagName,
  );
  if (kind === "SELECT") await field.selectOption(value);
  else if (kind === "checkbox") await field.setChecked(value === "true");
  else await field.fill(value);
}

await build(console.error);
const folder = await mkdtemp(path.join(tmpdir(), "etude-use-"));
const site = await startSite(folder, {}, []);
const browser = await openBrowser();
try {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(`${site.url}/papers/${paper}/use`);
  await page.waitForLoadState("networkidle");
  for (const [slot, file] of values.file.map(pair)) {
    const group = page.getByRole("group", { name: new RegExp(`^${slot}`, "i") });
    await group.locator('input[type="file"]').first().setInputFiles(file);
    const read = group.locator(".read");
    await read.or(group.getByRole("alert")).waitFor({ timeout: 240_000 });
    console.log(await group.getByRole("status").innerText());
  }
  const options = page.getByText("Options", { exact: true });
  if (await options.isVisible()) await options.click();
  for (const [label, value] of values.set.map(pair)) await set(page, label, value);
  const began = performance.now();
  await page.getByRole("button", { name: "Run" }).click();
  const result = page.getByRole("heading", { name: "Result", exact: true });
  const failure = page.locator(".etude-run [role=alert]");
  await result.or(failure).first().waitFor({ timeout: 3_600_000 });
  const minutes = (performance.now() - began) / 60_000;
  if (values.picture !== undefined) await page.screenshot({ path: values.picture, fullPage: true });
  if (await failure.first().isVisible()) throw new Error(await failure.first().innerText());
  const names = await page.getByRole("button", { name: /\.\w+$/ }).allInnerTexts();
  console.log(`files: ${names.join(", ")}`);
  for (const finding of await page.locator(".etude-run li").allInnerTexts()) console.log(finding);
  console.log(`${paper}: ${minutes.toFixed(1)} minutes`);
} finally {
  await browser.close();
  await site.stop();
  await rm(folder, { recursive: true, force: true });
}
