//! What a file of 1000 records costs, to make and to read, beside what its archive and its
//! cipher alone take on the same bytes in the same run.
//!
//! `cargo bench -p beian-wire` prints it as Markdown.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints its figures, and stops at the first surprise"
)]

use std::hint::black_box;
use std::io::{Cursor, Read as _, Write as _};
use std::time::Instant;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beian_wire::package::{Limits, Package, SharedSecret, open, open_in_parts, seal};
use beian_wire::upload::{
    Access, Address, Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose, Domain, FilingRecord,
    IpRange, PrincipalDetails, Sponsor, SponsorPrincipal, UploadDocument, UploadOperation, UploadReader,
    UploadWriter, Website, WebsitePrincipal,
};
use beian_wire::{Certificate, FileName, FiledBy, InterfaceVersion, MAX_RECORDS};
use md5::{Digest as _, Md5};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const SAMPLES: usize = 5;
const KEY: [u8; 16] = *b"1234567890ABCDEF";
const IV: [u8; 16] = *b"0102030405060708";

fn main() {
    println!(
        "| file | direction | MB of XML | archive and cipher alone ms | the whole ms | as fast | record by record ms | as fast |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    // A form and two certificates with each record fill the 50 MB of a file.
    let with_pictures = File::new("with pictures", 3, 15_500);
    let text_alone = File::new("text alone", 0, 0);
    with_pictures.compare();
    text_alone.compare();
    println!("\n| file | step | ms |\n|---|---|---:|");
    with_pictures.steps();
    text_alone.steps();
}

struct File {
    name: &'static str,
    document: UploadDocument,
    secret: SharedSecret,
    xml: Vec<u8>,
    archive: Vec<u8>,
    package: Package,
}

impl File {
    fn new(name: &'static str, pictures: usize, bytes: usize) -> Self {
        let mut chance = Chance(88_172_645_463_325_252);
        let records =
            (1..=MAX_RECORDS as u64).map(|number| record(number, pictures, bytes, &mut chance)).collect();
        let document = UploadDocument {
            version: InterfaceVersion::v3_0(),
            operation: UploadOperation::NewFiling(records),
            requesting_unit: 110_000_000_001,
        };
        let secret = SharedSecret::from_ascii("1234567890ABCDEF", "0102030405060708").expect("16 characters");
        let xml = document.to_gbk_xml().expect("a file that can be written");
        let package = seal(&xml, &FileName::upload_entry(), &secret).expect("a file that can be sealed");
        let archive = zip_alone(&xml);
        Self { name, document, secret, xml, archive, package }
    }

    /// Prints both directions, and both together.
    fn compare(&self) {
        let sealed = encipher_alone(self.archive.clone());
        let made = medians([
            &|| drop(black_box(encipher_alone(zip_alone(&self.xml)))),
            &|| {
                let xml = self.document.to_gbk_xml().expect("written");
                drop(black_box(seal(&xml, &FileName::upload_entry(), &self.secret).expect("sealed")));
            },
            &|| drop(black_box(self.write_in_parts())),
        ]);
        self.row("encode", made);
        let read = medians([
            &|| drop(black_box(unzip_alone(decipher_alone(&sealed)))),
            &|| {
                let xml = open(&self.package, &self.secret, &Limits::default()).expect("opened");
                drop(black_box(UploadDocument::from_gbk_xml(&xml).expect("read")));
            },
            &|| {
                let mut opened =
                    open_in_parts(&self.package, &self.secret, &Limits::default()).expect("opened");
                let reader = UploadReader::new(opened.xml().expect("one file"));
                assert_eq!(reader.filter(|record| record.is_ok()).count(), MAX_RECORDS);
            },
        ]);
        self.row("decode", read);
        self.row("both", [0, 1, 2].map(|column| made[column] + read[column]));
    }

    fn row(&self, direction: &str, [floor, whole, parts]: [f64; 3]) {
        println!(
            "| {} | {direction} | {:.1} | {floor:.1} | {whole:.1} | {:.2} | {parts:.1} | {:.2} |",
            self.name,
            self.xml.len() as f64 / 1e6,
            floor / whole,
            floor / parts
        );
    }

    fn write_in_parts(&self) -> Package {
        let sealer = beian_wire::package::Sealer::new(&FileName::upload_entry()).expect("a name");
        let mut writer = UploadWriter::new(sealer, &self.document.version, self.document.requesting_unit);
        writer.add(&self.document.operation).expect("written");
        writer.finish().expect("finished").seal(&self.secret).expect("sealed")
    }

    /// Where the time goes.
    fn steps(&self) {
        let sealed = encipher_alone(self.archive.clone());
        let steps: [(&str, &dyn Fn()); 10] = [
            ("XML and GBK", &|| drop(black_box(self.document.to_gbk_xml()))),
            ("zip", &|| drop(black_box(zip_alone(&self.xml)))),
            ("digest", &|| _ = black_box(Md5::digest(&self.archive))),
            ("cipher", &|| drop(black_box(encipher_alone(self.archive.clone())))),
            ("base64", &|| drop(black_box(STANDARD.encode(&sealed)))),
            ("base64, back", &|| drop(black_box(STANDARD.decode(&self.package.content_base64)))),
            ("cipher, back", &|| drop(black_box(decipher_alone(&sealed)))),
            ("zip, back", &|| drop(black_box(unzip_alone(self.archive.clone())))),
            ("GBK, back", &|| {
                drop(black_box(
                    encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&self.xml),
                ));
            }),
            ("XML and GBK, back", &|| drop(black_box(UploadDocument::from_gbk_xml(&self.xml)))),
        ];
        for (name, step) in steps {
            let [median] = medians([step]);
            println!("| {} | {name} | {median:.2} |", self.name);
        }
    }
}

