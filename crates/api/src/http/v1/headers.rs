use utoipa::IntoParams;

/// The header that makes a retry safe.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is read where it is used")]
pub(super) struct IdempotencyKey {
    /// Makes a retry safe: what was done under a key is not done again with the same input, for 24 hours, and the
    /// answer is the registration as it stands by then. A refusal changes nothing and is not kept. For example a UUID made for this call. With GraphQL the keys are the same.
    // No example: a page to try it would send the same one twice.
    #[param(
        rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: Option<String>,
}
