// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const catalogue = fileURLToPath(new URL("../messages.json", import.meta.url));

// The catalogue is shared with the engine: only the sentences of the pages travel to the browser.
function pageMessages(): Plugin {
  return {
    name: "telavis-messages",
    resolveId: (id) => (id === "virtual:messages" ? "\0messages" : undefined),
    load(id) {
      if (id !== "\0messages") return undefined;
      this.addWatchFile(catalogue);
      const all = JSON.parse(readFileSync(catalogue, "utf8")) as Record<string, unknown>;
      const web = Object.entries(all).filter(([key]) => /^(web|finding|orientation|sex|agreement|close_out|confidence|guardianship|media_quality|opposition|suspicion)\./.test(key));
      return `export default ${JSON.stringify(Object.fromEntries(web))}`;
    },
  };
}

export default defineConfig({
  plugins: [pageMessages()],
  build: {
    target: "es2022",
    // An inlined asset would be a data: URL, an inlined polyfill a script: the policy refuses both.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rollupOptions: {
      // Fixed names: the engine embeds these files and answers with their ETag.
      output: {
        entryFileNames: "assets/app.js",
        assetFileNames: "assets/app[extname]",
        inlineDynamicImports: true,
      },
    },
  },
});
