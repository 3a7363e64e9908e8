//! Several statements in one message.
//!
//! The driver of SQLite hands every message to the connection's own thread. To switch there and back takes longer than
//! most statements, so what need not wait for one another goes together: SQLite takes any number of statements at once.
//! PostgreSQL takes one; of changes it makes one, as parts of a common `WITH`.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, InsertStatement, Query, SelectStatement, SubQueryStatement,
    UpdateStatement, WithClause,
};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, QueryTrait, Statement, Value,
};

use crate::{Result, Tx};

/// Most rows that are added together: PostgreSQL takes some ten thousands of parameters, not all.
const MOST_CHANGES: usize = 50;

/// Something to be written that answers nothing.
pub(crate) enum Change {
    Insert(InsertStatement),
    Update(UpdateStatement),
}

impl From<Change> for SubQueryStatement {
    fn from(change: Change) -> Self {
        match change {
            Change::Insert(insert) => insert.into(),
            Change::Update(update) => update.into(),
        }
    }
}

impl Tx<'_> {
    /// Keeps a row until the commit, for tables that nobody reads in the transaction that adds to them.
    pub(crate) fn append(&mut self, row: impl QueryTrait<QueryStatement = InsertStatement>) {
        self.appended.push(Change::Insert(row.into_query()));
    }

    /// Writes what was kept until the commit.
    pub(crate) async fn write_appended(&mut self) -> Result<()> {
        let changes = self.last_appended().await?;
        make(&self.db, changes).await
    }

    /// Writes all but as much as fits into one statement.
    pub(crate) async fn last_appended(&mut self) -> Result<Vec<Change>> {
        while self.appended.len() > MOST_CHANGES {
            let some = self.appended.drain(..MOST_CHANGES).collect();
            make(&self.db, some).await?;
        }
        Ok(std::mem::take(&mut self.appended))
    }
}

/// What questions are answered, in the order of asking.
pub(crate) struct Answers(std::vec::IntoIter<Vec<QueryResult>>);

impl Answers {
    /// The rows of the next question.
    pub(crate) fn next(&mut self) -> Vec<QueryResult> {
        self.0.next().unwrap_or_default()
    }

    /// The rows of the next question, each as a row of a table.
    pub(crate) fn rows<T: FromQueryResult>(&mut self) -> Result<Vec<T>> {
        Ok(self.next().iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, DbErr>>()?)
    }
}

/// By which a row is known for the answer to one of several questions.
const QUESTION: &str = "question";

/// Asks all at once. A union must be wrapped into a select: a column is added to each question.
pub(crate) async fn ask(db: &impl ConnectionTrait, questions: Vec<SelectStatement>) -> Result<Answers> {
    let mut answers: Vec<Vec<QueryResult>> = Vec::with_capacity(questions.len());
    if db.get_database_backend() != DbBackend::Sqlite {
        for question in questions {
            answers.push(db.query_all(&question).await?);
        }
        return Ok(Answers(answers.into_iter()));
    }
    let mut statements = Vec::with_capacity(questions.len());
    for (mut question, number) in questions.into_iter().zip(0_i64..) {
        answers.push(Vec::new());
        question.expr_as(Expr::val(number), QUESTION);
        statements.push(with_limits_in_text(DbBackend::Sqlite.build(&question)));
    }
    for row in db.query_all_raw(joined(statements)).await? {
        let number: i64 = row.try_get("", QUESTION)?;
        if let Some(answer) = usize::try_from(number).ok().and_then(|number| answers.get_mut(number)) {
            answer.push(row);
        }
    }
    Ok(Answers(answers.into_iter()))
}

/// Makes changes that do not build on one another.
pub(crate) async fn make(db: &impl ConnectionTrait, changes: Vec<Change>) -> Result<()> {
    if !changes.is_empty() {
        db.execute_raw(together(db.get_database_backend(), changes)).await?;
    }
    Ok(())
}

/// Makes changes that do not build on one another, and asks something else.
pub(crate) async fn make_and_ask(
    db: &impl ConnectionTrait,
    changes: Vec<Change>,
    question: &SelectStatement,
) -> Result<Vec<QueryResult>> {
    if db.get_database_backend() != DbBackend::Sqlite {
        make(db, changes).await?;
        return Ok(db.query_all(question).await?);
    }
    let question = DbBackend::Sqlite.build(question);
    let statements = each(changes).chain([question]).collect();
    Ok(db.query_all_raw(joined(statements)).await?)
}

fn together(backend: DbBackend, changes: Vec<Change>) -> Statement {
    if backend == DbBackend::Sqlite {
        return joined(each(changes).collect());
    }
    let mut all = WithClause::new();
    for (number, change) in changes.into_iter().enumerate() {
        let mut part = CommonTableExpression::new();
        part.table_name(Alias::new(format!("change_{number}"))).query(change);
        all.cte(part);
    }
    // Every part is carried out, although nothing is read of it.
    backend.build(&all.query(Query::select().expr(Expr::val(1)).to_owned()))
}

pub(crate) fn each(changes: Vec<Change>) -> impl Iterator<Item = Statement> {
    changes.into_iter().map(|change| match change {
        Change::Insert(insert) => DbBackend::Sqlite.build(&insert),
        Change::Update(update) => DbBackend::Sqlite.build(&update),
    })
}

/// SQLite looks at the value of a `LIMIT` when it plans, and so plans a statement anew, at every execution, whose limit
/// is a parameter: that takes longer than to answer. Numbers without a sign are limits alone, as no column holds any.
fn with_limits_in_text(statement: Statement) -> Statement {
    let mut values = statement.values.into_iter().flat_map(|values| values.0);
    let mut kept = Vec::new();
    let mut sql = String::with_capacity(statement.sql.len());
    for part in statement.sql.split_inclusive('?') {
        let Some(text) = part.strip_suffix('?') else {
            sql.push_str(part);
            continue;
        };
        sql.push_str(text);
        match values.next() {
            Some(Value::BigUnsigned(Some(limit))) => sql.push_str(&limit.to_string()),
            value => {
                kept.extend(value);
                sql.push('?');
            }
        }
    }
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, kept)
}

/// Their parameters are counted through, as their places have no numbers.
pub(crate) fn joined(statements: Vec<Statement>) -> Statement {
    let mut values = Vec::new();
    let mut texts = Vec::with_capacity(statements.len());
    for statement in statements {
        texts.push(statement.sql);
        values.extend(statement.values.into_iter().flat_map(|values| values.0));
    }
    Statement::from_sql_and_values(DbBackend::Sqlite, texts.join("; "), values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::ExprTrait;

    #[test]
    fn limits_stand_in_the_text_and_other_values_keep_their_places() {
        let question = Query::select()
            .expr(Expr::val("?"))
            .from_subquery(Query::select().expr(Expr::val(7_i64)).limit(500).to_owned(), "some")
            .and_where(Expr::cust("a").eq(3_i64))
            .limit(1)
            .to_owned();
        let statement = with_limits_in_text(DbBackend::Sqlite.build(&question));
        assert!(
            statement.sql.contains("LIMIT 500") && statement.sql.ends_with("LIMIT 1"),
            "{}",
            statement.sql
        );
        assert_eq!(statement.sql.matches('?').count(), 3);
        let values = statement.values.unwrap().0;
        assert_eq!(values, [Value::from("?"), Value::from(7_i64), Value::from(3_i64)]);
    }
}
