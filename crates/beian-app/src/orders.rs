//! What a filer does with an order.

use beian_domain::{
    Case, CertificateKind, CertificateNumber, Diagnostic, FilingKind, FormerCertificate, MaterialUse,
    OrderEvent, OrderNumber, OrderState, Personal, Pointer, RecordNumber, ReturnedField, ServiceKind,
    SponsorNature, Verdict,
};
use beian_rules::{
    Consequence, Diagnosis, DomainRecord, Facts, Known, Plan, Presence, RegionProposal, Rulebook,
    SponsorRecord,
};
use beian_store::{
    Actor, Delivery, NewJudgement, NewOrder, Order, OrderFilter, OrderSummary, StoreError, StoredMaterial,
    Subject, SubmissionKeys,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::facts::sponsor_certificate;
use crate::notice::{Addressee, Audience, MOST_ENDPOINTS, NoticeEvent};
use crate::permission::Action;
use crate::{App, AppError, User};

/// What a filer types to begin.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// What is filed: a website, an app, a mini-program or a quick-app.
    pub service: ServiceKind,
    /// Nature of the sponsor.
    pub nature: SponsorNature,
    /// Kind of its certificate.
    pub certificate_kind: CertificateKind,
    /// Number of its certificate.
    pub certificate_number: Personal,
    /// The certificate that this one replaced, if it did: the record may bear its number.
    pub former: Option<FormerCertificate>,
    /// The domain.
    pub domain: String,
}

/// What comes of it.
#[derive(Debug)]
pub enum BeginOutcome {
    /// A new order, with what was derived.
    Begun(Box<Order>),
    /// The same sponsor has an order of this account already: it is continued (S14).
    Open(OrderSummary),
    /// It cannot be filed like this, or not as a first filing.
    Blocked {
        /// What was derived from whose answer.
        diagnosis: Diagnosis,
        /// What stands in the way.
        verdict: Verdict,
        /// The way to a number all the same, or the rule for which there is none.
        plan: Box<Plan>,
    },
}

/// An order with everything that its page shows.
#[derive(Debug)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// What the rules say of it now.
    pub verdict: Verdict,
    /// What kind of filing it is, and by whose answer.
    pub diagnosis: Diagnosis,
    /// Where it should be filed, if the certificate tells.
    pub region: Option<RegionProposal>,
    /// The pictures that were handed in.
    pub materials: Vec<StoredMaterial>,
    /// The pictures that must be.
    pub required_materials: Vec<MaterialUse>,
    /// Its newest delivery to the regulator.
    pub delivery: Option<Delivery>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The way to its number, where it is shown.
    pub plan: Option<Plan>,
    /// What follows from it once it is done, gravest first.
    pub consequences: Vec<Consequence>,
    /// What this account has on record of the sponsor or the service that it is
    /// about: what of it the order does not change is not asked again.
    pub recorded: Option<Case>,
}

impl OrderView {
    /// Whether its principal has still to prove who they are.
    pub fn lacks_proof_of_identity(&self) -> bool {
        self.verdict.at("/authenticity").next().is_some()
    }
}

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub action: TimelineAction,
}

/// What can happen to an order, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineAction {
    /// It was begun.
    Begun,
    /// It was handed in to the provider.
    Submitted,
    /// The provider returned it.
    Returned,
    /// The provider approved it.
    Approved,
    /// It reached the regulator.
    Delivered,
    /// It could not reach the regulator yet.
    Postponed,
    /// The regulator refused it.
    Refused,
    /// The number was granted.
    Filed,
    /// A first reviewer approved it, and a second one must too.
    Endorsed,
    /// The filer took it back to change it.
    Recalled,
    /// The regulator has done what was asked.
    Done,
    /// It expired.
    Expired,
    /// It was taken up again.
    Resumed,
    /// It was given up.
    Withdrawn,
}

/// What comes of handing an order in.
#[derive(Debug)]
pub enum Submission {
    /// It is with the provider.
    Submitted,
    /// Something stands in the way; nothing was changed.
    HasErrors(Verdict),
}

/// What a filer has answered when an order is begun.
const ASKED_AT_BEGIN: [&str; 5] = [
    "/sponsor/nature",
    "/sponsor/certificate/kind",
    "/sponsor/certificate/number",
    "/sponsor/certificate/former",
    "/service/domain",
];

