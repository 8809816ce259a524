//! Whether what was answered is what is in the database.

use crate::{clients::Answers, ground::Ground, seed};

/// The rush on a workshop ended as it had to.
pub(crate) async fn examine(ground: &Ground, workshop: u32, answers: Answers) {
    let id = seed::workshop(workshop).uuid();
    let row = ground
        .row(
            "SELECT COUNT(CASE WHEN status = 0 THEN 1 END), COUNT(CASE WHEN status = 4 THEN 1 END), \
             COUNT(DISTINCT guest_id), COUNT(DISTINCT waitlist_number), COALESCE(MIN(waitlist_number), 1), COALESCE(MAX(waitlist_number), 0) \
             FROM registrations WHERE workshop_id = $1",
            [id.into()],
        )
        .await;
    let found: Vec<i64> = (0..6).map(|column| row.try_get_by_index(column).expect("a number")).collect();
    let (seated, waiting) = (i64::from(answers.seated), i64::from(answers.waiting));
    assert_eq!(found, [seated, waiting, seated + waiting, waiting, 1, waiting], "who has a seat, and who which place");
    let row = ground.row("SELECT seats_taken, waitlist_length FROM workshops WHERE id = $1", [id.into()]).await;
    let counted = [row.try_get_by_index::<i32>(0), row.try_get_by_index::<i32>(1)].map(|number| number.expect("one"));
    assert_eq!(counted.map(i64::from), [seated, waiting], "what the workshop says of itself");
    let row = ground.row("SELECT COUNT(*) FROM journal WHERE workshop_id = $1", [id.into()]).await;
    assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), seated + waiting, "entries of the journal");
}

/// Everything adds up, also what was written by hand. That does not see to the order in which the journal is read.
pub(crate) async fn all(ground: &Ground) {
    if ground.is_postgres() {
        ground.run("UPDATE journal SET position = 0 WHERE actor = 'pgbench'").await;
    }
    ground.examine().await;
}
