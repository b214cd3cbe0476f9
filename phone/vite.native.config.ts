// The pages of the app for Android: of the same sources, with the native engine behind them, and no part of the web app.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    outDir: "../android/build/pages",
    emptyOutDir: true,
    rollupOptions: { input: "native.html" },
  },
});
