/** What an operator gets wrong: one line, and nothing left running. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { command, startSite } from "./siteProcess.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "etude-serve-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const data = () => ["--data", folder];

it("refuses a port that is taken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const { status, said } = await command(["serve", "--port", String(port), ...data()]);
  other.close();
  expect([status, said]).toEqual([
    2,
    `etude: --port ${port}: another program has it; give another, or 0\n`,
  ]);
});

it.each([
  [["--port", "70000"], {}, "etude: --port 70000: expected a whole number"],
  [["--url", "nonsense"], {}, "etude: --url nonsense: expected http"],
  [["--port", "0"], { SMTP_URL: "smtp://127.0.0.1:1" }, "etude: MAIL_FROM: needed beside SMTP_URL"],
  [["--port", "0"], { DATABASE_URL: "postgres://x@127.0.0.1:1/x" }, "etude: cannot connect"],
])("refuses %j with %j", async (flags, env, line) => {
  const { status, said } = await command(["serve", ...flags, ...data()], env);
  expect(status).toBe(2);
  expect(said.trim().split("\n")).toHaveLength(1);
  expect(said).toContain(line);
});

it("tells when a source cannot be reached, and when another process has the store", async () => {
  const closed = createTcp();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const env = { ETUDE_ARXIV_URL: `http://127.0.0.1:${port}/api/query` };
  const unreachable = await command(["ingest", "arxiv", ...data()], env);
  expect([unreachable.status, unreachable.said]).toEqual([
    2,
    `etude: 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}\n`,
  ]);
  const site = await startSite(folder);
  const second = await command(["serve", "--port", "0", ...data()]);
  expect(second.status).toBe(2);
  expect(second.said).toMatch(/^etude: .*process.*\n$/);
  await site.stop();
});

it("shows mails on the machine itself, and to nobody else", async () => {
  const local = await startSite(folder);
  expect((await fetch(`${local.url}/dev/mail`)).status).toBe(200);
  await local.stop();
  for (const flags of [
    ["--proxies", "1"],
    ["--url", "https://papers.example"],
    ["--host", "0.0.0.0"],
  ]) {
    const open = await startSite(folder, {}, flags);
    const headers = { "X-Forwarded-For": "192.0.2.1" };
    expect((await fetch(`${open.url}/dev/mail`, { headers })).status).toBe(404);
    await open.stop();
  }
});
