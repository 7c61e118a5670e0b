/** What `etude read`, `verify` and `use` are given. */
import { card } from "../cards/index.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card: card("data-diet"),
  method: ["heavyBall.ts"],
  experiment,
  use,
};
