//! What is kept here that a case is judged by, and that follows from handing it in: asked at once.

use std::collections::BTreeSet;

use beian_domain::{AccountId, DomainName, OrderId, OrderNumber, Personal, Resource, ResourceId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::entity::{filing_order, filing_record, material, resource_slot};
use crate::orders::SummaryRow;
use crate::reviews::Popularity;
use crate::sealing::BlindIndex;
use crate::{
    AuthenticityProof, Blacklisted, Endpoint, FilingRecord, NoticeSettings, Order, OrderSummary, Reader,
    Result, StoredMaterial, Trace, batch,
};

/// By what is found that a case is judged by.
#[derive(Debug, Clone)]
pub struct CaseKeys {
    /// Whose case it is.
    pub owner: AccountId,
    /// Its sponsor's certificate, if it is stated.
    pub sponsor: Option<BlindIndex>,
    /// The certificate that the sponsor's replaced, if it is stated.
    pub former: Option<BlindIndex>,
    /// Its domain, if it is stated.
    pub domain: Option<DomainName>,
}

/// What is kept here that a case is judged by.
#[derive(Debug, Default)]
pub struct CaseContext {
    /// A record of its sponsor that is served here.
    pub sponsor_record: Option<FilingRecord>,
    /// The same by the certificate that the sponsor's replaced.
    pub former_record: Option<FilingRecord>,
    /// The record of its domain that is served here.
    pub domain_record: Option<FilingRecord>,
    /// The order under way for its sponsor.
    pub open_order: Option<OrderSummary>,
    /// Another sponsor's order for its domain.
    pub domain_order: Option<OrderSummary>,
    /// The account's own.
    pub resources: Vec<Resource>,
    /// What the regulator's blacklist says.
    pub blacklisted: Blacklisted,
}

/// What is asked when an order is handed in.
#[derive(Debug)]
pub struct SubmissionKeys<'a> {
    /// Of its case.
    pub case: CaseKeys,
    /// The order.
    pub order: &'a Order,
    /// What of it others can have too.
    pub traces: &'a BTreeSet<Trace>,
    /// Since when orders of the account count among those that it handed in for other sponsors; absent if nobody looks
    /// at what orders have in common.
    pub since: Option<DateTime<Utc>>,
    /// Of how many endpoints it is asked who listens.
    pub endpoints: u64,
}

/// What is kept here that an order is judged by.
#[derive(Debug)]
pub struct OrderContext {
    /// Of its case.
    pub case: CaseContext,
    /// The proofs of who its principal is, newest first.
    pub proofs: Vec<AuthenticityProof>,
    /// The resource on which it has a place.
    pub place: Option<ResourceId>,
}

/// What is kept here that follows from handing an order in, beside what it is judged by.
#[derive(Debug)]
pub struct SubmissionContext {
    /// What it is judged by.
    pub order: OrderContext,
    /// What it has in common with others; absent if that was not asked, or its sponsor is not stated.
    pub popularity: Option<Popularity>,
    /// What the owner of its account wants to be told how.
    pub settings: NoticeSettings,
    /// Where mail to them goes.
    pub email: Option<Personal>,
    /// The systems that are called for events of its account.
    pub endpoints: Vec<Endpoint>,
}

/// Whose a row is, in questions for several.
const WHOSE: &str = "whose";
const SPONSOR: &str = "sponsor";
const FORMER: &str = "former";
const DOMAIN: &str = "domain";

