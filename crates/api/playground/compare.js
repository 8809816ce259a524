// Compares a committed folder with a fresh build. If files differ, lists them and makes the process fail.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

// Compares the decompressed contents, because the output of zlib depends on its version.
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ parentPath, name }) => {
    const file = join(parentPath, name);
    const bytes = readFileSync(file);
    return [file.slice(folder.length + 1), name.endsWith('.gz') ? gunzipSync(bytes) : bytes];
  }));
}

export function compare(folder, rebuilt) {
  const committed = contents(folder);
  const expected = contents(rebuilt);
  const differing = [...new Set([...committed.keys(), ...expected.keys()])].sort().filter((name) => {
    const [is, should] = [committed.get(name), expected.get(name)];
    return !is || !should || !is.equals(should);
  });
  if (!differing.length) {
    console.log(`dist/ is up to date (${committed.size} files).`);
    return;
  }
  console.error('dist/ is not up to date; run `npm run build` and commit it. These files differ:');
  for (const name of differing) {
    const how = !committed.has(name) ? 'missing' : !expected.has(name) ? 'left over' : 'changed';
    console.error(`  ${name} (${how})`);
  }
  process.exitCode = 1;
}
