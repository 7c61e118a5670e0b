/** The commands by name, each loaded when it is asked for. */
import type { Command } from "../command.ts";

const loaders: Readonly<Record<string, () => Promise<{ readonly default: Command }>>> = {
  list: () => import("./list.ts"),
  read: () => import("./read.ts"),
  verify: () => import("./verify.ts"),
  use: () => import("./use.ts"),
  data: () => import("./data.ts"),
  report: () => import("./report.ts"),
  submit: () => import("./submit.ts"),
  worker: () => import("./worker.ts"),
  jobs: () => import("./jobs.ts"),
  token: () => import("./token.ts"),
  serve: () => import("./serve.ts"),
  ingest: () => import("./ingest.ts"),
  new: () => import("./new.ts"),
  completion: () => import("./completion.ts"),
};

export const commandNames: readonly string[] = Object.keys(loaders);

export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(loaders, name) ? (await loaders[name]()).default : undefined;
}

export const allCommands = async (): Promise<readonly Command[]> =>
  (await Promise.all(Object.values(loaders).map((load) => load()))).map((module) => module.default);
