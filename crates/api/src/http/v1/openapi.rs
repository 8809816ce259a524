//! The OpenAPI document: the descriptions of the handlers, and the parts that all operations share.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, ResponsesBuilder,
        content::ContentBuilder,
        path::{Operation, ParameterIn},
        schema::Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{envelope::EnvelopeKey, guests, register, registration_actions, registrations, workshops};

const DESCRIPTION: &str = "The REST API of Atelier: the documented call \"Register a guest to a workshop\" and related \
    operations. The same server provides the GraphQL API at `/graphql`, with the same rules, ids, roles and limits.

**Responses.** The result is in `registrations` or `workshops`, with `error: null` and status 200. A problem is in `error`, \
    with a documented code and message and status 400. Branch on `error.code`; several problems can share a code. A malformed \
    or rejected HTTP request has the matching HTTP status, and the code 2000 plus that status.

**Authentication.** Send `Authorization: apikey <key>`, or `Authorization: bearer <token>` with a token of the operator's \
    identity provider. Rows that the caller cannot see are excluded from responses.

**Limits.** A body has at most 262144 bytes, unless the operator sets another limit. Each caller has a cost budget: \
    `RateLimit` reports the rest, and status 429 with `Retry-After` means that it is used up. Status 503 means that the \
    server is overloaded or cannot reach its database. Retry after `Retry-After` seconds; repeat a change with the same \
    `Idempotency-Key`, because the server may have made it.

**Compatibility.** Each response has an `x-request-id`: the id of the request, if it has 1 to 128 letters, digits and \
    `-_.:`, otherwise a new one. Later versions can add members to responses; ignore unknown members.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Atelier REST API", version = "1.0.0", description = DESCRIPTION, license(
        name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"
    )),
    servers((url = "/", description = "This server")),
    paths(
        workshops::list,
        workshops::get,
        register::register,
        registrations::list,
        registration_actions::sign_in,
        registration_actions::undo_sign_in,
        registration_actions::cancel,
        guests::registrations,
    ),
    tags(
        (name = "workshops", description = "Published workshops and visible drafts, past ones included."),
        (name = "registrations", description = "Registrations for workshops: create, list, check in and cancel."),
    ),
    modifiers(&SharedParts),
)]
struct Document;

/// The text of `openapi.json`.
pub fn openapi() -> String {
    // Serializing a document of literals does not fail.
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// Adds the parts that all operations share.
struct SharedParts;

/// The HTTP errors of the operations: the status and its description.
const HTTP_ERRORS: [(u16, &str); 12] = [
    (401, "The request has no credential, or its credential is invalid, expired or revoked."),
    (403, "The caller has no permission for this operation or no role; or a page of another origin sent the request."),
    (404, "The path is unknown."),
    (405, "The path does not support the method; `Allow` lists the supported methods."),
    (413, "The body is longer than 262144 bytes, or than the limit that the operator has set."),
    (415, "The body is not `application/json` in UTF-8, or it is compressed."),
    (421, "The server does not accept requests for the name in `Host`."),
    (422, "A parameter or the `Idempotency-Key` is invalid."),
    (
        429,
        "The cost budget of the caller is used up, or too many keys from this address were invalid. Retry after \
         `Retry-After` seconds.",
    ),
    (500, "The server has a fault. Its log contains the cause under the `x-request-id`."),
    (
        503,
        "The server is overloaded or cannot reach its database. Retry after `Retry-After` seconds; repeat a change with the \
         same `Idempotency-Key`, because the server may have made it.",
    ),
    (
        504,
        "The operation took longer than 30 s, or than the limit that the operator has set. A change that was already \
         queued can still be made.",
    ),
];

impl Modify for SharedParts {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        add_security(components);
        add_headers(components);
        for key in EnvelopeKey::ALL {
            for (status, description) in HTTP_ERRORS {
                components
                    .responses
                    .insert(response_name(key, status), error_response(key, status, description).into());
            }
        }
        for (path, item) in &mut document.paths.paths {
            let key = EnvelopeKey::of_route(path);
            for (operation, reads_body) in [(&mut item.get, false), (&mut item.post, true), (&mut item.put, false)] {
                if let Some(operation) = operation {
                    complete(operation, key, reads_body);
                }
            }
        }
    }
}

