/** Values that are one a process, though the site is bundled and the server around it is not. */
const held = globalThis as unknown as Record<symbol, unknown>;

export function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(`etude.${name}`);
  held[key] ??= make();
  return held[key] as T;
}

/** What to do before the process ends, such as closing the database. */
export const closers = (): Set<() => Promise<void>> =>
  shared("closers", () => new Set<() => Promise<void>>());
