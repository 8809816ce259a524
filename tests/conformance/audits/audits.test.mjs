// Runs the GraphQL over HTTP audits of the graphql-http library against the demo server.
//
//   ATELIER_BIN  the server's binary (default ../../../target/debug/atelier)

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { serverAudits } from 'graphql-http';

const BINARY = process.env.ATELIER_BIN || fileURLToPath(new URL('../../../target/debug/atelier', import.meta.url));

let server;
let address;

before(async () => {
  server = spawn(BINARY, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => server.kill());
  server.once('error', (error) => assert.fail(`${BINARY} does not start (${error.message}); is it built?`));
  for await (const line of createInterface({ input: server.stdout })) {
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address) return;
  }
  assert.fail(`${BINARY} printed no address`);
});

after(() => server.kill());

const audits = serverAudits({ url: () => `${address}/graphql` });

test('all three levels are audited', () => {
  const levels = new Set(audits.map(({ name }) => name.split(' ')[0]));
  assert.deepEqual([...levels].sort(), ['MAY', 'MUST', 'SHOULD']);
});

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const { status, reason, response } = await fn();
    await response?.body?.cancel().catch(() => {});
    assert.equal(status, 'ok', reason);
  });
}
