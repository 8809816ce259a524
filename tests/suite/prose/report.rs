//! The findings of a check.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

/// A text to change.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) line: usize,
    /// What to do.
    pub(super) message: String,
    /// The sentence, or its beginning.
    pub(super) text: String,
}

/// The findings of one check, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Fails with all findings, unless there are none.
    #[track_caller]
    pub(super) fn assert_empty(&self) {
        assert!(self.0.is_empty(), "{self}");
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut counts = BTreeMap::<_, usize>::new();
        for Finding { file, line, message, text } in &self.0 {
            writeln!(f, "{file}:{line}: {message}\n    {text}")?;
            *counts.entry(file).or_default() += 1;
        }
        for (file, count) in counts {
            writeln!(f, "{count:5} {file}")?;
        }
        writeln!(f, "{:5} in total", self.0.len())
    }
}
