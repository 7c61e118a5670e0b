import fc from "fast-check";
import { simpleParser } from "mailparser";
import { expect, test } from "vitest";
import { parseAddress, parseMailbox } from "./addresses.ts";
import { RequestError } from "./errors.ts";
import { compose, domainOf, type Mail } from "./message.ts";
import { digestMail } from "./templates/digest.ts";
import { anyText } from "./testing/anyText.ts";
import { digestPapers } from "./testing/papers.ts";
import { link, rendered, site } from "./testing/rendered.ts";
import { sender } from "./testing/smtpServer.ts";

const mail: Mail = {
  ...rendered.digest,
  to: "ada@example.org",
  messageId: "<daily.2026-11-24.4711@etude.example>",
  date: new Date("2026-11-24T07:00:00Z"),
  list: { site, unsubscribe: link("unsubscribe") },
};

/** The headers that every mail has, and nothing else. */
const headerNames = [
  "auto-submitted",
  "content-type",
  "date",
  "from",
  "list-id",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "message-id",
  "mime-version",
  "subject",
  "to",
];

/** Names of the headers of a raw message, as any receiver would count them. */
function headersOf(raw: Buffer): string[] {
  const head = raw.toString("latin1").split("\r\n\r\n", 1)[0];
  return head
    .replace(/\r\n[ \t]/g, " ")
    .split("\r\n")
    .map((line) => line.slice(0, line.indexOf(":")).toLowerCase())
    .sort();
}

test("a mail says who it is from, that it is automatic, and how to leave", async () => {
  const raw = await compose(mail, sender);
  expect(headersOf(raw)).toEqual(headerNames);
  const head = raw.toString().split("\r\n\r\n", 1)[0];
  expect(head).toContain("Message-ID: <daily.2026-11-24.4711@etude.example>\r\n");
  expect(head).toContain("Auto-Submitted: auto-generated\r\n");
  expect(head).toContain("List-ID: Etude digests <digests.etude.example>\r\n");
  expect(head).toContain(`List-Unsubscribe: <${link("unsubscribe")}>\r\n`);
  expect(head).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
  const parsed = await simpleParser(raw);
  expect(parsed.from?.value).toEqual([{ name: "Étude", address: "digest@etude.example" }]);
  expect(parsed.subject).toBe(mail.subject);
  expect(parsed.date).toEqual(mail.date);
  expect(parsed.text?.trimEnd()).toBe(mail.text.trimEnd());
  expect(parsed.html).toBe(mail.html);
});

test("one click over http is not promised", async () => {
  const list = { site, unsubscribe: new URL("http://localhost:3000/subscribe/unsubscribe/x") };
  const names = headersOf(await compose({ ...mail, list }, sender));
  expect(names).toEqual(headerNames.filter((name) => name !== "list-unsubscribe-post"));
});

test("the same mail is the same bytes, in lines that SMTP can carry", async () => {
  const raw = await compose(mail, sender);
  expect(await compose(mail, sender)).toEqual(raw);
  for (const line of raw.toString("latin1").split("\r\n")) {
    expect(line.length).toBeLessThanOrEqual(998);
    expect(line).not.toMatch(/[\r\n\0\x80-\xff]/);
  }
});

const nasty = fc.oneof(
  anyText(200),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "\r\n",
          "\n",
          "\r",
          "\0",
          "\u2028",
          "Bcc: eve@example.org",
          "\r\n\r\n",
          "\r\n.\r\n",
        ),
        fc.constantFrom(
          "=?utf-8?Q?=0D=0ABcc:_eve@example.org?=",
          "<eve@example.org>",
          ",",
          ";",
          '"',
          "\\",
        ),
        fc.string({ maxLength: 20 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

test("no title puts a header or a recipient into a mail", async () => {
  await fc.assert(
    fc.asyncProperty(nasty, async (title) => {
      const digest = digestMail({
        site,
        choice: { frequency: "daily", topics: [title] },
        day: new Date("2026-11-24"),
        papers: [
          {
            ...digestPapers[0],
            title,
            excerpt: title,
            authors: [title],
            venue: title,
            path: title,
          },
        ],
        manage: link("manage"),
        unsubscribe: link("unsubscribe"),
      });
      const raw = await compose({ ...mail, ...digest }, sender);
      expect(headersOf(raw)).toEqual(headerNames);
      const parsed = await simpleParser(raw);
      expect([parsed.to].flat().flatMap((to) => to?.value.map(({ address }) => address))).toEqual([
        mail.to,
      ]);
      expect(parsed.cc ?? parsed.bcc).toBeUndefined();
      expect(parsed.attachments).toEqual([]);
      expect(parsed.html).toBe(digest.html);
    }),
    { numRuns: 100 },
  );
});

test("no address and no sender puts a header or a recipient into a mail", async () => {
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (local, domain, name) => {
      for (const given of [
        local,
        `${local}@${domain}`,
        `a${local}@example.org`,
        `a@b${domain}.org`,
      ]) {
        const to = attempt(() => parseAddress(given).email);
        if (to === undefined) continue;
        const raw = await compose({ ...mail, to }, sender);
        expect(headersOf(raw)).toEqual(headerNames);
        expect(raw.toString("latin1")).toContain(`\r\nTo: ${to}\r\n`);
      }
      const from = attempt(() => parseMailbox(`${name} <a@example.org>`, "MAIL_FROM"));
      if (from === undefined) return;
      const raw = await compose(mail, from);
      expect(headersOf(raw)).toEqual(headerNames);
      const parsed = await simpleParser(raw);
      expect(parsed.from?.value.map(({ address }) => address)).toEqual(["a@example.org"]);
    }),
    { numRuns: 100 },
  );
});

/** What a function gives, or nothing where it refuses. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RequestError || (error as Error).name === "ConfigurationError")
      return undefined;
    throw error;
  }
}

test("message ids end in the sender's domain", () => {
  expect(domainOf(sender)).toBe("etude.example");
});
