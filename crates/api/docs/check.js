// Fails, naming the files, when the committed dist/ is not what the sources build.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { build } from './build.js';

const rebuilt = mkdtempSync(join(tmpdir(), 'atelier-docs-'));

// Compares what the archives hold: zlib's output for the same input varies with its version.
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ parentPath, name }) => {
    const file = join(parentPath, name);
    const bytes = readFileSync(file);
    return [file.slice(folder.length + 1), name.endsWith('.gz') ? gunzipSync(bytes) : bytes];
  }));
}

try {
  build(join(rebuilt, 'dist'));
  const committed = contents(fileURLToPath(new URL('dist', import.meta.url)));
  const expected = contents(join(rebuilt, 'dist'));
  const differing = [...new Set([...committed.keys(), ...expected.keys()])].sort().filter((name) => {
    const [is, should] = [committed.get(name), expected.get(name)];
    return !is || !should || !is.equals(should);
  });
  if (differing.length) {
    console.error(`dist/ is not what the sources build; run \`npm run build\`. These files differ: ${differing.join(', ')}`);
    process.exitCode = 1;
  } else {
    console.log(`dist/ is up to date (${committed.size} files).`);
  }
} finally {
  rmSync(rebuilt, { recursive: true });
}
