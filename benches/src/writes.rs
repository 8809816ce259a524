//! ManageRegistrations: spread over many workshops (M1), all at one (M2), and all at one with a line (M2w).

use std::{sync::Arc, time::Duration};

use clap::Args;

use crate::{
    by_hand_sqlite,
    clients::{Answers, Crowd},
    exact,
    ground::Ground,
    limits,
    load::{Load, Measured, median},
    process::Server,
    rush::Stage,
    say, verdict,
};

/// How many register, and where.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Writing {
    /// Connections that register at a time.
    #[arg(long, default_value_t = 64)]
    pub(crate) writers: u32,
    /// Workshops over which registrations are spread.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) spread: u32,
    /// Guests who all want the same workshop.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) rush: u32,
    /// Its seats.
    #[arg(long, default_value_t = 500)]
    pub(crate) seats: u32,
}

/// More registrations a second than there will be.
const MOST_A_SECOND: u32 = 20_000;

/// A measurement of each round, and what it is held against.
#[derive(Default)]
struct Rounds {
    ours: Vec<Measured>,
    limit: Vec<Measured>,
}

pub(crate) async fn run(ground: &Ground, server: &Server, load: Load, writing: Writing) {
    let Writing { writers, spread, rush, seats } = writing;
    let mut next = ground.size.workshops;
    let mut stages = Vec::new();
    let (rounds, each_round) = (load.rounds, if ground.is_postgres() { 3 } else { 2 });
    for (count, seats) in [(spread, None); 2].into_iter().chain((0..rounds * each_round).map(|_| (1, Some(seats)))) {
        stages.push(ground.stage(next, count, seats).await);
        next += count;
    }
    let mut stages = stages.into_iter();
    let mut stage = || stages.next().expect("as many as were set");
    let (ours, theirs) = (stage(), stage());
    let (mut m1, mut m2, mut m2w) = (Rounds::default(), Rounds::default(), Rounds::default());
    for round in 0..rounds {
        let from = round * load.seconds * MOST_A_SECOND;
        let crowd = Crowd {
            guests: load.seconds * MOST_A_SECOND,
            connections: writers,
            time: Some(Duration::from_secs(load.seconds.into())),
            joins_line: false,
        };
        m1.ours.push(enter(ground, server, &ours, from, crowd).await.0);
        m1.limit.push(if ground.is_postgres() {
            limits::spread(&theirs, ground.size, from, load.seconds).run(&ground.url).await
        } else {
            by_hand_sqlite::spread(ground, &theirs, from, load.seconds).await
        });
        for joins_line in [false, true] {
            let stage = stage();
            let crowd = Crowd { guests: rush, connections: writers, time: None, joins_line };
            let (measured, answers) = enter(ground, server, &stage, 0, crowd).await;
            let left = rush.saturating_sub(seats);
            let (waiting, refused) = if joins_line { (left, 0) } else { (0, left) };
            let expected = Answers { seated: rush.min(seats), waiting, refused };
            assert_eq!(answers, expected, "each guest was told what became of them");
            exact::examine(ground, stage.first, expected).await;
            if joins_line { &mut m2w } else { &mut m2 }.ours.push(measured);
        }
        if ground.is_postgres() {
            m2w.limit.push(limits::rush(&stage(), ground.size, rush, writers).run(&ground.url).await);
        }
    }
    exact::all(ground).await;
    tell(ground, &m1, &m2, &m2w);
}

/// Lets a crowd of guests in, who ask for these pairs.
async fn enter(ground: &Ground, server: &Server, stage: &Stage, from: u32, crowd: Crowd) -> (Measured, Answers) {
    let (stage, key) = (stage.clone(), ground.key.clone());
    crowd.rush(server, Arc::new(move |number, waitlist| stage.request(from + number, waitlist, &key).bytes())).await
}

fn tell(ground: &Ground, m1: &Rounds, m2: &Rounds, m2w: &Rounds) {
    let (ours, limit) = (median(&m1.ours), median(&m1.limit));
    verdict::row("M1", "registerGuest", ours);
    if ground.is_postgres() {
        verdict::row("M1", "pgbench, one statement", limit);
        verdict::at_least("M1 by pgbench's rate", ours.rate / limit.rate, 1.0);
    } else {
        verdict::row("M1", "a bare loop of commits", limit);
        verdict::at_least("M1 by the rate of a bare loop", ours.rate / limit.rate, 3.0);
    }
    verdict::row("M2", "registerGuest", median(&m2.ours));
    let ours = median(&m2w.ours);
    verdict::row("M2w", "registerGuest", ours);
    if ground.is_postgres() {
        let limit = median(&m2w.limit);
        verdict::row("M2w", "pgbench, a transaction", limit);
        verdict::at_least("M2w by pgbench's rate", ours.rate / limit.rate, 6.0);
    }
    verdict::at_most("M2w p99 in ms", ours.p99, 60.0);
    say("      M2 and M2w: every seat was given once, every place in line, and everybody was told the truth: met");
}
