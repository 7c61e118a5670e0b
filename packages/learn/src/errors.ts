/** An error a user can act on: what was wrong, where, what to do. */
export class LearnError extends Error {
  override name = "LearnError";
}

export function fail(message: string): never {
  throw new LearnError(message);
}

export const showShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
