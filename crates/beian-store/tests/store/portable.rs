//! An installation moves: out of one database, into the other, under other keys, and
//! every answer stays.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use beian_domain::{
    AccountId, AddressContent, AddressEvent, AddressField, AddressFinding, AddressKind, AddressOperation,
    AuthenticityMethod, CallOutcome, CallParty, Case, CertificateKind, CertificateNumber, CodeText,
    DutyAnswer, DutyContent, DutyEvent, DutyKind, EvidenceKind, FilingKind, HostStanding, ImageFormat,
    ManualClock, MaterialId, MaterialUse, MemberRole, MembershipState, NoticeKind, OrderEvent, OrderNumber,
    Personal, ProofState, RecordState, RegulatorIds, Resource, ResourceId, ResourceKind, Role, SeededRandom,
    SponsorNature, Text, TransferEvent, UnfiledAnswer, UnfiledHandling, UnfiledHostEvent, Verdict, new_uuid,
    practice,
};
use beian_store::{
    Actor, Attachment, AuditReport, AuthenticityProof, BlacklistEntry, CodeFilter, ContentHash, DutyFilter,
    FileKind, FilingRecord, FoundHost, HostCustomer, InboxContent, Keeping, Keys, LeadsTo, Lock, Message,
    NewAccount, NewCall, NewCode, NewDuty, NewEndpoint, NewEvidence, NewJudgement, NewMembership, NewNotice,
    NewOrder, NewPasskey, NewTransfer, NumberedPackage, Options, OrderFilter, PendingProof, PortableError,
    ReferenceKind, Store, StoredMaterial, Subject, TypedPage, UnfiledHostFilter, portable_lines,
};
use chrono::{DateTime, TimeDelta};
use rstest::rstest;
use zeroize::Zeroizing;

use crate::support::{self, Backend};

struct House {
    store: Store,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    _directory: tempfile::TempDir,
}

