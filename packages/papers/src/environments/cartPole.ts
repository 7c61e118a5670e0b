/** A pole on a cart that is pushed to the left or the right. */
import type { Environment } from "./environment.ts";

export interface CartPoleState {
  /** Metres. */
  readonly position: number;
  readonly velocity: number;
  /** Radians from upright. */
  readonly angle: number;
  readonly angularVelocity: number;
}

const gravity = 9.8;
const poleMass = 0.1;
const totalMass = 1 + poleMass;
/** Half of the pole. */
const length = 0.5;
const force = 10;
const seconds = 0.02;
const widest = 2.4;
const steepest = (12 * 2 * Math.PI) / 360;

/**
 * CartPole-v1 of Gym (Barto, Sutton and Anderson 1983, "Neuronlike adaptive elements that can solve
 * difficult learning control problems"): Euler steps of 0.02 s, force -10 N for action 0 and +10 N for
 * action 1, reward 1 a step, terminal when the cart is off by more than 2.4 m or the pole by 12 degrees.
 */
export const cartPole: Environment<CartPoleState> = {
  name: "cart-pole",
  observations: ["cart_position", "cart_velocity", "pole_angle", "pole_angular_velocity"],
  actions: { kind: "discrete", count: 2 },
  limit: 500,
  reset: (draws) => ({
    position: draws.uniform(-0.05, 0.05),
    velocity: draws.uniform(-0.05, 0.05),
    angle: draws.uniform(-0.05, 0.05),
    angularVelocity: draws.uniform(-0.05, 0.05),
  }),
  observe: ({ position, velocity, angle, angularVelocity }) => [
    position,
    velocity,
    angle,
    angularVelocity,
  ],
  step: ({ position, velocity, angle, angularVelocity }, [action]) => {
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const push = action === 1 ? force : -force;
    const pull = (push + poleMass * length * angularVelocity ** 2 * sin) / totalMass;
    const angularAcceleration =
      (gravity * sin - cos * pull) / (length * (4 / 3 - (poleMass * cos ** 2) / totalMass));
    const acceleration = pull - (poleMass * length * angularAcceleration * cos) / totalMass;
    const state = {
      position: position + seconds * velocity,
      velocity: velocity + seconds * acceleration,
      angle: angle + seconds * angularVelocity,
      angularVelocity: angularVelocity + seconds * angularAcceleration,
    };
    return {
      state,
      reward: 1,
      terminal: Math.abs(state.position) > widest || Math.abs(state.angle) > steepest,
    };
  },
};
