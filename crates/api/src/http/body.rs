use async_graphql::Response as Answer;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::graphql::is_request_error;

/// An answer as it is written. One that was never executed has no `data`, not even null.
pub(super) struct Body<'a>(pub(super) &'a Answer);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_request_error(self.0) {
            json!({ "errors": self.0.errors }).serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}
