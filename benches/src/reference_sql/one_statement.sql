WITH request AS (
    SELECT {workshop} AS workshop, {guest} AS guest, {center} AS center, :track::int AS track
), locked AS (
    UPDATE workshops SET seats_taken = seats_taken + 1 FROM request
    WHERE id = request.workshop AND stage = 1 AND (ends_at IS NULL OR ends_at > now())
      AND (registration_opens_at IS NULL OR registration_opens_at <= now())
      AND coalesce(registration_closes_at, starts_at, 'infinity') > now()
      AND (capacity IS NULL OR seats_taken < capacity)
      AND EXISTS (SELECT FROM workshop_centers c WHERE c.workshop_id = request.workshop AND c.center_id = request.center)
      AND EXISTS (SELECT FROM guests g WHERE g.id = request.guest)
      AND EXISTS (SELECT FROM tracks t WHERE t.id = request.track AND t.workshop_id = request.workshop
                  AND (t.capacity IS NULL OR t.seats_taken < t.capacity))
    RETURNING id
), seated AS (
    UPDATE tracks SET seats_taken = tracks.seats_taken + 1 FROM locked, request
    WHERE tracks.id = request.track AND tracks.workshop_id = locked.id
      AND (tracks.capacity IS NULL OR tracks.seats_taken < tracks.capacity)
    RETURNING tracks.id, tracks.workshop_id
), registered AS (
    INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, from_waitlist, registered_at)
    SELECT {registration}, seated.workshop_id, seated.id, request.guest, request.center, 0, false, now() FROM request, seated
    RETURNING id, workshop_id, guest_id, center_id
)
INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, center_id, guest_id)
SELECT {entry}, workshop_id, id, 0, 0, 'pgbench', now(), center_id, guest_id FROM registered;
