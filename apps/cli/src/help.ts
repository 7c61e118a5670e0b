/** Help texts, laid out by yargs from what a command declares. */
import yargs, { type Argv, type Options } from "yargs";
import { everywhere, showWord } from "./checkFlags.ts";
import type { Command, Flag, Flags, Word } from "./command.ts";
import { allCommands } from "./commands/index.ts";

const widest = 110;

/** The kinds of values as people call them; yargs would say [string]. */
const kinds = { string: "value", boolean: "switch", array: "repeatable" };

export async function helpOf(command: Command, columns: number): Promise<string> {
  const { name, words, describe, examples, notes } = command;
  const form = ["etude", name, ...words.map(showWord), "[flags]"].join(" ");
  const page = pageOf(command.flags, columns)
    .usage([`${form}\n\n${describe}.`, ...wordLines(words)].join("\n"))
    .example(examples.map(([line, does]): [string, string] => [`etude ${line}`, does]));
  if (notes !== undefined) page.epilogue(notes);
  return page.getHelp();
}

function wordLines(words: readonly Word[]): string[] {
  const width = Math.max(0, ...words.map((word) => showWord(word).length));
  const lines = words.map((word) => `  ${showWord(word).padEnd(width)}  ${word.describe}`);
  return lines.length === 0 ? [] : ["", ...lines];
}

export async function mainHelp(columns: number): Promise<string> {
  const page = pageOf({}, columns)
    .usage(
      "etude <command>\n\nPapers you can run: read them, verify their claims, use them on your data.",
    )
    .option("version", { type: "boolean", describe: "Show the version" })
    .example([
      ["etude list diffusion", "papers about a word"],
      ["etude read gbnn", "what a paper is, claims and takes"],
      ["etude verify gbnn", "measure its claims, here and now"],
      ["etude use gbnn --help", "what it does for your own data"],
    ])
    .epilogue(
      "Exit status: 0 done, 1 a claim does not hold, 2 bad usage or input, 3 internal error, 130 interrupted.",
    );
  for (const { name, words, describe } of await allCommands()) {
    page.command([name, ...words.map(showWord)].join(" "), describe);
  }
  return page.getHelp();
}

function pageOf(flags: Flags, columns: number): Argv {
  const page = yargs().scriptName("etude").exitProcess(false).help(false).version(false);
  for (const [name, flag] of Object.entries(flags)) page.option(name, optionOf(flag));
  return page
    .option("help", { alias: "h", type: "boolean", describe: everywhere.help.describe })
    .option("no-color", { type: "boolean", describe: everywhere["no-color"].describe })
    .updateStrings(kinds)
    .wrap(Math.min(columns, widest));
}

function optionOf(flag: Flag): Options {
  const { describe } = flag;
  switch (flag.type) {
    case "switch":
      return { describe, type: "boolean" };
    case "number":
      return { describe: describe + standardOf(flag), type: "number" };
    case "texts":
      return { describe, type: "string", array: true };
    case "text": {
      const choices = flag.choices === undefined ? "" : `: ${flag.choices.join(", ")}`;
      return { describe: describe + choices + standardOf(flag), type: "string" };
    }
  }
}

const standardOf = ({ otherwise }: { otherwise?: string }): string =>
  otherwise === undefined ? "" : ` (default: ${otherwise})`;
