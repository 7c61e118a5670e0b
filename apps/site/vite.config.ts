import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig, type Plugin } from "vite";
import { quickAdapter } from "./quickAdapter.ts";

/** On the server Node runs our packages as they are: some find their files beside themselves. */
const ownPackages: Plugin = {
  name: "etude:own-packages",
  apply: "build",
  enforce: "pre",
  resolveId(source) {
    if (this.environment.config.consumer === "server" && source.startsWith("@etude/"))
      return { id: source, external: true };
  },
};

/** See `build.ts`; the second is for `vite dev` and the types of the routes. */
const folder = process.env.ETUDE_BUILD ?? ".svelte-kit";

export default defineConfig({
  worker: { format: "es" },
  optimizeDeps: { exclude: ["onnxruntime-web"] },
  plugins: [
    ownPackages,
    sveltekit({
      adapter: quickAdapter(`${folder}/site`),
      outDir: `${folder}/kit`,
      csp: {
        mode: "nonce",
        directives: {
          "default-src": ["self"],
          "script-src": ["self", "wasm-unsafe-eval"],
          "style-src": ["self"],
          // The one that hides SvelteKit's announcements of new pages from the eye.
          "style-src-attr": [
            "unsafe-hashes",
            "sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=",
          ],
          "img-src": ["self", "data:", "blob:"],
          "connect-src": ["self"],
          "worker-src": ["self", "blob:"],
          "object-src": ["none"],
          "base-uri": ["none"],
          "form-action": ["self"],
          "frame-ancestors": ["none"],
        },
      },
    }),
  ],
});
