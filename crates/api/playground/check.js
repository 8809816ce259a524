// Fails and lists the files if the committed dist/ is not up to date.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

import { compare } from './compare.js';

const root = fileURLToPath(new URL('.', import.meta.url));
const rebuilt = mkdtempSync(join(tmpdir(), 'atelier-playground-'));

try {
  await build({ root, logLevel: 'warn', build: { outDir: rebuilt, emptyOutDir: true } });
  compare(join(root, 'dist'), rebuilt);
} finally {
  rmSync(rebuilt, { recursive: true });
}
