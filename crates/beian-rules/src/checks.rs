//! One file a check, in the order of the catalogue.

mod acc001_unanswered;
mod acc002_not_usable;
mod acc003_kind;
mod acc004_mainland;
mod acc005_prepaid;
mod acc006_term;
mod acc007_remaining;
mod acc008_public_address;
mod acc009_quota;
mod acc010_address_not_ours;
mod acc011_expires_in_review;
mod acc012_code_form;
mod acc013_code_not_found;
mod acc014_code_of_other;
mod acc015_code_held;
mod acc016_code_used;
mod acc017_code_expired;
mod acc018_code_revoked;
mod acc019_code_resource;
mod acc020_code_for_other;
mod authorization;
mod dom001_syntax;
mod dom002_address;
mod dom003_public_suffix;
mod dom004_subdomain;
mod dom005_suffix;
mod dom006_restricted_suffix;
mod dom007_filed;
mod dom008_registration_unstated;
mod dom009_registrar_overseas;
mod dom010_unverified;
mod dom011_verified_lately;
mod dom012_expired;
mod dom013_expires_in_review;
mod dom014_real_name_picture;
mod dom015_written_otherwise;
mod dom016_look_alike;
mod flo001_open_order;
mod flo002_sponsor_filed;
mod flo003_uncarriable;
mod flo004_too_long;
mod flo005_shell;
mod flo006_under_way_elsewhere;
mod flo007_former_number;
mod flo008_kind;
mod flo009_differs;
mod flo010_blacklisted;
mod flo011_domain_order;
mod flo012_record_not_here;
mod flo013_record_cancelled;
mod flo014_cancellation_reason;
mod flo015_nothing_changes;
mod flo016_province_cannot_change;
mod flo017_last_access;
mod flo018_filing_password;
mod flo019_becomes_shell;
mod flo020_nothing_supplied;
mod flo021_authenticity_unproven;
mod flo022_filing_password_wrong;
mod mat001_missing;
mod mat002_large;
mod mat003_small;
mod mat004_pixels;
mod mat005_twice;
mod mat006_aspect;
mod mat007_service_letter;
mod mat008_party_building;
mod mat009_pledge;
mod mat010_domain_certificate;
mod mat011_rename_letter;
mod per001_unanswered;
mod per002_certificate_kind;
mod per003_number_form;
mod per004_check_character;
mod per005_mobile;
mod per006_mobile_prefix;
mod per007_emergency_phone;
mod per008_email;
mod per009_office_phone;
mod per010_age;
mod per011_same_person;
mod per012_one_number_two_names;
mod per013_name;
mod per014_phone_not_normal;
mod per015_number_not_normal;
mod prelude;
mod prv001_distinct_numbers;
mod prv002_individual_elsewhere;
mod prv003_suffix;
mod prv004_blog;
mod prv005_unit_contents;
mod prv006_individual_remark;
mod prv007_legal_representative;
mod prv008_phone_locality;
mod prv009_generic_name;
mod prv010_approval_words;
mod prv011_english_name;
mod prv012_individual_name_length;
mod prv013_distinct_holder;
mod prv014_domain_term;
mod prv015_service_principal_age;
mod prv016_young_principal;
mod prv017_address_words;
mod prv018_address_detail;
mod prv019_several_numbers;
mod prv020_one_principal;
mod prv021_licence_term;
mod prv022_change_service;
mod prv023_sponsor_becomes_another;
mod spn001_unanswered;
mod spn002_certificate_kind;
mod spn003_number_form;
mod spn004_check_character;
mod spn005_practice_identity;
mod spn006_real_identity;
mod spn007_certificate_expired;
mod spn008_certificate_expires_soon;
mod spn009_region_of_unit;
mod spn010_division;
mod spn011_number_region;
mod spn012_address_region;
mod spn013_individual_principal;
mod spn014_address_repeats;
mod spn015_name_brackets;
mod spn016_overseas_institution;
mod spn017_number_not_normal;
mod spn018_former_number_form;
mod spn019_former_check_character;
mod spn020_former_number_same;
mod spn021_former_unstated;
mod svc001_unanswered;
mod svc002_name_short;
mod svc003_name_digits;
mod svc004_name_is_domain;
mod svc005_reserved_words;
mod svc006_name_without_chinese;
mod svc007_name_is_person;
mod svc008_organisation_words;
mod svc009_individual_approval;
mod svc010_pre_approval;
mod svc011_content_codes;
mod svc012_language_codes;
mod svc013_home_url;
mod svc014_name_symbols;
mod svc015_release_unanswered;
mod svc016_platform_of_other_kind;
mod svc017_app_identifier;
mod svc018_app_fingerprint;
mod svc019_app_public_key;

use crate::Check;

