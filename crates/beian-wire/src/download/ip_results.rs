//! What became of files about IP addresses and about domains.

use std::net::Ipv4Addr;

use crate::ResultCode;
use crate::record::{Address, Codec, Listed, codes, record};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

codes! {
    /// What was asked for (操作类型).
    pub enum RecordOperation {
        /// To take in a new record (新增).
        Register = 1,
        /// To change a record (修改).
        Change = 2,
        /// To delete a record (删除).
        Delete = 3,
    }
}

const OPERATION: Listed = Listed(Number::new("Czlx", 1, 3));
const RECORD_ID: Number = Number::id("Id");
const ISP_ID: Number = Number::id("IspId");
const FINDING: Repeated = Repeated::new("Jgxx", 1, usize::MAX);

/// The number of a finding.
struct FoundCode;

impl Codec<ResultCode> for FoundCode {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<ResultCode> {
        fields.number(ResultCode::FIELD).map(ResultCode)
    }

    fn write(&self, value: &ResultCode, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(ResultCode::FIELD, value.0)
    }
}

record! {
    shows(sources, allocations, broadcasts, customer_owned);
    /// What became of a file about addresses (IP备案结果), list by list.
    #[derive(Default)]
    pub struct IpResults {
        /// Sources (来源).
        pub sources: Vec<IpResult> = Repeated::new("Lyjg", 0, usize::MAX),
        /// Allocations (分配使用).
        pub allocations: Vec<IpResult> = Repeated::new("Fpjg", 0, usize::MAX),
        /// Broadcasts (广播).
        pub broadcasts: Vec<IpResult> = Repeated::new("Gbjs", 0, usize::MAX),
        /// Ranges that customers brought along (自带IP).
        pub customer_owned: Vec<IpResult> = Repeated::new("Zdip", 0, usize::MAX),
    }
}

record! {
    shows(findings, record_id, operation, isp_record_id);
    /// What became of one record about addresses.
    pub struct IpResult {
        /// The findings, at least one; [`ResultCode::IP_DONE`] is a success.
        pub findings: Vec<IpFinding> = FINDING,
        /// The regulator's number for it; absent when it was not taken in.
        pub record_id: Option<u64> = RECORD_ID,
        /// What was asked for.
        pub operation: RecordOperation = OPERATION,
        /// Our number for it, when it was new.
        pub isp_record_id: Option<u64> = ISP_ID,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(code, related);
    /// One finding about addresses.
    pub struct IpFinding {
        /// What was found.
        pub code: ResultCode = FoundCode,
        /// Particulars (代码描述), 1 to 255 characters.
        pub description: String = Text::new("Dmms", 1, 255),
        /// Records that it is about (错误相关数据).
        pub related: Vec<RelatedIp> = Repeated::new("Xgsj", 0, usize::MAX),
    }
}

record! {
    shows(record_id, isp_record_id, first, last);
    /// A record that a finding is about.
    pub struct RelatedIp {
        /// The regulator's number for it.
        pub record_id: Option<u64> = RECORD_ID,
        /// Our number for it.
        pub isp_record_id: Option<u64> = ISP_ID,
        /// The first address.
        pub first: Ipv4Addr = Address::new("Qsip"),
        /// The last address.
        pub last: Ipv4Addr = Address::new("Zzip"),
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

pub(super) const DOMAIN_RESULT: Repeated = Repeated::new("Jg_xx", 1, usize::MAX);

record! {
    shows(findings, record_id, operation, isp_record_id);
    /// What became of one domain of a file (域名备案结果).
    pub struct DomainResult {
        /// The findings, at least one; [`ResultCode::DOMAIN_DONE`] is a success.
        pub findings: Vec<DomainFinding> = FINDING,
        /// The ministry's number for it; absent when it was not taken in.
        pub record_id: Option<u64> = RECORD_ID,
        /// What was asked for.
        pub operation: RecordOperation = OPERATION,
        /// Our number for it, when it was new.
        pub isp_record_id: Option<u64> = ISP_ID,
        /// Remark (备注), at most 1024 characters.
        pub remark: Option<String> = super::REMARK,
    }
}

record! {
    shows(code);
    /// One finding about a domain.
    pub struct DomainFinding {
        /// Particulars (代码描述), at most 255 characters.
        pub description: String = Text::new("Dmms", 0, 255),
        /// What was found.
        pub code: ResultCode = FoundCode,
    }
}
