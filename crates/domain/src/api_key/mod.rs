mod form;
mod term;
mod text;

pub use form::{ApiKeyForm, ApiKeyName, GrantForm};
pub use term::{Overlap, OverlapInvalid, Term};
pub use text::{ApiKeyMalformed, ApiKeyPrefix, ApiKeyText, KeyDigest};