/// Every check, by family and number.
pub(crate) static ALL: &[Check] = &[
    spn001_unanswered::CHECK,
    spn002_certificate_kind::CHECK,
    spn003_number_form::CHECK,
    spn004_check_character::CHECK,
    spn005_practice_identity::CHECK,
    spn006_real_identity::CHECK,
    spn007_certificate_expired::CHECK,
    spn008_certificate_expires_soon::CHECK,
    spn009_region_of_unit::CHECK,
    spn010_division::CHECK,
    spn011_number_region::CHECK,
    spn012_address_region::CHECK,
    spn013_individual_principal::CHECK,
    spn014_address_repeats::CHECK,
    spn015_name_brackets::CHECK,
    spn016_overseas_institution::CHECK,
    spn017_number_not_normal::CHECK,
    spn018_former_number_form::CHECK,
    spn019_former_check_character::CHECK,
    spn020_former_number_same::CHECK,
    spn021_former_unstated::CHECK,
    per001_unanswered::CHECK,
    per002_certificate_kind::CHECK,
    per003_number_form::CHECK,
    per004_check_character::CHECK,
    per005_mobile::CHECK,
    per006_mobile_prefix::CHECK,
    per007_emergency_phone::CHECK,
    per008_email::CHECK,
    per009_office_phone::CHECK,
    per010_age::CHECK,
    per011_same_person::CHECK,
    per012_one_number_two_names::CHECK,
    per013_name::CHECK,
    per014_phone_not_normal::CHECK,
    per015_number_not_normal::CHECK,
    svc001_unanswered::CHECK,
    svc002_name_short::CHECK,
    svc003_name_digits::CHECK,
    svc004_name_is_domain::CHECK,
    svc005_reserved_words::CHECK,
    svc006_name_without_chinese::CHECK,
    svc007_name_is_person::CHECK,
    svc008_organisation_words::CHECK,
    svc009_individual_approval::CHECK,
    svc010_pre_approval::CHECK,
    svc011_content_codes::CHECK,
    svc012_language_codes::CHECK,
    svc013_home_url::CHECK,
    svc014_name_symbols::CHECK,
    svc015_release_unanswered::CHECK,
    svc016_platform_of_other_kind::CHECK,
    svc017_app_identifier::CHECK,
    svc018_app_fingerprint::CHECK,
    svc019_app_public_key::CHECK,
    dom001_syntax::CHECK,
    dom002_address::CHECK,
    dom003_public_suffix::CHECK,
    dom004_subdomain::CHECK,
    dom005_suffix::CHECK,
    dom006_restricted_suffix::CHECK,
    dom007_filed::CHECK,
    dom008_registration_unstated::CHECK,
    dom009_registrar_overseas::CHECK,
    dom010_unverified::CHECK,
    dom011_verified_lately::CHECK,
    dom012_expired::CHECK,
    dom013_expires_in_review::CHECK,
    dom014_real_name_picture::CHECK,
    dom015_written_otherwise::CHECK,
    dom016_look_alike::CHECK,
    acc001_unanswered::CHECK,
    acc002_not_usable::CHECK,
    acc003_kind::CHECK,
    acc004_mainland::CHECK,
    acc005_prepaid::CHECK,
    acc006_term::CHECK,
    acc007_remaining::CHECK,
    acc008_public_address::CHECK,
    acc009_quota::CHECK,
    acc010_address_not_ours::CHECK,
    acc011_expires_in_review::CHECK,
    acc012_code_form::CHECK,
    acc013_code_not_found::CHECK,
    acc014_code_of_other::CHECK,
    acc015_code_held::CHECK,
    acc016_code_used::CHECK,
    acc017_code_expired::CHECK,
    acc018_code_revoked::CHECK,
    acc019_code_resource::CHECK,
    acc020_code_for_other::CHECK,
    mat001_missing::CHECK,
    mat002_large::CHECK,
    mat003_small::CHECK,
    mat004_pixels::CHECK,
    mat005_twice::CHECK,
    mat006_aspect::CHECK,
    mat007_service_letter::CHECK,
    mat008_party_building::CHECK,
    mat009_pledge::CHECK,
    mat010_domain_certificate::CHECK,
    mat011_rename_letter::CHECK,
    flo001_open_order::CHECK,
    flo002_sponsor_filed::CHECK,
    flo003_uncarriable::CHECK,
    flo004_too_long::CHECK,
    flo005_shell::CHECK,
    flo006_under_way_elsewhere::CHECK,
    flo007_former_number::CHECK,
    flo008_kind::CHECK,
    flo009_differs::CHECK,
    flo010_blacklisted::CHECK,
    flo011_domain_order::CHECK,
    flo012_record_not_here::CHECK,
    flo013_record_cancelled::CHECK,
    flo014_cancellation_reason::CHECK,
    flo015_nothing_changes::CHECK,
    flo016_province_cannot_change::CHECK,
    flo017_last_access::CHECK,
    flo018_filing_password::CHECK,
    flo019_becomes_shell::CHECK,
    flo020_nothing_supplied::CHECK,
    flo021_authenticity_unproven::CHECK,
    flo022_filing_password_wrong::CHECK,
    prv001_distinct_numbers::CHECK,
    prv002_individual_elsewhere::CHECK,
    prv003_suffix::CHECK,
    prv004_blog::CHECK,
    prv005_unit_contents::CHECK,
    prv006_individual_remark::CHECK,
    prv007_legal_representative::CHECK,
    prv008_phone_locality::CHECK,
    prv009_generic_name::CHECK,
    prv010_approval_words::CHECK,
    prv011_english_name::CHECK,
    prv012_individual_name_length::CHECK,
    prv013_distinct_holder::CHECK,
    prv014_domain_term::CHECK,
    prv015_service_principal_age::CHECK,
    prv016_young_principal::CHECK,
    prv017_address_words::CHECK,
    prv018_address_detail::CHECK,
    prv019_several_numbers::CHECK,
    prv020_one_principal::CHECK,
    prv021_licence_term::CHECK,
    prv022_change_service::CHECK,
    prv023_sponsor_becomes_another::CHECK,
];
