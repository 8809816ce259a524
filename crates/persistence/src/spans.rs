/// The target of spans that are made for traces. They stand in no log, and where nobody traces they are not made.
pub const SPANS: &str = "atelier::spans";
