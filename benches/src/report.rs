//! What was measured, in lines for people, beside what was aimed at.

use crate::{load::Measured, say};

/// Tells of one measurement.
pub(crate) fn row(what: &str, who: &str, one: Measured) {
    let cpu = if one.cpu > 0.0 { format!("   {:.3} ms of processor time each", one.cpu) } else { String::new() };
    say(&format!("{what:<5} {who:<24} {:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms{cpu}", one.rate, one.p50, one.p99));
}

/// Tells whether something is at least as large as it was to be.
pub(crate) fn at_least(what: &str, is: f64, aim: f64) {
    tell(what, is, "at least", aim, is >= aim);
}

/// Tells whether something is no larger than it was to be.
pub(crate) fn at_most(what: &str, is: f64, aim: f64) {
    tell(what, is, "at most", aim, is <= aim);
}

fn tell(what: &str, is: f64, how: &str, aim: f64, is_met: bool) {
    let met = if is_met { "met" } else { "MISSED" };
    say(&format!("      {what}: {is:.2}, {how} {aim:.2}: {met}"));
}
