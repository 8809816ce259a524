//! Clients with an access, as a guest, or with an API key.

use api::{App, Playground};
use domain::{
    Actor, ApiKeyForm, ApiKeyId, GrantForm, Timestamp,
    access::{Access, Permit},
    commands::create_api_key::CreateApiKey,
};
use uuid::Uuid;

use crate::{ApiKey, Client, TestApp};

impl TestApp {
    /// A client with this access.
    pub fn client_with_access(&self, access: Access) -> Client {
        let (app, stop) = App::with_limits(self.store.clone(), access, Playground::bare(), self.limits);
        // The app stops when its `Shutdown` is dropped.
        self.other_stops.lock().unwrap().push(stop);
        Client::of(app.router())
    }

    /// A client that is signed in as a guest.
    pub async fn client_for_guest(&self, guest: &str) -> Client {
        self.client_with_access(Access::guest(self.guest(guest).await.parse().unwrap()))
    }

    /// Creates an API key with this grant.
    pub async fn key(&self, grant: GrantForm) -> ApiKey {
        self.key_until(grant, None).await
    }

    /// Creates an API key that can expire.
    pub async fn key_until(&self, grant: GrantForm, expires_at: Option<Timestamp>) -> ApiKey {
        let form = ApiKeyForm { name: "A key".to_owned(), grant, expires_at };
        let command = CreateApiKey::parse(form, ApiKeyId::from_uuid(Uuid::now_v7()), self.clock.now()).unwrap();
        let permit = Permit::unlimited(Actor::System);
        let made = self.store.create_api_key(command, &permit).await.unwrap().unwrap();
        ApiKey { id: made.row.api_key_id().to_string(), prefix: made.row.prefix, text: made.text.reveal() }
    }

    /// A client that sends this API key.
    pub fn client_with_key(&self, key: &ApiKey) -> Client {
        self.client.with_authorization(&key.authorization())
    }
}
