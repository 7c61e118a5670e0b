import { writeInputs } from "./inputs.ts";
import { workloads } from "./workloads/index.ts";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
const [cmd, ...args] = process.argv.slice(2);
const child = spawn(cmd, args, { stdio: ["pipe", "pipe", "inherit"], env: {...process.env, PYTHONDONTWRITEBYTECODE: "1", ETUDE_BENCH_PEERS: "/tmp/bench-peers"} });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const ask = async (r) => { child.stdin.write(JSON.stringify(r) + "\n"); return JSON.parse((await lines.next()).value); };
console.log((await lines.next()).value);
const only = process.env.ONLY?.split(",");
for (const w of workloads) {
  if (only && !only.includes(w.id)) continue;
  const { path, remove } = await writeInputs(w);
  const loaded = await ask({ command: "load", inputs: path });
  console.log(w.id, loaded.error ?? loaded.fingerprints.map((f) => `${f.norm.toPrecision(6)} ${f.projection.toPrecision(6)}`).join("; "));
  if (!loaded.error) {
  console.log("  compile", (await ask({ command: "compile" })));
  let n = 1;
  for (;;) { const { milliseconds } = await ask({ command: "run", steps: n }); if (milliseconds > 300 || n > 1e4) { console.log("  ms", milliseconds / n); break; } n *= 2; }
  }
  await remove();
}
child.stdin.end();
