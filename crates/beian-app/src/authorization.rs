//! Authorization codes (备案授权码): issued by a company's account for a server
//! of its own, used by the account that each names.

use beian_domain::{
    AccountId, AccountKind, AuthorizationCode, AuthorizationCodeId, Case, CodeEvent, CodePurpose,
    CodeRefusal, CodeText, CodeUse, FilingKind, LoginName, OrderId, OrderNumber, Personal, RecordNumber,
    Resource, ResourceId, ResourceKind, Role, Text,
};
use beian_rules::{CodeFact, Condition, Facts, Known, Met, ResourceFact};
use beian_store::{Actor, CodeFilter, NewCode, Order, OrderContext, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

use crate::permission::Action;
use crate::{App, AppError, Submission, User};

/// Most characters of a remark.
pub const REMARK_LIMIT: usize = 200;
/// Most codes that a list shows.
const LISTED: u64 = 500;

/// A code as its issuer or the account that it names sees it.
#[derive(Debug, Clone)]
pub struct CodeView {
    /// The code, with what time has made of it.
    pub code: AuthorizationCode,
    /// The cloud's name of its resource.
    pub resource: String,
    /// The account that it names.
    pub holder: LoginName,
    /// The account that issued it.
    pub issuer: LoginName,
}

/// What the issuer's page shows.
#[derive(Debug)]
pub struct CodeDesk {
    /// Who stands behind the account.
    pub kind: AccountKind,
    /// Codes that it issued, newest first.
    pub issued: Vec<CodeView>,
    /// Codes that it was given, newest first.
    pub given: Vec<CodeView>,
    /// Its resources, and why each can or cannot have a (further) code.
    pub resources: Vec<(Resource, Result<(), IssueRefusal>)>,
}

/// A code to be issued.
#[derive(Debug, Clone)]
pub struct CodeRequest {
    /// The cloud's name of the resource.
    pub resource: String,
    /// The login name of the account that may use it.
    pub holder: String,
    /// A note.
    pub remark: String,
}

/// Why no code is issued. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueRefusal {
    /// Only a company's account issues codes.
    NotEnterprise,
    /// The account has no resource of this name.
    UnknownResource,
    /// There are no codes of this kind of product.
    NoCodesOfKind {
        /// Which.
        kind: ResourceKind,
    },
    /// The resource fails conditions.
    Unqualified {
        /// Those that fail.
        failed: Vec<Condition>,
    },
    /// The resource has as many codes as it may have.
    NoMore {
        /// How many.
        most: u32,
    },
    /// No account that files has this login name.
    UnknownAccount,
    /// The remark is too long.
    Remark {
        /// Its length in characters.
        got: usize,
    },
    /// Too many names were tried that are no account's.
    TooOften {
        /// When to try again.
        until: DateTime<Utc>,
    },
}

impl IssueRefusal {
    /// Its code in the API and in the texts of pages; never used for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotEnterprise => "not-enterprise",
            Self::UnknownResource => "unknown-resource",
            Self::NoCodesOfKind { .. } => "no-codes-of-kind",
            Self::Unqualified { .. } => "unqualified-resource",
            Self::NoMore { .. } => "no-more-codes",
            Self::UnknownAccount => "unknown-account",
            Self::Remark { .. } => "long-remark",
            Self::TooOften { .. } => "too-often",
        }
    }

    /// The field of a [`CodeRequest`] that is to blame.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownAccount | Self::TooOften { .. } => "holder",
            Self::Remark { .. } => "remark",
            _ => "resource",
        }
    }
}

impl App {
    /// The codes that the user issued and was given, and where more can be had.
    pub async fn code_desk(&self, user: &User) -> Result<CodeDesk, AppError> {
        user.require(Action::IssueCode, Some(user.working_for))?;
        let reader = self.inner.store.read();
        let account = reader.account(user.working_for).await?.ok_or(AppError::NotFound)?;
        let issued = reader.authorization_codes(CodeFilter::IssuedBy(user.working_for), LISTED).await?;
        let mut resources = Vec::new();
        for resource in reader.resources(user.working_for).await? {
            let count = issued
                .iter()
                .filter(|code| code.resource == resource.id && code.state.usage().is_some())
                .count();
            let most = self.may_have_codes(account.kind, &resource);
            let answer = most.and_then(|most| {
                let has_room = u32::try_from(count).is_ok_and(|count| count < most);
                if has_room { Ok(()) } else { Err(IssueRefusal::NoMore { most }) }
            });
            resources.push((resource, answer));
        }
        Ok(CodeDesk {
            kind: account.kind,
            issued: self.seen_codes(issued).await?,
            given: self.codes_given_to(user.working_for).await?,
            resources,
        })
    }

