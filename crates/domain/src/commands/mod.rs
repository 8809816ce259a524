//! What can be asked for, one file a command: the question, its refusals, and the rule that decides.

pub mod register_guest;
