/** What the environment says; the one place where the site reads it. */
import path from "node:path";

export interface Settings {
  /** Where the embedded database, mails and secrets live. */
  readonly folder: string;
  /** A PostgreSQL server instead of the embedded database. */
  readonly databaseUrl?: string;
  readonly SMTP_URL?: string;
  readonly MAIL_FROM?: string;
  /**
   * As visitors reach the site, without a slash at the end: what links in mails and feeds begin with.
   * Never taken from a request, whose Host anybody may write.
   */
  readonly publicUrl: string;
  /** Whether mails are shown at /dev/mail: only where nobody but this machine reaches the site. */
  readonly showMails: boolean;
  /** Whether papers are read from outside once an hour. */
  readonly ingest: boolean;
  /** Jobs of the queue that this process computes at a time; 0 for none. */
  readonly workers: number;
}

/** @throws TypeError for a public address that is no URL */
export function settings(env: NodeJS.ProcessEnv = process.env): Settings {
  const { ETUDE_DATA, DATABASE_URL, SMTP_URL, MAIL_FROM, ETUDE_URL } = env;
  const { ETUDE_INGEST, ETUDE_LOCAL, ETUDE_WORKERS } = env;
  return {
    folder: path.resolve(ETUDE_DATA || "data"),
    ...(DATABASE_URL && { databaseUrl: DATABASE_URL }),
    ...(SMTP_URL && { SMTP_URL }),
    ...(MAIL_FROM && { MAIL_FROM }),
    publicUrl: new URL(ETUDE_URL || "http://localhost:3000").href.replace(/\/+$/, ""),
    showMails: !SMTP_URL && ETUDE_LOCAL === "1",
    ingest: ETUDE_INGEST === "1",
    workers: Number(ETUDE_WORKERS) || 0,
  };
}
