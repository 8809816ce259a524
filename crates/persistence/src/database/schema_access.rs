//! The permissions of the database account on its schema. PostgreSQL hides a table from an account that may not read it, so
//! that a table without permission looks like a table that does not exist.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::StoreError;

/// What the account may do in the schema in which Atelier creates its tables.
#[derive(FromQueryResult)]
struct SchemaAccess {
    role: String,
    database: String,
    /// The first schema of the search path that exists and that the account may use.
    schema: Option<String>,
    can_create: Option<bool>,
    /// The owner of the table of migrations, if the table exists and the account may not read it.
    foreign_owner: Option<String>,
}

const QUERY: &str = "
    SELECT current_user::text AS role, current_database()::text AS database, current_schema()::text AS schema,
        has_schema_privilege(current_schema(), 'CREATE') AS can_create,
        (SELECT pg_get_userbyid(relowner)::text FROM pg_class
            WHERE relname = 'seaql_migrations' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            AND NOT has_table_privilege(oid, 'SELECT')) AS foreign_owner";

/// Fails if the account cannot see which migrations are applied.
pub(super) async fn ensure_readable(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    let Some(access) = SchemaAccess::read(db).await? else { return Ok(()) };
    let SchemaAccess { role, database, .. } = &access;
    match (&access.schema, &access.foreign_owner) {
        (None, _) => Err(StoreError::NoPermission(format!(
            "no permission: the role \"{role}\" cannot use schema public of the database \"{database}\"; make it the owner \
             of the database: ALTER DATABASE \"{database}\" OWNER TO \"{role}\""
        ))),
        (Some(schema), Some(owner)) => Err(StoreError::NoPermission(format!(
            "no permission: the role \"{role}\" cannot read the tables in schema {schema} of the database \"{database}\", \
             which belong to \"{owner}\"; make \"{role}\" their owner, or restore the backup again with \
             pg_restore --no-owner --role={role}"
        ))),
        (Some(_), None) => Ok(()),
    }
}

/// Fails if the account cannot create tables.
pub(super) async fn ensure_writable(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    match SchemaAccess::read(db).await? {
        Some(SchemaAccess { role, database, schema: Some(schema), can_create: Some(false), .. }) => {
            Err(StoreError::NoPermission(format!(
                "no permission: the role \"{role}\" cannot create tables in schema {schema} of the database \
                 \"{database}\"; make it the owner of the database: ALTER DATABASE \"{database}\" OWNER TO \"{role}\""
            )))
        }
        _ => Ok(()),
    }
}

impl SchemaAccess {
    /// Reads the permissions; SQLite has none.
    async fn read(db: &impl ConnectionTrait) -> Result<Option<Self>, DbErr> {
        match db.get_database_backend() {
            DbBackend::Postgres => {
                Self::find_by_statement(Statement::from_string(DbBackend::Postgres, QUERY)).one(db).await
            }
            _ => Ok(None),
        }
    }
}
