/** Where a training keeps its state, so that it goes on after whatever stopped it. */

/** One place for one state. `save` must be atomic: after a crash the place holds the old or the new. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

/** A store that lasts as long as the process. */
export function memoryCheckpoint(): CheckpointStore {
  let held: Uint8Array | undefined;
  return {
    load: async () => held,
    save: async (bytes) => {
      held = bytes;
    },
  };
}
