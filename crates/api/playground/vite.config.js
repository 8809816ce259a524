import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const jsonc = fileURLToPath(new URL('src/prettier-jsonc.js', import.meta.url));

// One file per entry, because the page needs all code at once.
const rolldownOptions = {
  // GraphiQL derives the accessible names of its icons from function names.
  output: { codeSplitting: false, keepNames: true },
  // "use client" has no effect outside React's server components.
  checks: { moduleLevelDirective: false },
};

function gzipAssets() {
  let assets;
  return {
    name: 'gzip-assets',
    apply: 'build',
    configResolved({ root, build }) {
      assets = resolve(root, build.outDir, build.assetsDir);
    },
    closeBundle() {
      for (const name of readdirSync(assets)) {
        const file = join(assets, name);
        const zipped = gzipSync(readFileSync(file), { level: 9 });
        // Reproducible builds: the header contains the operating system, but no time stamp.
        zipped[9] = 255;
        writeFileSync(`${file}.gz`, zipped);
        rmSync(file);
      }
    },
  };
}

export default defineConfig({
  base: '/playground/',
  plugins: [gzipAssets()],
  resolve: {
    alias: { 'prettier/parser-babel': jsonc, 'prettier/plugins/estree': jsonc },
  },
  worker: { format: 'es', rolldownOptions },
  build: {
    modulePreload: false,
    chunkSizeWarningLimit: 8000,
    license: { fileName: 'assets/LICENSES.txt' },
    rolldownOptions,
  },
});
