//! One connection to either database, and the statements both read alike.
//!
//! ```text
//!   Place::Beside    contacts.sqlite in the record's folder; nothing to set up
//!   Place::Postgres  postgres://user@host/database; the password may stand in PGPASSWORD or ~/.pgpass instead
//! ```
//! Values are whole numbers and texts, answers those and fractions; parameters are written `$1`, `$2` …, which both know. So a
//! statement is written once, and every test runs on both. It knows nothing of what the tables mean.
use crate::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row as _};
use std::fmt::{self, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// Where the copy of the record is that SQL can be asked of.
#[derive(Clone, Default)]
pub enum Place {
    /// In the record's folder.
    #[default]
    Beside,
    /// In a PostgreSQL server.
    Postgres(Box<PgConnectOptions>),
}

/// What names no database.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0}; write `sqlite`, or postgres://user:password@host:5432/database (without a password, PGPASSWORD or ~/.pgpass is asked)"
)]
pub struct NoPlace(String);

impl FromStr for Place {
    type Err = NoPlace;
    fn from_str(text: &str) -> Result<Place, NoPlace> {
        if text == "sqlite" {
            return Ok(Place::Beside);
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            // It may hold a password, so it is not repeated.
            return Err(NoPlace("the record's database is no known one".to_owned()));
        }
        let options = PgConnectOptions::from_str(text)
            .map_err(|e| NoPlace(format!("the address of the record's database cannot be read: {e}")))?;
        if options.get_database().is_none() {
            return Err(NoPlace("the address of the record's database names no database".to_owned()));
        }
        if matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull) {
            return Err(NoPlace(
                "this program speaks to PostgreSQL without TLS only: use a Unix socket, the same machine or a tunnel"
                    .to_owned(),
            ));
        }
        Ok(Place::Postgres(Box::new(options.ssl_mode(PgSslMode::Disable))))
    }
}

/// Without user and password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Beside => f.write_str("sqlite"),
            Place::Postgres(o) => {
                let place = o.get_socket().map_or(o.get_host().to_owned(), |s| s.display().to_string());
                write!(f, "postgres at {place}:{}, database {}", o.get_port(), o.get_database().unwrap_or("?"))
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// A parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(Some(n))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(Some(text.to_owned()))
    }
}

impl Value {
    fn int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => *n,
            Value::Text(_) => None,
        }
    }
    fn text(&self) -> Option<String> {
        match self {
            Value::Text(text) => text.clone(),
            Value::Int(_) => None,
        }
    }
}

/// A connection.
pub(crate) enum Sql {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// How long a server may take to let us in.
const CONNECT_MAX: Duration = Duration::from_secs(10);

macro_rules! bound {
    ($sql:expr, $values:expr) => {
        $values.into_iter().fold(sqlx::query(AssertSqlSafe($sql.to_owned())), |query, value| match value {
            Value::Int(n) => query.bind(*n),
            Value::Text(text) => query.bind(text.clone()),
        })
    };
}

impl Sql {
    /// Opens or makes the database of the record in `dir`.
    pub(crate) async fn open(dir: &Path, place: &Place) -> Result<Sql, StoreError> {
        match place {
            Place::Beside => {
                let options = SqliteConnectOptions::new()
                    .filename(dir.join("contacts.sqlite"))
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // The journal is the truth: what a power failure takes from the copy is copied again.
                    .synchronous(SqliteSynchronous::Normal)
                    // What was erased is overwritten in the file too.
                    .pragma("secure_delete", "ON")
                    .busy_timeout(Duration::from_secs(30));
                Ok(Sql::Sqlite(SqliteConnection::connect_with(&options).await?))
            }
            Place::Postgres(options) => {
                let connect = options.connect();
                let connection = tokio::time::timeout(CONNECT_MAX, connect)
                    .await
                    .map_err(|_| StoreError::Slow { place: place.to_string(), after_s: CONNECT_MAX.as_secs() })??;
                Ok(Sql::Postgres(Box::new(connection)))
            }
        }
    }

