// Lists the breaking changes of the schema since the last release.
//
//   node breaking.mjs
//
// The last release is the highest tag `v…`. An intended breaking change is announced in CHANGELOG.md with the printed text,
// under a heading `### Breaking` above the section of that release.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSchema, findBreakingChanges } from 'graphql';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The text under `### Breaking` in the sections since a version. */
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

/** The breaking changes between two schemas that the announcement does not contain. */
export function unannounced(before, after, announcement) {
  const changes = findBreakingChanges(buildSchema(before), buildSchema(after)).map(({ description }) => description);
  return changes.filter((description) => !announcement.includes(description.replace(/\s+/g, ' ')));
}

/** The tag and the schema of the last release, or the reason reason they are missing. */
export function lastRelease(root) {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  // A prerelease sorts before its version: v1.0.0-rc.1, v1.0.0.
  const tags = () => git('-c', 'versionsort.suffix=-', 'tag', '--list', 'v[0-9]*', '--sort=-version:refname').split('\n').filter(Boolean);
  try {
    // A shallow clone has only the tags of its own commits.
    if (!tags().length && git('rev-parse', '--is-shallow-repository') === 'true') {
      git('fetch', '--quiet', '--depth=1', 'origin', 'refs/tags/v*:refs/tags/v*');
    }
    const [tag] = tags();
    return tag ? { tag, schema: git('show', `${tag}:schema.graphql`) } : { reason: 'There is no release yet.' };
  } catch (error) {
    return { reason: `The last release cannot be read: ${String(error.stderr || error.message).trim()}` };
  }
}

/** Compares a working tree with its last release. Returns whether it is compatible, and a message. */
export function compare(root) {
  const { tag, schema, reason } = lastRelease(root);
  if (!tag) return { compatible: true, message: `${reason} There is no schema to compare with.` };
  const read = (name) => readFileSync(join(root, name), 'utf8');
  const broken = unannounced(schema, read('schema.graphql'), announced(read('CHANGELOG.md'), tag.slice(1)));
  if (!broken.length) return { compatible: true, message: `No unannounced breaking changes since ${tag}.` };
  const list = broken.map((description) => `- ${description}`).join('\n');
  return { compatible: false, message: `These changes break clients of ${tag}. Revert them, or announce them in CHANGELOG.md under "### Breaking":\n\n${list}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compatible, message } = compare(ROOT);
  (compatible ? console.log : console.error)(message);
  process.exitCode = compatible ? 0 : 1;
}
