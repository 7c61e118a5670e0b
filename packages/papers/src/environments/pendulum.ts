/** A rod that a weak motor is to swing up and hold. */
import { clipped, type Environment } from "./environment.ts";

export interface PendulumState {
  /** Radians from upright. */
  readonly angle: number;
  /** Radians a second. */
  readonly velocity: number;
}

const gravity = 10;
const seconds = 0.05;
const fastest = 8;
const strongest = 2;

/**
 * Pendulum-v1 of Gym: a rod of 1 kg and 1 m, torque within 2 Nm, steps of 0.05 s, speed clipped to 8.
 * The reward is -(angle^2 + 0.1 velocity^2 + 0.001 torque^2) of the state before the step, the angle
 * within [-pi, pi). No state is terminal.
 */
export const pendulum: Environment<PendulumState> = {
  name: "pendulum",
  observations: ["cos_theta", "sin_theta", "theta_dot"],
  actions: { kind: "continuous", low: [-strongest], high: [strongest] },
  limit: 200,
  reset: (draws) => ({
    angle: draws.uniform(-Math.PI, Math.PI),
    velocity: draws.uniform(-1, 1),
  }),
  observe: ({ angle, velocity }) => [Math.cos(angle), Math.sin(angle), velocity],
  step: ({ angle, velocity }, [wanted]) => {
    const torque = clipped(wanted, -strongest, strongest);
    const acceleration = 1.5 * gravity * Math.sin(angle) + 3 * torque;
    const next = clipped(velocity + acceleration * seconds, -fastest, fastest);
    return {
      state: { angle: angle + next * seconds, velocity: next },
      reward: -(withinHalfTurn(angle) ** 2 + 0.1 * velocity ** 2 + 0.001 * torque ** 2),
      terminal: false,
    };
  },
};

/** The same direction as an angle of [-pi, pi). */
function withinHalfTurn(angle: number): number {
  const turn = 2 * Math.PI;
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
}
