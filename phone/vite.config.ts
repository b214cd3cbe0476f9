import { readFileSync } from "node:fs";
import { type Plugin, defineConfig } from "vite";

/** The service worker, with the list of everything that the app consists of, so that it works offline. */
function offline(): Plugin {
  return {
    name: "offline",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((name) => name !== "index.html");
      const publicFiles = ["weather.webmanifest", "notes.webmanifest", "radio.webmanifest", "weather.svg", "notes.svg", "radio.svg"];
      const source = readFileSync(new URL("./src/sw.js", import.meta.url), "utf8");
      const list = JSON.stringify(["./", ...files, ...publicFiles]);
      this.emitFile({ type: "asset", fileName: "sw.js", source: source.replace("__FILES__", list) });
    },
  };
}

export default defineConfig({
  base: "./",
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [offline()],
});
