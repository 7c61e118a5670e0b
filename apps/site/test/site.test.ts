/** The site as visitors meet it, in a browser, on both databases. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { runDigests, smtpTransport } from "@etude/mail";
import { recordedRun } from "@etude/papers/recorded";
import { createToken, openStore } from "@etude/store";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smtpServer, type TestServer } from "../../../packages/mail/src/testing/smtpServer.ts";
import { arxivApi } from "../../../packages/sources/src/testing/arxivServer.ts";
import { startServer } from "../../../packages/sources/src/testing/server.ts";
import {
  findServer,
  serverDatabases,
} from "../../../packages/store/src/testing/serverDatabases.ts";
import { browserExpected, openBrowser } from "../../../packages/tensor/src/testing/browser.ts";
import { build } from "../build.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { type SiteProcess, startSite } from "./siteProcess.ts";

const hostile = `A <b>bold</b> title & "quotes" <img src=x onerror=alert(1)>`;
/** As arXiv writes it. */
const minuteOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
/** The site computes jobs as well. */
const flags = ["--workers", "1"];
const server = findServer();
const databases =
  server === undefined ? (["embedded"] as const) : (["embedded", "server"] as const);

describe.runIf(browserExpected).each(databases)("the site (%s)", (kind) => {
  let folder: string;
  let browser: Browser;
  let context: BrowserContext;
  let site: SiteProcess;
  let smtp: TestServer;
  let env: Record<string, string>;
  let where: { folder: string } | { url: string };
  let token: string;
  const problems: string[] = [];
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    await build(() => {});
    folder = await mkdtemp(path.join(tmpdir(), "etude-site-"));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    smtp = await smtpServer();
    cleanUp.push(() => smtp.stop());
    const arxiv = await startServer(
      arxivApi([{ id: "2405.00001v2", title: hostile, published: minuteOf(Date.now()) }]),
    );
    cleanUp.push(() => arxiv.close());
    env = {
      SMTP_URL: smtp.url,
      MAIL_FROM: "Etude <digest@etude.example>",
      ETUDE_ARXIV_URL: `${arxiv.origin}/api/query`,
    };
    where = { folder: path.join(folder, "database") };
    if (kind === "server" && server !== undefined) {
      const started = await serverDatabases(server);
      cleanUp.push(() => started.stop());
      where = { url: await started.create() };
      env.DATABASE_URL = where.url;
    }
    const store = await openStore(where);
    ({ secret: token } = await createToken(store, { label: "lab", quota: 4 }, new Date()));
    await store.close();
    site = await startSite(folder, env, flags);
    browser = await openBrowser();
    context = await browser.newContext();
    context.on("weberror", (error) => problems.push(error.error().message));
    context.on("console", (message) => {
      // A form that is refused is answered with 400, which Chromium reports.
      if (message.type() === "error" && !message.text().includes("status of 400"))
        problems.push(`${message.page()?.url()}: ${message.text()}`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    for (const step of cleanUp.reverse()) await step();
  });

  const open = async (place: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(site.url + place);
    return page;
  };

  it("lists papers, by topic and by page, also without script", async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const page = await bare.newPage();
    await page.goto(site.url);
    expect(await page.getByRole("article").count()).toBe(20);
    await page.getByRole("link", { name: "more →" }).click();
    expect(await page.getByRole("article").count()).toBe(15);
    await page.getByLabel("Topic").selectOption("tabular");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("link", { name: /Sequential Training/ }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("Sequential");
    await bare.close();
  });

  it("counts one vote a visitor, and takes it back", async () => {
    const page = await open("/papers/gbnn");
    await page.getByRole("button", { name: /Vote · 0/ }).click();
    await page.getByRole("button", { name: /Voted · 1/ }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: /Voted · 1/ }).click();
    await page.getByRole("button", { name: /Vote · 0/ }).click();
    await page.getByRole("button", { name: /Voted · 1/ }).waitFor();
    const other = await (await browser.newContext()).newPage();
    await other.goto(`${site.url}/papers/gbnn`);
    await other.getByRole("button", { name: /Vote · 1/ }).click();
    await other.getByRole("button", { name: /Voted · 2/ }).waitFor();
    await other.context().close();
    await page.close();
  });

  it("refuses a vote from another site", async () => {
    const answer = await fetch(`${site.url}/?/vote`, {
      method: "POST",
      headers: { Origin: "https://elsewhere.example" },
      body: new URLSearchParams({ paper: "1", want: "vote" }),
    });
    expect(answer.status).toBe(403);
  });

  it("answers while one types, through typing errors", async () => {
    const page = await open("/about");
    await page.getByRole("combobox").fill("gradint boosting");
    const option = page.getByRole("option").first();
    await option.waitFor();
    expect(await option.textContent()).toContain("Gradient Boosting");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/papers/gbnn");
    await page.goto(
      `${site.url}/search?q=${encodeURIComponent("<script>alert(1)</script>' OR 1=1")}`,
    );
    await page.getByText("Nothing like that is listed").waitFor();
    await page.close();
  });

  it("takes a submission by arXiv number, once, and shows a hostile title as text", async () => {
    const page = await open("/submit");
    const field = page.getByLabel("arXiv number or address");
    await field.fill("what is this");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("alert").waitFor();
    for (const given of ["https://arxiv.org/abs/2405.00001", "arXiv:2405.00001v2"]) {
      await page.goto(`${site.url}/submit`);
      await field.fill(given);
      await page.getByRole("button", { name: "Submit" }).click();
      await page.waitForURL("**/papers/2405.00001").catch(async (error) => {
        throw new Error(`${page.url()}: ${await page.locator("main").textContent()}`, {
          cause: error,
        });
      });
    }
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(hostile);
    await page.close();
  });

  it("subscribes by two clicks, sends a digest, and ends by one click", async () => {
    const page = await open("/subscribe");
    await page.getByLabel("Your address").fill("Reader@Example.org");
    await page.getByLabel(/every day/).check();
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("status").waitFor();
    const [confirmation] = await smtp.mails("Reader@example.org");
    const [link] = /https?:\/\/\S+\/subscribe\/confirm\/\S+/.exec(confirmation.text ?? "") ?? [];
    await page.goto(String(link));
    await page.getByRole("button", { name: "Yes, begin" }).click();
    await page.getByRole("heading", { name: "You are subscribed" }).waitFor();

    // A day later. The embedded database belongs to one process at a time.
    if (kind === "embedded") await site.stop();
    const store = await openStore(where);
    const transport = smtpTransport(smtp.url, { name: "Etude", address: "digest@etude.example" });
    const now = Date.now() + 86_400_000;
    const clock = { now: () => new Date(now), wait: async () => {} };
    await runDigests(store, transport, {
      // One click needs an address with TLS.
      site: new URL("https://papers.example"),
      clock,
    });
    await store.close();
    if (kind === "embedded") site = await startSite(folder, env, flags);

    const [, digest] = await smtp.mails("Reader@example.org");
    expect(digest.text).toContain("bold");
    const raw = smtp.received.at(-1)?.raw.toString() ?? "";
    const unfolded = raw.replace(/\r\n[ \t]+/g, " ");
    const [, address] = /^List-Unsubscribe: <(http[^>]+)>/m.exec(unfolded) ?? [];
    expect(unfolded).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m);
    const place = new URL(String(address)).pathname;
    const answer = await fetch(site.url + place, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    expect(answer.status).toBe(200);
    await page.goto(site.url + place);
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    await page.close();
  });

  it("says the same whoever asks about a subscription", async () => {
    const answers = [];
    for (const email of ["reader@example.org", "stranger@example.org"]) {
      const page = await open("/subscribe");
      await page.getByLabel("Your address").fill(email);
      await page.getByRole("button", { name: "Subscribe" }).click();
      const said = await page.getByRole("status").textContent();
      answers.push(said?.replace(email, "ADDRESS").replace(/\s+/g, " "));
      await page.close();
    }
    expect(answers[0]).toBe(answers[1]);
  });

  it("gives feeds and an interface for programs", async () => {
    for (const [place, type] of [
      ["/feeds/rss.xml", "application/rss+xml"],
      ["/feeds/atom.xml", "application/atom+xml"],
      ["/feeds/feed.json", "application/feed+json"],
      ["/api/v1/openapi.json", "application/json"],
      ["/api/v1/papers?topic=tabular", "application/json"],
      ["/api/v1/papers/gbnn", "application/json"],
    ]) {
      const answer = await fetch(site.url + place);
      expect([place, answer.status]).toEqual([place, 200]);
      expect(answer.headers.get("content-type")).toContain(type);
    }
    for (const place of [
      "/api/v1/papers?page=0",
      "/api/v1/papers?topic=x",
      "/api/v1/papers?period=x",
    ])
      expect((await fetch(site.url + place)).status).toBe(400);
    expect((await fetch(`${site.url}/data/../../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${site.url}/data/tabular/classification/iris.csv.gz`)).status).toBe(200);
  });

  // What a page looks like does not depend on the database.
  const once = kind === "embedded" ? it : () => {};

  once(
    "is usable by keyboard and screen reader in light and dark",
    { timeout: 300_000 },
    async () => {
      for (const scheme of ["light", "dark"] as const) {
        const themed = await browser.newContext({ colorScheme: scheme });
        const page = await themed.newPage();
        for (const place of [
          "/",
          "/papers/gbnn",
          "/papers/gbnn/read",
          "/papers/gbnn/verify",
          "/papers/gbnn/use",
          "/subscribe",
          "/submit",
          "/claims",
          "/runs",
          "/search?q=tables",
          "/about",
        ]) {
          await page.goto(site.url + place);
          const { violations } = await new AxeBuilder({ page }).analyze();
          const serious = violations.filter(
            ({ impact }) => impact === "serious" || impact === "critical",
          );
          expect(serious.map(({ id, nodes }) => [place, scheme, id, nodes[0].html])).toEqual([]);
        }
        await themed.close();
      }
    },
  );

  once("fits a phone, and loads little", async () => {
    const phone = await browser.newContext({ viewport: { width: 360, height: 700 } });
    const page = await phone.newPage();
    let script = 0;
    page.on("response", async (response) => {
      if (response.headers()["content-type"]?.includes("javascript"))
        script += (await response.body().catch(() => Buffer.alloc(0))).length;
    });
    await page.goto(site.url, { waitUntil: "networkidle" });
    expect(script).toBeGreaterThan(0);
    expect(script).toBeLessThan(100_000);
    for (const place of [
      "/",
      "/papers/gbnn",
      "/papers/gbnn/read",
      "/papers/gbnn/verify",
      "/subscribe",
    ]) {
      await page.goto(site.url + place);
      expect([place, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
        place,
        360,
      ]);
    }
    await phone.close();
  });

  it("verifies a paper in the browser, and shows the shared report to others", async () => {
    const page = await open("/papers/gbnn/verify");
    await page.getByText("smoke", { exact: true }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("button", { name: "Share this report" }).click({ timeout: 90_000 });
    const link = page.getByRole("link", { name: /\/reports\// });
    await link.waitFor();
    const address = new URL(String(await link.getAttribute("href"))).pathname;
    const other = await browser.newContext({ javaScriptEnabled: false });
    const shown = await other.newPage();
    await shown.goto(site.url + address);
    expect(await shown.locator("body").innerText()).toContain("smoke preset");
    await other.close();
    for (const body of [
      "{",
      '{"kind":"verify"}',
      JSON.stringify({ kind: "verify", paper: "../x" }),
    ]) {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${site.url}/api/v1/reports`, { method: "POST", headers, body });
      expect(answer.status).toBe(400);
    }
    await page.close();
  });

  it("computes what is sent with a token, shows it live, and lists reports of others", async () => {
    const post = (place: string, body: unknown, secret?: string) =>
      fetch(`${site.url}/api/v1/${place}`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(secret !== undefined && { Authorization: `Bearer ${secret}` }),
        },
        body: JSON.stringify(body),
      });
    const run = { paper: "data-diet", preset: "smoke", seeds: [0, 1] };
    expect((await post("runs", run)).status).toBe(401);
    expect((await post("runs", run, "etude_wrong")).status).toBe(401);
    expect((await post("runs", { ...run, seeds: [0, 1, 2, 3, 4] }, token)).status).toBe(429);
    for (const wrong of [{}, { ...run, set: { drops: "x" } }, { ...run, more: 1 }, null])
      expect((await post("runs", wrong, token)).status).toBe(400);
    const answer = await post("runs", run, token);
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    const page = await open(`/runs/${id}`);
    await page.getByText("all 2 jobs are done").waitFor({ timeout: 90_000 });
    await page.getByRole("link", { name: "the verdicts" }).click();
    await page.waitForURL(/\/reports\//);
    expect(await page.locator("body").innerText()).toContain("smoke preset");
    const report: unknown = await (await fetch(`${page.url()}/report.json`)).json();
    const sent = await post("reports", report, token);
    expect(sent.status).toBe(201);
    await page.goto(`${site.url}/papers/data-diet/verify`);
    await page.getByRole("heading", { name: "Reproductions by others" }).waitFor();
    await page.goto(`${site.url}/claims`);
    await page.getByRole("heading", { name: "Claims across machines" }).waitFor();
    const described = await (await fetch(`${site.url}/api/v1/openapi.json`)).json();
    expect(Object.keys((described as { paths: object }).paths)).toContain("/api/v1/runs/{id}");
    await page.close();
  }, 120_000);

  it("keeps what a killed site has acknowledged", async () => {
    const page = await open("/papers/data-diet");
    await page.getByRole("button", { name: /Vote · 0/ }).click();
    await page.getByRole("button", { name: /Voted · 1/ }).waitFor();
    await site.kill();
    site = await startSite(folder, env, flags);
    await page.goto(`${site.url}/papers/data-diet`);
    await page.getByRole("button", { name: /· 1/ }).waitFor();
    await page.close();
  });

  it("showed no error on any page", () => {
    expect(problems).toEqual([]);
  });

  // The last one: it uses up what one address may do.
  it("answers odd requests without failing", async () => {
    const report = await recordedRun("gbnn");
    const { failures } = await fuzz(
      site.url,
      { report, token, ids: ["0123456789abcdef"] },
      { count: 300, seed: 1 },
    );
    expect(failures.map(({ what, request }) => [what, request.target])).toEqual([]);
  });
});
