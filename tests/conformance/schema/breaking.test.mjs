// Tests which changes since the last release are reported.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { announced, compare, unannounced } from './breaking.mjs';

const SCHEMA = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');
const WITHOUT_TITLE = SCHEMA.replace(/(\ntype Workshop implements [^]*?)\n {2}"[^"\n]*"\n {2}title: String!/, '$1');
const folders = [];

after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'atelier-schema-'));
  folders.push(made);
  return made;
}

function git(root, ...words) {
  const as = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
  execFileSync('git', [...as, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

function write(root, schema, changelog) {
  writeFileSync(join(root, 'schema.graphql'), schema);
  writeFileSync(join(root, 'CHANGELOG.md'), changelog);
}

/** A repository with one commit for each schema, some of them with a tag. */
function repository(...commits) {
  const root = folder();
  git(root, 'init', '--quiet');
  for (const [schema, tag] of commits) {
    write(root, schema, '# Changelog\n\n## Unreleased\n');
    git(root, 'add', '.');
    git(root, 'commit', '--quiet', '--allow-empty', '-m', 'A commit');
    if (tag) git(root, 'tag', tag);
  }
  return root;
}

test('removed fields and all other breaking changes are reported', () => {
  assert.notEqual(WITHOUT_TITLE, SCHEMA);
  assert.deepEqual(unannounced(SCHEMA, WITHOUT_TITLE, ''), ['Workshop.title was removed.']);
  const before = 'enum E { A B } input I { a: Int } union U = T type T { a: Int! } type Query { a(b: Int): T c(i: I): U e: E }';
  const now = 'enum E { A } input I { a: Int! } union U = S type S { a: Int! } type T { a: Int } type Query { a(b: Int!): T c(i: I): U e: E }';
  const named = unannounced(before, now, '').join('\n');
  for (const words of ['B was removed from enum type E', 'I.a changed type', 'T was removed from union type U', 'T.a changed type', 'Query.a arg b has changed type']) {
    assert.ok(named.includes(words), `"${words}" should be among:\n${named}`);
  }
});

test('additions are not reported', () => {
  assert.deepEqual(unannounced(WITHOUT_TITLE, SCHEMA, ''), []);
});

test('a breaking change that the changelog announces since the last release is not reported', () => {
  const entry = (sections) => `# Changelog\n\n${sections}`;
  const line = '### Breaking\n\n- `Workshop.title`\n  was removed. It is called `name` now.\n';
  const passes = (changelog) => unannounced(SCHEMA, WITHOUT_TITLE, announced(changelog, '0.1.0')).length === 0;
  assert.ok(passes(entry(`## Unreleased\n\n${line}\n## [0.1.0] - 2027-01-01\n`)));
  assert.ok(passes(entry(`## 0.2.0\n\n${line}\n## 0.1.0\n`)), 'also during the next release');
  assert.ok(!passes(entry(`## Unreleased\n\n## 0.1.0\n\n${line}`)), 'the announcement belongs to an earlier release');
  assert.ok(!passes(entry(`## Unreleased\n\n${line.replace('Breaking', 'Changed')}`)), 'the heading is not Breaking');
  assert.ok(!passes(entry('## Unreleased\n\n### Breaking\n\n- `Workshop.name` was removed.\n\n### Changed\n\n- Workshop.title was removed.\n')));
});

test('before the first release the comparison is skipped with a message', () => {
  const { compatible, message } = compare(repository([SCHEMA]));
  assert.ok(compatible);
  assert.match(message, /There is no release yet/);
});

test('the schema is compared with the highest version', () => {
  const root = repository([WITHOUT_TITLE, 'v0.9.0'], [SCHEMA, 'v0.10.0'], [WITHOUT_TITLE, 'v0.10.0-rc.1'], [WITHOUT_TITLE]);
  const { compatible, message } = compare(root);
  assert.ok(!compatible);
  assert.match(message, /clients of v0\.10\.0\..*\n\n- Workshop\.title was removed\.$/s);
  write(root, WITHOUT_TITLE, '# Changelog\n\n## Unreleased\n\n### Breaking\n\n- Workshop.title was removed.\n');
  assert.ok(compare(root).compatible);
});

test('a shallow clone fetches missing releases', () => {
  const origin = repository([SCHEMA, 'v0.1.0'], [WITHOUT_TITLE]);
  const clone = folder();
  git(clone, 'clone', '--quiet', '--depth=1', pathToFileURL(origin).href, '.');
  assert.match(compare(clone).message, /clients of v0\.1\.0/);
  const cut = folder();
  git(cut, 'clone', '--quiet', '--depth=1', pathToFileURL(origin).href, '.');
  git(cut, 'remote', 'set-url', 'origin', pathToFileURL(join(cut, 'gone')).href);
  const { compatible, message } = compare(cut);
  assert.ok(compatible);
  assert.match(message, /^The last release cannot be read: .*gone/s);
});
