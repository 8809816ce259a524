//! Sets of rows as the parameters of one statement.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, Statement, Value,
    sea_query::{ArrayType, Expr, ExprTrait, IntoColumnRef, extension::postgres::PgFunc},
};

/// A column of [`RowSet`].
pub(crate) struct Column {
    name: &'static str,
    kind: ArrayType,
    nullable: bool,
}

/// A column without nulls.
pub(crate) const fn column(name: &'static str, kind: ArrayType) -> Column {
    Column { name, kind, nullable: false }
}

/// A column that can contain nulls.
pub(crate) const fn nullable(name: &'static str, kind: ArrayType) -> Column {
    Column { name, kind, nullable: true }
}

/// A common table expression named `rows`, for an `INSERT … SELECT` or an `UPDATE … FROM` to read.
///
/// On PostgreSQL each column is one array, so the text of the statement does not depend on the number of rows and
/// one prepared statement serves every batch. These arrays cannot contain nulls, so a nullable column has a second array
/// that marks its nulls. SQLite, which has no round trip to save, gets a list of values.
pub(crate) struct RowSet {
    columns: &'static [Column],
    /// Row after row.
    values: Vec<Value>,
}

/// SQLite accepts 32,766 parameters per statement.
const SQLITE_PARAMETERS: usize = 32_000;

impl RowSet {
    pub(crate) fn new<const N: usize>(
        columns: &'static [Column; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> Self {
        Self { columns, values: rows.into_iter().flatten().collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// Runs a statement that reads from `rows`, and returns the number of affected rows. Without rows it does nothing.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait, statement: &str) -> Result<u64, DbErr> {
        if self.values.is_empty() {
            return Ok(0);
        }
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let mut arrays = Vec::new();
                let rows = self.unnest(&mut arrays);
                Ok(run(db, format!("{rows} {statement}"), arrays).await?.rows_affected())
            }
            _ => {
                let names = names(self.columns);
                let width = self.columns.len();
                let row = format!("({})", vec!["?"; width].join(", "));
                let mut affected = 0;
                for chunk in self.values.chunks(SQLITE_PARAMETERS / width * width) {
                    let list = vec![row.as_str(); chunk.len() / width].join(", ");
                    let sql = format!("WITH rows ({names}) AS (VALUES {list}) {statement}");
                    affected += run(db, sql, chunk.iter().cloned()).await?.rows_affected();
                }
                Ok(affected)
            }
        }
    }

    /// The table expression. Its parameters are appended to `arrays`.
    pub(crate) fn unnest(self, arrays: &mut Vec<Value>) -> String {
        let (mut selected, mut given, before) = (Vec::new(), Vec::new(), arrays.len());
        let mut columns: Vec<Vec<Value>> = self.columns.iter().map(|_| Vec::with_capacity(self.len())).collect();
        let width = columns.len();
        for (index, value) in self.values.into_iter().enumerate() {
            columns[index % width].push(value);
        }
        for (Column { name, kind, nullable }, mut values) in self.columns.iter().zip(columns) {
            given.push((*name).to_owned());
            if *nullable {
                let missing: Vec<_> = values.iter().map(|value| *value == value.as_null()).collect();
                for (value, missing) in values.iter_mut().zip(&missing) {
                    if *missing {
                        *value = value.dummy_value();
                    }
                }
                selected.push(format!("CASE WHEN {name}_missing THEN NULL ELSE {name} END AS {name}"));
                given.push(format!("{name}_missing"));
                arrays.push(Value::Array(kind.clone(), Some(Box::new(values))));
                arrays.push(missing.into());
            } else {
                selected.push((*name).to_owned());
                arrays.push(Value::Array(kind.clone(), Some(Box::new(values))));
            }
        }
        let parameters: Vec<_> = (before + 1..=arrays.len()).map(|number| format!("${number}")).collect();
        format!(
            "WITH rows AS (SELECT {} FROM unnest({}) AS given ({}))",
            selected.join(", "),
            parameters.join(", "),
            given.join(", ")
        )
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// A statement that inserts `rows` into a table. `computed`: further columns, each with an expression over `rows`.
pub(crate) fn insert_statement(table: &str, columns: &[Column], computed: &[(&str, &str)]) -> String {
    let names = names(columns);
    let targets: String = computed.iter().map(|(name, _)| format!(", {name}")).collect();
    let expressions: String = computed.iter().map(|(_, expression)| format!(", {expression}")).collect();
    format!("INSERT INTO {table} ({names}{targets}) SELECT {names}{expressions} FROM rows")
}

/// A statement that updates a table from `rows`, whose first column is `id`. `computed`: as for [`insert_statement`].
pub(crate) fn update_statement(table: &str, columns: &[Column], computed: &[(&str, &str)]) -> String {
    let columns = columns.iter().skip(1).map(|Column { name, .. }| format!("{name} = rows.{name}"));
    let computed = computed.iter().map(|(name, expression)| format!("{name} = {expression}"));
    let assignments = columns.chain(computed).collect::<Vec<_>>().join(", ");
    format!("UPDATE {table} SET {assignments} FROM rows WHERE {table}.id = rows.id")
}

async fn run(
    db: &impl ConnectionTrait,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}

/// The condition that `column` is one of `ids`: one array on PostgreSQL, so that one prepared statement serves every number
/// of ids; a list on SQLite.
pub(crate) fn one_of<T>(backend: DbBackend, column: impl IntoColumnRef, ids: impl IntoIterator<Item = T>) -> Expr
where
    T: Into<Value>,
    Vec<T>: Into<Value>,
{
    let column = Expr::col(column);
    match backend {
        DbBackend::Postgres => column.eq(PgFunc::any(Expr::val(ids.into_iter().collect::<Vec<_>>()))),
        _ => column.is_in(ids.into_iter().map(Into::into)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static COLUMNS: [Column; 3] = [
        column("id", ArrayType::Uuid),
        column("status", ArrayType::SmallInt),
        nullable("promoted_at", ArrayType::ChronoDateTimeUtc),
    ];
    const COMPUTED: [(&str, &str); 1] = [("from_waitlist", "rows.promoted_at IS NOT NULL")];

    #[test]
    fn statements_are_generated_from_their_columns() {
        assert_eq!(
            insert_statement("registrations", &COLUMNS, &COMPUTED),
            "INSERT INTO registrations (id, status, promoted_at, from_waitlist) \
             SELECT id, status, promoted_at, rows.promoted_at IS NOT NULL FROM rows"
        );
        assert_eq!(
            update_statement("registrations", &COLUMNS, &COMPUTED),
            "UPDATE registrations SET status = rows.status, promoted_at = rows.promoted_at, \
             from_waitlist = rows.promoted_at IS NOT NULL FROM rows WHERE registrations.id = rows.id"
        );
    }
}
