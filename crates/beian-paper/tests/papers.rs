//! Papers, with poppler (pdftotext, pdffonts, pdfinfo, pdftoppm) and qpdf as judges.

#![cfg(test)]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use beian_domain::practice::{ORGANISATIONS, PEOPLE};
use beian_domain::{Case, NumberStated, Personal};
use beian_paper::{FontSource, Form, Matter, PaperError, render};
use support::{Known, day, individual, provider, unit};

/// A collection whose face 2 is the simplified Chinese one: what `cargo xtask test prepare`
/// installs, unless another is named.
fn system_font() -> Vec<u8> {
    const INSTALLED: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    let path = std::env::var("BEIAN_TEST_FONT").unwrap_or_else(|_| INSTALLED.to_owned());
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a program says about a PDF; it must have nothing to complain about.
fn ask(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let mut command = Command::new(program);
    for argument in arguments {
        let path = file.path().to_str().unwrap();
        command.arg(if *argument == "FILE" { path } else { argument });
    }
    let output = command.output().unwrap_or_else(|error| panic!("{program} must be installed: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && complaint.is_empty(), "{program}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// The text in the order in which it was set, without white space: lines end anywhere.
fn text(pdf: &[u8]) -> String {
    let text = ask("pdftotext", &["-raw", "-enc", "UTF-8", "FILE", "-"], pdf);
    assert!(!text.contains('\u{FFFD}'), "{text}");
    text.split_whitespace().collect()
}

fn pages(pdf: &[u8]) -> u32 {
    let info = ask("pdfinfo", &["FILE"], pdf);
    let line = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
    line.trim().parse().unwrap()
}

/// Nothing is printed outside of the margins: a frame of paper without ink.
fn margins_are_empty(pdf: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    let prefix = directory.path().join("page");
    let output =
        Command::new("pdftoppm").args(["-r", "36", "-gray"]).arg(&file).arg(&prefix).output().unwrap();
    assert!(output.status.success());
    let mut seen = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pgm") {
            seen += 1;
            let (width, height, pixels) = picture(&path);
            for (index, pixel) in pixels.iter().enumerate() {
                let (x, y) = (index % width, index / width);
                // Two centimetres are 28 pixels; the foot reaches into the lower margin.
                let inside = (27..width - 27).contains(&x) && (27..height - 12).contains(&y);
                assert!(inside || *pixel > 250, "ink at {x}, {y} of {width} by {height}");
            }
        }
    }
    assert!(seen > 0);
}

/// Width, height and grey values of a portable graymap.
fn picture(path: &Path) -> (usize, usize, Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    let mut at = 0;
    let mut header = Vec::new();
    while header.len() < 4 {
        let end = at + bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap();
        header.push(String::from_utf8(bytes[at..end].to_vec()).unwrap());
        at = end + 1;
    }
    assert_eq!(header[0], "P5");
    (header[1].parse().unwrap(), header[2].parse().unwrap(), bytes[at..].to_vec())
}

#[test]
fn every_form_is_sound_and_bears_its_title_its_order_and_its_sponsor() {
    for case in [unit(), individual()] {
        let known = Known::new(case);
        for form in Form::ALL {
            let pdf = known.render(*form).unwrap();
            ask("qpdf", &["--check", "FILE"], &pdf);
            margins_are_empty(&pdf);
            let text = text(&pdf);
            let sponsor = known.case.sponsor.name.as_ref().unwrap().expose();
            for expected in [&*form.label().zh, "BA20261124-7F3KQ", sponsor, ORGANISATIONS[7].name] {
                assert!(text.contains(expected), "{form:?}: {expected} in {text}");
            }
            let fonts = ask("pdffonts", &["FILE"], &pdf);
            let fonts: Vec<&str> = fonts.lines().skip(2).collect();
            assert_eq!(fonts.len(), 1, "{fonts:?}");
            assert!(fonts[0].contains("+NotoSansCJKsc-Regular") && fonts[0].contains("yes yes yes"));
            assert!(pdf.len() < 60_000, "{form:?}: {} bytes", pdf.len());
        }
    }
}

#[test]
fn a_form_without_any_value_is_a_form_to_fill_in_by_hand() {
    let case = Case::default();
    for form in Form::ALL {
        let matter = Matter::new(&case, day());
        let pdf = render(*form, &matter, &provider(), &FontSource::embedded()).unwrap();
        ask("qpdf", &["--check", "FILE"], &pdf);
        margins_are_empty(&pdf);
        let text = text(&pdf);
        assert!(text.contains(&*form.label().zh), "{form:?}: {text}");
        assert!(text.contains("签字："), "{form:?}: {text}");
    }
}

#[test]
fn the_verification_form_holds_every_value_on_one_page() {
    let pdf = Known::new(unit()).render(Form::VerificationForm).unwrap();
    assert_eq!(pages(&pdf), 1, "the interface takes one picture of it");
    let text = text(&pdf);
    let (organisation, principal, other) = (&ORGANISATIONS[0], &PEOPLE[0], &PEOPLE[1]);
    for expected in [
        "企业",
        "■首次备案",
        "□新增网站",
        organisation.name,
        organisation.uscc,
        organisation.former_licence,
        organisation.address,
        "习作路1号练习大厦101室",
        "广东省深圳市南山区",
        "粤ICP备2026000001号",
        principal.name,
        principal.resident_id,
        principal.mobile,
        principal.emergency_phone,
        principal.email,
        "习作网络科技",
        "practice.example.com",
        "www.practice.example.com",
        "单位门户网站",
        "中文简体、英语",
        other.name,
        other.resident_id,
        other.mobile,
        other.emergency_phone,
        other.email,
        "主体负责人签字：",
        "网站负责人签字：",
        "（盖章处）",
        "年月日",
        "第1页，共1页",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let individual = Known::new(individual()).render(Form::VerificationForm).unwrap();
    assert_eq!(pages(&individual), 1);
    let text = self::text(&individual);
    assert!(text.contains("（按手印处）") && !text.contains("网站负责人签字"), "{text}");
}

#[test]
fn the_verification_form_states_the_number_that_the_filing_states() {
    let mut case = unit();
    case.sponsor.certificate.states = NumberStated::Former;
    case.sponsor.remark = Some(Personal::new("企业无座机"));
    case.service.remark = Some("用于展示产品".to_owned());
    let text = text(&Known::new(case).render(Form::VerificationForm).unwrap());
    let (uscc, former) = (ORGANISATIONS[0].uscc, ORGANISATIONS[0].former_licence);
    assert!(
        text.contains(&format!("证件类型营业执照证件号码{former}现证件类型营业执照现证件号码{uscc}")),
        "{text}"
    );
    assert!(text.contains("主体备注企业无座机") && text.contains("网站备注用于展示产品"), "{text}");
}

#[test]
fn a_verification_form_with_long_values_is_one_page_still() {
    let mut case = unit();
    let address = format!("广东省深圳市南山区{}101室", "习作路一号练习大厦".repeat(5));
    case.sponsor.certificate.address = Some(Personal::new(address.as_str()));
    case.sponsor.address = Some(Personal::new(address.as_str()));
    case.sponsor.principal.email =
        Some(Personal::new("xiaoming.xiaoming.xiaoming@mail.practice.example.com"));
    let pdf = Known::new(case).render(Form::VerificationForm).unwrap();
    assert_eq!(pages(&pdf), 1);
}

#[test]
fn every_form_but_the_plan_is_one_page() {
    for case in [unit(), individual(), Case::default()] {
        let known = Known::new(case);
        for form in Form::ALL {
            let expected = if *form == Form::ConstructionPlan { 2 } else { 1 };
            assert_eq!(pages(&known.render(*form).unwrap()), expected, "{form:?}");
        }
    }
}

#[test]
fn the_letters_name_whom_they_authorise() {
    let known = Known::new(unit());
    let letter = text(&known.render(Form::LegalRepresentativeLetter).unwrap());
    let grant = format!("的法定代表人，现授权{}担任", PEOPLE[1].name);
    assert!(
        letter.contains(&format!("本人{}（证件号码：", PEOPLE[0].name)) && letter.contains(&grant),
        "{letter}"
    );
    let letter = text(&known.render(Form::ServicePrincipalLetter).unwrap());
    assert!(letter.contains(&format!("现授权{}担任我单位所办网站习作网络科技", PEOPLE[1].name)), "{letter}");
    let letter = text(&known.render(Form::RenameLetter).unwrap());
    assert!(letter.contains(&format!("我单位原名称为{}，", ORGANISATIONS[1].name)), "{letter}");
}

#[test]
fn the_changes_are_listed_as_they_were_and_shall_be() {
    let application = text(&Known::new(unit()).render(Form::ChangeApplication).unwrap());
    let change = format!("1主办者名称{}{}", ORGANISATIONS[1].name, ORGANISATIONS[0].name);
    assert!(application.contains(&change), "{application}");
    assert!(application.contains(&format!("{}{}", PEOPLE[2].mobile, PEOPLE[0].mobile)), "{application}");
}

#[test]
fn long_values_wrap_and_shrink_and_are_whole() {
    let mut case = unit();
    let address = format!("广东省深圳市南山区{}101室", "习作路一号练习大厦".repeat(12));
    let email = format!("{}@practice.example.com", "xiaoming".repeat(12));
    case.sponsor.certificate.address = Some(Personal::new(address.as_str()));
    case.sponsor.principal.email = Some(Personal::new(email.as_str()));
    case.sponsor.name = Some(Personal::new("深圳习作网络科技".repeat(14) + "有限公司"));
    let known = Known::new(case);
    for form in Form::ALL {
        margins_are_empty(&known.render(*form).unwrap());
    }
    let pdf = known.render(Form::VerificationForm).unwrap();
    let text = text(&pdf);
    for expected in [&address, &email, &("深圳习作网络科技".repeat(14) + "有限公司")] {
        assert!(text.contains(expected.as_str()), "{expected} in {text}");
    }
}

#[test]
fn the_longest_value_fits_everywhere_and_a_longer_one_is_refused() {
    let mut case = unit();
    case.service.domain = Some("w".repeat(1000));
    case.sponsor.name = Some(Personal::new("习".repeat(1000)));
    let known = Known::new(case);
    for form in Form::ALL {
        let pdf = known.render(*form).unwrap();
        ask("qpdf", &["--check", "FILE"], &pdf);
        margins_are_empty(&pdf);
    }
    let mut case = unit();
    case.sponsor.name = Some(Personal::new("习".repeat(1001)));
    match Known::new(case).render(Form::Pledge) {
        Err(PaperError::TooLong { expected: 1000, got: 1001 }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn hostile_values_are_printed_as_what_they_look_like_or_refused() {
    let mut case = unit();
    case.sponsor.name =
        Some(Personal::new("\u{202E}习作\u{0}\u{7}\r\n\u{200B}网络\u{2066}(科技)\\ )Tj <</\u{FEFF}"));
    case.service.name = Some("\u{1B}[31m%PDF-1.7\u{7F}\u{FFF9}".to_owned());
    let known = Known::new(case);
    for form in Form::ALL {
        let pdf = known.render(*form).unwrap();
        ask("qpdf", &["--check", "FILE"], &pdf);
        margins_are_empty(&pdf);
    }
    let text = text(&known.render(Form::VerificationForm).unwrap());
    assert!(text.contains("习作网络(科技)\\)Tj<</"), "{text}");
    assert!(text.contains("[31m%PDF-1.7"), "{text}");

    for (name, expected) in [("习小😀明👍", "👍😀"), ("سلام习", "اسلم"), ("\u{E000}", "\u{E000}")]
    {
        let mut case = unit();
        case.sponsor.name = Some(Personal::new(name));
        match Known::new(case).render(Form::Pledge) {
            Err(PaperError::MissingCharacters { got }) => assert_eq!(got, expected),
            other => panic!("{other:?}"),
        }
    }
}

/// Makes forms of a text: a file of few pages, or an error that tells its characters.
fn is_sound_or_refused(name: &str, domain: &str) {
    let mut case = unit();
    case.sponsor.name = Some(Personal::new(name));
    case.service.domain = Some(domain.to_owned());
    let known = Known::new(case);
    for form in [Form::VerificationForm, Form::LegalRepresentativeLetter, Form::OwnershipStatement] {
        match known.render(form) {
            Ok(pdf) => assert!(pdf.starts_with(b"%PDF-1.7") && pages(&pdf) < 6),
            Err(error) => assert!(matches!(error, PaperError::MissingCharacters { .. }), "{error}"),
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_printed_or_refused(any in ".{0,40}", plain in "[ -~习作，。（）“”\u{0}-\u{1f}\u{202a}-\u{202e}]{0,400}") {
        is_sound_or_refused(&any, &plain);
        is_sound_or_refused(&plain, &plain);
    }
}

#[test]
fn a_rare_character_comes_from_the_font_that_was_handed_in() {
    let mut case = individual();
    case.sponsor.name = Some(Personal::new("习𠮷明"));
    let known = Known::new(case);
    let error = known.render(Form::Pledge).unwrap_err();
    assert_eq!(error.to_string(), "expected characters that the fonts have, got 𠮷 (U+20BB7)");

    let fonts = FontSource::with_fallback(system_font(), 2).unwrap();
    let pdf = render(Form::Pledge, &known.matter(), &provider(), &fonts).unwrap();
    ask("qpdf", &["--check", "FILE"], &pdf);
    assert!(text(&pdf).contains("习𠮷明"), "{}", text(&pdf));
    let fonts = ask("pdffonts", &["FILE"], &pdf);
    assert_eq!(fonts.matches("yes yes yes").count(), 2, "{fonts}");
}

#[test]
fn what_is_no_font_is_refused_when_it_is_handed_in() {
    for (bytes, face) in [(b"%PDF-1.7".to_vec(), 0), (system_font(), 99)] {
        let error = FontSource::with_fallback(bytes, face).unwrap_err();
        assert!(matches!(error, PaperError::Font { .. }), "{error}");
    }
}

#[test]
fn the_same_matter_gives_the_same_bytes() {
    let first = Known::new(unit());
    let second = Known::new(unit());
    for form in Form::ALL {
        assert_eq!(first.render(*form).unwrap(), second.render(*form).unwrap(), "{form:?}");
    }
    let info = ask("pdfinfo", &["-isodates", "FILE"], &first.render(Form::Pledge).unwrap());
    assert!(info.contains("2026-11-24") && info.contains("网站备案承诺书"), "{info}");
}
