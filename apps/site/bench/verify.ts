/**
 * `node apps/site/bench/verify.ts [paper] [--preset quick] [--out report.html]`: a paper verified in the system's
 * Chromium, as a visitor does it, on an installation that was never used. Prints minutes and verdicts.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { openBrowser } from "../../../packages/tensor/src/testing/browser.ts";
import { build } from "../build.ts";
import { startSite } from "../test/siteProcess.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { preset: { type: "string", default: "quick" }, out: { type: "string" } },
});
const [paper = "gbnn"] = positionals;

await build(console.error);
const folder = await mkdtemp(path.join(tmpdir(), "etude-verify-"));
const site = await startSite(folder, {}, []);
const browser = await openBrowser();
try {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") console.error(message.text());
  });
  await page.goto(`${site.url}/papers/${paper}/verify`);
  await page.getByText(values.preset, { exact: true }).click();
  const began = performance.now();
  await page.getByRole("button", { name: "Start" }).click();
  const share = page.getByRole("button", { name: "Share this report" });
  await share.click({ timeout: 3_600_000 });
  const minutes = (performance.now() - began) / 60_000;
  const link = page.getByRole("link", { name: /\/reports\// });
  await link.waitFor();
  const { pathname } = new URL(String(await link.getAttribute("href")));
  const report = await (await fetch(`${site.url}${pathname}/report.json`)).json();
  const { claims } = report as { claims: { id: string; mean: number; verdict: string }[] };
  for (const { id, mean, verdict } of claims) console.log(`${id}: ${mean}, ${verdict}`);
  console.log(`${paper}, ${values.preset}: ${minutes.toFixed(1)} minutes`);
  if (values.out !== undefined)
    await writeFile(values.out, await (await fetch(site.url + pathname)).text());
} finally {
  await browser.close();
  await site.stop();
  await rm(folder, { recursive: true, force: true });
}
