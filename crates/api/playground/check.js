// Fails, naming the files, when the committed dist/ is not what the sources build.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const rebuilt = mkdtempSync(join(tmpdir(), 'atelier-playground-'));

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
  await build({ root, logLevel: 'warn', build: { outDir: rebuilt, emptyOutDir: true } });
  const committed = contents(join(root, 'dist'));
  const expected = contents(rebuilt);
  const differing = [...new Set([...committed.keys(), ...expected.keys()])].sort().filter((name) => {
    const [is, should] = [committed.get(name), expected.get(name)];
    return !is || !should || !is.equals(should);
  });
  if (differing.length) {
    console.error('dist/ is not what the sources build; run `npm run build`. These files differ:');
    for (const name of differing) {
      const how = !committed.has(name) ? 'missing' : !expected.has(name) ? 'left over' : 'changed';
      console.error(`  ${name} (${how})`);
    }
    process.exitCode = 1;
  } else {
    console.log(`dist/ is up to date (${committed.size} files).`);
  }
} finally {
  rmSync(rebuilt, { recursive: true });
}
