//! Packages, with openssl, md5sum, python, unzip, iconv and xmllint as judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod support;

use std::io::Write as _;

use beian_wire::package::*;
use beian_wire::{FileName, MAX_XML_BYTES, MessageCode};
use proptest::prelude::*;
use support::{assert_valid, full_upload, our_schema, run};

const KEY: &str = "1234567890ABCDEF";
const IV: &str = "0102030405060708";

fn secret() -> SharedSecret {
    SharedSecret::from_ascii(KEY, IV).unwrap()
}

fn name() -> FileName {
    "beianinfo.xml".parse().unwrap()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn openssl(direction: &str, input: &[u8]) -> Vec<u8> {
    run("openssl", &["enc", "-aes-128-cbc", direction, "-K", &hex(KEY), "-iv", &hex(IV)], input)
}

fn base64(bytes: &[u8]) -> String {
    String::from_utf8(run("base64", &[], bytes)).unwrap()
}

/// A package around any bytes, made by other programs.
fn package_of(archive: &[u8]) -> Package {
    Package {
        content_base64: base64(&openssl("-e", archive)),
        hash_base64: base64(&run("openssl", &["dgst", "-md5", "-binary"], archive)),
        algorithms: Algorithms::USUAL,
    }
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.zip");
    let mut script = String::from(
        "import sys, zipfile, warnings\nwarnings.simplefilter('ignore')\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n",
    );
    for (index, (name, content)) in entries.iter().enumerate() {
        let file = folder.path().join(format!("{index}.bin"));
        std::fs::write(&file, content).unwrap();
        script += &format!("z.writestr({name:?}, open({file:?}, 'rb').read())\n");
    }
    script += "z.close()\n";
    run("python3", &["-c", &script, target.to_str().unwrap()], b"");
    std::fs::read(target).unwrap()
}

fn open_it(package: &Package) -> Result<Vec<u8>, PackageError> {
    open(package, &secret(), &Limits::default())
}

#[test]
fn the_known_vector_of_cipher_and_digest() {
    let plain = b"PK\x03\x04demo";
    let package = package_of(plain);
    assert_eq!(
        (package.content_base64.trim(), package.hash_base64.trim()),
        ("y08bQUqV8a8E73aQrHIqqA==", "p3GB9o+UziwhtYjUxkL5mg==")
    );
    // It deciphers and its digest agrees, so that what is left is that it is no archive.
    assert_eq!(open_it(&package), Err(PackageError::Unzip));
}

#[test]
fn others_can_open_what_we_seal() {
    let xml = full_upload().to_gbk_xml().unwrap();
    let package = seal(&xml, &name(), &secret()).unwrap();
    assert_eq!(package.algorithms, Algorithms { hash: 0, encryption: 1, compression: 0 });
    let archive = openssl("-d", &run("base64", &["-d"], package.content_base64.as_bytes()));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, &archive).unwrap();
    let path = path.to_str().unwrap();
    let digest = run("md5sum", &[path], b"");
    let claimed: String = run("base64", &["-d"], package.hash_base64.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(String::from_utf8_lossy(&digest).split(' ').next(), Some(claimed.as_str()));

    run("unzip", &["-tq", path], b"");
    let read = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.namelist() == ['beianinfo.xml']\nsys.stdout.buffer.write(z.read('beianinfo.xml'))";
    let unpacked = run("python3", &["-c", read, path], b"");
    assert_eq!(unpacked, xml);
    assert_valid(&our_schema("upload.xsd"), &unpacked);
    assert!(
        String::from_utf8(run("iconv", &["-f", "GBK", "-t", "UTF-8"], &unpacked))
            .unwrap()
            .contains("<Fzr_xm>张样本</Fzr_xm>")
    );
    assert_eq!(seal(&xml, &name(), &secret()), Ok(package));
}

#[test]
fn we_can_open_what_others_seal() {
    let xml = full_upload().to_gbk_xml().unwrap();
    let package = package_of(&zip_of(&[("any name.txt", &xml)]));
    // As the real service does, base64 breaks its lines after 76 characters.
    assert!(package.content_base64.lines().count() > 2);
    assert_eq!(open_it(&package).unwrap(), xml);
    let crlf = Package { content_base64: package.content_base64.replace('\n', "\r\n "), ..package };
    assert_eq!(open_it(&crlf).unwrap(), xml);
}

#[test]
fn each_fault_has_its_code() {
    let good = package_of(&zip_of(&[("a.xml", b"<a/>")]));
    let with = |change: &dyn Fn(&mut Package)| {
        let mut package = good.clone();
        change(&mut package);
        open_it(&package).unwrap_err()
    };
    assert_eq!(open_it(&good).unwrap(), b"<a/>");
    let cases = [
        (with(&|p| p.algorithms.hash = 1), PackageError::HashAlgorithm { expected: 0, got: 1 }, 10),
        (
            with(&|p| p.algorithms.encryption = 2),
            PackageError::EncryptionAlgorithm { expected: 1, got: 2 },
            9,
        ),
        (
            with(&|p| p.algorithms.encryption = 0),
            PackageError::EncryptionAlgorithm { expected: 1, got: 0 },
            9,
        ),
        (
            with(&|p| p.algorithms.compression = -1),
            PackageError::CompressionFormat { expected: 0, got: -1 },
            11,
        ),
        (with(&|p| p.content_base64 = "!".into()), PackageError::Decrypt, 6),
        (with(&|p| p.content_base64 = String::new()), PackageError::Decrypt, 6),
        (with(&|p| p.content_base64 = "AAAA".into()), PackageError::Decrypt, 6),
        (with(&|p| p.hash_base64 = "p3GB9o+UziwhtYjUxkL5mg==".into()), PackageError::HashMismatch, 7),
        (with(&|p| p.hash_base64 = String::new()), PackageError::HashMismatch, 7),
        (with(&|p| p.hash_base64 = "?".into()), PackageError::HashMismatch, 7),
        (open_it(&package_of(b"no archive")).unwrap_err(), PackageError::Unzip, 8),
        (open_it(&package_of(&zip_of(&[]))).unwrap_err(), PackageError::EntryCount { got: 0 }, 17),
        (open_it(&package_of(&zip_of(&[("a/", b"")]))).unwrap_err(), PackageError::EntryCount { got: 0 }, 17),
        (
            open_it(&package_of(&zip_of(&[("a", b"x"), ("b", b"y")]))).unwrap_err(),
            PackageError::EntryCount { got: 2 },
            17,
        ),
        (
            open_it(&package_of(&zip_of(&[("a", b"x"), ("a", b"y")]))).unwrap_err(),
            PackageError::EntryCount { got: 2 },
            17,
        ),
    ];
    for (got, expected, code) in cases {
        assert_eq!((got, got.message_code()), (expected, MessageCode(code)));
    }
    let other = SharedSecret::from_ascii("FEDCBA0987654321", IV).unwrap();
    let wrong_key = open(&good, &other, &Limits::default()).unwrap_err();
    assert!(matches!(wrong_key, PackageError::Decrypt | PackageError::HashMismatch), "{wrong_key:?}");
}

#[test]
fn plain_packages_only_where_they_are_wanted() {
    let archive = zip_of(&[("a.xml", b"<a/>")]);
    let plain = Package {
        content_base64: base64(&archive),
        algorithms: Algorithms { encryption: 0, ..Algorithms::USUAL },
        ..package_of(&archive)
    };
    let limits = Limits { encryption: Encryption::Optional, ..Limits::default() };
    assert_eq!(open(&plain, &secret(), &limits).unwrap(), b"<a/>");
    assert_eq!(open_it(&plain), Err(PackageError::EncryptionAlgorithm { expected: 1, got: 0 }));
}

#[test]
fn bombs_are_stopped() {
    let zeros = vec![0; MAX_XML_BYTES + 1];
    assert_eq!(open_it(&package_of(&zip_of(&[("a", &zeros)]))), Err(PackageError::Ratio { max: 400 }));
    let lax = Limits { ratio: usize::MAX, ..Limits::default() };
    assert_eq!(
        open(&package_of(&zip_of(&[("a", &zeros)])), &secret(), &lax),
        Err(PackageError::TooLarge { max: MAX_XML_BYTES })
    );
    let small = Limits { xml_bytes: 1000, ..Limits::default() };
    assert_eq!(
        open(&package_of(&zip_of(&[("a", &[b'x'; 1001])])), &secret(), &small),
        Err(PackageError::TooLarge { max: 1000 })
    );
    assert!(open(&package_of(&zip_of(&[("a", &[b'x'; 1000])])), &secret(), &small).is_ok());
    assert_eq!(
        seal(&zeros, &name(), &secret()),
        Err(SealError::TooLarge { max: MAX_XML_BYTES, got: MAX_XML_BYTES + 1 })
    );
}

/// An archive that claims a small size for what unpacks to a large one.
#[test]
fn declared_sizes_are_not_believed() {
    let mut archive = zip_of(&[("a", &[b'x'; 100_000])]);
    let claimed = 100_000_u32.to_le_bytes();
    let places: Vec<usize> =
        archive.windows(4).enumerate().filter(|(_, window)| *window == claimed).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for place in places {
        archive[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let small = Limits { xml_bytes: 1000, ..Limits::default() };
    let opened = open(&package_of(&archive), &secret(), &small);
    assert!(matches!(opened, Err(PackageError::TooLarge { .. } | PackageError::Unzip)), "{opened:?}");
}

#[test]
fn every_truncation_is_an_error() {
    let archive = zip_of(&[("a.xml", b"<a>some content</a>")]);
    for length in 0..archive.len() {
        assert!(open_it(&plain_package(&archive[..length])).is_err(), "{length}");
    }
}

/// Many false ends of archives must not each be searched through.
#[test]
fn false_ends_of_archives_cost_little() {
    let end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\0\0\0\0\0\0";
    let directory = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let zip64 = b"PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0";
    for unit in [
        end.to_vec(),
        [&end[..], &directory[..]].concat(),
        [&zip64[..], &end[..]].concat(),
        b"PK\x06\x06".to_vec(),
    ] {
        let archive = unit.repeat(1_000_000 / unit.len());
        assert!(open_it(&plain_package(&archive)).is_err());
        let with_end = [archive.as_slice(), end].concat();
        assert!(open_it(&plain_package(&with_end)).is_err());
    }
}

/// Sealed by us, to make many without starting other programs.
fn plain_package(archive: &[u8]) -> Package {
    use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use md5::Digest as _;
    let key: [u8; 16] = KEY.as_bytes().try_into().unwrap();
    let iv: [u8; 16] = IV.as_bytes().try_into().unwrap();
    let sealed =
        cbc::Encryptor::<aes::Aes128>::new(&key.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(archive);
    Package {
        content_base64: STANDARD.encode(sealed),
        hash_base64: STANDARD.encode(md5::Md5::digest(archive)),
        algorithms: Algorithms::USUAL,
    }
}

#[test]
fn secrets_must_have_sixteen_characters() {
    assert_eq!(SharedSecret::from_ascii("short", IV), Err(SecretError::Key));
    assert_eq!(SharedSecret::from_ascii(KEY, "01020304050607080"), Err(SecretError::InitialVector));
    assert_eq!(SharedSecret::from_ascii("密钥密钥密1", IV), Err(SecretError::Key));
    assert_eq!(format!("{:?}", secret()), "SharedSecret(..)");
}

proptest! {
    #[test]
    fn any_content_comes_back(content in proptest::collection::vec(any::<u8>(), 0..5000)) {
        let package = seal(&content, &name(), &secret()).unwrap();
        prop_assert_eq!(open_it(&package).unwrap(), content);
    }

    #[test]
    fn damaged_archives_do_no_harm(at in any::<prop::sample::Index>(), to in any::<u8>(), more in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut archive = Vec::new();
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(&mut archive));
        writer.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"<a>some content</a>").unwrap();
        writer.finish().unwrap();
        let position = at.index(archive.len());
        archive[position] = to;
        let _ = open_it(&plain_package(&archive));
        archive.splice(position..position, more.iter().copied());
        let _ = open_it(&plain_package(&archive));
        prop_assert!(open_it(&plain_package(&more)).is_err());
    }

    #[test]
    fn arbitrary_packages_do_no_harm(content_base64 in ".{0,300}", hash_base64 in ".{0,40}", hash in -1..3_i32, encryption in -1..3_i32, compression in -1..3_i32) {
        let package = Package { content_base64, hash_base64, algorithms: Algorithms { hash, encryption, compression } };
        prop_assert!(open_it(&package).is_err());
    }
}
