/** The scripts that yargs makes shells complete with; they ask the command for candidates. */
import yargs from "yargs";

export const shells = ["bash", "zsh"] as const;

export async function completionScript(shell: (typeof shells)[number]): Promise<string> {
  // yargs takes the shell from the environment and writes to the console.
  const { SHELL, ZSH_NAME } = process.env;
  const lines: string[] = [];
  const { log } = console;
  try {
    process.env.SHELL = shell;
    delete process.env.ZSH_NAME;
    console.log = (text: string) => lines.push(text);
    yargs().scriptName("etude").showCompletionScript();
  } finally {
    console.log = log;
    restore("SHELL", SHELL);
    restore("ZSH_NAME", ZSH_NAME);
  }
  return lines.join("\n").trimEnd();
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
