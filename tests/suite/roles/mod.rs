//! Roles and visibility: two centers with their guests, and callers of every role at one of them.

mod mutations;
mod personal_data;
mod rest_api;
mod retries;
mod shared_workshops;
mod table;
mod visibility;

use std::collections::BTreeSet;

use domain::{
    Actor, CenterId, Stage,
    access::{Access, Grant, Role, Scope},
};
use serde_json::{Value, json};
use tests::{Client, TestApp, Workshop, a_workshop};

/// Two centers that run one workshop together, and rows of each center alone.
struct Fixture {
    app: TestApp,
    here: CenterId,
    there: CenterId,
    /// Run by both centers. All three seats are taken, and Bob is waitlisted.
    shared: Workshop,
    there_only: Workshop,
    draft_here: Workshop,
    draft_there: Workshop,
    /// Her home center is `here`. She has a seat at the shared workshop.
    ann: RegisteredGuest,
    /// His home center is `there`. He is waitlisted for the shared workshop.
    bob: RegisteredGuest,
    /// Belongs to `there` only through a registration.
    cem: RegisteredGuest,
    /// Belongs to `here` only through a registration.
    dan: RegisteredGuest,
}

/// A guest with a registration for the shared workshop.
struct RegisteredGuest {
    guest: String,
    registration: String,
}

impl Fixture {
    async fn new(app: TestApp) -> Self {
        let (here, there) = (app.center("Here").await, app.center("There").await);
        let shared = app.given_at(here, a_workshop().title("Shared").capacity(3)).await;
        let both = "mutation ($id: ID!, $centers: [ID!]) {
            updateWorkshop(workshopId: $id, input: { centerIds: $centers }) { __typename } }";
        let centers = json!({ "id": shared.id, "centers": [here.to_string(), there.to_string()] });
        assert_eq!(app.graphql(both, &centers).await.field()["__typename"], "UpdateWorkshopSuccess");
        let ann = register_new_guest(&app, &shared, "ann", Some(here), here, false).await;
        let dan = register_new_guest(&app, &shared, "dan", None, here, false).await;
        let cem = register_new_guest(&app, &shared, "cem", None, there, false).await;
        let bob = register_new_guest(&app, &shared, "bob", Some(there), there, true).await;
        let there_only = app.given_at(there, a_workshop().title("There only")).await;
        let draft_here = app.given_at(here, a_workshop().title("Draft of here").stage(Stage::Draft)).await;
        let draft_there = app.given_at(there, a_workshop().title("Draft of there").stage(Stage::Draft)).await;
        Self { app, here, there, shared, there_only, draft_here, draft_there, ann, bob, cem, dan }
    }

    /// A staff member of `here`.
    fn staff(&self) -> Client {
        self.app.client_with_access(granted(Role::Staff, &[], Some(self.here)))
    }

    /// A partner system of `here`.
    fn partner(&self, scopes: &[Scope]) -> Client {
        self.app.client_with_access(granted(Role::Partner, scopes, Some(self.here)))
    }

    /// Ann as a guest.
    fn guest(&self) -> Client {
        self.app.client_with_access(Access::guest(self.ann.guest.parse().unwrap()))
    }

    /// An anonymous caller.
    fn public(&self) -> Client {
        self.app.client_with_access(Access::public())
    }

    fn with_role(&self, role: Role) -> Client {
        match role {
            Role::Admin => self.app.client_with_access(granted(Role::Admin, &[], None)),
            Role::Staff => self.staff(),
            Role::Partner => self.partner(Scope::ALL),
            Role::Guest => self.guest(),
            Role::Public => self.public(),
        }
    }
}

fn granted(role: Role, scopes: &[Scope], center: Option<CenterId>) -> Access {
    let centers = center.map(|center| BTreeSet::from([center]));
    Access::granted(Actor::System, &Grant::new(role, scopes.iter().copied().collect(), centers).unwrap())
}

/// Creates a guest with recognizable values in every field, and registers the guest.
async fn register_new_guest(
    app: &TestApp,
    workshop: &Workshop,
    name: &str,
    home: Option<CenterId>,
    center: CenterId,
    waitlist: bool,
) -> RegisteredGuest {
    let create = "mutation ($input: GuestInput!) { createGuest(input: $input) { ... on Guest { id } } }";
    let input = json!({
        "externalId": format!("{name}-elsewhere"), "givenName": name, "familyName": format!("{name}-family"),
        "email": format!("{name}@mail.example"), "phone": "+49 30 1234", "homeCenterId": home.map(|id| id.to_string()),
    });
    let guest = app.graphql(create, &json!({ "input": input })).await.field()["id"].as_str().unwrap().to_owned();
    let input = json!({
        "trackId": workshop.tracks[0], "guestId": guest, "centerId": center.to_string(), "waitlist": waitlist,
    });
    let registration = app.register_with(workshop, &input).await.registration()["id"].as_str().unwrap().to_owned();
    RegisteredGuest { guest, registration }
}

/// The authorization error code of a response with one root field, if any.
fn denied(body: &Value) -> Option<&str> {
    let code = body["errors"][0]["extensions"]["code"].as_str();
    assert_eq!(body.get("errors").is_some(), code.is_some(), "{body:#}");
    code.filter(|code| matches!(*code, "UNAUTHENTICATED" | "FORBIDDEN"))
}