    /// Does it.
    pub(crate) async fn run(&mut self, sql: &str, values: &[Value]) -> Result<(), StoreError> {
        match self {
            Sql::Sqlite(c) => bound!(sql, values).execute(c).await.map(|_| ())?,
            Sql::Postgres(c) => bound!(sql, values).execute(&mut **c).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Inserts rows, whose values of one column are all of one kind. SQLite takes a parameter for each value; PostgreSQL, which
    /// would plan such a statement anew for every length, takes an array for each column.
    pub(crate) async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
        then: &str,
    ) -> Result<(), StoreError> {
        let mut sql = format!("INSERT INTO {table} ({}) ", columns.join(", "));
        match self {
            Sql::Sqlite(c) => {
                let mut n = 0;
                for row in rows {
                    // A `$n` would be looked up by its name among thousands, a `?n` is not.
                    let marks: Vec<String> = (1..=row.len()).map(|i| format!("?{}", n + i)).collect();
                    let begin = if n == 0 { "VALUES" } else { "," };
                    write!(sql, "{begin} ({})", marks.join(", ")).expect("text grows");
                    n += row.len();
                }
                write!(sql, " {then}").expect("text grows");
                bound!(sql, rows.iter().flatten()).execute(c).await?;
            }
            Sql::Postgres(c) => {
                let kinds = rows.first().map_or(&[][..], Vec::as_slice);
                let arrays = kinds.iter().enumerate().map(|(i, kind)| match kind {
                    Value::Int(_) => format!("${}::BIGINT[]", i + 1),
                    Value::Text(_) => format!("${}::TEXT[]", i + 1),
                });
                let arrays: Vec<String> = arrays.collect();
                write!(sql, "SELECT * FROM UNNEST({}) {then}", arrays.join(", ")).expect("text grows");
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for (i, kind) in kinds.iter().enumerate() {
                    query = match kind {
                        Value::Int(_) => query.bind(rows.iter().map(|row| row[i].int()).collect::<Vec<_>>()),
                        Value::Text(_) => query.bind(rows.iter().map(|row| row[i].text()).collect::<Vec<_>>()),
                    };
                }
                query.execute(&mut **c).await?;
            }
        }
        Ok(())
    }

    /// Asks it.
    pub(crate) async fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(match self {
            Sql::Sqlite(c) => bound!(sql, values).fetch_all(c).await?.into_iter().map(Row::Sqlite).collect(),
            Sql::Postgres(c) => bound!(sql, values).fetch_all(&mut **c).await?.into_iter().map(Row::Postgres).collect(),
        })
    }

    /// Says good-bye.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        match self {
            Sql::Sqlite(c) => c.close().await?,
            Sql::Postgres(c) => c.close().await?,
        }
        Ok(())
    }
}

macro_rules! column {
    ($name:ident, $kind:ty, $says:literal) => {
        #[doc = $says]
        pub(crate) fn $name(&self, i: usize) -> Result<Option<$kind>, StoreError> {
            Ok(match self {
                Row::Sqlite(row) => row.try_get(i)?,
                Row::Postgres(row) => row.try_get(i)?,
            })
        }
    };
}

impl Row {
    column!(int, i64, "A whole number.");
    column!(real, f64, "A fraction.");
    column!(text, String, "A text.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_telling_its_password() {
        let place: Place = "postgres://anna:geheim@db.bank:5433/contacts".parse().expect("an address");
        for shown in [place.to_string(), format!("{place:?}")] {
            assert!(shown.contains("db.bank:5433, database contacts") && !shown.contains("geheim"), "{shown}");
        }
        assert!(matches!("sqlite".parse(), Ok(Place::Beside)));
    }

    #[test]
    fn what_is_no_database_says_what_is() {
        for (text, says) in [
            ("mysql://a:geheim@b/c", "no known one"),
            ("postgres://host", "names no database"),
            ("postgres://host/db?sslmode=verify-full", "without TLS only"),
            ("postgres://host:port/db", "cannot be read"),
        ] {
            let why = text.parse::<Place>().expect_err(text).to_string();
            assert!(why.contains(says) && !why.contains("geheim"), "{text}: {why}");
        }
    }
}