/// Adds the shared parts to an operation.
fn complete(operation: &mut Operation, key: EnvelopeKey, reads_body: bool) {
    let has_parameter_in = |location: &ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == *location,
            RefOr::Ref(_) => false,
        })
    };
    let has_422 = has_parameter_in(&ParameterIn::Query) || has_parameter_in(&ParameterIn::Header);
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            add_response_headers(response, &["x-request-id", "RateLimit", "RateLimit-Policy"]);
        }
    }
    let mut responses = ResponsesBuilder::from(std::mem::take(&mut operation.responses));
    for (status, _) in HTTP_ERRORS {
        let is_possible = match status {
            413 | 415 => reads_body,
            422 => has_422,
            _ => true,
        };
        if is_possible {
            responses = responses.response(status.to_string(), Ref::from_response_name(response_name(key, status)));
        }
    }
    operation.responses = responses.build();
    let mut security: Vec<_> = ["apikey", "bearer"].map(|scheme| SecurityRequirement::new(scheme, [""; 0])).into();
    if key == EnvelopeKey::Workshops {
        security.push(SecurityRequirement::default());
    }
    operation.security = Some(security);
}

fn response_name(key: EnvelopeKey, status: u16) -> String {
    format!("{}{status}", key.name())
}

fn error_response(key: EnvelopeKey, status: u16, description: &str) -> Response {
    let schema = match key {
        EnvelopeKey::Workshops => "WorkshopsError",
        EnvelopeKey::Registrations => "RegistrationsError",
    };
    let example = serde_json::json!({ key.name(): null, "error": { "code": 2000 + status, "message": description } });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
    let mut response = ResponseBuilder::new().description(description).content("application/json", content).build();
    add_response_headers(&mut response, &["x-request-id"]);
    add_response_headers(
        &mut response,
        match status {
            401 => &["WWW-Authenticate"],
            405 => &["Allow"],
            403 | 422 | 500 | 504 => &["RateLimit", "RateLimit-Policy"],
            429 | 503 => &["RateLimit", "RateLimit-Policy", "Retry-After"],
            _ => &[],
        },
    );
    response
}

fn add_response_headers(response: &mut Response, names: &[&str]) {
    for name in names {
        let header = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.insert((*name).to_owned(), header);
    }
}

fn add_headers(components: &mut Components) {
    let texts = [
        ("x-request-id", "The id of the request in the server's log."),
        (
            "RateLimit",
            "The rest of the caller's cost budget, and the seconds until it is full: `\"cost\";r=199995;t=1`. Absent if \
             rate limiting is off or the request was rejected before it was charged.",
        ),
        (
            "RateLimit-Policy",
            "The size of the cost budget, and the seconds in which an empty one fills: `\"cost\";q=200000;w=60`. Absent if \
             `RateLimit` is.",
        ),
        ("WWW-Authenticate", "The accepted authentication schemes."),
        ("Allow", "The methods that the path supports."),
    ];
    let text = |(name, description): (&str, &str)| (name.to_owned(), Type::String, description.to_owned());
    let seconds = ("Retry-After".to_owned(), Type::Integer, "The seconds after which to retry.".to_owned());
    for (name, kind, description) in texts.map(text).into_iter().chain([seconds]) {
        let schema = ObjectBuilder::new().schema_type(kind);
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        components.headers.insert(name, header.into());
    }
}

fn add_security(components: &mut Components) {
    let apikey =
        ApiKeyValue::with_description("Authorization", "An API key of this server: `Authorization: apikey atl_…`.");
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of the operator's identity provider."))
        .build();
    components.add_security_scheme("apikey", SecurityScheme::ApiKey(ApiKey::Header(apikey)));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
}