impl App {
    /// Begins an order, once it is clear that a first filing is what is needed.
    pub async fn begin_order(&self, user: &User, beginning: Beginning) -> Result<BeginOutcome, AppError> {
        user.require(Action::BeginOrder, Some(user.working_for))?;
        let mut case = Case::default();
        case.service.kind = beginning.service;
        case.sponsor.nature = Some(beginning.nature);
        case.sponsor.certificate.kind = Some(beginning.certificate_kind);
        case.sponsor.certificate.number = Some(beginning.certificate_number);
        case.sponsor.certificate.former = beginning.former;
        case.service.domain = Some(beginning.domain);
        if let Some((_, number)) = sponsor_certificate(&case) {
            let sponsor = self.inner.store.certificate_index(&number);
            if let Some(open) = self.inner.store.read().own_open_order(user.working_for, &sponsor).await? {
                return Ok(BeginOutcome::Open(open));
            }
            self.require_sponsor_allowed(user.working_for, &self.sponsors_in(&case)).await?;
        }
        let facts = self.facts(&case, user.working_for, Some(user.account)).await?;
        let rulebook = self.rulebook();
        let diagnosis = beian_rules::diagnose(&case, &facts);
        let verdict = beginning_verdict(&case, &facts, &diagnosis, &rulebook, self.today());
        let kind = match &diagnosis {
            Diagnosis::Kind(kind) => Some(*kind),
            // An unanswered question does not keep anybody from preparing: it is
            // asked again before submission.
            Diagnosis::Undetermined { .. } => Some(FilingKind::FirstFiling),
            Diagnosis::Conflict { .. } => None,
        };
        let Some(kind) = kind.filter(|_| verdict.is_clear()) else {
            let plan = Box::new(beian_rules::plan(&case, &facts, &rulebook, self.today()));
            return Ok(BeginOutcome::Blocked { diagnosis, verdict, plan });
        };
        self.fill_in(&mut case, kind, &facts).await?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let order = tx
            .insert_order(NewOrder {
                number: OrderNumber::new(&*self.inner.clock, &*self.inner.random),
                owner: user.working_for,
                kind,
                case,
            })
            .await?;
        tx.commit().await?;
        Ok(BeginOutcome::Begun(Box::new(order)))
    }

    /// The sponsor of a case by today's certificate number and the replaced one, blind.
    pub(crate) fn sponsors_in(&self, case: &Case) -> Vec<beian_store::BlindIndex> {
        let today = sponsor_certificate(case).map(|(_, number)| number);
        let numbers = today.into_iter().chain(former_certificate(case));
        numbers.map(|number| self.inner.store.certificate_index(&number)).collect()
    }

    /// Names the record that is added to, and fills in what this account has on record of the sponsor.
    pub(crate) async fn fill_in(
        &self,
        case: &mut Case,
        kind: FilingKind,
        facts: &Facts,
    ) -> Result<(), AppError> {
        let own = match facts.sponsor_record.get() {
            Ok(SponsorRecord::Filed(filed)) => Some(filed),
            _ => None,
        };
        case.record = match kind {
            FilingKind::AddService => own.map(|filed| RecordNumber::Sponsor(filed.number.clone())),
            FilingKind::AddAccess => match facts.domain_record.get() {
                Ok(DomainRecord::Filed(domain)) => domain.service_number.clone().map(RecordNumber::Service),
                _ => None,
            },
            _ => None,
        };
        let Some(own) = own.filter(|own| own.here == Presence::ThisAccount) else { return Ok(()) };
        let recorded = self.record_named(&RecordNumber::Sponsor(own.number.clone())).await?;
        if let Some(recorded) = recorded
            && let Some(content) = self.content_of(&recorded).await?
        {
            case.sponsor = content.sponsor;
        }
        Ok(())
    }

    /// The user's orders, newest first.
    pub async fn orders(&self, user: &User) -> Result<Vec<OrderSummary>, AppError> {
        user.require(Action::ViewOrder, Some(user.working_for))?;
        Ok(self.inner.store.read().orders(OrderFilter::OwnedBy(user.working_for), 500).await?)
    }

    /// An order with everything that its page shows.
    pub async fn order(&self, user: &User, number: &OrderNumber) -> Result<OrderView, AppError> {
        self.order_and_facts(user, number).await.map(|(view, _)| view)
    }