/// Milliseconds on the processor, with the candidates taking turns.
fn medians<const N: usize>(candidates: [&dyn Fn(); N]) -> [f64; N] {
    let mut samples = [const { Vec::new() }; N];
    // The system counts in ticks of some milliseconds: what is short is done often.
    let often = candidates.map(|candidate| {
        let start = Instant::now();
        candidate();
        (0.1 / start.elapsed().as_secs_f64()).ceil().clamp(1.0, 1000.0)
    });
    for _ in 0..SAMPLES {
        for ((candidate, often), times) in candidates.iter().zip(often).zip(&mut samples) {
            let (start, before) = (Instant::now(), on_processor());
            let mut done = 0.0;
            while done < often {
                candidate();
                done += 1.0;
            }
            let elapsed = match (before, on_processor()) {
                (Some(before), Some(after)) => after - before,
                _ => start.elapsed().as_secs_f64(),
            };
            times.push(elapsed * 1000.0 / often);
        }
    }
    samples.map(|mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[SAMPLES / 2]
    })
}

/// How many seconds this thread has had a processor, so that other work beside it does not
/// count; where the system tells.
fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

fn zip_alone(xml: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.start_file("beianinfo.xml", options).expect("an entry");
    writer.write_all(xml).expect("zipped");
    writer.finish().expect("an archive").into_inner()
}

fn unzip_alone(archive: Vec<u8>) -> Vec<u8> {
    let mut xml = Vec::new();
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("an archive");
    archive.by_index(0).expect("an entry").read_to_end(&mut xml).expect("unzipped");
    xml
}

fn encipher_alone(mut archive: Vec<u8>) -> Vec<u8> {
    let length = archive.len();
    archive.resize(length + 16, 0);
    let sealed = cbc::Encryptor::<aes::Aes128>::new(&KEY.into(), &IV.into())
        .encrypt_padded::<Pkcs7>(&mut archive, length)
        .expect("room for padding")
        .len();
    archive.truncate(sealed);
    archive
}

fn decipher_alone(sealed: &[u8]) -> Vec<u8> {
    let mut archive = sealed.to_vec();
    let length = cbc::Decryptor::<aes::Aes128>::new(&KEY.into(), &IV.into())
        .decrypt_padded::<Pkcs7>(&mut archive)
        .expect("padded")
        .len();
    archive.truncate(length);
    archive
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }

    /// Characters as names and streets are made of.
    fn text(&mut self, length: u32) -> String {
        (0..length)
            .filter_map(|_| char::from_u32(0x4E00 + u32::try_from(self.below(3000)).unwrap_or_default()))
            .collect()
    }

    fn digits(&mut self, length: u32) -> String {
        (0..length).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or_default())).collect()
    }

    /// A picture, which no archive makes smaller.
    fn picture(&mut self, bytes: usize) -> String {
        let content: Vec<u8> =
            (0..bytes / 4 * 3).map(|_| u8::try_from(self.below(256)).unwrap_or_default()).collect();
        STANDARD.encode(content)
    }
}

fn record(number: u64, pictures: usize, bytes: usize, chance: &mut Chance) -> FilingRecord {
    let details = PrincipalDetails {
        office_phone: Some(format!("010-{}", chance.digits(8))),
        mobile: format!("138{}", chance.digits(8)),
        email: format!("p{}@example-{number}.cn", chance.digits(6)),
        msn: None,
        qq: Some(chance.digits(9)),
        certificate_kind: Some(2),
        certificate_number: Some(chance.digits(18)),
    };
    let sponsor = Sponsor {
        isp_sponsor_id: number,
        name: format!("{}科技有限公司", chance.text(6)),
        nature: Some(4),
        investor: Some(chance.text(8)),
        address: Address {
            province: 110_000,
            city: 110_100,
            county: Some(110_108),
            detail: Some(format!("{}路{}号", chance.text(12), chance.digits(3))),
        },
        certificate: Certificate {
            kind: 1,
            number: format!("91110108{}", chance.digits(10)),
            residence: format!("{}路{}号", chance.text(12), chance.digits(3)),
        },
        principal: SponsorPrincipal { name: Some(chance.text(3)), details: details.clone() },
        filed_by: FiledBy::AccessProvider,
        remark: Some(chance.text(20)),
    };
    let website = Website {
        isp_website_id: number,
        name: format!("{}网站", chance.text(6)),
        approvals: Vec::new(),
        contents: vec![8, 24],
        languages: vec![1, 12],
        domains: vec![Domain { isp_domain_id: number, name: format!("example-{number}.cn") }],
        accesses: vec![Access {
            isp_access_id: number,
            server_places: vec![2],
            methods: vec![5],
            ip_ranges: vec![IpRange {
                isp_ip_id: number,
                first: [192, 0, 2, 1].into(),
                last: [192, 0, 2, 9].into(),
            }],
        }],
        principal: WebsitePrincipal { name: chance.text(3), details },
        home_url: Some(format!("www.example-{number}.cn")),
        remark: Some(chance.text(30)),
        service_kind: None,
        releases: Vec::new(),
    };
    let attachments = (0..pictures)
        .map(|_| Attachment {
            format: AttachmentFormat::JPEG,
            purpose: AttachmentPurpose::SPONSOR_CERTIFICATE,
            content_base64: chance.picture(bytes),
            owner: AttachmentOwner::Sponsor(number),
            remark: None,
        })
        .collect();
    FilingRecord { sponsor, websites: vec![website], attachments }
}