    /// The codes with which an account may file something new now.
    pub async fn usable_codes(&self, user: &User) -> Result<Vec<CodeView>, AppError> {
        user.require(Action::BeginOrder, Some(user.working_for))?;
        let mut given = self.codes_given_to(user.working_for).await?;
        given.retain(|view| view.code.state == beian_domain::CodeState::ISSUED);
        Ok(given)
    }

    async fn codes_given_to(&self, account: AccountId) -> Result<Vec<CodeView>, AppError> {
        let given = self.inner.store.read().authorization_codes(CodeFilter::GivenTo(account), LISTED).await?;
        self.seen_codes(given).await
    }

    /// Issues a code for a resource of the user's to one account.
    pub async fn issue_code(
        &self,
        user: &User,
        request: CodeRequest,
    ) -> Result<Result<CodeView, IssueRefusal>, AppError> {
        user.require(Action::IssueCode, Some(user.working_for))?;
        let reader = self.inner.store.read();
        let account = reader.account(user.working_for).await?.ok_or(AppError::NotFound)?;
        if account.kind != AccountKind::Enterprise {
            return Ok(Err(IssueRefusal::NotEnterprise));
        }
        let got = request.remark.trim().chars().count();
        if got > REMARK_LIMIT {
            return Ok(Err(IssueRefusal::Remark { got }));
        }
        let resource = reader.resource(request.resource.trim()).await?;
        // That somebody else has a resource of this name is not told.
        let Some(resource) = resource.filter(|resource| resource.owner == user.working_for) else {
            return Ok(Err(IssueRefusal::UnknownResource));
        };
        let most = match self.may_have_codes(account.kind, &resource) {
            Ok(most) => most,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Whether a name is an account's is told to who gives it a server, but
        // nobody can go through names.
        let now = self.inner.clock.now();
        let name = request.holder.trim().to_ascii_lowercase();
        let holder = match name.parse::<LoginName>() {
            Ok(login) => reader.account_by_login(&login).await?.filter(|account| account.role == Role::Filer),
            Err(_) => None,
        };
        let Some(holder) = holder else {
            let key = format!("issue {name}");
            return Ok(Err(match self.inner.guesses.ask(user.account, &key, now) {
                Ok(()) => IssueRefusal::UnknownAccount,
                Err(until) => IssueRefusal::TooOften { until },
            }));
        };
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let issued = tx
            .insert_code(NewCode {
                text: CodeText::new(&*self.inner.random),
                issuer: user.working_for,
                holder: holder.id,
                resource: resource.id,
                remark: request.remark.trim().to_owned(),
                most,
            })
            .await;
        let id = match issued {
            Ok(id) => id,
            Err(StoreError::NoMoreCodes { most }) => return Ok(Err(IssueRefusal::NoMore { most })),
            Err(error) => return Err(error.into()),
        };
        tx.commit().await?;
        let code = self.inner.store.read().authorization_code(id).await?.ok_or(AppError::NotFound)?;
        let view = self.seen_codes(vec![code]).await?.pop().ok_or(AppError::NotFound)?;
        Ok(Ok(view))
    }

    /// Takes a code back that nobody uses. The inner error says why it stays.
    pub async fn revoke_code(
        &self,
        user: &User,
        code: AuthorizationCodeId,
    ) -> Result<Result<(), CodeRefusal>, AppError> {
        let known = self.inner.store.read().authorization_code(code).await?;
        // Whoever did not issue it is told that there is none.
        let known = known.filter(|known| known.issuer == user.working_for).ok_or(AppError::NotFound)?;
        user.require(Action::IssueCode, Some(known.issuer))?;
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        let revoked = tx.revoke_code(code).await?;
        if revoked.is_ok() {
            tx.commit().await?;
        }
        Ok(revoked)
    }

    /// How many codes a resource may have, or why none.
    fn may_have_codes(&self, kind: AccountKind, resource: &Resource) -> Result<u32, IssueRefusal> {
        let rulebook = self.rulebook();
        let product = rulebook.provider().product(resource.kind, self.today());
        let no_codes = || IssueRefusal::NoCodesOfKind { kind: resource.kind };
        let product = product.filter(|product| product.codes > 0).ok_or_else(no_codes)?;
        if product.codes_for.is_some_and(|whose| whose != kind) {
            return Err(IssueRefusal::NotEnterprise);
        }
        let mut failed = beian_rules::code_conditions(resource, self.inner.clock.now(), &rulebook);
        failed.retain(|condition| condition.met == Met::No);
        if failed.is_empty() { Ok(product.codes) } else { Err(IssueRefusal::Unqualified { failed }) }
    }

    async fn seen_codes(&self, codes: Vec<AuthorizationCode>) -> Result<Vec<CodeView>, AppError> {
        let reader = self.inner.store.read();
        let mut ids: Vec<ResourceId> = codes.iter().map(|code| code.resource).collect();
        ids.sort_unstable();
        ids.dedup();
        let resources = reader.resources_by_id(&ids).await?;
        let mut logins = std::collections::BTreeMap::new();
        for account in codes.iter().flat_map(|code| [code.issuer, code.holder]) {
            if let std::collections::btree_map::Entry::Vacant(place) = logins.entry(account) {
                let account = reader.account(account).await?.ok_or(AppError::NotFound)?;
                place.insert(account.login);
            }
        }
        let login = |account| logins.get(&account).cloned().ok_or(AppError::NotFound);
        codes
            .into_iter()
            .map(|code| {
                let resource = resources.iter().find(|resource| resource.id == code.resource);
                Ok(CodeView {
                    holder: login(code.holder)?,
                    issuer: login(code.issuer)?,
                    resource: resource.map(|resource| resource.reference.clone()).unwrap_or_default(),
                    code: self.observed(code, resource),
                })
            })
            .collect()
    }

    /// The code as time has made it: expired if its server is, alive again if
    /// that was renewed.
    fn observed(&self, mut code: AuthorizationCode, resource: Option<&Resource>) -> AuthorizationCode {
        let lasts = resource.is_some_and(|resource| {
            resource.owner == code.issuer
                && beian_rules::lasts_long_enough(resource, self.inner.clock.now(), &self.rulebook())
                    != Met::No
        });
        if !lasts && let Ok(expired) = code.state.clone().after(&CodeEvent::Expire) {
            code.state = expired;
        }
        code
    }

    /// What is known of the code that a case states. `order` is the order that it
    /// belongs to: what that holds is not in its own way.
    pub(crate) async fn code_fact(
        &self,
        case: &Case,
        owner: AccountId,
        told: Option<AccountId>,
        order: Option<OrderId>,
    ) -> Result<Known<CodeFact>, AppError> {
        let Some(stated) = case.access.stated_code() else { return Ok(Facts::no_code()) };
        let Ok(text) = stated.parse::<CodeText>() else { return Ok(Known::Known(CodeFact::NotFound)) };
        // A stranger's code takes the same look-up as one that does not exist.
        let code = self.inner.store.read().code_by_text(&text).await?;
        let code = match code {
            Some(code) if code.holder == owner => code,
            Some(code) if code.issuer == owner => {
                let masked_login = self.masked_holder(&code, owner, told).await?;
                return Ok(Known::Known(CodeFact::IssuedToOther { masked_login }));
            }
            _ => return Ok(self.no_such_code(owner, &text, told)),
        };
        let resource = self.inner.store.read().resources_by_id(&[code.resource]).await?.pop();
        let code = self.observed(code, resource.as_ref());
        // An order that is not kept yet holds nothing.
        let order = order.unwrap_or(OrderId(Default::default()));
        let changed = case.record.as_ref().and_then(RecordNumber::service);
        let purpose = match changed.filter(|_| case.kind == Some(FilingKind::ChangeAccess)) {
            Some(service) => CodePurpose::ChangeOf(service.clone()),
            None => CodePurpose::NewService,
        };
        let hold = CodeEvent::Hold(order, purpose);
        Ok(Known::Known(match code.state.clone().after(&hold) {
            Ok(_) => resource.map_or(CodeFact::Expired, CodeFact::Usable),
            Err(CodeRefusal::UsedFor(service)) => CodeFact::Used { service },
            Err(CodeRefusal::Revoked) => CodeFact::Revoked,
            Err(CodeRefusal::HeldByOther) => CodeFact::Held { order: self.holding_order(&code).await? },
            Err(CodeRefusal::Expired | CodeRefusal::NotHeld | CodeRefusal::NotExpired) => CodeFact::Expired,
        }))
    }

    async fn holding_order(&self, code: &AuthorizationCode) -> Result<OrderNumber, AppError> {
        let Some(CodeUse::Held(order)) = code.state.usage() else {
            return Ok(OrderNumber(String::new()));
        };
        let order = self.inner.store.read().order(*order).await?;
        Ok(order.map_or_else(|| OrderNumber(String::new()), |order| order.number))
    }

    async fn masked_holder(
        &self,
        code: &AuthorizationCode,
        owner: AccountId,
        told: Option<AccountId>,
    ) -> Result<String, AppError> {
        if told != Some(owner) {
            return Ok("（只告知备案人 / told to the filer alone）".to_owned());
        }
        let holder = self.inner.store.read().account(code.holder).await?;
        Ok(Personal::new(holder.map(|holder| holder.login.to_string()).unwrap_or_default()).masked())
    }

    /// No code of this account's. After some wrong ones there is no answer for a
    /// while, neither for those that exist nor for those that do not.
    fn no_such_code(&self, owner: AccountId, text: &CodeText, told: Option<AccountId>) -> Known<CodeFact> {
        // Only who can type another one is counted.
        if told == Some(owner)
            && let Err(until) = self.inner.guesses.ask(owner, text.compact(), self.inner.clock.now())
        {
            let until = (until + TimeDelta::hours(8) + TimeDelta::seconds(59)).format("%H:%M");
            return Known::Unknown(Text::new(
                format!("填错授权码的次数过多，{until} 后再查"),
                format!("too many wrong authorization codes, try at {until}"),
            ));
        }
        Known::Known(CodeFact::NotFound)
    }

    /// Everything that the rules may know of an order: its own place and its own
    /// code are not in its way.
    pub(crate) async fn facts_of(&self, order: &Order, told: Option<AccountId>) -> Result<Facts, AppError> {
        let keys = self.keys_of(&order.case, order.owner);
        let context = self.inner.store.read().order_context(&keys, order.id).await?;
        self.facts_from_context(context, order, told).await
    }

    /// The facts of an order that follow from what the store says.
    pub(crate) async fn facts_from_context(
        &self,
        OrderContext { case: seen, proofs, place }: OrderContext,
        order: &Order,
        told: Option<AccountId>,
    ) -> Result<Facts, AppError> {
        // What a code may be used for depends on the kind.
        let mut case = order.case.clone();
        case.kind = Some(order.kind);
        let mut facts = self.facts_from(seen, &case, order.owner, told).await?;
        facts.authenticity = Known::Known(self.authenticity_standing(order, &proofs));
        if let Known::Known(CodeFact::Held { .. }) = &facts.authorization_code {
            facts.authorization_code = self.code_fact(&case, order.owner, told, Some(order.id)).await?;
        }
        if let Some(place) = place {
            let leave = |resource: &mut Resource| {
                let host = resource.server.as_deref_mut();
                for one in host.into_iter().filter(|one| one.id == place) {
                    one.used = one.used.saturating_sub(1);
                }
                if resource.id == place {
                    resource.used = resource.used.saturating_sub(1);
                }
            };
            if let Known::Known(ResourceFact::Usable(resource)) = &mut facts.resource {
                leave(resource);
            }
            if let Known::Known(resources) = &mut facts.resources {
                resources.iter_mut().for_each(leave);
            }
        }
        Ok(facts)
    }

    /// Lets the resource follow from a code that was stated or changed.
    pub(crate) async fn follow_code(&self, before: &Case, order: &mut Order) -> Result<(), AppError> {
        let Some(stated) = order.case.access.stated_code() else { return Ok(()) };
        let is_same = before.access.stated_code() == Some(stated) && before.access == order.case.access;
        if is_same {
            return Ok(());
        }
        self.follow_stated_code(order.owner, &mut order.case).await
    }

    /// Lets the resource follow from the code of a case, if it is one for this account.
    pub(crate) async fn follow_stated_code(&self, owner: AccountId, case: &mut Case) -> Result<(), AppError> {
        let Some(Ok(text)) = case.access.stated_code().map(str::parse::<CodeText>) else { return Ok(()) };
        let code = self.inner.store.read().code_by_text(&text).await?;
        let Some(code) = code.filter(|code| code.holder == owner) else { return Ok(()) };
        let resource = self.inner.store.read().resources_by_id(&[code.resource]).await?.pop();
        case.access.authorization_code = Some(text.to_string());
        case.access.resource = resource.map(|resource| resource.reference);
        Ok(())
    }

    /// Whether an order may be sent to be served on a resource of another account.
    pub(crate) async fn opens(&self, order: &Order, resource: ResourceId) -> Result<bool, AppError> {
        let Some(Ok(text)) = order.case.access.stated_code().map(str::parse::<CodeText>) else {
            return Ok(false);
        };
        let code = self.inner.store.read().code_by_text(&text).await?;
        Ok(code.is_some_and(|code| {
            code.holder == order.owner
                && code.resource == resource
                && matches!(code.state.usage(), Some(CodeUse::Held(holder)) if *holder == order.id)
        }))
    }

    /// Somebody else took the last place or the code while this order was being
    /// handed in: the rules say so now. Nothing was changed.
    pub(crate) async fn lost_race(
        &self,
        user: &User,
        number: &OrderNumber,
        error: StoreError,
    ) -> Result<Submission, AppError> {
        if matches!(error, StoreError::NoPlace { .. } | StoreError::CodeTaken) {
            // Whoever was faster may share a commit that is still to come: then it is waited for,
            // or there would be nothing to see of them.
            self.inner.store.begin(Actor::System).commit().await?;
            let order = self.find_order(user, number, Action::PrepareOrder).await?;
            let facts = self.facts_of(&order, Some(user.account)).await?;
            let (_, _, verdict) = self.judge(&order, &facts);
            if !verdict.is_clear() {
                return Ok(Submission::HasErrors(verdict));
            }
        }
        Err(crate::orders::conflict(error))
    }
}
