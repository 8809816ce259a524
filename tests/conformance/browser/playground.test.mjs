// Drives the playground in a real Chromium, against the demo server.
//
//   ATELIER_URL     a running, freshly started demo server; without it one is started from
//   ATELIER_BIN     the server's binary (default ../../../target/debug/atelier)
//   CHROMIUM        the browser's binary (default /usr/bin/chromium)
//   SCREENSHOT_DIR  where to write screenshots, if anywhere

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const { ATELIER_URL, ATELIER_BIN, CHROMIUM = '/usr/bin/chromium', SCREENSHOT_DIR } = process.env;
const BINARY = ATELIER_BIN || fileURLToPath(new URL('../../../target/debug/atelier', import.meta.url));
const TIMEOUT = 30_000;

const PROBLEMS = [
  'MissingInput',
  'WorkshopInvalid',
  'GuestInvalid',
  'CenterInvalid',
  'TrackNotInWorkshop',
  'AlreadyRegistered',
  'RegistrationNotOpen',
  'WaitlistNotOpen',
  'CapacityExceeded',
  'IdempotencyKeyReused',
];
const TABS = [
  'RegisterGuest',
  'JoinWaitlist',
  ...PROBLEMS,
  'RegistrationEligibility',
  'Workshops',
  'Statistics',
  'OnWorkshopSeats',
  'OnChanges',
];

let server;
let address;
let browser;
let page;
let landing;

// Requests to other origins and browser errors of all pages, which the last tests assert to be empty.
const foreignRequests = [];
const browserErrors = [];

