//! The cases that can be tried, as files.

macro_rules! cases {
    ($($name:literal,)+) => {
        /// Name and text of each.
        pub(super) const CASES: [(&str, &str); [$($name),+].len()] =
            [$(($name, include_str!(concat!("../../../../../examples/faq/", $name, ".toml")))),+];
    };
}

cases! {
    "s01-company-moved-to-another-city",
    "s01-individual-files-in-another-province",
    "s02-domain-of-a-stranger",
    "s02-own-domain-filed-as-a-new-site",
    "s03-guangdong-number-then-change",
    "s03-hebei-change-or-cancel",
    "s03-heilongjiang-number-only",
    "s03-jiangsu-adds-a-service",
    "s03-jiangsu-adds-access",
    "s03-shaanxi-old-licence-at-hand",
    "s03-shaanxi-old-licence-surrendered",
    "s04-server-does-not-qualify",
    "s04-server-of-another-account",
    "s05-name-differs-from-record",
    "s06-sponsor-filed-in-another-account",
    "s07-filing-under-way-elsewhere",
    "s07-wrong-kind-chosen",
    "s08-domain-in-another-filing",
    "s09-licence-replaced",
    "s10-certificate-in-another-order",
    "s11-domain-at-an-overseas-registrar",
    "s12-domain-filed-in-another-account",
    "s13-suffix-approved-since",
    "s13-suffix-never-approved",
    "s14-another-order-open",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_case_of_the_folder_is_left_out() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/faq");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .collect();
        names.sort();
        assert_eq!(names, CASES.map(|(name, _)| name));
    }
}
