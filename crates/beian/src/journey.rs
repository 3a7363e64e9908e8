//! Walking through the portal without a browser: real HTTP, real forms.
//!
//! `beian demo` and the tests of recovery use it. It knows the portal as a
//! person does, by its pages and their fields, and nothing of what is behind.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use beian_domain::ServiceKind;
use beian_domain::practice::{Organisation, Person};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};
use serde_json::Value;

/// The pictures that a first filing must bring.
pub const FIRST_FILING_PICTURES: [&str; 5] = [
    "sponsor-certificate",
    "sponsor-principal-certificate",
    "service-principal-certificate",
    "verification-form",
    "service-principal-photo",
];

/// Somebody who visits the portal.
pub struct Visitor {
    http: Client,
    base: String,
    session: Option<String>,
}

/// What came back.
struct Page {
    status: StatusCode,
    location: Option<String>,
    session: Option<String>,
    body: String,
}

impl Visitor {
    /// A visitor of the portal at `base`, for example `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .context("the HTTP client cannot be set up")?;
        Ok(Self { http, base: base.to_owned(), session: None })
    }

    /// The same visitor at another address: a server that was started again.
    pub fn at(&self, base: &str) -> Self {
        Self { http: self.http.clone(), base: base.to_owned(), session: self.session.clone() }
    }

    /// Makes a filer's account; the visitor is then signed in.
    pub async fn sign_up(&mut self, login: &str, password: &str, email: &str) -> anyhow::Result<()> {
        let fields =
            [("login", login), ("email", email), ("password", password), ("password-again", password)];
        self.enter("/sign-up", &fields).await
    }

    /// Signs in.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> anyhow::Result<()> {
        self.enter("/sign-in", &[("login", login), ("password", password)]).await
    }

    async fn enter(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
        let page = self.send(self.http.post(self.url(path)).form(fields)).await?;
        self.session =
            Some(page.session.with_context(|| format!("{path} let nobody in: {}", errors(&page.body)))?);
        Ok(())
    }

    /// Begins a filing and answers with the number of the order.
    pub async fn begin(
        &self,
        nature: &str,
        kind: &str,
        number: &str,
        domain: &str,
    ) -> anyhow::Result<String> {
        self.begin_service(ServiceKind::Website, nature, kind, number, domain).await
    }

    /// The same for any kind of service.
    pub async fn begin_service(
        &self,
        service: ServiceKind,
        nature: &str,
        kind: &str,
        number: &str,
        domain: &str,
    ) -> anyhow::Result<String> {
        let service = service.slug();
        self.fill("/start", "/start", &[("service", service)]).await?;
        let path = format!("/start/nature?service={service}");
        let fields = [("service", service), ("sponsor-nature", nature)];
        self.fill(&path, "/start/nature", &fields).await?;
        let path = format!("/start/domain?service={service}&nature={nature}");
        let fields = [("service", service), ("nature", nature), ("service-domain", domain)];
        self.fill(&path, "/start/domain", &fields).await?;
        let path = format!("/start/certificate?service={service}&nature={nature}&domain={domain}");
        let fields = [
            ("service", service),
            ("nature", nature),
            ("domain", domain),
            ("sponsor-certificate-kind", kind),
            ("sponsor-certificate-number", number),
        ];
        let to = self.fill(&path, "/start/certificate", &fields).await?;
        let order = to.strip_prefix("/orders/").and_then(|rest| rest.split('/').next());
        Ok(order.with_context(|| format!("expected an order, was sent to {to}"))?.to_owned())
    }

    /// Answers one page of the wizard.
    pub async fn answer(&self, order: &str, page: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
        let path = format!("/orders/{order}/edit/{page}");
        self.fill(&path, &path, fields).await.map(drop)
    }

    /// Answers every page of the wizard for a practice organisation and person.
    pub async fn answer_everything(
        &self,
        order: &str,
        organisation: Organisation,
        person: Person,
        resource: &str,
    ) -> anyhow::Result<()> {
        let pages: [(&str, &[(&str, &str)]); 17] = [
            ("sponsor-name", &[("sponsor-name", organisation.name)]),
            ("certificate-address", &[("sponsor-certificate-address", organisation.address)]),
            ("certificate-division", &[("sponsor-certificate-division", organisation.division)]),
            ("division", &[("sponsor-division", organisation.division)]),
            ("address", &[("sponsor-address", "习作路1号练习大厦101室")]),
            ("investor", &[("sponsor-investor", organisation.name)]),
            (
                "principal-identity",
                &[
                    ("sponsor-principal-name", person.name),
                    ("sponsor-principal-certificate-kind", "resident-id-card"),
                    ("sponsor-principal-certificate-number", person.resident_id),
                ],
            ),
            (
                "principal-phones",
                &[
                    ("sponsor-principal-mobile", person.mobile),
                    ("sponsor-principal-emergency-phone", person.emergency_phone),
                ],
            ),
            ("principal-email", &[("sponsor-principal-email", person.email)]),
            ("principal-office-phone", &[("sponsor-principal-office-phone", "0755-00000000")]),
            ("service-name", &[("service-name", "习作网络科技")]),
            ("contents", &[("service-contents", "8")]),
            ("languages", &[("service-languages", "1")]),
            ("service-principal", &[("service-principal", "same-as-sponsor")]),
            ("service-remark", &[("service-remark", "企业介绍与产品展示")]),
            ("certificate-validity", &[]),
            ("resource", &[("access-resource", resource)]),
        ];
        for (page, fields) in pages {
            self.answer(order, page, fields).await?;
        }
        self.prove(order).await
    }

    /// Uploads a picture.
    pub async fn hand_in(&self, order: &str, purpose: &str, picture: Vec<u8>) -> anyhow::Result<()> {
        let path = format!("/orders/{order}/materials/{purpose}");
        let token = self.hidden(&path, "csrf").await?;
        let file = Part::bytes(picture).file_name("picture.jpg").mime_str("image/jpeg")?;
        let form = Form::new().text("csrf", token).part("file", file);
        let page = self.send(self.http.post(self.url(&path)).multipart(form)).await?;
        redirected(page, &path).map(drop)
    }

    /// Brings a table along, as a file. Answers with the text of the page that tells what became of its lines.
    pub async fn import(&self, path: &str, table: &str) -> anyhow::Result<String> {
        let token = self.hidden(path, "csrf").await?;
        let file = Part::text(table.to_owned()).file_name("table.csv").mime_str("text/csv")?;
        let form = Form::new().text("csrf", token).part("file", file);
        let page = self.send(self.http.post(self.url(path)).multipart(form)).await?;
        ensure!(page.status.is_success(), "{path} answered {}: {}", page.status, errors(&page.body));
        Ok(page.body)
    }

    /// Asks the regulator, as an operator, for all ranges that are drafts. Answers with how many.
    pub async fn register_addresses(&self) -> anyhow::Result<usize> {
        let list = "/operator/addresses";
        let location = self.fill(list, &format!("{list}/register"), &[]).await?;
        let asked = location.split("asked=").nth(1).with_context(|| format!("got {location}"))?;
        Ok(asked.parse()?)
    }

    /// Says, as a reviewer, that the service's principal signed before one's eyes.
    pub async fn attest(&self, order: &str) -> anyhow::Result<()> {
        let (from, to) = (format!("/review/{order}"), format!("/review/{order}/attest"));
        self.fill(&from, &to, &[("remark", "当面签署")]).await.map(drop)
    }

    /// Passes the face check of the service's principal with the practice vendor; where
    /// the provider has no vendor, a reviewer must [`attest`](Self::attest).
    pub async fn prove(&self, order: &str) -> anyhow::Result<()> {
        let path = format!("/orders/{order}/authenticity");
        if !self.read(&path).await?.contains("name=\"consent\"") {
            return Ok(());
        }
        self.fill(&path, &path, &[("consent", "yes")]).await?;
        let body = self.read(&path).await?;
        let vendor = body
            .split('"')
            .find(|part| part.contains("/face/"))
            .with_context(|| format!("{path} leads to no vendor"))?;
        let vendor = vendor.strip_prefix(self.base.as_str()).unwrap_or(vendor);
        let page = self.send(self.http.post(self.url(vendor)).form(&[("outcome", "passed")])).await?;
        redirected(page, vendor)?;
        self.read(&path).await.map(drop)
    }

    /// Begins an order about a record, and answers with its number.
    pub async fn begin_about(&self, record: &str, kind: &str) -> anyhow::Result<String> {
        let path = format!("/records/{record}");
        let to = self.fill(&path, &format!("{path}/begin"), &[("kind", kind)]).await?;
        let order = to.strip_prefix("/orders/").and_then(|rest| rest.split('/').next());
        Ok(order.with_context(|| format!("expected an order, was sent to {to}"))?.to_owned())
    }

    /// Gives an order up.
    pub async fn withdraw(&self, order: &str) -> anyhow::Result<()> {
        let path = format!("/orders/{order}/withdraw");
        self.fill(&path, &path, &[]).await.map(drop)
    }

    /// Hands the order in to the provider.
    pub async fn submit(&self, order: &str) -> anyhow::Result<()> {
        let (from, to) = (format!("/orders/{order}/check"), format!("/orders/{order}/submit"));
        let page = self.read(&from).await?;
        let summary = page.split("error-summary").nth(1).and_then(|rest| rest.split("</div>").next());
        if let Some(summary) = summary {
            bail!("{from} says {}", errors(&format!("<main {summary}")));
        }
        self.fill(&from, &to, &[("declared", "yes")]).await.map(drop)
    }

    /// Approves an order, as a reviewer.
    pub async fn approve(&self, order: &str) -> anyhow::Result<()> {
        let (from, to) = (format!("/review/{order}"), format!("/review/{order}/approve"));
        self.fill(&from, &to, &[]).await.map(drop)
    }

    /// Returns an order with a reason for one field, as a reviewer. The field is
    /// named as on the page, for example `service-name`.
    pub async fn send_back(&self, order: &str, field: &str, reason: &str) -> anyhow::Result<()> {
        let (from, to) = (format!("/review/{order}"), format!("/review/{order}/return"));
        self.fill(&from, &to, &[(&format!("reason-{field}"), reason)]).await.map(drop)
    }

    /// The order as the JSON API gives it.
    pub async fn order(&self, order: &str) -> anyhow::Result<Value> {
        let page = self.send(self.http.get(self.url(&format!("/api/v1/orders/{order}")))).await?;
        ensure!(page.status.is_success(), "the API answered {} for order {order}", page.status);
        Ok(serde_json::from_str(&page.body)?)
    }

    /// A page's text, for looking into.
    pub async fn read(&self, path: &str) -> anyhow::Result<String> {
        let page = self.send(self.http.get(self.url(path))).await?;
        ensure!(page.status.is_success(), "{path} answered {}", page.status);
        Ok(page.body)
    }

    /// Reports a server, as the provider's cloud.
    pub async fn report_server(&self, token: &str, server: &Value) -> anyhow::Result<()> {
        let request = self
            .http
            .post(self.url("/api/v1/resources"))
            .bearer_auth(token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(server.to_string());
        let page = self.send(request).await?;
        ensure!(page.status.is_success(), "the API answered {}: {}", page.status, page.body);
        Ok(())
    }

    /// Opens the form at `from`, and posts `fields` with its hidden ones to `to`.
    /// Answers with the page that it leads to.
    async fn fill(&self, from: &str, to: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let body = self.read(from).await?;
        let mut all: Vec<(&str, String)> = Vec::new();
        for name in ["csrf", "revision"] {
            if let Some(value) = hidden(&body, name) {
                all.push((name, value));
            }
        }
        all.extend(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let page = self.send(self.http.post(self.url(to)).form(&all)).await?;
        redirected(page, to)
    }

    /// Opens the form at `from`, and posts `fields` with its token to `to`. Answers with the text that comes; a new
    /// session is kept.
    pub async fn submit_form(
        &mut self,
        from: &str,
        to: &str,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<String> {
        let token = self.hidden(from, "csrf").await?;
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        let page = self.send(self.http.post(self.url(to)).form(&all)).await?;
        ensure!(!page.status.is_client_error(), "{to} answered {}: {}", page.status, errors(&page.body));
        self.session = page.session.or(self.session.take());
        Ok(page.body)
    }

    async fn hidden(&self, path: &str, name: &str) -> anyhow::Result<String> {
        let body = self.read(path).await?;
        hidden(&body, name).with_context(|| format!("{path} has no field {name}"))
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Page> {
        let request = match &self.session {
            Some(session) => request.header(header::COOKIE, session),
            None => request,
        };
        let answer = request.send().await?;
        let text = |name: header::HeaderName| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let location = text(header::LOCATION);
        let session = text(header::SET_COOKIE)
            .filter(|cookie| cookie.starts_with("beian_session="))
            .and_then(|cookie| cookie.split(';').next().map(str::to_owned));
        Ok(Page { status: answer.status(), location, session, body: answer.text().await? })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn redirected(page: Page, path: &str) -> anyhow::Result<String> {
    match page.location {
        Some(location) if page.status.is_redirection() => Ok(location),
        _ => bail!("{path} answered {}: {}", page.status, errors(&page.body)),
    }
}

/// The value of a hidden field of a page.
fn hidden(body: &str, name: &str) -> Option<String> {
    let needle = format!("name=\"{name}\"");
    let at = body.find(&needle)?;
    let start = body[..at].rfind('<')?;
    let tag = &body[start..start + body[start..].find('>')?];
    let value = tag.split("value=\"").nth(1)?.split('"').next()?;
    Some(value.to_owned())
}

/// What a page of errors says, without its markup.
fn errors(body: &str) -> String {
    let main = body.split("<main").nth(1).unwrap_or(body);
    let mut text = String::new();
    let mut is_text = false;
    for character in main.chars() {
        match character {
            '<' => is_text = false,
            '>' => is_text = true,
            character if is_text => text.push(character),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(600).collect()
}

/// The practice regulator's steering interface.
pub struct RegulatorDesk {
    http: Client,
    base: String,
    password: String,
}

impl RegulatorDesk {
    /// The desk of the practice regulator at `base`.
    pub fn new(base: &str, password: &str) -> anyhow::Result<Self> {
        let http = Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, base: base.to_owned(), password: password.to_owned() })
    }

    /// The filings that it holds, in the order of arrival.
    pub async fn filings(&self) -> anyhow::Result<Vec<Value>> {
        let answer = self.get("filings").await?;
        Ok(answer["filings"].as_array().cloned().unwrap_or_default())
    }

    /// The files that it accepted, each with how often it was received.
    pub async fn uploads(&self) -> anyhow::Result<Vec<Value>> {
        let answer = self.get("uploads").await?;
        Ok(answer["uploads"].as_array().cloned().unwrap_or_default())
    }

    /// The newest filing that is not decided.
    pub async fn pending(&self) -> anyhow::Result<Option<Value>> {
        let is_pending =
            |filing: &Value| matches!(filing["state"].as_str(), Some("awaiting_sms" | "awaiting_review"));
        Ok(self.filings().await?.into_iter().rfind(is_pending))
    }

    /// Enters every SMS code of a filing.
    pub async fn verify_sms(&self, filing: u64) -> anyhow::Result<()> {
        self.post(&format!("filings/{filing}/verify-sms"), "{}").await
    }

    /// Approves a filing.
    pub async fn approve(&self, filing: u64) -> anyhow::Result<()> {
        self.post(&format!("filings/{filing}/approve"), r#"{"opinion":"同意"}"#).await
    }

    /// Refuses a filing.
    pub async fn refuse(&self, filing: u64, opinion: &str) -> anyhow::Result<()> {
        let body = serde_json::json!({ "opinion": opinion }).to_string();
        self.post(&format!("filings/{filing}/refuse"), &body).await
    }

    /// Makes a record as if it were filed through another provider.
    pub async fn seed(&self, certificate_number: &str, domain: &str) -> anyhow::Result<()> {
        let record = serde_json::json!({ "certificate_number": certificate_number, "domain": domain });
        self.post("records", &record.to_string()).await
    }

    /// The filing password that the regulator gave the sponsor of a number.
    pub async fn filing_password(&self, sponsor_number: &str) -> anyhow::Result<String> {
        let records = self.get("records").await?;
        let records = records["records"].as_array().cloned().unwrap_or_default();
        let record = records.iter().find(|record| record["number"] == sponsor_number);
        let password = record.and_then(|record| record["filing_password"].as_str());
        Ok(password.with_context(|| format!("{sponsor_number} has no password"))?.to_owned())
    }

    /// The number of the sponsor that holds a domain.
    pub async fn sponsor_of(&self, domain: &str) -> anyhow::Result<String> {
        let records = self.get("records").await?;
        let records = records["records"].as_array().cloned().unwrap_or_default();
        let holds =
            |record: &&Value| {
                record["services"].as_array().into_iter().flatten().any(|service| {
                    service["domains"].as_array().into_iter().flatten().any(|name| name == domain)
                })
            };
        let number = records.iter().find(holds).and_then(|record| record["number"].as_str());
        Ok(number.with_context(|| format!("{domain} is not in the register"))?.to_owned())
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer =
            self.http.get(self.url(path)).bearer_auth(&self.password).send().await?.error_for_status()?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }

    /// Puts a site on the list of those that are on the air without a filing.
    pub async fn list_unfiled_site(&self, domain: &str, address: &str) -> anyhow::Result<()> {
        self.list_unfiled_sites(&[(domain.to_owned(), address.parse()?)]).await
    }

    /// Sends a list of such sites, each a domain at an address.
    pub async fn list_unfiled_sites(&self, sites: &[(String, Ipv4Addr)]) -> anyhow::Result<()> {
        let site = |(domain, address): &(String, Ipv4Addr)| serde_json::json!({ "domain": domain, "address": address });
        let list = serde_json::json!({ "sites": sites.iter().map(site).collect::<Vec<_>>() });
        self.post("duties/unfiled-sites", &list.to_string()).await
    }

    /// How many of its files the provider has not acknowledged.
    pub async fn waiting_downloads(&self) -> anyhow::Result<usize> {
        let answer = self.get("downloads").await?;
        let downloads = answer["downloads"].as_array().context("no list of downloads")?;
        Ok(downloads.iter().filter(|download| download["acknowledged"] == false).count())
    }

    /// Sends all that it has of the provider (备案数据同步).
    pub async fn synchronise(&self) -> anyhow::Result<()> {
        self.post("synchronisation", "").await
    }

    /// Sends code tables (基础代码), as JSON.
    pub async fn send_code_tables(&self, tables: &str) -> anyhow::Result<()> {
        self.post("code-tables", tables).await
    }

    async fn post(&self, path: &str, body: &str) -> anyhow::Result<()> {
        let request = self.http.post(self.url(path)).bearer_auth(&self.password);
        let answer =
            request.header(header::CONTENT_TYPE, "application/json").body(body.to_owned()).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "the practice regulator answered {status}: {}", answer.text().await?);
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/regulator/api/{path}", self.base)
    }
}

/// A picture as somebody might photograph a page: paper, lines of text, a seal.
pub fn practice_picture(title_lines: u32) -> Vec<u8> {
    beian_picture::draw((1_240, 877), &|x, y| {
        let margin = !(60..1_180).contains(&x) || !(60..817).contains(&y);
        let (seal_x, seal_y) = (i64::from(x) - 950, i64::from(y) - 640);
        let from_seal = seal_x * seal_x + seal_y * seal_y;
        let is_line = (y / 14) % 3 == 1 && y < 200 + title_lines * 90;
        if (7_000..9_000).contains(&from_seal) {
            [190, 40, 40]
        } else if !margin && is_line && (x / 9 + y / 5) % 4 != 0 && x < 860 {
            [50, 50, 60]
        } else {
            [244, 242, 236]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_fields_and_errors_are_read_from_a_page() {
        let body = r#"<nav>x</nav><main id="m"><p>Not <b>so</b></p>
            <input type="hidden" name="csrf" value="abc"><input value="7" type="hidden" name="revision"></main>"#;
        assert_eq!(hidden(body, "csrf").as_deref(), Some("abc"));
        assert_eq!(hidden(body, "revision").as_deref(), Some("7"));
        assert_eq!(hidden(body, "other"), None);
        assert_eq!(errors(body), "Not so");
    }
}