impl House {
    /// Empty, under keys of its own.
    async fn open(backend: Backend, seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => support::fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 123_456_789).unwrap()));
        let random = Arc::new(SeededRandom::new(seed));
        let options = Options {
            database,
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        Self { store, clock, random, _directory: directory }
    }

    fn now(&self) -> DateTime<chrono::Utc> {
        beian_domain::Clock::now(&*self.clock)
    }

    fn id(&self) -> uuid::Uuid {
        new_uuid(&*self.clock, &*self.random)
    }

    async fn account(&self, login: &str) -> AccountId {
        let mut tx = self.store.begin(Actor::Anonymous);
        let new = NewAccount {
            login: login.parse().unwrap(),
            password_hash: "$argon2id$x".to_owned(),
            role: Role::Filer,
            email: Some(Personal::new(practice::PEOPLE[0].email)),
        };
        let id = tx.insert_account(new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Something of everything.
    async fn furnish(&self) {
        let (alice, bob) = (self.account("alice").await, self.account("bob").await);
        let mut tx = self.store.begin(Actor::Account(alice));
        tx.insert_session("token", alice, "csrf", self.now() + TimeDelta::hours(1)).await.unwrap();
        let recovery = Zeroizing::new("abcdefghijklmnop".to_owned());
        tx.insert_second_factor(bob, b"12345678901234567890", 7, &[recovery]).await.unwrap();
        let passkey = NewPasskey {
            name: "办公室".parse().unwrap(),
            credential: vec![1; 32],
            transports: 1,
            public_key: vec![2; 34],
            state: vec![0; 7],
        };
        tx.insert_passkey(bob, passkey).await.unwrap();
        tx.insert_membership(
            NewMembership {
                account: alice,
                member: bob,
                role: MemberRole::Preparer,
                state: MembershipState::Invited,
                ends_at: None,
            },
            "member.invite",
        )
        .await
        .unwrap();
        let resource = self.resource(alice, "srv-1");
        tx.report_resource(&resource, self.now()).await.unwrap();
        let resource = tx.read().resource("srv-1").await.unwrap().unwrap();
        for remark in ["one", "two"] {
            tx.insert_code(NewCode {
                text: CodeText::new(&*self.random),
                issuer: alice,
                holder: bob,
                resource: resource.id,
                remark: remark.to_owned(),
                most: 5,
            })
            .await
            .unwrap();
        }
        tx.insert_endpoint(NewEndpoint {
            account: Some(alice),
            url: Personal::new("https://hook.practice.example.com/"),
            kinds: vec![NoticeKind::ALL[0]],
            secret: Personal::new("secret"),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();

        for (n, events) in [
            vec![],
            vec![OrderEvent::Submit],
            vec![OrderEvent::Submit, OrderEvent::Approve, OrderEvent::Deliver],
            vec![OrderEvent::Withdraw],
        ]
        .into_iter()
        .enumerate()
        {
            self.order(alice, n, &events).await;
        }
        self.record(alice).await;
        self.typed(alice).await;
        self.duties().await;
        self.addresses().await;
        self.unfiled_hosts(bob).await;
        support::drifts::keep(&self.store, self.now()).await;
        self.dealings(alice, bob).await;
    }

    /// A page of a draft that was left half typed.
    async fn typed(&self, account: AccountId) {
        let orders = self.store.read().orders(OrderFilter::OwnedBy(account), 10).await.unwrap();
        let typed = TypedPage {
            order: orders[0].id,
            account,
            page: "principal-phones".to_owned(),
            sheet: self.store.new_sheet(),
            fields: vec![("sponsor-principal-mobile".to_owned(), practice::PEOPLE[0].mobile.to_owned())],
            at: self.now(),
        };
        let mut tx = self.store.begin(Actor::Account(account));
        assert_eq!(tx.keep_typed(&typed, None).await.unwrap(), Keeping::Kept);
        tx.commit().await.unwrap();
    }

    /// One that nobody looked at, and one whose report is on its way.
    async fn duties(&self) {
        let mut tx = self.store.begin(Actor::Bridge);
        for number in [1, 2] {
            tx.receive_duty(NewDuty {
                kind: DutyKind::UnfiledSite,
                number,
                subject: format!("xizuo-unfiled-{number}.cn"),
                content: DutyContent::new(b"<list/>".to_vec()),
                file: "news-1".to_owned(),
                due_at: self.now() + TimeDelta::days(number.try_into().unwrap()),
            })
            .await
            .unwrap();
        }
        let mut duty = tx.read().duties(DutyFilter::Open, None, 1).await.unwrap().remove(0);
        duty.apply(DutyEvent::Answer).unwrap();
        let reporter = Some(Personal::new("练习员"));
        let answer = UnfiledAnswer::new(UnfiledHandling::Closed, "已关闭", reporter).unwrap();
        duty.answer = Some(DutyAnswer::Handled(answer));
        duty.answered_at = Some(self.now());
        tx.queue_duty(&mut duty).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Two that an audit found: one as it was found, one whose customer is known.
    async fn unfiled_hosts(&self, account: AccountId) {
        let mut tx = self.store.begin(Actor::Cloud);
        for (domain, lines) in [("xizuo-found.cn", 3), ("xizuo-served.cn", 70)] {
            let found = FoundHost {
                domain: domain.parse().unwrap(),
                host: format!("www.{domain}"),
                standing: HostStanding::NotFiled,
                lines,
                seen: Some((self.now() - TimeDelta::days(2), self.now())),
            };
            tx.report_unfiled_host(found).await.unwrap();
        }
        let mut host = tx.read().unfiled_hosts(UnfiledHostFilter::Open, 1).await.unwrap().remove(0);
        assert_eq!(host.domain.as_ascii(), "xizuo-served.cn");
        host.apply(UnfiledHostEvent::Tell).unwrap();
        let addresses = ["203.0.113.10", "2001:db8::1"].map(|text| text.parse().unwrap());
        host.leads_to = LeadsTo::Addresses(addresses.into());
        host.customer = Some(HostCustomer { account, resource: "srv-1".to_owned() });
        tx.update_unfiled_host(&mut host, "unfiled-host.tell").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A range that is filed, and whose change is on its way.
    async fn addresses(&self) {
        let stated = |name: &'static str| {
            move |field: AddressField| match field {
                AddressField::Range => "203.0.113.0/24".to_owned(),
                AddressField::Manner => "used".to_owned(),
                AddressField::Use => "static".to_owned(),
                AddressField::Since => "2026-11-29".to_owned(),
                AddressField::UserName => name.to_owned(),
                AddressField::Nature => "enterprise".to_owned(),
                AddressField::Division => "440305".to_owned(),
                AddressField::Street => "练习路1号".to_owned(),
                AddressField::Contact => "练习员".to_owned(),
                AddressField::Phone => "0755-00000000".to_owned(),
                AddressField::Email => "noc@example.com".to_owned(),
                AddressField::Redirects => "no".to_owned(),
                _ => String::new(),
            }
        };
        let content = |name| AddressContent::parse(AddressKind::Allocation, stated(name)).unwrap();
        let mut tx = self.store.begin(Actor::System);
        let mut record = tx.insert_address(content("练习单位")).await.unwrap();
        for event in
            [AddressEvent::Ask(AddressOperation::Register), AddressEvent::Deliver, AddressEvent::Accept]
        {
            record.apply(event).unwrap();
        }
        record.register_id = Some(100_001);
        record.filed = Some(record.content.clone());
        tx.update_address(&mut record, "address.accept", serde_json::json!({})).await.unwrap();
        record.content = content("练习新单位");
        record.apply(AddressEvent::Ask(AddressOperation::Change)).unwrap();
        record.findings = vec![AddressFinding { code: 2005, particulars: "x".to_owned() }];
        tx.queue_address(&mut record, AddressOperation::Change).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn resource(&self, owner: AccountId, reference: &str) -> Resource {
        Resource {
            id: ResourceId(self.id()),
            owner,
            reference: reference.to_owned(),
            kind: ResourceKind::CloudServer,
            division: Some("440300".parse().unwrap()),
            prepaid: true,
            bought_at: self.now(),
            expires_at: Some(self.now() + TimeDelta::days(365)),
            public_address: Some("203.0.113.9".parse().unwrap()),
            quota: 5,
            used: 0,
            server: None,
        }
    }

    async fn order(&self, owner: AccountId, n: usize, events: &[OrderEvent]) {
        self.clock.advance(TimeDelta::seconds(1));
        let mut tx = self.store.begin(Actor::Account(owner));
        let number = OrderNumber::new(&*self.clock, &*self.random);
        let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case: case(n) };
        let mut order = tx.insert_order(new).await.unwrap();
        for event in events {
            order.apply(event).unwrap();
        }
        let verdict = verdict();
        let facts = serde_json::json!({ "seen": n });
        tx.insert_judgement(NewJudgement { order: order.id, case: &case(n), facts, verdict: &verdict })
            .await
            .unwrap();
        order.verdict = Some(verdict);
        order.submitted_at = (!events.is_empty()).then(|| self.now());
        order.review_due_at = order.submitted_at;
        tx.update_order(&mut order, "order.test", serde_json::json!({ "n": n })).await.unwrap();
        tx.insert_event(order.id, "order.submitted", serde_json::json!({})).await.unwrap();
        let material = StoredMaterial {
            id: MaterialId(self.id()),
            order: order.id,
            purpose: MaterialUse::SponsorCertificate,
            original_format: ImageFormat::Png,
            original_bytes: 3,
            original_size: (4, 5),
            copy_format: ImageFormat::Jpeg,
            copy_bytes: 4,
            copy_size: (2, 3),
            created_at: self.now(),
            content: Some(ContentHash::of(b"the same picture of all")),
            doubts: vec![beian_domain::PictureDoubt::Blurred],
        };
        let files = self.store.files();
        files.put(material.id, FileKind::Original, format!("original {n}").as_bytes()).await.unwrap();
        files.put(material.id, FileKind::Copy, format!("copy {n}").as_bytes()).await.unwrap();
        tx.replace_material(&material).await.unwrap();
        let principal: CertificateNumber =
            CertificateNumber::parse(CertificateKind::ResidentIdCard, practice::PEOPLE[n % 2].resident_id)
                .unwrap();
        if !events.is_empty() {
            let sponsor = self.store.certificate_index(&order.sponsor_certificate().unwrap());
            let traces = self.store.traces_of(&order, std::slice::from_ref(&material));
            tx.replace_traces(&order, Some(&sponsor), &traces).await.unwrap();
        }
        let call = NewCall {
            order: order.id,
            reviewer: owner,
            party: CallParty::SponsorPrincipal,
            outcome: CallOutcome::NoAnswer,
            remark: "响铃",
            retry_due_at: Some(self.now()),
        };
        tx.insert_call(call).await.unwrap();
        let id = self.id();
        files.put(MaterialId(id), FileKind::Evidence, format!("seen {n}").as_bytes()).await.unwrap();
        let evidence = NewEvidence {
            id,
            order: order.id,
            reviewer: owner,
            kind: EvidenceKind::CompanyRegister,
            content: "{\"name\":\"习作\"}",
            has_picture: true,
        };
        tx.insert_evidence(evidence).await.unwrap();
        tx.tally(self.now().date_naive(), owner, "approve", TimeDelta::seconds(60)).await.unwrap();
        tx.put_proof(&AuthenticityProof {
            id: self.id(),
            order: order.id,
            principal: self.store.certificate_index(&principal),
            method: AuthenticityMethod::Face,
            state: ProofState::Passed,
            reference: Some(format!("vendor-{n}")),
            evidence: Zeroizing::new("a face".to_owned()),
            begun_at: self.now(),
            decided_at: Some(self.now()),
            good_until: Some(self.now() + TimeDelta::days(30)),
        })
        .await
        .unwrap();
        if events.len() == 3 {
            order.interface_number = Some(tx.insert_delivery(order.id).await.unwrap());
            tx.update_order(&mut order, "order.test", serde_json::json!({})).await.unwrap();
            let delivery = tx.read().delivery_of_order(order.id).await.unwrap().unwrap();
            let package =
                NumberedPackage { sequence: 7, content: "<xml/>".to_owned(), hash: "ab".to_owned() };
            tx.number_delivery(&delivery, &package).await.unwrap();
            tx.insert_received("news-1", "hash", b"bytes").await.unwrap();
            tx.note_reference("news-1", ReferenceKind::CodeTables).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn record(&self, holder: AccountId) {
        let mut tx = self.store.begin(Actor::Bridge);
        for (n, held) in [(1, Some(holder)), (2, None)] {
            let case = case(8);
            let certificate =
                CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[8].uscc);
            let service: beian_domain::ServiceFilingNumber =
                format!("粤ICP备2026000001号-{n}").parse().unwrap();
            tx.insert_record(&FilingRecord {
                sponsor_number: service.sponsor().clone(),
                service_number: service,
                holder: held,
                state: if n == 1 { RecordState::Active } else { RecordState::Cancelled },
                order: beian_domain::OrderId(uuid::Uuid::nil()),
                domain: format!("xizuo-record-{n}.cn").parse().unwrap(),
                sponsor_index: self.store.certificate_index(&certificate.unwrap()),
                sponsor_nature: SponsorNature::Enterprise,
                sponsor_name: Personal::new(practice::ORGANISATIONS[8].name),
                service_name: "习作".to_owned(),
                ids: Some(RegulatorIds { sponsor: 1, service: 2, domain: 3, access: 4, address: 5 }),
                resource: Some("srv-1".to_owned()),
                served_elsewhere: Some(false),
                content: Some(case),
                as_of: self.now(),
            })
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn dealings(&self, alice: AccountId, bob: AccountId) {
        let mut tx = self.store.begin(Actor::Account(bob));
        // Listed, and in no case here.
        for entry in
            [BlacklistEntry::Sponsor(listed()), BlacklistEntry::Domain("xizuo-listed.cn".parse().unwrap())]
        {
            tx.put_on_blacklist(&entry, "20261123120000_gd_1.xml").await.unwrap();
        }
        let certificate =
            CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[8].uscc);
        let service: beian_domain::ServiceFilingNumber = "粤ICP备2026000001号-1".parse().unwrap();
        let mut transfer = tx
            .insert_transfer(NewTransfer {
                sponsor_number: service.sponsor().clone(),
                sponsor_index: self.store.certificate_index(&certificate.unwrap()),
                service_number: service,
                domain: "xizuo-record-1.cn".parse().unwrap(),
                from: Some(alice),
                to: bob,
                requester: bob,
                due_at: self.now() + TimeDelta::days(3),
            })
            .await
            .unwrap();
        transfer.apply(TransferEvent::ChooseProof).unwrap();
        transfer.proof = Some(PendingProof::Dns { token: "beian-token".to_owned() });
        tx.update_transfer(&mut transfer, "transfer.choose", serde_json::json!({})).await.unwrap();
        tx.insert_notice(NewNotice {
            message: Message::Mail {
                to: Personal::new("a@practice.example.com"),
                subject: "s".to_owned(),
                body: "b".to_owned(),
            },
            kind: NoticeKind::ALL[0],
            account: Some(alice),
            give_up_at: self.now() + TimeDelta::days(1),
            about: Subject::Account(alice),
        })
        .await
        .unwrap();
        let content =
            InboxContent { subject: Text::new("题", "Subject"), body: Text::new("文", "Body"), link: None };
        tx.insert_inbox_message(alice, NoticeKind::ALL[0], &content).await.unwrap();
        let mut settings = tx.read().notice_settings(alice).await.unwrap();
        settings.mobile = Some(Personal::new(practice::PEOPLE[0].mobile));
        tx.put_notice_settings(alice, &settings).await.unwrap();
        tx.put_setting("test-setting", "value").await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn export(&self, lock: &Lock) -> Vec<u8> {
        let attachment = Attachment { name: "rulebooks/a.json".to_owned(), content: b"{}".to_vec() };
        let mut file = Vec::new();
        let report = self.store.export(&mut file, lock, &[attachment]).await.unwrap();
        assert!(report.rows > 60 && report.pictures == 12, "{report:?}");
        file
    }
}

fn case(n: usize) -> Case {
    let organisation = practice::ORGANISATIONS[n];
    let person = practice::PEOPLE[n % 2];
    let mut case = Case::default();
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.name = Some(Personal::new(organisation.name));
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
    case.sponsor.principal.certificate_number = Some(Personal::new(person.resident_id));
    case.sponsor.principal.mobile = Some(Personal::new(person.mobile));
    case.service.domain = Some(format!("xizuo-{n}.cn"));
    case.service.name = Some("习作".to_owned());
    case.access.resource = Some("srv-1".to_owned());
    case
}

fn verdict() -> Verdict {
    Verdict {
        day: "2026-11-24".parse().unwrap(),
        rulebook: "a1".to_owned(),
        diagnostics: Vec::new(),
        undetermined: Vec::new(),
    }
}

fn lock() -> Lock {
    Lock::key_file(&"0f".repeat(32)).unwrap()
}

/// Every line of an export but its first and last, and the trail from a move on.
fn content(file: &[u8]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    portable_lines(file, &lock(), |line| {
        let is_own = ["\"what\":\"head\"", "\"what\":\"end\"", "\"table\":\"audit_head\"", "installation."];
        if !is_own.iter().any(|own| line.contains(own)) {
            lines.insert(line.to_owned());
        }
        Ok(())
    })
    .unwrap();
    lines
}

/// What is asked of an installation every day.
fn listed() -> CertificateNumber {
    CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[7].uscc).unwrap()
}

async fn answers(store: &Store) -> Vec<String> {
    let reader = store.read();
    let mut answers = Vec::new();
    let (sponsor, domain) = (store.certificate_index(&listed()), "xizuo-listed.cn".parse().unwrap());
    answers.push(format!("{:?}", reader.blacklisted(&[sponsor], None).await.unwrap()));
    answers.push(format!("{:?}", reader.blacklisted(&[], Some(&domain)).await.unwrap()));
    assert_eq!(answers, ["Sponsor", "Domain"]);
    for login in ["alice", "bob"] {
        let account = reader.account_by_login(&login.parse().unwrap()).await.unwrap().unwrap();
        answers.push(format!("{} {:?}", account.id.0, account.email.as_ref().map(Personal::expose)));
        answers.push(format!("{:?}", reader.passkeys(account.id).await.unwrap()));
        for summary in reader.orders(OrderFilter::OwnedBy(account.id), 100).await.unwrap() {
            let order = reader.order_by_number(&summary.number).await.unwrap().unwrap();
            let plain = order.case.map(|personal| personal.expose().to_owned());
            answers.push(format!("{plain:?} {:?} {} {:?}", order.state(), order.revision, order.verdict));
            let sponsor = store.certificate_index(&order.sponsor_certificate().unwrap());
            let open = reader.open_order_of_sponsor(&sponsor).await.unwrap();
            answers.push(format!("{:?}", open.map(|open| open.number)));
            answers.push(format!(
                "{:?}",
                reader.own_open_order(account.id, &sponsor).await.unwrap().map(|o| o.number)
            ));
            let judged = reader.judgement_of_order(order.id).await.unwrap().unwrap();
            answers.push(format!("{:?} {}", judged.verdict, judged.facts));
            for material in reader.materials(order.id).await.unwrap() {
                let copy = store.files().get(material.id, FileKind::Copy).await.unwrap();
                answers.push(String::from_utf8(copy.to_vec()).unwrap());
            }
            for call in reader.calls_of(order.id).await.unwrap() {
                answers.push(format!("{:?} {}", call.outcome, call.remark.as_str()));
            }
            for kept in reader.evidence_of(order.id).await.unwrap() {
                let picture = store.files().get(MaterialId(kept.id), FileKind::Evidence).await.unwrap();
                answers.push(format!("{} {:?}", kept.content.as_str(), picture.as_slice()));
            }
            let traces = store.traces_of(&order, &reader.materials(order.id).await.unwrap());
            let shared = reader.popularity(order.id, account.id, &sponsor, &traces, DateTime::UNIX_EPOCH);
            answers.push(format!("{:?}", shared.await.unwrap()));
            answers.push(format!("{:?}", reader.queued_order(order.id).await.unwrap().unwrap().due_at));
            for proof in reader.proofs_of_order(order.id).await.unwrap() {
                let principal = &order.case.sponsor.principal;
                let number = CertificateNumber::parse(
                    principal.certificate_kind.unwrap(),
                    principal.certificate_number.as_ref().unwrap().expose(),
                );
                let is_theirs = proof.principal == store.certificate_index(&number.unwrap());
                answers.push(format!("{} {is_theirs}", proof.evidence.as_str()));
            }
            answers.push(format!("{:?}", reader.audit_of(&Subject::Order(order.id)).await.unwrap()));
            answers.push(format!("{:?}", reader.events_of(order.id).await.unwrap()));
        }
        for code in reader.authorization_codes(CodeFilter::GivenTo(account.id), 10).await.unwrap() {
            let found = reader.code_by_text(&code.text).await.unwrap().unwrap();
            answers.push(format!("{} {} {:?}", found.text, found.remark, found.state));
        }
        for transfer in reader.transfers_of(account.id, 10).await.unwrap() {
            answers.push(format!(
                "{:?} {:?} {:?}",
                transfer.state(),
                transfer.proof,
                transfer.sponsor_number
            ));
        }
        answers.push(format!("{:?}", reader.members_of(account.id, 10).await.unwrap()));
        answers.push(format!("{:?}", reader.inbox(account.id, None, 10).await.unwrap()));
        answers.push(format!("{:?}", reader.resources(account.id).await.unwrap()));
        for endpoint in reader.endpoints(Some(account.id), 10).await.unwrap() {
            answers.push(format!("{} {}", endpoint.url.expose(), endpoint.secret.expose()));
        }
    }
    let sponsor =
        CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[8].uscc).unwrap();
    let sponsor = reader.record_of_sponsor(&store.certificate_index(&sponsor)).await.unwrap().unwrap();
    answers.push(format!("{} {}", sponsor.service_number, sponsor.sponsor_name.expose()));
    for domain in ["xizuo-record-1.cn", "xizuo-record-2.cn"] {
        let record = reader.record_of_domain(&domain.parse().unwrap()).await.unwrap();
        answers.push(format!("{:?}", record.map(|record| record.service_number)));
    }
    answers.push(format!("{:?}", reader.last_sequence().await.unwrap()));
    let days = ("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap());
    answers.push(format!("{:?}", reader.tallies(days.0, days.1).await.unwrap()));
    assert!(answers.iter().any(|answer| answer.contains("picture: 2")), "{answers:#?}");
    answers
        .push(format!("{:?}", reader.delivery_of_sequence(7).await.unwrap().map(|delivery| delivery.state)));
    answers.push(format!(
        "{:?}",
        reader.received_content("news-1").await.unwrap().map(|content| content.to_vec())
    ));
    answers.push(format!("{:?}", reader.setting("test-setting").await.unwrap()));
    answers
}

#[rstest]
#[case(Backend::Sqlite, Backend::Postgres)]
#[case(Backend::Postgres, Backend::Sqlite)]
#[tokio::test]
async fn every_answer_is_the_same_in_the_other_database_under_other_keys(
    #[case] from: Backend,
    #[case] to: Backend,
) {
    let old = House::open(from, 1).await;
    old.furnish().await;
    let before = answers(&old.store).await;
    let file = old.export(&lock()).await;
    for plain in [practice::ORGANISATIONS[0].uscc, practice::PEOPLE[0].mobile, "beian-token"] {
        assert!(!file.windows(plain.len()).any(|window| window == plain.as_bytes()), "{plain} left in plain");
    }
    let new = House::open(to, 2).await;
    let report = new.store.import(|| Ok(Cursor::new(file.clone())), &lock()).await.unwrap();
    assert_eq!(report.attachments[0].name, "rulebooks/a.json");
    assert_eq!(answers(&new.store).await, before);
    // Everything else, too: what either would export is the same, line by line.
    let again = new.export(&lock()).await;
    assert_eq!(content(&again), content(&file));
    // The trail goes on where it came from.
    let AuditReport::Intact { entries } = new.store.read().verify_audit().await.unwrap() else {
        panic!("broken")
    };
    let newest = new.store.read().audit_page(&beian_store::AuditSearch::Everything, None, 2).await.unwrap();
    assert_eq!(
        (newest[0].action.as_str(), newest[1].action.as_str()),
        ("installation.export", "installation.import")
    );
    assert!(entries > 40, "{entries}");
    // Nobody is signed in, and the counters go on.
    assert!(new.store.read().session("token", new.now()).await.unwrap().is_none());
    let mut tx = new.store.begin(Actor::System);
    assert_eq!(tx.insert_delivery(beian_domain::OrderId(uuid::Uuid::nil())).await.unwrap(), 4);
    drop(tx);
    // Taken in once, it is not taken in twice.
    let twice = new.store.import(|| Ok(Cursor::new(file.clone())), &lock()).await;
    assert!(matches!(twice, Err(PortableError::Occupied { table: "account" })), "{twice:?}");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_is_cut_or_damaged_changes_nothing(#[case] backend: Backend) {
    let old = House::open(Backend::Sqlite, 1).await;
    old.furnish().await;
    let file = old.export(&lock()).await;
    let new = House::open(backend, 2).await;
    let before = new.store.read().audit_page(&beian_store::AuditSearch::Everything, None, 100).await.unwrap();
    let mut wrong: Vec<Vec<u8>> = (0..8).map(|part| file[..file.len() * part / 8].to_vec()).collect();
    for at in (0..file.len()).step_by(file.len() / 16) {
        let mut flipped = file.clone();
        flipped[at] ^= 0x20;
        wrong.push(flipped);
    }
    for file in wrong {
        let taken = new.store.import(|| Ok(Cursor::new(file.clone())), &lock()).await;
        assert!(taken.is_err(), "{} bytes", file.len());
    }
    let other = Lock::key_file(&"aa".repeat(32)).unwrap();
    let taken = new.store.import(|| Ok(Cursor::new(file.clone())), &other).await;
    assert!(matches!(taken, Err(PortableError::DoesNotOpen)), "{taken:?}");
    // The file is exchanged between the first look and the second.
    let looks = AtomicU32::new(0);
    let taken = new
        .store
        .import(
            || {
                let is_first = looks.fetch_add(1, Ordering::Relaxed) == 0;
                Ok(Cursor::new(if is_first { file.clone() } else { file[..file.len() / 2].to_vec() }))
            },
            &lock(),
        )
        .await;
    assert!(taken.is_err());
    assert_eq!(new.store.read().count_accounts().await.unwrap(), 0);
    assert_eq!(
        new.store.read().audit_page(&beian_store::AuditSearch::Everything, None, 100).await.unwrap(),
        before
    );
    // And then it is still empty, and takes what is whole.
    new.store.import(|| Ok(Cursor::new(file.clone())), &lock()).await.unwrap();
    assert_eq!(new.store.read().count_accounts().await.unwrap(), 2);
}
