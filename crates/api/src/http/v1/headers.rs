use utoipa::IntoParams;

/// The header that makes a retry safe.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is read where it is used")]
pub(super) struct IdempotencyKey {
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours. A refusal
    /// changes nothing and is not kept. For example a UUID made for this call. With GraphQL the keys are the same.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "0199a5d2-7c1e-7b7e-9d0a-5f2f6c8e4a11"
    )]
    idempotency_key: Option<String>,
}
