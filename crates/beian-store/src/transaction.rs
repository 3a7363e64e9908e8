//! A transaction that begins with its first statement.
//!
//! What is made ready before it (cases sealed, verdicts written as JSON) keeps nobody waiting: on SQLite a transaction
//! is the writer's turn, on PostgreSQL it can hold locks.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement, TransactionTrait,
};
use sea_orm_migration::async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::audit::Head;
use crate::group::{Turn, Turns};

/// What statements are carried out in.
pub(crate) struct Transaction<'a> {
    writer: &'a DatabaseConnection,
    turns: &'a Turns,
    begun: OnceCell<Begun>,
}

pub(crate) enum Begun {
    /// On PostgreSQL.
    Alone(DatabaseTransaction),
    /// On SQLite, in a transaction of all.
    Member(Turn),
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(writer: &'a DatabaseConnection, turns: &'a Turns) -> Self {
        Self { writer, turns, begun: OnceCell::new() }
    }

    /// Where the audit trail ends, if that is known without asking; begins.
    pub(crate) async fn head(&self) -> Result<Option<Head>, DbErr> {
        Ok(match self.begun().await? {
            Begun::Alone(_) => None,
            Begun::Member(turn) => turn.head().cloned(),
        })
    }

    /// What it is, so that it can be committed; begins.
    pub(crate) async fn into_begun(self) -> Result<Begun, DbErr> {
        match self.begun.into_inner() {
            Some(begun) => Ok(begun),
            None => Begun::new(self.writer, self.turns).await,
        }
    }

    async fn begun(&self) -> Result<&Begun, DbErr> {
        self.begun.get_or_try_init(|| Begun::new(self.writer, self.turns)).await
    }

    async fn inner(&self) -> Result<&DatabaseTransaction, DbErr> {
        match self.begun().await? {
            Begun::Alone(transaction) => Ok(transaction),
            Begun::Member(turn) => turn.whole(),
        }
    }
}

impl Begun {
    async fn new(writer: &DatabaseConnection, turns: &Turns) -> Result<Self, DbErr> {
        Ok(match writer.get_database_backend() {
            DbBackend::Sqlite => Self::Member(turns.begin(writer).await?),
            _ => Self::Alone(writer.begin().await?),
        })
    }
}

#[async_trait]
impl ConnectionTrait for Transaction<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner().await?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner().await?.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner().await?.query_all_raw(statement).await
    }
}

/// What is read from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Each statement for itself.
    Connection(&'a DatabaseConnection),
    /// What a transaction sees.
    Transaction(&'a Transaction<'a>),
}

#[async_trait]
impl ConnectionTrait for Source<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Connection(connection) => connection.get_database_backend(),
            Self::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Connection(connection) => connection.execute_raw(statement).await,
            Self::Transaction(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Connection(connection) => connection.execute_unprepared(sql).await,
            Self::Transaction(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Connection(connection) => connection.query_one_raw(statement).await,
            Self::Transaction(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Connection(connection) => connection.query_all_raw(statement).await,
            Self::Transaction(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}