async function startServer() {
  const child = spawn(BINARY, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const url = await new Promise((resolve, reject) => {
    const output = [];
    const fail = (why) => {
      clearTimeout(timer);
      reject(new Error(`${why}. Its output:\n${output.join('\n') || '(nothing)'}`));
    };
    const timer = setTimeout(() => fail(`${BINARY} printed no address within ${TIMEOUT} ms`), TIMEOUT);
    child.once('error', (error) => fail(`${BINARY} does not start (${error.message}); is it built?`));
    child.once('exit', (code, signal) => fail(`${BINARY} ended early with ${signal ?? `exit code ${code}`}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    });
  });
  return { child, url };
}

async function graphql(query, variables) {
  const response = await fetch(new URL('/graphql', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, 'the server answers');
  return data;
}

async function newPage(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(TIMEOUT);
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== new URL(address).origin) {
      foreignRequests.push(`${request.resourceType()} ${url}`);
    }
  });
  context.on('console', (message) => {
    if (message.type() === 'error') browserErrors.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => browserErrors.push(`page error: ${error.error().stack}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
    });
  });
  return context.newPage();
}

async function open(target) {
  const response = await target.goto(address);
  await ready(target);
  return response;
}

async function ready(target) {
  await queryEditor(target).locator('.view-line').first().waitFor();
  await variablesEditor(target).locator('.view-line').first().waitFor();
  // The button is disabled until the page has introspected the schema.
  await target.locator('button[aria-label^="Re-fetch GraphQL schema"]:enabled').waitFor();
}

const queryEditor = (target) => target.locator('.graphiql-query-editor .monaco-editor');
const variablesEditor = (target) => target.locator('.graphiql-editor-tool .monaco-editor').first();
const answer = (target) => target.locator('.result-window .view-lines');
const tabs = (target) => target.getByRole('tablist').locator('.graphiql-tab-button');
const tab = (target, title) => tabs(target).and(target.getByRole('button', { name: title, exact: true }));
const tabTitles = (target) => tabs(target).allTextContents();
const activeTab = (target) => target.locator('[role=tab][aria-selected=true] .graphiql-tab-button').textContent();
const text = async (locator) => (await locator.innerText()).replaceAll('\u00a0', ' ');

async function select(target, title) {
  await tab(target, title).click();
  // GraphiQL selects the operation to run when it stores the query, a moment after it shows the query.
  await target.waitForFunction(
    (name) => new RegExp(`\\b(query|mutation|subscription)\\s+${name}\\b`).test(localStorage.getItem('graphiql:query')),
    title,
  );
}

async function stored(target, title) {
  await target.waitForFunction((name) => {
    const state = JSON.parse(localStorage.getItem('graphiql:tabState'));
    return state?.tabs[state.activeTabIndex].title === name;
  }, title);
}

async function runsTo(title, typename) {
  await select(page, title);
  await page.getByRole('button', { name: /^Execute query/ }).click();
  const expected = `"__typename": "${typename}"`;
  try {
    await answer(page).filter({ hasText: expected }).waitFor();
  } catch {
    const shown = await text(answer(page));
    assert.fail(`the answer to ${title} should hold ${expected}, but it is:\n${shown || '(empty)'}`);
  }
}

async function screenshot(target, name) {
  if (!SCREENSHOT_DIR) return;
  mkdirSync(SCREENSHOT_DIR, { recursive: true });
  await target.screenshot({ path: join(SCREENSHOT_DIR, `playground-${name}.png`) });
}

before(async () => {
  if (ATELIER_URL) {
    address = new URL('/', ATELIER_URL).href;
  } else {
    server = await startServer();
    address = server.url;
  }
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await newPage();
  landing = await open(page);
});

after(async () => {
  await browser?.close();
  server?.child.kill('SIGKILL');
});

test('the page at / is the playground', async () => {
  assert.equal(landing.status(), 200);
  assert.equal(await page.title(), 'Atelier');
});

test('success and every documented problem have a prefilled tab', async () => {
  const titles = await tabTitles(page);
  const missing = TABS.filter((title) => !titles.includes(title));
  assert.deepEqual(missing, [], `tabs are missing; the page has ${titles.join(', ')}`);
  assert.equal(titles[0], 'RegisterGuest', 'the successful registration comes first');
});

test('the first tab registers a guest', async () => {
  await runsTo('RegisterGuest', 'Registration');
  await screenshot(page, 'light');
});

for (const problem of PROBLEMS) {
  test(`the tab ${problem} returns the problem ${problem}`, () => runsTo(problem, problem));
}

test('a seats subscription shows a registration of another client', async () => {
  const config = JSON.parse(await page.locator('#playground-config').textContent());
  const { workshopId, input } = JSON.parse(config.tabs[0].variables);
  const seats = 'query ($id: ID!) { workshop(id: $id) { seatsTaken } }';
  const { workshop: { seatsTaken } } = await graphql(seats, { id: workshopId });
  const { createGuest: guest } = await graphql(
    'mutation { createGuest(input: { givenName: "Ada", familyName: "Latecomer" }) { ... on Guest { id } } }',
  );

  await select(page, 'OnWorkshopSeats');
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await answer(page).filter({ hasText: `"seatsTaken": ${seatsTaken}` }).waitFor();
  const { registerGuest } = await graphql(
    'mutation ($workshopId: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $workshopId, input: $input) { __typename } }',
    { workshopId, input: { ...input, guestId: guest.id } },
  );
  assert.equal(registerGuest.__typename, 'Registration');
  await answer(page).filter({ hasText: `"seatsTaken": ${seatsTaken + 1}` }).waitFor();
  await screenshot(page, 'live');
  await page.getByRole('button', { name: /^Stop query/ }).click();
});

test('the headers authenticate requests, also over WebSocket', async () => {
  const made = await graphql(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreateApiKeySuccess { key } } }',
    { input: { name: 'browser', role: 'PARTNER', scopes: ['GUESTS_READ'] } },
  );
  const fresh = await newPage();
  await open(fresh);
  await fresh.getByRole('button', { name: 'New tab' }).click();
  await fresh.getByRole('button', { name: 'Headers' }).click();
  await fresh.locator('.graphiql-editor-tool .monaco-editor:visible').click();
  await fresh.keyboard.insertText(JSON.stringify({ Authorization: `apikey ${made.createApiKey.key}` }));
  const run = async (document, expected) => {
    await queryEditor(fresh).click();
    await fresh.keyboard.press('ControlOrMeta+A');
    await fresh.keyboard.insertText(document);
    // GraphiQL selects the operation when it stores the query, as in `select`.
    await fresh.waitForFunction((text) => localStorage.getItem('graphiql:query') === text, document);
    await fresh.getByRole('button', { name: /^Execute query/ }).click();
    await answer(fresh).filter({ hasText: expected }).waitFor();
  };
  await run('query Viewer { viewer { role } }', '"role": "PARTNER"');
  // Without the header the subscription would wait for a change.
  await run('subscription Changes { changes { id } }', '"FORBIDDEN"');
  await screenshot(fresh, 'headers');
  // The history contains the operation, and no storage contains the key.
  await fresh.waitForFunction(() => localStorage.getItem('graphiql:queries')?.includes('subscription Changes'));
  const kept = await fresh.evaluate(() => JSON.stringify(localStorage));
  assert.ok(!kept.includes(made.createApiKey.key.slice(-32)), 'the browser storage contains the key');
  await fresh.context().close();
});