    pub(crate) async fn order_and_facts(
        &self,
        user: &User,
        number: &OrderNumber,
    ) -> Result<(OrderView, Facts), AppError> {
        let order = self.find_order(user, number, Action::ViewOrder).await?;
        let facts = self.facts_of(&order, self.told(user, &order)).await?;
        let reader = self.inner.store.read();
        let rulebook = self.rulebook();
        let view = OrderView {
            verdict: self.judge(&order, &facts).2,
            diagnosis: beian_rules::diagnose(&order.case, &facts),
            region: beian_rules::propose_region(&order.case, &rulebook),
            materials: reader.materials(order.id).await?,
            required_materials: beian_rules::required_materials(
                &order.case,
                order.kind,
                &rulebook,
                self.today(),
            ),
            delivery: reader.delivery_of_order(order.id).await?,
            timeline: timeline(reader.audit_of(&Subject::Order(order.id)).await?),
            plan: None,
            consequences: self.consequences(&order).await?,
            recorded: self.recorded(&order).await?,
            order,
        };
        Ok((view, facts))
    }

    /// Who is told whose things are: the filer and who prepares for them, and nobody who looks over their shoulder.
    pub(crate) fn told(&self, user: &User, order: &Order) -> Option<beian_domain::AccountId> {
        user.require(Action::PrepareOrder, Some(order.owner)).is_ok().then_some(user.account)
    }

