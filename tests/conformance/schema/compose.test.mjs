// Composes the subgraph with Apollo's composition library, together with a subgraph that refers to its entities.
//
//   ATELIER_BIN  the server's binary (default ../../../target/debug/atelier)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const BINARY = process.env.ATELIER_BIN || fileURLToPath(new URL('../../../target/debug/atelier', import.meta.url));
const ENTITIES = ['Workshop', 'Guest', 'Center', 'Registration'];

const subgraph = () => execFileSync(BINARY, ['schema', '--federation'], { encoding: 'utf8' });
const service = (name, sdl) => ({ name, url: `http://${name}.internal/graphql`, typeDefs: parse(sdl) });

/** A subgraph with reviews of all entities, and with the same kind of connections. */
const reviews = (key) => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
  type Review { text: String! about: Workshop! by: Guest! }
  type PageInfo @shareable { hasPreviousPage: Boolean! hasNextPage: Boolean! startCursor: String endCursor: String }
  type ReviewConnection { pageInfo: PageInfo! nodes: [Review!]! }
  ${ENTITIES.map((entity) => `type ${entity} @key(fields: "${key}") { ${key}: ID! reviews: ReviewConnection! }`).join('\n')}
  type Query { latestReviews: ReviewConnection! }
`;

test('the subgraph composes with one that refers to its entities by id', () => {
  const { errors, supergraphSdl } = composeServices([service('atelier', subgraph()), service('reviews', reviews('id'))]);
  assert.equal(errors, undefined, errors?.map((error) => error.message).join('\n'));
  for (const entity of ENTITIES) {
    const head = supergraphSdl.match(new RegExp(`\\ntype ${entity}\\b[^{]*`))?.[0];
    assert.match(head, /@join__type\(graph: ATELIER, key: "id"\)/);
    assert.match(head, /@join__type\(graph: REVIEWS, key: "id"\)/);
  }
});

test('a subgraph that uses another key does not compose', () => {
  const { errors } = composeServices([service('atelier', subgraph()), service('reviews', reviews('number'))]);
  assert.ok(errors?.length, 'the composition fails');
});
