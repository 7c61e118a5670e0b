/** Where checkpoints are kept. */

/** A place for the bytes of one run's newest checkpoint. */
export interface CheckpointStore {
  /** What was saved last; undefined before that. */
  load(): Promise<Uint8Array | undefined>;
  /** Replace it. When the promise is fulfilled, the bytes survive the end of the program. */
  save(bytes: Uint8Array): Promise<void>;
}

/** In the memory of this program: for tests, and for going on after an abort. */
export function memoryCheckpoints(initial?: Uint8Array): CheckpointStore {
  let kept = initial;
  return {
    load: async () => kept,
    save: async (bytes) => {
      kept = bytes.slice();
    },
  };
}
