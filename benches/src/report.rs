//! The printed report: measurements, and targets with `met` or `MISSED`.

use crate::measurement::Measurement;

/// Prints a measurement. `unit` is what the rate and the processor time count, such as `page`.
pub(crate) fn print_measurement(benchmark: &str, subject: &str, unit: &str, measurement: Measurement) {
    let Measurement { rate, p50_ms, p99_ms, cpu_ms } = measurement;
    let cpu = if cpu_ms > 0.0 { format!("   {cpu_ms:.3} ms of processor time per {unit}") } else { String::new() };
    print_line(&format!(
        "{benchmark:<5} {subject:<24} {rate:>8.0} {unit}s/s   p50 {p50_ms:>7.2} ms   p99 {p99_ms:>7.2} ms{cpu}"
    ));
}

/// Prints a value that should be at least `target`.
pub(crate) fn print_minimum(what: &str, value: f64, unit: &str, target: f64) {
    print_target(what, value, unit, "at least", target, value >= target);
}

/// Prints a value that should be at most `target`.
pub(crate) fn print_maximum(what: &str, value: f64, unit: &str, target: f64) {
    print_target(what, value, unit, "at most", target, value <= target);
}

fn print_target(what: &str, value: f64, unit: &str, bound: &str, target: f64, is_met: bool) {
    let result = if is_met { "met" } else { "MISSED" };
    print_line(&format!("      {what}: {value:.2}{unit} (target: {bound} {target:.2}{unit}): {result}"));
}

#[expect(clippy::print_stdout, reason = "standard output is the interface of a benchmark")]
pub(crate) fn print_line(line: &str) {
    println!("{line}");
}
