import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { simpleParser } from "mailparser";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigurationError, SendError } from "../errors.ts";
import type { Mail } from "../message.ts";
import { rendered } from "../testing/rendered.ts";
import { sender } from "../testing/smtpServer.ts";
import { folderTransport, listMail, readMail, sendOne, transportFrom } from "./index.ts";

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "etude-mail-"));
  folder = path.join(root, "mail");
});
afterEach(() => rm(root, { recursive: true }));

const mail = (minute: number): Mail => ({
  ...rendered.confirm,
  to: `reader${minute}@example.org`,
  messageId: `<${minute}@etude.example>`,
  date: new Date(Date.UTC(2026, 10, 24, 7, minute)),
});

test("mails are listed, the newest first, and read as they would have been sent", async () => {
  const transport = folderTransport(folder, sender);
  expect(await listMail(folder)).toEqual([]);
  for (const minute of [1, 3, 2]) await sendOne(transport, mail(minute));
  const list = await listMail(folder);
  expect(list.map(({ to }) => to)).toEqual([3, 2, 1].map((minute) => mail(minute).to));
  expect((await listMail(folder, 1)).map(({ to }) => to)).toEqual([mail(3).to]);
  const whole = await readMail(folder, list[0].name);
  expect(whole).toMatchObject({ ...rendered.confirm, to: mail(3).to, date: mail(3).date });
  const parsed = await simpleParser(whole?.raw ?? "");
  expect(parsed.html).toBe(rendered.confirm.html);
});

test("the same mail sent twice is one file, and no drafts stay", async () => {
  const transport = folderTransport(folder, sender);
  await Promise.all([mail(1), mail(1), mail(1)].map((each) => sendOne(transport, each)));
  const files = await readdir(folder);
  expect(files.map((file) => path.extname(file)).sort()).toEqual([".eml", ".json"]);
});

test("only its mails can be read", async () => {
  await sendOne(folderTransport(folder, sender), mail(1));
  await writeFile(path.join(root, "secret.eml"), "");
  await writeFile(path.join(folder, "notes.eml"), "");
  for (const name of ["../secret", "notes", "", "20261124T070100000Z-0000000000000000"]) {
    expect(await readMail(folder, name)).toBeUndefined();
  }
  expect(await listMail(folder)).toHaveLength(1);
});

test("a folder that cannot be written is unavailable", async () => {
  await writeFile(folder, "");
  const sending = sendOne(folderTransport(folder, sender), mail(1));
  await expect(sending).rejects.toThrow(SendError);
  await expect(sending).rejects.toMatchObject({ kind: "unavailable" });
});

test("the settings decide", async () => {
  await sendOne(transportFrom({}, folder), mail(1));
  await sendOne(transportFrom({ SMTP_URL: "", MAIL_FROM: "A <a@example.org>" }, folder), mail(2));
  expect(await listMail(folder)).toHaveLength(2);
  const smtp = { SMTP_URL: "smtp://localhost", MAIL_FROM: "Etude <digest@etude.example>" };
  expect(transportFrom(smtp, folder).from).toEqual({
    name: "Etude",
    address: "digest@etude.example",
  });
  expect(() => transportFrom({ SMTP_URL: "smtp://localhost" }, folder)).toThrow(/^MAIL_FROM: /);
  expect(() => transportFrom({ ...smtp, SMTP_URL: "x" }, folder)).toThrow(ConfigurationError);
});
