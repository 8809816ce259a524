// Runs a client that openapi-typescript and openapi-fetch generate from the committed document, against a demo server.
// That the client compiles is half of the test.
//
//   ATELIER_BIN  the server's binary (default ../../../target/debug/atelier)

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import createClient, { type Client } from 'openapi-fetch';

import type { components, paths } from './generated/v1.ts';
import { demo, type Demo } from './server.ts';

type Workshop = components['schemas']['Workshop'];
type New = components['schemas']['NewRegistration'];

const REGISTERED = 0;
const CANCELLED = 1;
const SIGNED_IN = 3;
const WAITLISTED = 4;

let server: Demo;
let client: Client<paths>;

function clientWith(key?: string): Client<paths> {
  return createClient<paths>({ baseUrl: server.address, headers: key ? { Authorization: `apikey ${key}` } : {} });
}

before(async () => {
  server = await demo();
  const key = server.keys.get('admin');
  assert.ok(key, 'the demo has a key for an admin');
  client = clientWith(key);
});

after(() => server.stop());

/** An open workshop with at least this many free seats, and guests without a registration for it. */
async function open(seats: number): Promise<{ workshop: Workshop; guests: string[] }> {
  const { data } = await client.GET('/v1/workshops', { params: { query: { size: 100 } } });
  assert.ok(data);
  const is = (workshop: Workshop) =>
    workshop.registration_state === 'OPEN' && workshop.waitlist_enabled && (workshop.seats_available ?? 0) >= seats &&
    workshop.tracks.some((track) => track.capacity === null);
  const workshop = data.workshops.find(is);
  assert.ok(workshop, 'the demo has an open workshop');
  const here = new Set((await list(workshop.id)).registrations.map((registration) => registration.guest_id));
  const guests = new Set<string>();
  for (const { id } of data.workshops.filter((other) => other.seats_taken > 0)) {
    const page = await list(id);
    page.registrations.filter(({ guest_id }) => !here.has(guest_id)).forEach(({ guest_id }) => guests.add(guest_id));
    if (guests.size >= 2) break;
  }
  return { workshop, guests: [...guests] };
}

async function list(workshop_id: string) {
  const { data, error } = await client.GET('/v1/workshops/{workshop_id}/registrations', {
    params: { path: { workshop_id }, query: { size: 50 } },
  });
  assert.ok(data, JSON.stringify(error));
  return data;
}

function body(workshop: Workshop, guest: string | undefined, waitlist = false): New {
  const track = workshop.tracks.find(({ capacity }) => capacity === null);
  const center = workshop.centers[0];
  assert.ok(track && center && guest);
  return { track_id: track.track_id, guest_id: guest, center_id: center.id, waitlist };
}

async function register(workshop: Workshop, sent: New, key?: string) {
  return await client.POST('/v1/workshops/{workshop_id}/registrations', {
    params: { path: { workshop_id: workshop.id }, ...(key ? { header: { 'Idempotency-Key': key } } : {}) },
    body: sent,
  });
}

test('a guest registers once, is checked in and undone, and cancels', async () => {
  const { workshop, guests } = await open(1);
  const sent = body(workshop, guests[0]);
  const key = randomUUID();
  const first = await register(workshop, sent, key);
  assert.equal(first.response.status, 200);
  assert.equal(first.data?.registrations.status, REGISTERED);
  const again = await register(workshop, sent, key);
  assert.deepEqual(again.data, first.data, 'a retry returns the first success');
  const twice = await register(workshop, sent);
  assert.equal(twice.response.status, 400);
  assert.deepEqual(twice.error, {
    registrations: null,
    error: { code: 1010, message: 'Guest is already enrolled to the workshop or is on the waiting list' },
  });

  const id = first.data?.registrations.id;
  assert.ok(id);
  const path = { workshop_id: workshop.id, registration_id: id };
  const steps = [
    ['/v1/workshops/{workshop_id}/registrations/{registration_id}/sign_in', SIGNED_IN],
    ['/v1/workshops/{workshop_id}/registrations/{registration_id}/undo_sign_in', REGISTERED],
    ['/v1/workshops/{workshop_id}/registrations/{registration_id}/cancel', CANCELLED],
  ] as const;
  for (const [step, status] of steps) {
    const { data, error } = await client.PUT(step, { params: { path } });
    assert.deepEqual(data, { registrations: { id, status }, error: null }, JSON.stringify(error));
  }
  const found = (await list(workshop.id)).registrations.find((registration) => registration.id === id);
  assert.equal(found?.status, CANCELLED);
  assert.ok(found.cancelled_at && !Number.isNaN(Date.parse(found.cancelled_at)));
});

test('a guest joins the waitlist while seats are free and is listed', async () => {
  const { workshop, guests } = await open(1);
  const guest = guests[1];
  const before = (await list(workshop.id)).occupancy;
  const { data } = await register(workshop, body(workshop, guest, true));
  assert.equal(data?.registrations.status, WAITLISTED);
  const after = await list(workshop.id);
  assert.deepEqual(after.occupancy, { ...before, waitlist_length: before.waitlist_length + 1 });
  assert.ok(guest);
  const ofGuest = await client.GET('/v1/guests/{guest_id}/registrations', { params: { path: { guest_id: guest } } });
  const ids = ofGuest.data?.registrations.map((registration) => registration.id);
  assert.ok(ids?.includes(data.registrations.id));
  const cancelled = await client.PUT('/v1/workshops/{workshop_id}/registrations/{registration_id}/cancel', {
    params: { path: { workshop_id: workshop.id, registration_id: data.registrations.id } },
  });
  assert.equal(cancelled.data?.registrations.status, CANCELLED);
});

test('an invalid key is rejected in the envelope', async () => {
  const { error, response } = await clientWith('atl_nonsense').GET('/v1/workshops');
  assert.equal(response.status, 401);
  assert.equal(error?.error.code, 2401);
  assert.match(response.headers.get('www-authenticate') ?? '', /apikey/);
});

test('code that contradicts the document does not compile', () => {
  // @ts-expect-error a center is required
  const without: New = { track_id: 1, guest_id: 'gst_1' };
  // @ts-expect-error a status is one of the documented numbers
  const status: components['schemas']['Status'] = 10;
  assert.ok(without && status);
});
