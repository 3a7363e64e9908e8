//! Whether a number is mistyped, by what can be seen of it alone: nobody is asked, and nothing is kept.

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use beian_domain::{CertificateKind, CertificateNumber, RecordNumber};

use super::start::number_error;
use crate::error::Problem;
use crate::form::read_form;
use crate::visit::{Visit, encode, page};

/// Longest number that is looked at.
const LONGEST: usize = 64;

/// The form that a number should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberForm {
    /// Of a business licence and other merged certificates (统一社会信用代码, or the registration number before it).
    SocialCredit,
    /// Of a resident identity card (居民身份证).
    ResidentId,
    /// Of an organisation code certificate (组织机构代码).
    OrganisationCode,
    /// A filing number (备案号).
    Filing,
}

impl NumberForm {
    const ALL: [Self; 4] = [Self::SocialCredit, Self::ResidentId, Self::OrganisationCode, Self::Filing];

    fn slug(self) -> &'static str {
        match self {
            Self::SocialCredit => "social-credit",
            Self::ResidentId => "resident-id",
            Self::OrganisationCode => "organisation-code",
            Self::Filing => "filing",
        }
    }

    fn key(self) -> String {
        format!("check-number-{}", self.slug())
    }

    fn of(slug: &str) -> Self {
        Self::ALL.into_iter().find(|form| form.slug() == slug).unwrap_or(Self::SocialCredit)
    }
}

/// What can be seen.
enum Verdict {
    /// Nothing is wrong with it.
    Right {
        /// What it says besides.
        rows: Vec<(&'static str, String)>,
        /// Where a filing number can be looked up.
        look_up: Option<String>,
    },
    /// It is mistyped.
    Wrong {
        /// Why.
        why: String,
    },
}

#[derive(Template)]
#[template(path = "check_number.html")]
struct CheckNumberPage<'a> {
    visit: &'a Visit,
    chosen: NumberForm,
    typed: String,
    verdict: Option<Verdict>,
}

impl CheckNumberPage<'_> {
    fn forms(&self) -> [NumberForm; 4] {
        NumberForm::ALL
    }

    fn is_wrong(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Wrong { .. }))
    }
}

/// Asks for a number.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    page(&CheckNumberPage {
        visit: &visit,
        chosen: NumberForm::SocialCredit,
        typed: String::new(),
        verdict: None,
    })
}

/// Looks at it. It is posted, so that it stands in no address and no log.
pub(crate) async fn check(visit: Visit, request: Request) -> Result<Response, Problem> {
    let fields = read_form(request).await?;
    let chosen = NumberForm::of(fields.get("form"));
    let typed: String = fields.get("number").trim().chars().take(LONGEST).collect();
    let verdict = Some(verdict(&visit, chosen, &typed));
    page(&CheckNumberPage { visit: &visit, chosen, typed, verdict })
}

fn verdict(visit: &Visit, form: NumberForm, typed: &str) -> Verdict {
    let kind = match form {
        NumberForm::SocialCredit => CertificateKind::BusinessLicence,
        NumberForm::ResidentId => CertificateKind::ResidentIdCard,
        NumberForm::OrganisationCode => CertificateKind::OrganisationCodeCertificate,
        NumberForm::Filing => return of_filing(visit, typed),
    };
    match CertificateNumber::parse(kind, typed) {
        Ok(number) => {
            let rulebook = visit.app.rulebook();
            let name = |division| rulebook.division_name(division).unwrap_or_default();
            let issued =
                number.division().map(|division| format!("{} {division}", name(division)).trim().to_owned());
            let issued = issued.map(|issued| ("check-number-division", issued));
            Verdict::Right { rows: issued.into_iter().collect(), look_up: None }
        }
        Err(error) => Verdict::Wrong { why: number_error(visit, typed, &error) },
    }
}

fn of_filing(visit: &Visit, typed: &str) -> Verdict {
    let compact: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    match compact.parse::<RecordNumber>() {
        Ok(number) => {
            let (kind, sponsor) = match &number {
                RecordNumber::Service(number) => {
                    ("check-number-of-service", Some(number.sponsor().to_string()))
                }
                RecordNumber::Sponsor(_) => ("check-number-of-sponsor", None),
            };
            let mut rows = vec![("check-number-what", visit.t(kind))];
            rows.extend(sponsor.map(|sponsor| ("lookup-sponsor-number", sponsor)));
            Verdict::Right { rows, look_up: Some(format!("/lookup?q={}", encode(&compact))) }
        }
        Err(_) => Verdict::Wrong { why: visit.t("check-number-filing-wrong") },
    }
}
