//! `atelier keys`: manages API keys. Access to the database is the only permission that these commands need.

use std::fmt::Display;

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
use persistence::{ApiKeyRow, Clock, IssuedApiKey, OpenMode, Store};
use uuid::Uuid;

use super::{
    Cli,
    database::{DatabaseArguments, failed},
    list::{List, all, list},
    migrate::{self, ensure_migrated},
};
use crate::output::{print_line, print_notice};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Create a key and print it, once, to standard output. The database stores only a digest.
    ///
    /// Creates a missing SQLite database: `atelier keys create --role admin --name …` starts a new installation.
    Create(CreateArguments),
    /// List all keys, newest first: prefix, id, state, expiry, role, name, centers, last use.
    List {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Replace a key and print the new one, once, to standard output. The old key stays valid for some hours.
    Rotate {
        /// The key to replace: its prefix `atl_…`, its id `key_…`, or the whole key.
        // Parsed later: clap repeats an invalid value, and this one can be a secret.
        key: String,
        /// The hours for which the old key stays valid, 0 to 720.
        #[arg(long, default_value = "24", value_name = "HOURS", value_parser = overlap)]
        overlap: Overlap,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Revoke a key. Every server rejects it within 5 seconds.
    Revoke {
        /// The key to revoke: its prefix `atl_…`, its id `key_…`, or the whole key.
        key: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Args, Debug)]
pub(super) struct CreateArguments {
    #[command(flatten)]
    key: KeyArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Key")]
struct KeyArguments {
    /// The role of the key: admin, staff or partner.
    #[arg(long)]
    role: Role,
    /// A name for people.
    #[arg(long, default_value = "Created at the command line")]
    name: String,
    /// The scopes of a partner: guests:read, guests:write, registrations:read, registrations:write, workshops:write.
    /// Separate several with commas. All
    /// except workshops:write give access to the names, email addresses and phone numbers of guests.
    #[arg(long = "scope", value_parser = list::<Scope>)]
    scopes: Vec<List<Scope>>,
    /// A center, `ctr_…`, that the key is restricted to; separate several with commas. Staff need at least one; a partner without any has all centers.
    #[arg(long = "center", value_parser = list::<String>, value_name = "CENTER")]
    centers: Vec<List<String>>,
    /// When the key expires: a number of days, or an instant such as 2027-03-01T09:00:00Z. By default never.
    #[arg(long, value_name = "DAYS|INSTANT")]
    expires: Option<Expiry>,
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
                .map_err(|_| "expected a number of days, or an instant such as 2027-03-01T09:00:00Z"),
        }
    }
}

pub(super) async fn keys(command: Keys) -> Result<(), String> {
    let permit = Permit::<ManageApiKeys>::unlimited(Actor::System);
    match command {
        Keys::Create(arguments) => {
            let command = parse_create(&arguments.key);
            let store = arguments.database.open(OpenMode::Create).await?;
            migrate::apply(&store).await?;
            let issued = store.create_api_key(command, &permit).await.map_err(failed(&store))?;
            print_issued(&store, issued.map_err(|refusal| refusal.to_string())).await
        }
        Keys::Rotate { key, overlap, database } => {
            let key = parse_reference(&key);
            let store = open(&database, OpenMode::ReadWrite).await?;
            let command = RotateApiKey { key: Some(key), id: ApiKeyId::from_uuid(Uuid::now_v7()), overlap };
            let issued = store.rotate_api_key(command, &permit).await.map_err(failed(&store))?;
            print_issued(&store, issued.map_err(|refusal| refusal.to_string())).await
        }
        Keys::Revoke { key, database } => {
            let key = parse_reference(&key);
            let store = open(&database, OpenMode::ReadWrite).await?;
            let revoked = store.revoke_api_key(RevokeApiKey { key: Some(key) }, &permit).await;
            let revoked = revoked.map_err(failed(&store))?;
            store.close().await;
            let row = revoked.map_err(|refusal| refusal.to_string())?;
            print_notice(&format!("Revoked API key {} ({}).", row.prefix, row.name));
            Ok(())
        }
        Keys::List { database } => {
            let store = open(&database, OpenMode::ReadOnly).await?;
            for row in store.api_keys(&permit).await.map_err(failed(&store))? {
                print_line(&format_row(&store, &row).await?)?;
            }
            store.close().await;
            Ok(())
        }
    }
}

