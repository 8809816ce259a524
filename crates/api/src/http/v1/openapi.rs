//! The OpenAPI document: what the handlers say of themselves, and what is the same for all of them.

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

use super::{envelope::Member, guests, register, registration_actions, registrations, workshops};

const ABOUT: &str = "The documented JSON call \"Register a guest to a workshop\", and what goes with it. It is the same \
    server as the GraphQL API at `/graphql`: the same rules, ids, roles and limits.

**Answers.** What was asked for is in `registrations` or `workshops`, with `error: null` and status 200. What stands in the \
    way is in `error` with a documented code and sentence, and status 400. Branch on `error.code`; several problems may \
    share one. What is wrong with the call itself has the status that HTTP has for it, and as its code 2000 and that status.

**Who calls** says so in `Authorization`: `apikey <key>`, or `bearer <token>` with a token of the operator's identity \
    provider. What is not for the caller to see is as if it were not there.

**Limits.** A body has at most 262144 bytes, unless the operator says otherwise. Each caller has a share: `RateLimit` says \
    what is left of it, and 429 with `Retry-After` that it is used up. 503 says that there is more \
    to do than can be done, or no database: ask again after `Retry-After` seconds, a change with its `Idempotency-Key`, for it \
    may have been made.

**Every answer** has an `x-request-id`: the caller's own, if one was sent that has 1 to 128 letters, digits and `-_.:`. \
    More members may be added to answers; ignore those that you do not know.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Atelier: the documented call", version = "1.0.0", description = ABOUT, license(
        name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"
    )),
    servers((url = "/", description = "This server")),
    paths(
        workshops::list,
        workshops::one,
        register::register,
        registrations::list,
        registration_actions::sign_in,
        registration_actions::undo_sign_in,
        registration_actions::cancel,
        guests::registrations,
    ),
    tags(
        (name = "workshops", description = "Workshops, past ones too."),
        (name = "registrations", description = "ManageRegistrations, and what becomes of it."),
    ),
    modifiers(&Common),
)]
struct Document;

/// The document as `openapi.json` has it.
pub fn openapi() -> String {
    // What is built from literals can be written.
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// What is the same for all operations.
struct Common;

/// Why a call is refused that came as far as its address, but for problems: the status, and what is to be said of it.
const REFUSALS: [(u16, &str); 12] = [
    (401, "It is not known who is calling, or what was said of it is not valid, or not any more."),
    (403, "The caller may not do this, or has no role here; or a page of another origin made a browser send it."),
    (404, "There is nothing at this address."),
    (405, "This method is not for this address; `Allow` says which are."),
    (413, "The body is longer than 262144 bytes, or what the operator allows."),
    (415, "The body is not `application/json` in UTF-8, or it is compressed."),
    (421, "The server is not known by the name in `Host`."),
    (422, "A parameter or the `Idempotency-Key` is not what it may be."),
    (
        429,
        "The caller's share is used up, or too many keys from this address were not valid: wait `Retry-After` seconds.",
    ),
    (500, "Something went wrong on the server's side; `x-request-id` finds it in its log."),
    (
        503,
        "There is more to do than can be done, or the database is out of reach: ask again after `Retry-After` seconds, a \
         change with its `Idempotency-Key`, for it may have been made.",
    ),
    (504, "It took longer than 30 s, or what the operator allows. What was accepted by then may still be done."),
];

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        add_security(components);
        add_headers(components);
        for member in Member::ALL {
            for (status, about) in REFUSALS {
                components.responses.insert(refusal_name(member, status), refusal(member, status, about).into());
            }
        }
        for (path, item) in &mut document.paths.paths {
            let member = Member::at(path);
            for (operation, reads_body) in [(&mut item.get, false), (&mut item.post, true), (&mut item.put, false)] {
                if let Some(operation) = operation {
                    complete(operation, member, reads_body);
                }
            }
        }
    }
}

/// Adds to an operation what it shares with the others.
fn complete(operation: &mut Operation, member: Member, reads_body: bool) {
    let takes = |place: &ParameterIn| {
        operation.parameters.iter().flatten().any(|it| match it {
            RefOr::T(parameter) => parameter.parameter_in == *place,
            RefOr::Ref(_) => false,
        })
    };
    let has_422 = takes(&ParameterIn::Query) || takes(&ParameterIn::Header);
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            tell_headers(response, &["x-request-id", "RateLimit", "RateLimit-Policy"]);
        }
    }
    let mut responses = ResponsesBuilder::from(std::mem::take(&mut operation.responses));
    for (status, _) in REFUSALS {
        let is_met = match status {
            413 | 415 => reads_body,
            422 => has_422,
            _ => true,
        };
        if is_met {
            responses = responses.response(status.to_string(), Ref::from_response_name(refusal_name(member, status)));
        }
    }
    operation.responses = responses.build();
    let mut security: Vec<_> = ["apikey", "bearer"].map(|scheme| SecurityRequirement::new(scheme, [""; 0])).into();
    if member == Member::Workshops {
        security.push(SecurityRequirement::default());
    }
    operation.security = Some(security);
}

fn refusal_name(member: Member, status: u16) -> String {
    format!("{}{status}", member.name())
}

fn refusal(member: Member, status: u16, about: &str) -> Response {
    let schema = match member {
        Member::Workshops => "WorkshopsRefused",
        Member::Registrations => "RegistrationsRefused",
    };
    let example = serde_json::json!({ member.name(): null, "error": { "code": 2000 + status, "message": about } });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
    let mut response = ResponseBuilder::new().description(about).content("application/json", content).build();
    tell_headers(&mut response, &["x-request-id"]);
    tell_headers(
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

fn tell_headers(response: &mut Response, names: &[&str]) {
    for name in names {
        let header = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.insert((*name).to_owned(), header);
    }
}

fn add_headers(components: &mut Components) {
    let texts = [
        ("x-request-id", "What names the call in the server's log."),
        (
            "RateLimit",
            "What is left of the caller's share and in how many seconds it is full again: `\"cost\";r=199995;t=1`. Not \
             there where nobody counts, nor with what is refused before it is paid for.",
        ),
        (
            "RateLimit-Policy",
            "The share, and in how many seconds an empty one is full: `\"cost\";q=200000;w=60`. Not there where nobody counts.",
        ),
        ("WWW-Authenticate", "How to say who is calling."),
        ("Allow", "The methods that are for this address."),
    ];
    let text = |(name, about): (&str, &str)| (name.to_owned(), Type::String, about.to_owned());
    let seconds = ("Retry-After".to_owned(), Type::Integer, "Seconds after which to ask again.".to_owned());
    for (name, kind, about) in texts.map(text).into_iter().chain([seconds]) {
        let schema = ObjectBuilder::new().schema_type(kind);
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build();
        components.headers.insert(name, header.into());
    }
}

fn add_security(components: &mut Components) {
    let apikey = ApiKeyValue::with_description(
        "Authorization",
        "`apikey` and a key of this server: `Authorization: apikey atl_…`.",
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of the operator's identity provider."))
        .build();
    components.add_security_scheme("apikey", SecurityScheme::ApiKey(ApiKey::Header(apikey)));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
}