impl Reader<'_> {
    /// What is kept here that a case is judged by.
    pub async fn case_context(&self, keys: &CaseKeys) -> Result<CaseContext> {
        let mut answers = batch::ask(&self.db, case_questions(keys)).await?;
        self.read_case_context(&mut answers).await
    }

    /// The order of a number with its materials, in the order of handing in.
    pub async fn order_with_materials(
        &self,
        number: &OrderNumber,
    ) -> Result<Option<(Order, Vec<StoredMaterial>)>> {
        let order =
            || filing_order::Entity::find().filter(filing_order::Column::Number.eq(number.to_string()));
        let id = order().select_only().column(filing_order::Column::Id).into_query();
        let materials = crate::files::in_order().filter(material::Column::FilingOrder.in_subquery(id));
        let questions = vec![order().into_query(), materials.into_query()];
        let mut answers = batch::ask(&self.db, questions).await?;
        let Some(row) = answers.rows()?.pop() else { return Ok(None) };
        let materials = answers.rows()?.into_iter().map(crate::files::read).collect::<Result<_>>()?;
        Ok(Some((self.read_order(row)?, materials)))
    }

    /// What is kept here that an order is judged by.
    pub async fn order_context(&self, keys: &CaseKeys, order: OrderId) -> Result<OrderContext> {
        let mut answers = batch::ask(&self.db, order_questions(keys, order)).await?;
        self.read_order_context(&mut answers).await
    }

    /// What is kept here that an order is judged by when it is handed in, and who hears of it.
    pub async fn submission_context(&self, keys: &SubmissionKeys<'_>) -> Result<SubmissionContext> {
        let SubmissionKeys { case, order, traces, since, endpoints } = keys;
        let mut questions = order_questions(case, order.id);
        questions.push(crate::inbox::addressee(order.owner).into_query());
        questions.push(crate::webhooks::hearing(order.owner, *endpoints).into_query());
        let sharing = case.sponsor.as_ref().zip(*since);
        if let Some((sponsor, since)) = sharing {
            questions.push(crate::reviews::popularity_of(order.id, order.owner, sponsor, traces, since));
        }
        let mut answers = batch::ask(&self.db, questions).await?;
        let order = self.read_order_context(&mut answers).await?;
        let (settings, email) = self.read_addressee(answers.next().first())?;
        let endpoints =
            answers.rows()?.into_iter().map(|row| self.read_endpoint(row)).collect::<Result<_>>()?;
        Ok(SubmissionContext {
            order,
            popularity: sharing.map(|_| crate::reviews::read_popularity(&answers.next())).transpose()?,
            settings,
            email,
            endpoints,
        })
    }

    async fn read_order_context(&self, answers: &mut batch::Answers) -> Result<OrderContext> {
        let case = self.read_case_context(answers).await?;
        let proofs = answers.rows()?.into_iter().map(|row| self.read_proof(row)).collect::<Result<_>>()?;
        let places: Vec<resource_slot::Model> = answers.rows()?;
        Ok(OrderContext { case, proofs, place: places.first().map(|row| ResourceId(row.resource)) })
    }

    async fn read_case_context(&self, answers: &mut batch::Answers) -> Result<CaseContext> {
        let mut context = CaseContext::default();
        for row in answers.next() {
            let record = Some(self.read_record(filing_record::Model::from_query_result(&row, "")?)?);
            match row.try_get::<String>("", WHOSE)?.as_str() {
                SPONSOR => context.sponsor_record = record,
                FORMER => context.former_record = record,
                _ => context.domain_record = record,
            }
        }
        for row in answers.next() {
            let order = Some(SummaryRow::from_query_result(&row, "")?.try_into()?);
            match row.try_get::<String>("", WHOSE)?.as_str() {
                SPONSOR => context.open_order = order,
                _ => context.domain_order = order,
            }
        }
        context.blacklisted = crate::blacklist::read_blacklisted(&answers.next())?;
        // Last: of load balancers the servers are asked for.
        context.resources = self.read_resources(answers.rows()?).await?;
        Ok(context)
    }
}

/// The questions that [`Reader::read_case_context`] reads the answers of.
fn case_questions(keys: &CaseKeys) -> Vec<SelectStatement> {
    // What is not stated is asked for as nothing, which no row has: so the question stays the same.
    let index = |index: &Option<BlindIndex>| index.as_ref().map_or("", |index| index.0.as_str()).to_owned();
    let (sponsor, former) = (index(&keys.sponsor), index(&keys.former));
    let domain = keys.domain.as_ref().map_or("", DomainName::as_ascii);
    let of_sponsor =
        |index: &str| crate::records::active().filter(filing_record::Column::SponsorIndex.eq(index));
    let of_domain = crate::records::active().filter(filing_record::Column::Domain.eq(domain));
    let records = first(SPONSOR, of_sponsor(&sponsor))
        .union(UnionType::All, first(FORMER, of_sponsor(&former)))
        .union(UnionType::All, first(DOMAIN, of_domain))
        .to_owned();
    let open = crate::orders::open_of_sponsor(&sponsor);
    let held = crate::orders::held_of_domain(domain, &sponsor);
    let orders = first(SPONSOR, SummaryRow::columns(open))
        .union(UnionType::All, first(DOMAIN, SummaryRow::columns(held)))
        .to_owned();
    let certificates: Vec<&str> =
        [sponsor.as_str(), former.as_str()].into_iter().filter(|index| !index.is_empty()).collect();
    vec![
        whole(records),
        whole(orders),
        crate::blacklist::blacklisted(&certificates, domain),
        crate::resources::counted(crate::resources::owned_by(keys.owner)).into_query(),
    ]
}

/// The questions that [`Reader::read_order_context`] reads the answers of.
fn order_questions(keys: &CaseKeys, order: OrderId) -> Vec<SelectStatement> {
    let mut questions = case_questions(keys);
    questions.push(crate::authenticity::proofs_of(order).into_query());
    questions.push(resource_slot::Entity::find_by_id(order.0).into_query());
    questions
}

/// The first row of a question, which says whose it is.
fn first<E: EntityTrait>(whose: &str, select: Select<E>) -> SelectStatement {
    Query::select()
        .expr_as(Expr::val(whose), WHOSE)
        .column(Asterisk)
        .from_subquery(select.limit(1).into_query(), "found")
        .to_owned()
}

/// A union as one select.
pub(crate) fn whole(union: SelectStatement) -> SelectStatement {
    Query::select().column(Asterisk).from_subquery(union, "whole").to_owned()
}
