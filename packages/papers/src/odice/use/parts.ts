/** Which columns of a log are the state, the action, the reward, and the ends of episodes. */
import { DataError } from "@etude/data";
import { UsageError } from "../../contract/errors.ts";
import type { LogColumns, NumberColumn } from "./columns.ts";
import type { UseOptions } from "./options.ts";

export interface LogParts {
  readonly observations: readonly NumberColumn[];
  readonly actions: readonly NumberColumn[];
  readonly nextObservations: readonly NumberColumn[] | null;
  readonly reward: NumberColumn | null;
  readonly terminal: NumberColumn | null;
  readonly timeout: NumberColumn | null;
  readonly episode: NumberColumn | null;
}

const known = {
  reward: ["reward", "rewards"],
  terminal: ["terminal", "terminals", "terminated", "done", "dones"],
  timeout: ["timeout", "timeouts", "truncated"],
  episode: ["episode", "episodes", "episode_id"],
} as const;
const actionNames = /^actions?([_.]\d+)?$/i;
const nextPrefix = /^next[_.]/i;

/**
 * The parts of a log: the columns the user names, else those with the usual names.
 *
 * @throws UsageError for a part that is not found, DataError for a column that is not there or is text
 */
export function partsOf({ file, columns }: LogColumns, options: UseOptions): LogParts {
  const all = columns.map(({ name }) => name);
  const get = (name: string): NumberColumn => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    throw new DataError(`there is no column "${name}"; there are ${all.join(", ")}`, { file });
  };
  const single = (part: keyof typeof known): NumberColumn | null => {
    const given = options[part];
    if (given !== undefined) return get(given);
    const usual: readonly string[] = known[part];
    return columns.find(({ name }) => usual.includes(name.toLowerCase())) ?? null;
  };
  const reward = single("reward");
  if (reward === null && options.task === "learn") {
    throw new UsageError(
      `--data ${file}: no column is called reward; name it with --reward, or imitate with --task imitate`,
    );
  }
  const [terminal, timeout, episode] = [single("terminal"), single("timeout"), single("episode")];
  const actions =
    options.actions.length > 0
      ? options.actions.map(get)
      : columns.filter(({ name }) => actionNames.test(name));
  if (actions.length === 0) {
    throw new UsageError(
      `--data ${file}: no column is called action or action_0; name those of the action with --actions`,
    );
  }
  const next =
    options.nextObservations.length > 0
      ? options.nextObservations.map(get)
      : columns.filter(({ name }) => nextPrefix.test(name));
  const taken = new Set([reward, terminal, timeout, episode, ...actions, ...next]);
  const observations = (): readonly NumberColumn[] => {
    if (options.observations.length > 0) return options.observations.map(get);
    const stripped = next.map(({ name }) => name.replace(nextPrefix, ""));
    if (stripped.length > 0 && stripped.every((name) => all.includes(name)))
      return stripped.map(get);
    return columns.filter((column) => !taken.has(column));
  };
  const seen = observations();
  if (seen.length === 0)
    throw new UsageError(
      `--data ${file}: no column is left for the state; name them with --observations`,
    );
  if (next.length > 0 && next.length !== seen.length) {
    throw new UsageError(
      `--data ${file}: ${seen.length} columns of the state (${nameList(seen)}) and ${next.length} of the next state (${nameList(next)}); name them with --observations and --next-observations`,
    );
  }
  const texts = [...seen, ...next, ...(reward === null ? [] : [reward])].find(
    ({ categories }) => categories !== undefined,
  );
  if (texts !== undefined) {
    throw new DataError("this column holds texts; states and rewards must be numbers", {
      file,
      column: texts.name,
    });
  }
  return {
    observations: seen,
    actions,
    nextObservations: next.length > 0 ? next : null,
    reward,
    terminal,
    timeout,
    episode,
  };
}

const nameList = (columns: readonly NumberColumn[]): string =>
  columns.map(({ name }) => name).join(", ");
