// Builds the page and its assets: the files of swagger-ui-dist and our own, compressed, with a digest of the content in each
// name.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const library = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

export function build(folder) {
  const assets = join(folder, 'assets');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  let page = readFileSync(join(root, 'src/index.html'), 'utf8');
  const put = (name, bytes) => writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  for (const file of ['src/favicon.svg', 'src/style.css', 'src/start.js', 'swagger-ui.css', 'swagger-ui-bundle.js']) {
    const from = file.startsWith('src/') ? root : library;
    // Source maps are not served.
    const text = readFileSync(join(from, file), 'utf8').replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*$/, '\n');
    const name = file.replace('src/', '');
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
    const named = `${name.slice(0, -extname(name).length)}-${digest}${extname(name)}`;
    page = page.replace(`assets/${name}"`, `assets/${named}"`);
    put(named, text);
  }
  const licenses = ['NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'];
  put('LICENSES.txt', licenses.map((file) => readFileSync(join(library, file), 'utf8')).join('\n'));
  writeFileSync(join(folder, 'index.html'), page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build(join(root, process.argv[2] ?? 'dist'));
}
