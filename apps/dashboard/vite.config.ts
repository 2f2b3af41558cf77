import { defineConfig } from "vite";

/** Files named by their content in `page/`, beside `index.html`; nothing inline, so that the page needs no exceptions. */
export default defineConfig({
  // Behind a proxy it may have any path.
  base: "./",
  publicDir: false,
  build: {
    assetsDir: "page",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    license: { fileName: "page/licenses.md" },
    reportCompressedSize: false,
  },
  // `pnpm --filter @pedidos/dashboard exec vite`, beside an API on its usual port.
  server: { proxy: { "/v1": "http://127.0.0.1:3000", "/health": "http://127.0.0.1:3000" } },
});
