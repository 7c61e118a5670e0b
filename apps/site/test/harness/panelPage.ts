/** A page of the harness, as tests drive it. */
import { readFile } from "node:fs/promises";
import type { BrowserContext, Download, Page } from "playwright-core";

export interface PanelQuery {
  readonly panel: "verify" | "use";
  readonly slug: string;
  /** Whether the server says what the paper is, so that the panel loads nothing for it. */
  readonly about?: boolean;
  readonly recorded?: boolean;
  readonly share?: boolean;
}

export interface PanelPage {
  readonly page: Page;
  /** Errors of the page's scripts, and what its security policy refused. */
  readonly problems: readonly string[];
  /** Addresses that the page and its workers asked for. */
  readonly requests: readonly string[];
}

export async function openPanel(
  context: BrowserContext,
  url: string,
  { panel, slug, ...switches }: PanelQuery,
): Promise<PanelPage> {
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  const on = Object.entries(switches).flatMap(([name, isOn]) => (isOn ? [[name, "1"]] : []));
  const query = new URLSearchParams([["panel", panel], ["slug", slug], ...on]);
  await page.goto(`${url}?${query}`);
  await ready(page);
  return { page, problems, requests };
}

export const ready = (page: Page) => page.waitForSelector("[data-ready]");

/** Clicks a button that saves a file, and gives what was saved. */
export async function save(page: Page, button: string): Promise<Uint8Array> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button, exact: true }).click(),
  ]);
  return contentOf(download);
}

const contentOf = async (download: Download): Promise<Uint8Array> =>
  new Uint8Array(await readFile(await download.path()));

/** Drops a file on the place of a slot. */
export async function drop(page: Page, slot: string, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], name));
      return transfer;
    },
    [name, content] as const,
  );
  await page
    .getByRole("group", { name: new RegExp(`^${slot}`, "i") })
    .dispatchEvent("drop", { dataTransfer: transfer });
}
