/** What every request needs, opened once. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Transport, transportFrom } from "@etude/mail";
import { cards } from "@etude/papers/cards";
import { openStore, type Store, seedCards, siteSecret } from "@etude/store";
import { type Settings, settings } from "./settings.ts";
import { closers } from "./shared.ts";

export interface Site {
  readonly store: Store;
  /** 32 bytes that sign cookies. */
  readonly secret: Uint8Array;
  readonly mail: Transport;
  /** Where mails are kept while there is no SMTP server. */
  readonly mailFolder: string;
  readonly settings: Settings;
}

let opened: Promise<Site> | undefined;

export const site = (): Promise<Site> => {
  opened ??= open();
  return opened;
};

async function open(): Promise<Site> {
  const given = settings();
  const { databaseUrl, folder } = given;
  await mkdir(folder, { recursive: true });
  const mailFolder = path.join(folder, "mail");
  const mail = transportFrom(given, mailFolder);
  const store = await openStore(
    databaseUrl === undefined ? { folder: path.join(folder, "database") } : { url: databaseUrl },
  );
  closers().add(() => store.close());
  await seedCards(store, cards, new Date());
  return { store, secret: await siteSecret(folder), mail, mailFolder, settings: given };
}
