//! One statement over many rows.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, Statement, Value,
    sea_query::{ArrayType, Expr, ExprTrait, IntoColumnRef, extension::postgres::PgFunc},
};

/// A column of [`RowSet`].
#[derive(Clone)]
pub(crate) struct Column {
    name: &'static str,
    kind: ArrayType,
    nullable: bool,
}

/// A column in which every row has a value.
pub(crate) fn column(name: &'static str, kind: ArrayType) -> Column {
    Column { name, kind, nullable: false }
}

/// A column in which a row may have none.
pub(crate) fn nullable(name: &'static str, kind: ArrayType) -> Column {
    Column { name, kind, nullable: true }
}

/// RowSet as a common table expression named `rows`, for an `INSERT … SELECT` or an `UPDATE … FROM` to read.
///
/// On PostgreSQL each column is one array, so the text of the statement does not depend on the number of rows and
/// one prepared statement serves every batch. An array cannot hold nulls here, so a column that may have none comes with
/// a second array that tells where. SQLite, which has no round trip to save, gets a list of values.
pub(crate) struct RowSet {
    columns: Vec<Column>,
    /// Row after row.
    values: Vec<Value>,
}

/// SQLite takes 32,766 parameters a statement.
const SQLITE_PARAMETERS: usize = 32_000;

impl RowSet {
    pub(crate) fn of<const N: usize>(columns: [Column; N], rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        Self { columns: columns.into(), values: rows.into_iter().flatten().collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.columns.len()
    }

    /// Runs `tail`, which reads from `rows`; returns how many rows it touched. Without rows there is nothing to run.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait, tail: &str) -> Result<u64, DbErr> {
        if self.values.is_empty() {
            return Ok(0);
        }
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let mut arrays = Vec::new();
                let rows = self.unnest(&mut arrays);
                Ok(run(db, format!("{rows} {tail}"), arrays).await?.rows_affected())
            }
            _ => {
                let names = self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
                let width = self.columns.len();
                let row = format!("({})", vec!["?"; width].join(", "));
                let mut touched = 0;
                for chunk in self.values.chunks(SQLITE_PARAMETERS / width * width) {
                    let list = vec![row.as_str(); chunk.len() / width].join(", ");
                    let sql = format!("WITH rows ({names}) AS (VALUES {list}) {tail}");
                    touched += run(db, sql, chunk.iter().cloned()).await?.rows_affected();
                }
                Ok(touched)
            }
        }
    }

    /// The expression, whose parameters come after those that there are.
    pub(crate) fn unnest(self, arrays: &mut Vec<Value>) -> String {
        let (mut names, mut given, before) = (Vec::new(), Vec::new(), arrays.len());
        let mut columns: Vec<Vec<Value>> = self.columns.iter().map(|_| Vec::with_capacity(self.len())).collect();
        let width = columns.len();
        for (at, value) in self.values.into_iter().enumerate() {
            columns[at % width].push(value);
        }
        for (Column { name, kind, nullable }, mut values) in self.columns.into_iter().zip(columns) {
            given.push(name.to_owned());
            if nullable {
                let missing: Vec<_> = values.iter().map(|value| *value == value.as_null()).collect();
                for (value, missing) in values.iter_mut().zip(&missing) {
                    if *missing {
                        *value = value.dummy_value();
                    }
                }
                names.push(format!("CASE WHEN {name}_missing THEN NULL ELSE {name} END AS {name}"));
                given.push(format!("{name}_missing"));
                arrays.push(Value::Array(kind, Some(Box::new(values))));
                arrays.push(missing.into());
            } else {
                names.push(name.to_owned());
                arrays.push(Value::Array(kind, Some(Box::new(values))));
            }
        }
        let parameters: Vec<_> = (before + 1..=arrays.len()).map(|number| format!("${number}")).collect();
        format!(
            "WITH rows AS (SELECT {} FROM unnest({}) AS given ({}))",
            names.join(", "),
            parameters.join(", "),
            given.join(", ")
        )
    }
}

async fn run(
    db: &impl ConnectionTrait,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}

/// `column` is one of `ids`: one array on PostgreSQL (one prepared statement for every number of ids), a list on SQLite.
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
