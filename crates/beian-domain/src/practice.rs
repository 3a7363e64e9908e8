//! Practice identities: made-up organisations and people.
//!
//! Their numbers have correct check characters, but parts that are never
//! assigned: the person sequence is 000, the organisation body 00000000, and
//! the subscriber part of a mobile number begins with 00000. The practice
//! regulator takes these only, and a real regulator's connection refuses them.
//! Every example, test and demonstration uses this list.

use crate::{CertificateNumber, Release};

/// A made-up organisation.
#[derive(Debug, Clone, Copy)]
pub struct Organisation {
    /// Its name.
    pub name: &'static str,
    /// Its unified social credit code.
    pub uscc: &'static str,
    /// The registration number of the licence that the present one replaced.
    pub former_licence: &'static str,
    /// The division on its licence.
    pub division: &'static str,
    /// The address on its licence.
    pub address: &'static str,
}

/// A made-up person.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Name.
    pub name: &'static str,
    /// Resident identity number.
    pub resident_id: &'static str,
    /// Mobile number.
    pub mobile: &'static str,
    /// Emergency telephone.
    pub emergency_phone: &'static str,
    /// E-mail address.
    pub email: &'static str,
}

/// What a made-up app is known by where its maker signs it with a key that nobody has: MD5, as
/// on Android.
pub fn release() -> Release {
    Release {
        identifier: Some("cn.xizuo.lianxi".to_owned()),
        public_key: Some("A5".repeat(256)),
        fingerprint: Some("00000000000000000000000000005A5A".to_owned()),
    }
}

/// The organisations.
pub const ORGANISATIONS: [Organisation; 9] = [
    Organisation {
        name: "深圳习作网络科技有限公司",
        uscc: "91440305000000000N",
        former_licence: "440305000000001",
        division: "440305",
        address: "广东省深圳市南山区习作路1号练习大厦101室",
    },
    Organisation {
        name: "北京习作信息技术有限公司",
        uscc: "911101080000000007",
        former_licence: "110108000000008",
        division: "110108",
        address: "北京市海淀区习作街2号202室",
    },
    Organisation {
        name: "上海习作贸易有限公司",
        uscc: "91310115000000000Q",
        former_licence: "310115000000004",
        division: "310115",
        address: "上海市浦东新区习作大道3号303室",
    },
    Organisation {
        name: "杭州习作文化创意有限公司",
        uscc: "913301060000000000",
        former_licence: "330106000000005",
        division: "330106",
        address: "浙江省杭州市西湖区习作巷4号404室",
    },
    Organisation {
        name: "成都习作软件有限公司",
        uscc: "915101040000000008",
        former_licence: "510104000000004",
        division: "510104",
        address: "四川省成都市锦江区习作东路5号505室",
    },
    Organisation {
        name: "哈尔滨习作信息服务有限公司",
        uscc: "91230103000000000X",
        former_licence: "230103000000001",
        division: "230103",
        address: "黑龙江省哈尔滨市南岗区习作大街6号606室",
    },
    Organisation {
        name: "西安习作数码科技有限公司",
        uscc: "916101130000000000",
        former_licence: "610113000000007",
        division: "610113",
        address: "陕西省西安市雁塔区习作一路7号707室",
    },
    Organisation {
        name: "石家庄习作商贸有限公司",
        uscc: "91130104000000000M",
        former_licence: "130104000000005",
        division: "130104",
        address: "河北省石家庄市桥西区习作西路8号808室",
    },
    Organisation {
        name: "南京习作智能科技有限公司",
        uscc: "91320106000000000U",
        former_licence: "320106000000006",
        division: "320106",
        address: "江苏省南京市鼓楼区习作北路9号909室",
    },
];

/// The people.
pub const PEOPLE: [Person; 6] = [
    Person {
        name: "习小明",
        resident_id: "440305199003070006",
        mobile: "13800000001",
        emergency_phone: "13900000001",
        email: "xiaoming@practice.example.com",
    },
    Person {
        name: "习小红",
        resident_id: "110108198511200003",
        mobile: "13800000002",
        emergency_phone: "13900000002",
        email: "xiaohong@practice.example.com",
    },
    Person {
        name: "习小刚",
        resident_id: "310115199208150002",
        mobile: "13800000003",
        emergency_phone: "13900000003",
        email: "xiaogang@practice.example.com",
    },
    Person {
        name: "习小丽",
        resident_id: "33010619780402000X",
        mobile: "13800000004",
        emergency_phone: "13900000004",
        email: "xiaoli@practice.example.com",
    },
    Person {
        name: "习小军",
        resident_id: "510104199512310005",
        mobile: "13800000005",
        emergency_phone: "13900000005",
        email: "xiaojun@practice.example.com",
    },
    Person {
        name: "习小芳",
        resident_id: "440104200105200009",
        mobile: "13800000006",
        emergency_phone: "13900000006",
        email: "xiaofang@practice.example.com",
    },
];

/// Whether a number can only be a made-up one.
pub fn is_practice(number: &CertificateNumber) -> bool {
    match number {
        CertificateNumber::UnifiedSocialCreditCode(code) => code.is_practice(),
        CertificateNumber::ResidentId(id) => id.is_practice(),
        CertificateNumber::OrganisationCode(code) => code.is_practice(),
        CertificateNumber::RegistrationNumber(number) => number.is_practice(),
        CertificateNumber::Unchecked(number) => number.contains("00000000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CertificateKind, DivisionCode, EmailAddress, MobileNumber, check_gbk};

    #[test]
    fn every_practice_identity_is_well_formed_and_unassignable() {
        for organisation in ORGANISATIONS {
            let number =
                CertificateNumber::parse(CertificateKind::BusinessLicence, organisation.uscc).unwrap();
            assert!(is_practice(&number), "{}", organisation.name);
            let former =
                CertificateNumber::parse(CertificateKind::BusinessLicence, organisation.former_licence)
                    .unwrap();
            assert!(is_practice(&former), "{}", organisation.name);
            assert_eq!(number.division(), Some(organisation.division.parse::<DivisionCode>().unwrap()));
            check_gbk(organisation.name).unwrap();
            check_gbk(organisation.address).unwrap();
        }
        for person in PEOPLE {
            let number =
                CertificateNumber::parse(CertificateKind::ResidentIdCard, person.resident_id).unwrap();
            assert!(is_practice(&number), "{}", person.name);
            for mobile in [person.mobile, person.emergency_phone] {
                assert_eq!(&mobile.parse::<MobileNumber>().unwrap().as_str()[3..8], "00000");
            }
            person.email.parse::<EmailAddress>().unwrap();
        }
        let real = CertificateNumber::parse(CertificateKind::BusinessLicence, "9144030071526726XG").unwrap();
        assert!(!is_practice(&real));
    }
}
