// Names what the schema takes away from the clients of the last release.
//
//   node breaking.mjs
//
// The last release is the highest tag `v…`. A break that is meant is written into CHANGELOG.md, word for word as it is
// printed here, under a heading `### Breaking` above the section of that release.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSchema, findBreakingChanges } from 'graphql';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What is written under `### Breaking` since a version was released. */
export function announced(changelog, version) {
  const lines = changelog.split('\n');
  const end = lines.findIndex((line) => line.startsWith('## ') && line.replace(/[[\]]/g, '').split(/\s+/)[1] === version);
  let inside = false;
  const text = (end < 0 ? lines : lines.slice(0, end)).filter((line) => {
    if (/^##/.test(line)) inside = /^### Breaking\s*$/.test(line);
    return inside;
  });
  return text.join(' ').replaceAll('`', '').replace(/\s+/g, ' ');
}

/** The breaking changes from one schema to another that nothing announces. */
export function unannounced(before, after, announcement) {
  const changes = findBreakingChanges(buildSchema(before), buildSchema(after)).map(({ description }) => description);
  return changes.filter((description) => !announcement.includes(description.replace(/\s+/g, ' ')));
}

/** The tag of the last release, or why there is none to compare with. */
export function lastRelease(root) {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  // A release before a version comes before it: v1.0.0-rc.1, v1.0.0.
  const tags = () => git('-c', 'versionsort.suffix=-', 'tag', '--list', 'v[0-9]*', '--sort=-version:refname').split('\n').filter(Boolean);
  try {
    // A shallow clone has the tags of the commits that it has.
    if (!tags().length && git('rev-parse', '--is-shallow-repository') === 'true') {
      git('fetch', '--quiet', '--depth=1', 'origin', 'refs/tags/v*:refs/tags/v*');
    }
    const [tag] = tags();
    return tag ? { tag, schema: git('show', `${tag}:schema.graphql`) } : { why: 'Nothing was released yet.' };
  } catch (error) {
    return { why: `The last release cannot be read: ${String(error.stderr || error.message).trim()}` };
  }
}

/** Compares a working tree with its last release; answers with what to say, and whether it is well. */
export function compare(root) {
  const { tag, schema, why } = lastRelease(root);
  if (!tag) return { well: true, said: `${why} There is no schema to compare with.` };
  const read = (name) => readFileSync(join(root, name), 'utf8');
  const broken = unannounced(schema, read('schema.graphql'), announced(read('CHANGELOG.md'), tag.slice(1)));
  if (!broken.length) return { well: true, said: `Whatever worked with ${tag} still does, or its end is announced.` };
  const list = broken.map((description) => `- ${description}`).join('\n');
  return { well: false, said: `This breaks clients of ${tag}. Take it back, or announce it in CHANGELOG.md under "### Breaking":\n\n${list}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { well, said } = compare(ROOT);
  (well ? console.log : console.error)(said);
  process.exitCode = well ? 0 : 1;
}
