//! The situations S01 to S14 in words.

use beian_domain::{Situation, Text};

/// What a situation is called.
pub fn situation_title(situation: Situation) -> Text {
    use Situation as S;
    match situation {
        S::S01 => Text::new("备案地域", "Where to file"),
        S::S02 => Text::new("域名已有备案", "The domain is filed already"),
        S::S03 => Text::new("换过证件后新增接入", "Adding access after the certificate was replaced"),
        S::S04 => Text::new("没有可用资源", "No resource can be used"),
        S::S05 => Text::new("与工信部记录不一致", "It conflicts with the ministry's record"),
        S::S06 => Text::new("主办者备案在其他账号下", "The sponsor is filed in another account"),
        S::S07 => Text::new("主办者冲突", "Conflict of the sponsor"),
        S::S08 => Text::new("域名冲突", "Conflict of the domain"),
        S::S09 => Text::new("营业执照已更换", "The licence was replaced"),
        S::S10 => Text::new("证件已在其他账号使用", "The certificate is used in another account"),
        S::S11 => Text::new("域名在哪里注册", "Where the domain is registered"),
        S::S12 => Text::new("域名备案在其他账号下", "The domain is filed in another account"),
        S::S13 => Text::new("域名后缀不能备案", "The suffix cannot be filed"),
        S::S14 => Text::new("已有未完成的订单", "Another order is open"),
    }
}

/// `S03 S09`.
pub(super) fn codes(situations: &[Situation]) -> String {
    situations.iter().map(|situation| format!("{situation:?}")).collect::<Vec<_>>().join(" ")
}
