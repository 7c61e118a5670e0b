/** What the exit status of the command says to a shell. */
export const exit = {
  /** Done; for `verify`: and no claim failed. */
  done: 0,
  /** Done, and at least one claim does not hold. */
  claimFailed: 1,
  /** Bad usage or input: one line on the standard error says what and where. */
  badInput: 2,
  /** An error of Etude itself. */
  internal: 3,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exit)[keyof typeof exit];
