//! `atelier keys`: API keys, at the command line. Whoever reaches the database may.

use std::io::{self, Write};

use chrono::{DateTime, Days, Utc};
use clap::{Args, CommandFactory, Subcommand, error::ErrorKind};
use domain::{
    Actor, ApiKeyForm, ApiKeyId, GrantForm, Overlap, Timestamp,
    access::{ManageApiKeys, Permit, Role, Scope},
    commands::{
        create_api_key::CreateApiKey,
        revoke_api_key::{ApiKeyReference, RevokeApiKey},
        rotate_api_key::RotateApiKey,
    },
    problems::InputInvalid,
};
use persistence::{ApiKeyRow, IssuedApiKey, LaneSettings, Store, StoreError};
use uuid::Uuid;

use super::{Cli, DatabaseArguments, ensure_migrated, say};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a key. It alone is printed to standard output, once; only a digest of it is kept.
    ///
    /// A database that is not there yet is made: `atelier keys create --role admin --name …` begins a new installation.
    Create(Creation),
    /// List all keys, newest first: prefix, id, state, end, role, name, centers, last use.
    List {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Make a key in the place of another, which goes on for a while. The new one alone is printed to standard output.
    Rotate {
        /// The key to replace, by its prefix `atl_…`, its id `key_…`, or as a whole.
        // Taken as text, for clap would repeat a wrong one, which may be a secret.
        key: String,
        /// The hours for which the old key goes on, 0 to 720.
        #[arg(long, env = "ATELIER_OVERLAP_HOURS", default_value_t = 24, value_name = "HOURS")]
        overlap: i32,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Revoke a key: no server lets anybody in with it 5 seconds from now.
    Revoke {
        /// The key to revoke, by its prefix `atl_…`, its id `key_…`, or as a whole.
        key: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Args, Debug)]
pub(super) struct Creation {
    /// As what its holder calls: admin, staff or partner.
    #[arg(long)]
    role: Role,
    /// What people call it.
    #[arg(long, default_value = "Made at the command line")]
    name: String,
    /// What a partner may do: guests:read, guests:write, registrations:read, registrations:write, workshops:write. All but
    /// the last let it see guests, with mail address and telephone number.
    #[arg(long = "scope", value_delimiter = ',')]
    scopes: Vec<Scope>,
    /// A center, `ctr_…`, to which it is confined. Staff have at least one; a partner without any reaches all that there are.
    #[arg(long = "center", value_delimiter = ',', value_name = "CENTER")]
    centers: Vec<String>,
    /// When it expires: in so many days, or at an instant as 2027-03-01T09:00:00Z. Never when omitted.
    #[arg(long, value_name = "DAYS|INSTANT")]
    expires: Option<Expiry>,
    #[command(flatten)]
    database: DatabaseArguments,
}

#[derive(Clone, Copy, Debug)]
enum Expiry {
    In(Days),
    At(Timestamp),
}

impl std::str::FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.parse::<u16>() {
            Ok(days) => Ok(Self::In(Days::new(days.into()))),
            Err(_) => DateTime::parse_from_rfc3339(text)
                .map(|instant| Self::At(instant.with_timezone(&Utc)))
                .map_err(|_| "a number of days, or an instant as 2027-03-01T09:00:00Z, belongs here"),
        }
    }
}

pub(super) async fn keys(command: Keys) -> Result<(), String> {
    let permit = Permit::<ManageApiKeys>::unlimited(Actor::System);
    match command {
        Keys::Create(creation) => {
            let store = creation.database.open_or_create(LaneSettings::default()).await?;
            store.migrate_up().await.map_err(fault)?;
            let made = create(&store, creation, &permit).await;
            finish(&store, made).await
        }
        Keys::Rotate { key, overlap, database } => {
            let key = which(&key);
            let store = open(&database).await?;
            let overlap = Overlap::from_hours(overlap).map_err(|invalid| format!("--overlap: {invalid}"))?;
            let command = RotateApiKey { key: Some(key), id: ApiKeyId::from_uuid(Uuid::now_v7()), overlap };
            let made = store.rotate_api_key(command, &permit).await.map_err(fault)?;
            finish(&store, made.map_err(|refusal| refusal.to_string())).await
        }
        Keys::Revoke { key, database } => {
            let key = which(&key);
            let store = open(&database).await?;
            let revoked = store.revoke_api_key(RevokeApiKey { key: Some(key) }, &permit).await.map_err(fault)?;
            store.close().await;
            let row = revoked.map_err(|refusal| refusal.to_string())?;
            tell(&format!("Revoked: {} ({}).", row.prefix, row.name));
            Ok(())
        }
        Keys::List { database } => {
            let store = open(&database).await?;
            for row in store.api_keys(&permit).await.map_err(fault)? {
                say(&line(&store, &row).await?)?;
            }
            store.close().await;
            Ok(())
        }
    }
}