/// Checks the flags of a new key before the database is opened.
fn parse_create(arguments: &KeyArguments) -> CreateApiKey {
    let now = Clock::system().now();
    let expires_at = arguments.expires.map(|expiry| match expiry {
        Expiry::In(days) => now + days,
        Expiry::At(instant) => instant,
    });
    let centers = all(arguments.centers.clone());
    let grant = GrantForm {
        role: arguments.role,
        scopes: all(arguments.scopes.clone()).into_iter().collect(),
        centers: (!centers.is_empty()).then_some(centers),
    };
    let form = ApiKeyForm { name: arguments.name.clone(), grant, expires_at };
    let command = CreateApiKey::parse(form, ApiKeyId::from_uuid(Uuid::now_v7()), now);
    command.unwrap_or_else(|invalid| exit_with(by_flag(&invalid)))
}

/// Prints the key to standard output, so that it can be piped, and its description to standard error.
async fn print_issued(store: &Store, issued: Result<IssuedApiKey, String>) -> Result<(), String> {
    store.close().await;
    let IssuedApiKey { row, text } = issued?;
    print_notice(&format!(
        "Created API key {} ({}) with the role {}. Send it as `Authorization: apikey <key>`. Store it now, it is not shown \
         again:",
        row.prefix, row.name, row.role
    ));
    print_line(&text.reveal())
}

/// The line of a key in the list, with tabs between the columns.
async fn format_row(store: &Store, row: &ApiKeyRow) -> Result<String, String> {
    let state = match row.term() {
        term if term.revoked_at.is_some() => "revoked",
        term if term.is_active(store.clock().now()) => "active",
        _ => "expired",
    };
    let centers =
        store.centers_of_api_key(row).await.map_err(failed(store))?.map_or("all centers".to_owned(), |centers| {
            centers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        });
    let to_the_minute = |at: Timestamp| at.format("%Y-%m-%dT%H:%MZ").to_string();
    let expiry = row.expires_at.map_or("never expires".to_owned(), |at| format!("expires {}", to_the_minute(at)));
    let expiry = if row.replaced_by.is_some() { format!("{expiry}, replaced") } else { expiry };
    let used = row.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", to_the_minute(at)));
    let role = if row.scopes.is_empty() { row.role.clone() } else { format!("{} ({})", row.role, row.scopes) };
    Ok([&row.prefix, &row.api_key_id().to_string(), state, &expiry, &role, &row.name, &centers, &used].join("\t"))
}

/// Parses a reference to a key. The error does not repeat the text, because it can be a secret.
fn parse_reference(key: &str) -> ApiKeyReference {
    let message = "<KEY>: expected the prefix `atl_…` or the id `key_…` of an API key";
    key.parse().unwrap_or_else(|_| exit_with(message))
}

/// Parses `--overlap`.
fn overlap(hours: &str) -> Result<Overlap, String> {
    let hours = hours.parse().map_err(|_| "expected a number of hours".to_owned())?;
    Overlap::from_hours(hours).map_err(|invalid| invalid.to_string())
}

/// Ends the process as for any other invalid argument.
fn exit_with(message: impl Display) -> ! {
    Cli::command().error(ErrorKind::ValueValidation, message).exit()
}

async fn open(database: &DatabaseArguments, mode: OpenMode) -> Result<Store, String> {
    let store = database.open(mode).await?;
    ensure_migrated(&store).await?;
    Ok(store)
}

/// The errors of an input, under the names of the flags.
fn by_flag(invalid: &InputInvalid) -> String {
    let flag = |field: &str| match field {
        "name" => "--name",
        "role" => "--role",
        "scopes" => "--scope",
        "centerIds" => "--center",
        _ => "--expires",
    };
    let errors = invalid.fields.iter().map(|error| format!("{}: {}", flag(&error.field), error.message));
    errors.collect::<Vec<_>>().join(" ")
}
