import { readFileSync, readdirSync } from "node:fs";
import { type Plugin, defineConfig } from "vite";
import { de } from "./src/locales/de.ts";
import { en } from "./src/locales/en.ts";
import { fr } from "./src/locales/fr.ts";
import { nl } from "./src/locales/nl.ts";
import { DECOYS, type Decoy } from "./src/ui/choices.ts";

const LANGUAGES = { fr, nl, de, en };
const COLOUR = "#0d1117";

/** Under which name and icon the app is installed: a harmless one in the reader's language. */
function manifest(decoy: Decoy, language: keyof typeof LANGUAGES): string {
  const name = LANGUAGES[language][`decoy.${decoy}`];
  const icon = (size: number) => ({ src: `${decoy}-${size}.png`, sizes: `${size}x${size}`, type: "image/png", purpose: "any" });
  const icons = [{ src: `${decoy}.svg`, sizes: "any", type: "image/svg+xml", purpose: "any" }, icon(192), icon(512)];
  // An icon of its own for each: a platform that renews installed icons would ask her in front of others.
  const start = `./?open=${decoy}&lang=${language}`;
  const about = { id: start, name, short_name: name, lang: language, start_url: start, scope: "./", display: "standalone" };
  return JSON.stringify({ ...about, background_color: COLOUR, theme_color: COLOUR, icons }, null, 1);
}

/** The manifests, and the service worker with the list of everything that the app consists of, so that it works offline. */
function installable(): Plugin {
  return {
    name: "installable",
    generateBundle(_options, bundle) {
      const built = Object.keys(bundle).filter((name) => name !== "index.html");
      const manifests = DECOYS.flatMap((decoy) =>
        Object.keys(LANGUAGES).map((language) => {
          const fileName = `${decoy}.${language}.webmanifest`;
          this.emitFile({ type: "asset", fileName, source: manifest(decoy, language as keyof typeof LANGUAGES) });
          return fileName;
        }),
      );
      const icons = readdirSync(new URL("./public", import.meta.url)).sort();
      const source = readFileSync(new URL("./src/sw.js", import.meta.url), "utf8");
      const list = JSON.stringify(["./", ...new Set([...built, ...manifests, ...icons])]);
      this.emitFile({ type: "asset", fileName: "sw.js", source: source.replace("__FILES__", list) });
    },
  };
}

export default defineConfig({
  base: "./",
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [installable()],
});
