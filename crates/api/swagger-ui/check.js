// Fails and lists the files if the committed dist/ is not up to date.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { compare } from '../playground/compare.js';
import { build } from './build.js';

const rebuilt = mkdtempSync(join(tmpdir(), 'atelier-docs-'));

try {
  build(rebuilt);
  compare(fileURLToPath(new URL('dist', import.meta.url)), rebuilt);
} finally {
  rmSync(rebuilt, { recursive: true });
}
