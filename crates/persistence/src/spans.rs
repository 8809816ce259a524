/// The target of spans for traces. Logs exclude them, and without a tracer they are not created.
pub const SPANS: &str = "atelier::spans";
