//! API keys: what is written of them, what they allow, and how long.

mod form;
mod life;
mod text;

pub use form::{ApiKeyForm, ApiKeyName, GrantForm};
pub use life::{Overlap, OverlapInvalid, Term};
pub use text::{ApiKeyPrefix, ApiKeyText, KeyDigest, NotAnApiKey};
