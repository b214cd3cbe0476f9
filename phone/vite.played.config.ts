// The phone of tests/android/histories.py: the web app for Node, with a test's button and surroundings in the place of the browser's.
import { fileURLToPath } from "node:url";
import { type Plugin, defineConfig } from "vite";

const PLAYED = fileURLToPath(new URL("./tests/played/", import.meta.url));

function played(): Plugin {
  return {
    name: "played",
    enforce: "pre",
    resolveId(source, importer) {
      if (!importer?.includes("/src/")) return null;
      if (source.endsWith("/radio/linked")) return `${PLAYED}linked.ts`;
      return source.endsWith("/engine/surroundings") ? `${PLAYED}surroundings.ts` : null;
    },
  };
}

export default defineConfig({
  plugins: [played()],
  publicDir: false,
  // It stands where nothing else does.
  ssr: { noExternal: true },
  build: { ssr: "tests/played/phone.ts", target: "es2023", minify: false },
});
