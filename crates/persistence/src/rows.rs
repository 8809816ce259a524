//! One statement over many rows.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, Statement, Value,
    sea_query::{ArrayType, Expr, ExprTrait, IntoColumnRef, extension::postgres::PgFunc},
};

/// Rows as a common table expression named `rows`, for an `INSERT … SELECT` or an `UPDATE … FROM` to read.
///
/// On PostgreSQL each column is one array, so the text of the statement does not depend on the number of rows and
/// one prepared statement serves every batch. SQLite, which has no round trip to save, gets a list of values.
pub(crate) struct Rows<const N: usize> {
    columns: [(&'static str, ArrayType); N],
    rows: Vec<[Value; N]>,
}

/// SQLite takes 32,766 parameters a statement.
const SQLITE_PARAMETERS: usize = 32_000;

impl<const N: usize> Rows<N> {
    /// Rows of these columns. Values are never null: PostgreSQL's arrays would have to be of options.
    pub(crate) fn of(columns: [(&'static str, ArrayType); N], rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        Self { columns, rows: rows.into_iter().collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Runs `tail`, which reads from `rows`; returns how many rows it touched. Without rows there is nothing to run.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait, tail: &str) -> Result<u64, DbErr> {
        let names = self.columns.each_ref().map(|(name, _)| *name).join(", ");
        let mut touched = 0;
        if self.rows.is_empty() {
            return Ok(touched);
        }
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let parameters: Vec<_> = (1..=N).map(|number| format!("${number}")).collect();
                let sql = format!("WITH rows ({names}) AS (SELECT * FROM unnest({})) {tail}", parameters.join(", "));
                let mut columns = self.columns.map(|(_, kind)| (kind, Vec::with_capacity(self.rows.len())));
                for row in self.rows {
                    for ((_, column), value) in columns.iter_mut().zip(row) {
                        column.push(value);
                    }
                }
                let values = columns.map(|(kind, column)| Value::Array(kind, Some(Box::new(column))));
                touched += run(db, sql, values).await?.rows_affected();
            }
            _ => {
                let row = format!("({})", ["?"; N].join(", "));
                for chunk in self.rows.chunks(SQLITE_PARAMETERS / N) {
                    let list = vec![row.as_str(); chunk.len()].join(", ");
                    let sql = format!("WITH rows ({names}) AS (VALUES {list}) {tail}");
                    touched += run(db, sql, chunk.iter().flatten().cloned()).await?.rows_affected();
                }
            }
        }
        Ok(touched)
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
