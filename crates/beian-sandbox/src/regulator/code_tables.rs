//! The code tables that this regulator hands out (基础代码).

use beian_domain::{CancellationReason, CertificateKind, SponsorNature, UnfiledHandling};
use beian_wire::download::{
    self, BasicCodes, BitCode, CertificateCode, CodeRow, CodeTables, HandlingCode, ReasonCode,
};
use serde::Deserialize;

use super::Regulator;
use crate::sandbox::Moment;

/// What is sent beside the tables that are in use here.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct MoreCodes {
    /// Contents of services (服务内容), 1 to 64, with their names; without them that table is not sent.
    #[serde(default)]
    contents: Vec<(u8, String)>,
    /// Suffixes of domains that can be filed (域名类型), each with its code; without them that table is not sent.
    #[serde(default)]
    suffixes: Vec<(u8, String)>,
}

impl MoreCodes {
    pub(crate) fn of_content(code: u8, name: String) -> Self {
        Self { contents: vec![(code, name)], ..Self::default() }
    }
}

impl Regulator {
    /// Sends every provider the code tables. `false` if a code or a name is none.
    pub(crate) fn send_code_tables(&mut self, moment: Moment<'_>, more: &MoreCodes) -> bool {
        let is_name =
            |name: &str| (1..=32).contains(&name.chars().count()) && beian_domain::check_gbk(name).is_ok();
        if more.contents.iter().any(|(code, name)| !(1..=64).contains(code) || !is_name(name))
            || more.suffixes.iter().any(|(code, suffix)| *code == 0 || !is_name(suffix))
        {
            return false;
        }
        let tables = CodeTables { units: Vec::new(), codes: codes(more) };
        let providers: Vec<u64> = self.providers.keys().copied().collect();
        for isp_id in providers {
            self.issue(moment, isp_id, download::DownloadContent::CodeTables(Box::new(tables.clone())));
        }
        true
    }
}

fn codes(more: &MoreCodes) -> BasicCodes {
    let row = |code: u16, name: String| CodeRow { id: code.into(), name, remark: None, is_valid: true };
    BasicCodes {
        natures: SponsorNature::ALL
            .iter()
            .map(|nature| row(nature.code(), nature.label().zh.into_owned()))
            .collect(),
        certificate_kinds: CertificateKind::ALL
            .iter()
            .map(|kind| CertificateCode {
                id: kind.code().into(),
                name: kind.label().zh.into_owned(),
                // Which nature has it is not reasoned with here.
                owner: SponsorNature::Enterprise.code().into(),
                remark: None,
                is_valid: true,
            })
            .collect(),
        contents: more
            .contents
            .iter()
            .map(|(code, name)| BitCode {
                id: (*code).into(),
                bit: 1 << (code - 1),
                name: name.clone(),
                remark: None,
                is_valid: true,
            })
            .collect(),
        domain_kinds: more
            .suffixes
            .iter()
            .map(|(code, suffix)| row((*code).into(), suffix.clone()))
            .collect(),
        cancellation_reasons: CancellationReason::ALL
            .iter()
            .map(|reason| ReasonCode {
                id: reason.code().into(),
                reason: reason.label().zh.into_owned(),
                remark: None,
                is_valid: true,
            })
            .collect(),
        handling_states: UnfiledHandling::ALL
            .iter()
            .map(|handling| HandlingCode {
                id: handling.code().into(),
                name: handling.label().zh.into_owned(),
                remark: None,
            })
            .collect(),
        ..BasicCodes::default()
    }
}
