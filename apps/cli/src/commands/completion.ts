/** `etude completion`: what makes a shell complete commands, papers and flags. */
import { UsageError } from "@etude/papers/errors";
import { inWords } from "../checkFlags.ts";
import { command } from "../command.ts";
import { completionScript, shells } from "../completionScript.ts";
import { exit } from "../exit.ts";

export default command({
  name: "completion",
  describe: "Print a script that makes your shell complete commands, papers and flags",
  words: [
    {
      name: "shell",
      describe: "bash or zsh; by itself the shell that SHELL names",
      completes: shells,
    },
  ],
  flags: {},
  examples: [
    ["completion bash >> ~/.bashrc", "for bash"],
    ["completion zsh >> ~/.zshrc", "for zsh"],
  ],
  async run({ words: [asked] }, { terminal }) {
    const shell = asked ?? (terminal.environment.SHELL?.includes("zsh") ? "zsh" : "bash");
    const known = shells.find((name) => name === shell);
    if (known === undefined) {
      throw new UsageError(`etude completion ${shell}: expected ${inWords(shells)}`);
    }
    terminal.out(await completionScript(known));
    return exit.done;
  },
});
