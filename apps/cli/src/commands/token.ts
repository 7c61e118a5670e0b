/** `etude token`: who may send reports and jobs to the site. */
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { listing } from "../listing.ts";
import { storeFlags, withStore } from "../store.ts";

export default command({
  name: "token",
  describe: "Give tokens to those who may send reports and jobs to the site",
  words: [{ name: "label", describe: "whose it is; lists all tokens without it" }],
  flags: {
    quota: { type: "number", describe: "Reports and jobs a day", otherwise: "100" },
    days: { type: "number", describe: "How long it is good", otherwise: "for ever" },
    revoke: { type: "number", describe: "Make the token of this number worthless" },
    ...storeFlags,
    json: { type: "switch", describe: "As JSON" },
  },
  examples: [
    ["token 'vision lab' --quota 50 --days 90", "prints the token, once"],
    ["token", "all of them, without their secrets"],
    ["token --revoke 3", "number 3 is worth nothing any more"],
  ],
  notes: "Its owner sets ETUDE_TOKEN. The store keeps only a hash: a token that is lost is lost.",
  async run({ words: [label], flags }, { terminal }) {
    const { quota = 100, days, revoke } = flags;
    if (days !== undefined && !(days > 0)) throw new UsageError(`--days ${days}: expected more`);
    return withStore(flags, terminal.folder, async (store) => {
      const { createToken, listTokens, revokeToken } = await import("@etude/store");
      const now = new Date();
      if (revoke !== undefined) {
        if (!(await revokeToken(store, revoke)))
          throw new UsageError(`--revoke ${revoke}: there is no such token; see: etude token`);
        terminal.out(`token ${revoke} is worth nothing any more`);
        return exit.done;
      }
      if (label !== undefined) {
        const expires = days === undefined ? {} : { expires: new Date(+now + days * 86_400_000) };
        const made = await createToken(store, { label, quota, ...expires }, now);
        terminal.out(flags.json ? JSON.stringify(made) : made.secret);
        return exit.done;
      }
      const tokens = await listTokens(store);
      if (flags.json) terminal.out(JSON.stringify(tokens, null, 2));
      else if (tokens.length === 0) terminal.out("nobody has a token; see: etude token --help");
      else {
        const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? "never";
        const rows = tokens.map(({ id, label: whose, quota: daily, created, expires }) => [
          String(id),
          String(daily),
          day(created),
          day(expires),
          whose,
        ]);
        terminal.out(listing(["", "a day", "made", "ends", "whose"], rows, terminal));
      }
      return exit.done;
    });
  },
});
