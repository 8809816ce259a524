//! Checks that the responses agree with the database.

use crate::{clients::Outcomes, dataset::Dataset, seed};

/// Checks the registrations, counters and journal of one workshop against the outcomes that its guests received.
pub(crate) async fn check_workshop(dataset: &Dataset, workshop: u32, outcomes: Outcomes) {
    let id = seed::workshop(workshop).uuid();
    let row = dataset
        .row(
            "SELECT COUNT(CASE WHEN status = 0 THEN 1 END), COUNT(CASE WHEN status = 4 THEN 1 END), \
             COUNT(DISTINCT guest_id), COUNT(DISTINCT waitlist_number), \
             COALESCE(MIN(waitlist_number), 1), COALESCE(MAX(waitlist_number), 0) \
             FROM registrations WHERE workshop_id = $1",
            [id.into()],
        )
        .await;
    let stored: Vec<i64> = (0..6).map(|column| row.try_get_by_index(column).expect("a number")).collect();
    let (seated, waitlisted) = (i64::from(outcomes.seated), i64::from(outcomes.waitlisted));
    let expected = [seated, waitlisted, seated + waitlisted, waitlisted, 1, waitlisted];
    assert_eq!(stored, expected, "seated, waitlisted, guests, waitlist numbers, first and last waitlist number");
    let row = dataset.row("SELECT seats_taken, waitlist_length FROM workshops WHERE id = $1", [id.into()]).await;
    let counters =
        [row.try_get_by_index::<i32>(0), row.try_get_by_index::<i32>(1)].map(|count| count.expect("a number"));
    assert_eq!(counters.map(i64::from), [seated, waitlisted], "the workshop's counters of seats and waitlist");
    let row = dataset.row("SELECT COUNT(*) FROM journal WHERE workshop_id = $1", [id.into()]).await;
    assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), seated + waitlisted, "journal entries");
}

/// Runs the doctor on everything that was written, also by pgbench. pgbench assigns no journal positions, so its entries
/// get a fixed one first.
pub(crate) async fn check_all(dataset: &Dataset) {
    if dataset.is_postgres() {
        dataset.run("UPDATE journal SET position = 0 WHERE actor = 'pgbench'").await;
    }
    dataset.run_doctor().await;
}
