import type { RunEvent } from "@etude/papers";
import { expect, test } from "vitest";
import { outbox } from "./outbox.ts";

const progress = (done: number, label: string): RunEvent => ({
  type: "progress",
  done,
  total: 10,
  label,
});
const metric = (step: number): RunEvent => ({
  type: "metric",
  name: "loss",
  step,
  value: 1 / step,
});

test("news go out at once, more of the same together and only the newest of it", () => {
  let clock = 0;
  const posts: (readonly RunEvent[])[] = [];
  const box = outbox(
    (events) => posts.push(events),
    () => clock,
  );
  box.put(progress(1, "training"));
  expect(posts).toHaveLength(1);
  clock = 10;
  box.put(progress(2, "training"));
  box.put(metric(1));
  box.put(progress(3, "training"));
  expect(posts).toHaveLength(1);
  clock = 120;
  box.put(metric(2));
  expect(posts[1]).toEqual([metric(1), progress(3, "training"), metric(2)]);
  clock = 121;
  box.put(progress(4, "testing"));
  expect(posts[2]).toEqual([progress(4, "testing")]);
  box.put(metric(3));
  box.flush();
  box.flush();
  expect(posts.slice(3)).toEqual([[metric(3)]]);
});

test("a figure that grows goes out once, and of very many points of a metric a part", () => {
  const posts: (readonly RunEvent[])[] = [];
  const box = outbox(
    (events) => posts.push(events),
    () => 0,
  );
  box.put({ type: "log", message: "begins" });
  const figure = (title: string): RunEvent => ({
    type: "figure",
    figure: { id: "one", title, x: { label: "" }, y: { label: "" }, marks: [] },
  });
  box.put(figure("small"));
  box.put(figure("grown"));
  for (let step = 1; step <= 1000; step++) box.put(metric(step));
  box.flush();
  expect(posts[1][0]).toEqual(figure("grown"));
  expect(posts[1]).toHaveLength(201);
});