test('the documentation explorer describes registerGuest', async () => {
  const { __schema: schema } = await graphql('{ __schema { mutationType { fields { name description } } } }');
  const { description } = schema.mutationType.fields.find((field) => field.name === 'registerGuest');
  assert.ok(description, 'the schema describes registerGuest');

  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  const explorer = page.getByRole('region', { name: 'Documentation Explorer' });
  await explorer.locator('.graphiql-doc-explorer-root-type', { hasText: 'mutation' }).locator('xpath=..').getByRole('link').click();
  await explorer.getByRole('link', { name: 'registerGuest', exact: true }).click();
  await explorer.locator('.graphiql-doc-explorer-title', { hasText: 'registerGuest' }).waitFor();

  const words = (markdown) => markdown.match(/[\p{L}\p{N}]+/gu).join(' ');
  const start = words(description).split(' ').slice(0, 6).join(' ');
  const shown = await explorer.innerText();
  assert.ok(words(shown).includes(start), `"${start}…" should be among:\n${shown}`);
  await screenshot(page, 'documentation');
  await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
});

test('the editor completes field names from the schema', async () => {
  const { __schema: schema } = await graphql('{ __schema { queryType { fields { name } } } }');
  const field = schema.queryType.fields[0].name;

  await page.getByRole('button', { name: 'New tab' }).click();
  await queryEditor(page).click();
  await page.keyboard.type(`query Completed { ${field.slice(0, 3)}`);
  await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: field }).first().waitFor();
  await screenshot(page, 'completion');
});

test('a reload keeps the tabs, the selected one and its variables', async () => {
  const fresh = await newPage({ colorScheme: 'dark' });
  await open(fresh);
  const shown = async () => ({
    active: await activeTab(fresh),
    titles: await tabTitles(fresh),
    variables: await text(variablesEditor(fresh)),
  });
  // First the initially selected tab, then another one.
  for (const title of [TABS[0], 'GuestInvalid']) {
    if ((await activeTab(fresh)) !== title) await select(fresh, title);
    await stored(fresh, title);
    const before = await shown();
    assert.equal(before.active, title);
    assert.match(before.variables, /\{/, `${title} has variables`);

    await fresh.reload();
    await ready(fresh);
    assert.deepEqual(await shown(), before);
  }
  await screenshot(fresh, 'dark');
  await fresh.context().close();
});

test('new prefilled tabs from the server replace the stored ones', async () => {
  const fresh = await newPage();
  await open(fresh);
  await stored(fresh, TABS[0]);
  await fresh.route(address, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('query Workshops(', 'query OtherWorkshops(');
    await route.fulfill({ response, body });
  });

  await fresh.reload();
  await ready(fresh);
  const titles = await tabTitles(fresh);
  assert.ok(titles.includes('OtherWorkshops'), `the new tab should be among ${titles.join(', ')}`);
  assert.ok(!titles.includes('Workshops'), 'the tab it replaces is gone');
  await fresh.context().close();
});

test('nothing is requested from another origin', () => {
  assert.deepEqual(foreignRequests, []);
});

test('there is no console error, page error or policy violation', () => {
  assert.deepEqual(browserErrors, []);
});

test('the server exits with code 0 on SIGTERM while a browser is connected', { skip: Boolean(ATELIER_URL) }, async () => {
  const exited = once(server.child, 'exit', { signal: AbortSignal.timeout(TIMEOUT) });
  assert.ok(server.child.kill('SIGTERM'), 'the server is still running');
  const [code, signal] = await exited;
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
});
