/** Small environments that papers share, and episodes in them. */
export { type CartPoleState, cartPole } from "./cartPole.ts";
export {
  type Action,
  type ActionSpace,
  anyAction,
  clipped,
  type Environment,
  type Step,
  slipping,
} from "./environment.ts";
export {
  bumpsOf,
  cellAfter,
  everyCell,
  type GridWorld,
  goalCell,
  gridArrows,
  gridSize,
  type LoggedMove,
  openGrid,
  shortcutGrid,
  startCell,
  xOf,
  yOf,
} from "./gridWorld.ts";
export { type PendulumState, pendulum } from "./pendulum.ts";
export { type Episode, type Policy, type RolloutOptions, rollout } from "./rollout.ts";