    /// Changes the case. `revision` is the one that the person was looking at.
    ///
    /// [`Stale`](AppError::Stale) if it was changed since;
    /// [`NotReturned`](AppError::NotReturned) if the reviewer returned some
    /// fields and the change goes beyond them.
    pub async fn edit_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
        edit: impl FnOnce(&mut Case),
    ) -> Result<Order, AppError> {
        let mut order = self.editable_order(user, number, Some(revision)).await?;
        let (before, before_case) = (plain(&order.case), order.case.clone());
        edit(&mut order.case);
        self.follow_code(&before_case, &mut order).await?;
        let mut changed = Vec::new();
        differences(&before, &plain(&order.case), "", &mut changed);
        if changed.is_empty() {
            return Ok(order);
        }
        require_returned(&order, &changed)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_order(&mut order, "order.edit", json!({ "fields": changed })).await.map_err(conflict)?;
        tx.commit().await?;
        // What was kept stays, whether or not the regulator answers.
        if order.case.filing_password != before_case.filing_password {
            self.ask_filing_password(&order).await;
        }
        Ok(order)
    }

    /// Hands an order in to the provider, if nothing stands in the way. Doing it
    /// twice is doing it once.
    pub async fn submit_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
    ) -> Result<Submission, AppError> {
        let reader = self.inner.store.read();
        let (mut order, materials) = reader.order_with_materials(number).await?.ok_or(AppError::NotFound)?;
        require_of_order(user, &order, Action::PrepareOrder)?;
        if order.state() == OrderState::ProviderReview && order.revision == revision + 1 {
            return Ok(Submission::Submitted);
        }
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        let traces = self.inner.store.traces_of(&order, &materials);
        let keys = SubmissionKeys {
            case: self.keys_of(&order.case, order.owner),
            order: &order,
            traces: &traces,
            since: self.signals_since(),
            endpoints: MOST_ENDPOINTS,
        };
        let context = reader.submission_context(&keys).await?;
        let sponsor = keys.case.sponsor;
        let readings = match self.inner.tesseract {
            Some(_) => self.readings_of(&order.case, &materials).await?,
            None => Vec::new(),
        };
        let signals = self.signals_from(&order, context.popularity, &readings);
        let audience = Audience::new(context.settings, context.email, context.endpoints);
        self.ask_filing_password(&order).await;
        let facts = self.facts_from_context(context.order, &order, Some(user.account)).await?;
        let (case, facts, verdict) = self.judge(&order, &facts);
        if !verdict.is_clear() {
            return Ok(Submission::HasErrors(verdict));
        }
        order.apply(&OrderEvent::Submit)?;
        order.submitted_at = Some(self.inner.clock.now());
        order.review_due_at = Some(self.review_due());
        order.signals = u32::try_from(signals.len()).unwrap_or(u32::MAX);
        order.returned.clear();
        order.refusal = None;
        let detail = json!({ "rulebook": verdict.rulebook });
        let facts = serde_json::to_value(facts).map_err(|error| AppError::Internal(error.to_string()))?;
        let to = Addressee::of_order(&order);
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        // Nobody waits for what is made ready before the first answer is wanted.
        tx.insert_judgement(NewJudgement { order: order.id, case: &case, facts, verdict: &verdict }).await?;
        tx.insert_event(order.id, "order.submitted", json!({ "number": order.number })).await?;
        let event = NoticeEvent::OrderSubmitted { order: order.number.clone() };
        self.tell_audience(&mut tx, &to, &event, audience).await?;
        tx.replace_traces(&order, sponsor.as_ref(), &traces).await?;
        order.verdict = Some(verdict);
        if let Err(error) = tx.update_order(&mut order, "order.submit", detail).await {
            drop(tx);
            return self.lost_race(user, number, error).await;
        }
        tx.commit().await?;
        Ok(Submission::Submitted)
    }

    /// Gives an order up. It frees its sponsor for another order.
    pub async fn withdraw_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
    ) -> Result<(), AppError> {
        let mut order = self.find_order(user, number, Action::PrepareOrder).await?;
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        order.apply(&OrderEvent::Withdraw)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_order(&mut order, "order.withdraw", json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Takes an order back from the provider to change it, before anybody decided.
    pub async fn recall_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
    ) -> Result<(), AppError> {
        self.move_order(user, number, revision, &OrderEvent::Recall, "order.recall").await
    }

    /// Takes an expired order up again, with all its answers.
    pub async fn resume_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
    ) -> Result<(), AppError> {
        self.move_order(user, number, revision, &OrderEvent::Resume, "order.resume").await
    }

    async fn move_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: i64,
        event: &OrderEvent,
        action: &'static str,
    ) -> Result<(), AppError> {
        let mut order = self.find_order(user, number, Action::PrepareOrder).await?;
        if order.revision != revision {
            return Err(AppError::Stale { expected: revision });
        }
        order.apply(event)?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.update_order(&mut order, action, json!({})).await.map_err(conflict)?;
        Ok(tx.commit().await?)
    }

    /// The verdict of an order, after the case and the facts that it follows from.
    pub(crate) fn judge(&self, order: &Order, facts: &Facts) -> (Case, Facts, Verdict) {
        let (case, facts) = circumstances(order, facts);
        let verdict = beian_rules::evaluate(&case, &facts, &self.rulebook(), self.today());
        (case, facts, verdict)
    }

    /// The order, if the user may do `action` to it. Whoever may not see it is
    /// told that there is none.
    pub(crate) async fn find_order(
        &self,
        user: &User,
        number: &OrderNumber,
        action: Action,
    ) -> Result<Order, AppError> {
        let order = self.inner.store.read().order_by_number(number).await?.ok_or(AppError::NotFound)?;
        require_of_order(user, &order, action)?;
        Ok(order)
    }

    pub(crate) async fn editable_order(
        &self,
        user: &User,
        number: &OrderNumber,
        revision: Option<i64>,
    ) -> Result<Order, AppError> {
        let order = self.find_order(user, number, Action::PrepareOrder).await?;
        if let Some(expected) = revision
            && expected != order.revision
        {
            return Err(AppError::Stale { expected });
        }
        if !order.state().is_editable() {
            return Err(beian_domain::InvalidTransition { state: order.state(), event: "edit" }.into());
        }
        Ok(order)
    }
}

/// What stands in the way of beginning: what was asked so far, and what the records say of it.
pub(crate) fn beginning_verdict(
    case: &Case,
    facts: &Facts,
    diagnosis: &Diagnosis,
    rulebook: &Rulebook,
    day: chrono::NaiveDate,
) -> Verdict {
    let mut verdict = beian_rules::evaluate(case, facts, rulebook, day);
    let cause = diagnosis.cause().map(|cause| cause.code());
    let is_cause = |found: &Diagnostic| Some(found.code.0.as_ref()) == cause;
    verdict
        .diagnostics
        .retain(|found| is_cause(found) || ASKED_AT_BEGIN.iter().any(|asked| found.pointer.is_within(asked)));
    verdict
}

/// See [`App::find_order`].
fn require_of_order(user: &User, order: &Order, action: Action) -> Result<(), AppError> {
    user.require(Action::ViewOrder, Some(order.owner)).map_err(hidden)?;
    user.require(action, Some(order.owner))
}

