BEGIN;
SELECT (stage = 1 AND (ends_at IS NULL OR ends_at > now())
        AND (registration_opens_at IS NULL OR registration_opens_at <= now())
        AND coalesce(registration_closes_at, starts_at, 'infinity') > now())::int AS open,
       (capacity IS NULL OR seats_taken < capacity)::int AS free, next_waitlist_number
FROM workshops WHERE id = {workshop} FOR UPDATE \gset
SELECT (EXISTS (SELECT FROM guests WHERE id = {guest})
        AND EXISTS (SELECT FROM workshop_centers WHERE workshop_id = {workshop} AND center_id = {center})
        AND EXISTS (SELECT FROM tracks WHERE id = :track::int AND workshop_id = {workshop})
        AND NOT EXISTS (SELECT FROM registrations WHERE workshop_id = {workshop} AND guest_id = {guest}
                        AND status IN (0, 2, 3, 4)))::int AS granted \gset
\if :open * :granted * :free > 0
INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, from_waitlist, registered_at)
VALUES ({registration}, {workshop}, :track::int, {guest}, {center}, 0, false, now());
UPDATE workshops SET seats_taken = seats_taken + 1 WHERE id = {workshop};
UPDATE tracks SET seats_taken = seats_taken + 1 WHERE id = :track::int;
INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, center_id, guest_id)
VALUES ({entry}, {workshop}, {registration}, 0, 0, 'pgbench', now(), {center}, {guest});
\elif :open * :granted > 0
INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, waitlist_number, from_waitlist, registered_at)
VALUES ({registration}, {workshop}, :track::int, {guest}, {center}, 4, :next_waitlist_number::bigint, false, now());
UPDATE workshops SET waitlist_length = waitlist_length + 1, next_waitlist_number = next_waitlist_number + 1 WHERE id = {workshop};
INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, center_id, guest_id)
VALUES ({entry}, {workshop}, {registration}, 1, 4, 'pgbench', now(), {center}, {guest});
\endif
COMMIT;
