//! The statements that pgbench runs for comparison: the database's own limit, without GraphQL and authentication.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    baseline,
    pages::PageKind,
    pgbench::{Amount, Script, id_sql},
    registration_pairs::RegistrationPairs,
    seed::{self, Size},
};

/// One statement for each registration, for workshops without contention.
const ONE_STATEMENT: &str = include_str!("one_statement.sql");

/// One transaction for each guest at a single workshop: it takes a seat or a waitlist number.
const ONE_TRANSACTION: &str = include_str!("one_transaction.sql");

/// Clients of pgbench where they do not wait for one row. More clients lower the rate.
pub(crate) const CLIENTS: u32 = 16;

/// Reads the plain rows of a page in one round trip.
pub(crate) fn page(kind: PageKind, size: Size, seconds: u32) -> Script {
    let (statement, id_kind, count) = match kind {
        PageKind::List => (baseline::LIST, 1, size.centers()),
        PageKind::Detail => (baseline::DETAIL, 2, size.workshops),
    };
    let (pages, step) = seed::sample(count);
    let text = format!(
        "\\set number random(0, {}) * {step} % {count}\n{};\n",
        pages - 1,
        statement.replace("$1", &id_sql(id_kind, ":number"))
    );
    Script { text, clients: CLIENTS, amount: Amount::Seconds(seconds) }
}

/// Registers pairs of guests and many workshops, beginning with the pair number `from`.
pub(crate) fn many_workshops(pairs: &RegistrationPairs, size: Size, from: u32, seconds: u32) -> Script {
    let pair = format!("{from} + :client_id + {CLIENTS} * :turn");
    let text = registrations(pairs, size, &pair, ONE_STATEMENT);
    Script { text, clients: CLIENTS, amount: Amount::Seconds(seconds) }
}

/// Registers guests for one workshop. Each client registers the same number of them, so a remainder is left out.
pub(crate) fn one_workshop(pairs: &RegistrationPairs, size: Size, guests: u32, clients: u32) -> Script {
    let guests_per_client = guests / clients;
    let pair = format!(":client_id * {guests_per_client} + :turn");
    let text = registrations(pairs, size, &pair, ONE_TRANSACTION);
    Script { text, clients, amount: Amount::TransactionsPerClient(guests_per_client) }
}

fn registrations(pairs: &RegistrationPairs, size: Size, pair: &str, statements: &str) -> String {
    /// Each run of pgbench uses new ids, after those of the run before.
    static RUN: AtomicU64 = AtomicU64::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed) << 32;
    let statements = statements
        .replace("{workshop}", &id_sql(2, ":workshop"))
        .replace("{guest}", &id_sql(3, ":guest"))
        .replace("{center}", &id_sql(1, &size.centers().to_string()))
        .replace("{registration}", &id_sql(5, &format!("({run} + :pair::bigint)")))
        .replace("{entry}", &id_sql(6, &format!("({run} + :pair::bigint)")));
    format!("\\set pair {pair}\n\\set turn :turn + 1\n{}{statements}", pairs.pgbench_variables())
}
