/** The toy verified in this process, without a queue: what the queue's reports must equal. */
import { finish, memoryStore, planVerify, reproducible, verify } from "@etude/papers";
import { toy } from "./toy.ts";

const nothing = () => Promise.reject(new Error("no data here"));

/** The part of the report that does not depend on where it was made, as JSON. */
export async function verifiedAlone(set: object, seeds?: readonly number[]): Promise<unknown> {
  const plan = planVerify(toy.experiment, {
    preset: "smoke",
    set: { ...set },
    ...(seeds && { seeds }),
  });
  const report = await finish(
    verify(toy, plan, {
      data: {
        table: nothing,
        images: nothing,
        text: nothing,
        arrays: nothing,
        transitions: nothing,
      },
      store: memoryStore(),
      signal: new AbortController().signal,
      environment: { etude: "", runtime: "", platform: "", processor: "", cores: 1, device: "" },
    }),
  );
  return JSON.parse(JSON.stringify(reproducible(report)));
}
