// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
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
      const web = Object.entries(all).filter(([key]) => /^(web|finding|orientation|sex|agreement|close_out|reason|confidence|guardianship|media_quality|opposition|suspicion|tracing|figures)\./.test(key));
      return `export default ${JSON.stringify(Object.fromEntries(web))}`;
    },
  };
}

/** What the authors of the libraries in the bundle ask to be handed on with it. */
function licences(): Plugin {
  return {
    name: "telavis-licences",
    generateBundle() {
      const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
      const texts = Object.entries(dependencies).map(([name, version]) => {
        const file = readdirSync(`node_modules/${name}`).find((one) => /^licen[cs]e/i.test(one));
        if (!file) throw new Error(`${name} has no licence file`);
        return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/${file}`, "utf8")}`;
      });
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: texts.join("\n\n----\n\n") });
    },
  };
}

export default defineConfig({
  plugins: [pageMessages(), licences()],
  build: {
    target: "es2022",
    // An inlined asset would be a data: URL, an inlined polyfill a script: the policy refuses both.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    // The deep zoom of photos is a library of this size, loaded by those who open a photo.
    chunkSizeWarningLimit: 700,
  },
});