async fn create(store: &Store, creation: Creation, permit: &Permit<ManageApiKeys>) -> Result<IssuedApiKey, String> {
    let now = store.clock().now();
    let expires_at = creation.expires.map(|expiry| match expiry {
        Expiry::In(days) => now + days,
        Expiry::At(instant) => instant,
    });
    let grant = GrantForm {
        role: creation.role,
        scopes: creation.scopes.into_iter().collect(),
        centers: (!creation.centers.is_empty()).then_some(creation.centers),
    };
    let form = ApiKeyForm { name: creation.name, grant, expires_at };
    let command = CreateApiKey::parse(form, ApiKeyId::from_uuid(Uuid::now_v7()), now).map_err(|wrong| spelt(&wrong))?;
    let made = store.create_api_key(command, permit).await.map_err(fault)?;
    made.map_err(|refusal| refusal.to_string())
}

/// The key goes where it can be piped from, and what is said of it elsewhere.
async fn finish(store: &Store, made: Result<IssuedApiKey, String>) -> Result<(), String> {
    store.close().await;
    let IssuedApiKey { row, text } = made?;
    tell(&format!(
        "{} ({}), for {}. Send it as `Authorization: apikey <key>`. It is told once, on standard output:",
        row.prefix, row.name, row.role
    ));
    say(&text.reveal())
}

async fn line(store: &Store, row: &ApiKeyRow) -> Result<String, String> {
    let state = match row.term() {
        term if term.revoked_at.is_some() => "revoked",
        term if term.is_active(store.clock().now()) => "active",
        _ => "expired",
    };
    let centers = store.centers_of_api_key(row).await.map_err(fault)?.map_or("everywhere".to_owned(), |centers| {
        centers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    });
    let to_the_minute = |at: Timestamp| at.format("%Y-%m-%dT%H:%MZ").to_string();
    let ends = row.expires_at.map_or("no end".to_owned(), |at| format!("ends {}", to_the_minute(at)));
    let ends = if row.replaced_by.is_some() { format!("{ends}, replaced") } else { ends };
    let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", to_the_minute(at)));
    let role = if row.scopes.is_empty() { row.role.clone() } else { format!("{} ({})", row.role, row.scopes) };
    Ok([&row.prefix, &row.api_key_id().to_string(), state, &ends, &role, &row.name, &centers, &used].join("\t"))
}

/// The key that is meant. What is none is not repeated.
fn which(key: &str) -> ApiKeyReference {
    key.parse().unwrap_or_else(|_| {
        let sentence = "<KEY>: the prefix `atl_…` or the id `key_…` of an API key belongs here";
        Cli::command().error(ErrorKind::ValueValidation, sentence).exit()
    })
}

async fn open(database: &DatabaseArguments) -> Result<Store, String> {
    let store = database.open(LaneSettings::default()).await?;
    ensure_migrated(&store).await?;
    Ok(store)
}

/// What is wrong, by the names of the arguments.
fn spelt(wrong: &InputInvalid) -> String {
    let argument = |field: &str| match field {
        "name" => "--name",
        "role" => "--role",
        "scopes" => "--scope",
        "centerIds" => "--center",
        _ => "--expires",
    };
    let said: Vec<_> =
        wrong.fields.iter().map(|wrong| format!("{}: {}", argument(&wrong.field), wrong.message)).collect();
    said.join(" ")
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn fault(fault: StoreError) -> String {
    fault.for_operators()
}

/// Says something on standard error; with that gone there is nobody left to tell.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