/// What an order is judged from.
pub(crate) fn circumstances(order: &Order, facts: &Facts) -> (Case, Facts) {
    let mut facts = facts.clone();
    // An order does not stand in its own way.
    if matches!(&facts.open_order, Known::Known(Some(open)) if open.number == order.number) {
        facts.open_order = Known::Known(None);
    }
    if order.state() == OrderState::Filed {
        facts.domain_record = Known::Known(DomainRecord::NotFiled);
        facts.sponsor_record = Known::Known(SponsorRecord::NotFiled);
    }
    // What was begun as one kind is judged as that kind: if the records have
    // changed since, the verdict says so.
    let mut case = order.case.clone();
    case.kind = Some(order.kind);
    (case, facts)
}

pub(crate) fn conflict(error: StoreError) -> AppError {
    match error {
        StoreError::Exists { .. } => AppError::SponsorHasOpenOrder,
        other => other.into(),
    }
}

/// Whoever may not see a thing is told that there is none; but an agent whose
/// consent has ended knew of it.
pub(crate) fn hidden(error: AppError) -> AppError {
    match error {
        AppError::Forbidden => AppError::NotFound,
        other => other,
    }
}

fn former_certificate(case: &Case) -> Option<CertificateNumber> {
    let former = case.sponsor.certificate.former.as_ref()?;
    CertificateNumber::parse(former.kind, former.number.expose()).ok()
}

pub(crate) fn require_returned(order: &Order, changed: &[String]) -> Result<(), AppError> {
    if order.state() != OrderState::Returned || order.returned.is_empty() {
        return Ok(());
    }
    let covers = |field: &ReturnedField, pointer: &str| {
        field.pointer.as_str().is_empty()
            || Pointer(pointer.to_owned().into()).is_within(field.pointer.as_str())
    };
    let beyond: Vec<Pointer> = changed
        .iter()
        // Which papers go with the answers follows from the answers: a mended one
        // may ask for another paper.
        .filter(|pointer| pointer.as_str() != "/papers")
        // A code and its resource go together: neither can be mended alone.
        .filter(|pointer| !(pointer.starts_with("/access/") && returns_access(order)))
        .filter(|pointer| !order.returned.iter().any(|field| covers(field, pointer)))
        .map(|pointer| Pointer(pointer.clone().into()))
        .collect();
    if beyond.is_empty() { Ok(()) } else { Err(AppError::NotReturned { pointers: beyond }) }
}

fn returns_access(order: &Order) -> bool {
    order.returned.iter().any(|field| field.pointer.is_within("/access"))
}

pub(crate) fn plain(case: &Case) -> Value {
    serde_json::to_value(case.map(|personal| personal.expose().to_owned())).unwrap_or_default()
}

/// The pointers of the leaves in which two cases differ.
pub(crate) fn differences(before: &Value, after: &Value, at: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let value = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or_default();
                differences(&value(before), &value(after), &format!("{at}/{name}"), found);
            }
        }
        (before, after) if before != after => found.push(at.to_owned()),
        _ => {}
    }
}

fn timeline(trail: Vec<beian_store::AuditEntry>) -> Vec<TimelineEntry> {
    let mut timeline: Vec<TimelineEntry> = Vec::new();
    for entry in trail {
        let action = match entry.action.as_str() {
            "order.create" => TimelineAction::Begun,
            "order.submit" => TimelineAction::Submitted,
            "order.return" => TimelineAction::Returned,
            "order.approve" => TimelineAction::Approved,
            "delivery.postpone" => TimelineAction::Postponed,
            "order.deliver" => TimelineAction::Delivered,
            "order.refuse" => TimelineAction::Refused,
            "order.grant" => TimelineAction::Filed,
            "order.endorse" => TimelineAction::Endorsed,
            "order.recall" => TimelineAction::Recalled,
            "order.confirm" => TimelineAction::Done,
            "order.expire" => TimelineAction::Expired,
            "order.resume" => TimelineAction::Resumed,
            "order.withdraw" => TimelineAction::Withdrawn,
            _ => continue,
        };
        // Many attempts are one line: the first.
        if action == TimelineAction::Postponed && timeline.last().is_some_and(|last| last.action == action) {
            continue;
        }
        timeline.push(TimelineEntry { at: entry.at, action });
    }
    timeline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_the_leaves() {
        let mut found = Vec::new();
        differences(
            &json!({"a": {"b": 1, "c": 2}, "d": [1]}),
            &json!({"a": {"b": 1, "c": 3}, "d": [1, 2], "e": "x"}),
            "",
            &mut found,
        );
        assert_eq!(found, ["/a/c", "/d", "/e"]);
    }
}
