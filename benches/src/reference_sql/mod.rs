//! What each measurement is held against: the statements that a good engineer writes for just that, run by pgbench.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    bare,
    pgbench::{Amount, Script, id},
    reads::Subject,
    rush::Stage,
    seed::{self, Size},
};

/// One statement a registration, for workshops that hardly meet.
const ONE_STATEMENT: &str = include_str!("one_statement.sql");

/// One transaction a guest, for a workshop that all want: a seat, or a place in line.
const ONE_TRANSACTION: &str = include_str!("one_transaction.sql");

/// Clients of pgbench that do best where nobody waits for anybody.
pub(crate) const CLIENTS: u32 = 16;

/// The rows of a page in one round trip, as they are.
pub(crate) fn page(subject: Subject, size: Size, seconds: u32) -> Script {
    let (statement, kind, most) = match subject {
        Subject::List => (bare::LIST, 1, size.centers()),
        Subject::Detail => (bare::DETAIL, 2, size.workshops),
    };
    let (pages, step) = seed::sample(most);
    let text = format!(
        "\\set number random(0, {}) * {step} % {most}\n{};\n",
        pages - 1,
        statement.replace("$1", &id(kind, ":number"))
    );
    Script { text, clients: CLIENTS, amount: Amount::Seconds(seconds) }
}

/// Registrations spread over the workshops of a stage, from a pair on that nobody asked for.
pub(crate) fn spread(stage: &Stage, size: Size, from: u32, seconds: u32) -> Script {
    let pair = format!("{from} + :client_id + {CLIENTS} * :turn");
    Script { text: registering(stage, size, &pair, ONE_STATEMENT), clients: CLIENTS, amount: Amount::Seconds(seconds) }
}

/// About as many guests at the one workshop of a stage.
pub(crate) fn rush(stage: &Stage, size: Size, guests: u32, clients: u32) -> Script {
    let of_each_client = guests / clients;
    let pair = format!(":client_id * {of_each_client} + :turn");
    let text = registering(stage, size, &pair, ONE_TRANSACTION);
    Script { text, clients, amount: Amount::Transactions { of_each_client } }
}

fn registering(stage: &Stage, size: Size, pair: &str, statements: &str) -> String {
    /// Ids of one run of pgbench come after those of the one before.
    static RUN: AtomicU64 = AtomicU64::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed) << 32;
    let statements = statements
        .replace("{workshop}", &id(2, ":workshop"))
        .replace("{guest}", &id(3, ":guest"))
        .replace("{center}", &id(1, &size.centers().to_string()))
        .replace("{registration}", &id(5, &format!("({run} + :pair::bigint)")))
        .replace("{entry}", &id(6, &format!("({run} + :pair::bigint)")));
    format!("\\set pair {pair}\n\\set turn :turn + 1\n{}{statements}", stage.variables())
}
