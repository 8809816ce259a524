// Opens the documentation of the REST API in a real Chromium, against the demo server, and sends a request from it.
//
//   ATELIER_BIN  the server's binary (default ../../../target/debug/atelier)
//   CHROMIUM     the browser's binary (default /usr/bin/chromium)

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const { ATELIER_BIN, CHROMIUM = '/usr/bin/chromium' } = process.env;
const BINARY = ATELIER_BIN || fileURLToPath(new URL('../../../target/debug/atelier', import.meta.url));
const PATIENCE = 60_000;

let server;
let address;
let browser;
let page;
const browserErrors = [];

before(async () => {
  const options = ['demo', '--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'];
  server = spawn(BINARY, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => server.kill());
  server.once('error', (error) => assert.fail(`${BINARY} does not start (${error.message}); is it built?`));
  for await (const line of createInterface({ input: server.stdout })) {
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address) break;
  }
  assert.ok(address, `${BINARY} named no address`);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', (message) => message.type() === 'error' && browserErrors.push(message.text()));
  page.on('pageerror', (error) => browserErrors.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('data:')) browserErrors.push(request.url());
  });
  await page.goto(`${address}/v1/docs`);
});

after(async () => {
  await browser?.close();
  server?.kill();
});

test('the page lists every operation', async () => {
  await page.waitForSelector('.opblock');
  assert.equal(await page.locator('.opblock').count(), 8);
});

test('the page sends a prefilled request and shows the response', async () => {
  const operation = page.locator('#operations-registrations-registerGuest');
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.execute').click();
  const answer = operation.locator('.live-responses-table .response .response-col_description').first();
  await answer.waitFor();
  assert.match(await answer.innerText(), /"status": 0/);
});

test('the page sends no request to another origin and causes no browser error', () => {
  assert.deepEqual(browserErrors, []);
});
