/** Mails as files, for a site without SMTP: nothing leaves the machine, and /dev/mail shows them. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Mailbox } from "../addresses.ts";
import { SendError } from "../errors.ts";
import { compose, type Mail } from "../message.ts";
import type { Transport } from "./transport.ts";

/** A mail in the folder. */
export interface StoredMail {
  /** Its name for `readMail`, in the order of sending. */
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly date: Date;
}

/** A stored mail with both bodies and the bytes that SMTP would have sent. */
export interface WholeMail extends StoredMail {
  readonly html: string;
  readonly text: string;
  readonly raw: Buffer;
}

const partsSchema = z.object({
  to: z.string(),
  subject: z.string(),
  date: z.coerce.date(),
  html: z.string(),
  text: z.string(),
});

const nameShape = /^\d{8}T\d{9}Z-[0-9a-f]{16}$/;

/**
 * Writes each mail as `<name>.eml`, beside `<name>.json` with its parts unencoded. A name comes from
 * the date and the Message-ID: the same mail sent twice is one file.
 */
export function folderTransport(folder: string, from: Mailbox): Transport {
  return {
    from,
    open: async () => ({
      async send(mail, handOver = async () => {}) {
        const { to, subject, date, html, text } = mail;
        const place = path.join(folder, nameOf(mail));
        const raw = await compose(mail, from);
        await onDisk(async () => {
          await mkdir(folder, { recursive: true });
          await writeWhole(`${place}.json`, JSON.stringify({ to, subject, date, html, text }));
        });
        await handOver();
        await onDisk(() => writeWhole(`${place}.eml`, raw));
      },
      close: async () => {},
    }),
  };
}

async function onDisk(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SendError("unavailable", `cannot write a mail: ${why}`, { cause: error });
  }
}

function nameOf({ date, messageId }: Mail): string {
  const id = createHash("sha256").update(messageId).digest("hex").slice(0, 16);
  return `${date.toISOString().replace(/[-:.]/g, "")}-${id}`;
}

/** A reader sees the whole file or none, also after a power failure. */
async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}.draft`;
  const handle = await open(draft, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** The mails in a folder, the newest first; none if there is no folder yet. */
export async function listMail(folder: string, limit = 200): Promise<StoredMail[]> {
  const names = (await filesIn(folder))
    .filter((file) => file.endsWith(".eml"))
    .map((file) => file.slice(0, -".eml".length))
    .filter((name) => nameShape.test(name))
    .sort()
    .reverse();
  return Promise.all(
    names.slice(0, limit).map(async (name) => {
      const { to, subject, date } = await partsOf(folder, name);
      return { name, to, subject, date };
    }),
  );
}

/** One mail of a folder by its name; undefined for a name that is none of its mails. */
export async function readMail(folder: string, name: string): Promise<WholeMail | undefined> {
  if (!nameShape.test(name) || !(await filesIn(folder)).includes(`${name}.eml`)) return undefined;
  const raw = await readFile(path.join(folder, `${name}.eml`));
  return { name, ...(await partsOf(folder, name)), raw };
}

const partsOf = async (folder: string, name: string) =>
  partsSchema.parse(JSON.parse(await readFile(path.join(folder, `${name}.json`), "utf8")));

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
