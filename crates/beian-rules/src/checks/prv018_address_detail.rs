use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV018",
    slug: "address-not-exact",
    family: Family::Province,
    title: fixed("通信地址不够详细", "The address is not exact enough"),
    what: fixed(
        "通信地址是否写到该省要求的门牌号或房间号",
        "Whether the address for letters goes down to the door or room, as the province wants",
    ),
    why: fixed(
        "该省退回没有门牌号或房间号的地址",
        "The province returns addresses without number of door or room",
    ),
    how: fixed(
        "写到门牌号、房间号；确实没有的，在主体备注中写明“已是最详细地址”",
        "Give the number of door and room; if there is none, say in the sponsor's remark 已是最详细地址",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("310115");
            e.case.sponsor.address = p("习作大道3号")
        },
        silent: |e| {
            e.settle("310115");
            e.case.sponsor.address = p("习作大道3号303室");
            e.case.sponsor.remark = p("已是最详细地址")
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::AddressDetail as D;
    let Some(address) = answered(cx.case.sponsor.address.as_ref()) else { return };
    let Some(series) = cx.province().and_then(|province| province.address_detail.as_ref()) else { return };
    let pointer = Pointer::from("/sponsor/address");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let (needed, wanted) = match rule.value {
        D::DoorNumber => (1, fixed("门牌号", "the number of the door")),
        D::RoomNumber => (2, fixed("房间号", "the number of the room")),
    };
    if numbers(address.expose()) >= needed || says_so(cx) {
        return;
    }
    let name = cx.province_name();
    let cause = text!("{name}要求地址写到{wanted}", "{name} wants {wanted} in the address"; name, wanted);
    out.push(
        Finding::warning(pointer.clone(), cause)
            .source(rule.source())
            .remedy(text!("补上{wanted}", "Add {wanted}"; wanted), RemedyAction::Edit { pointer })
            .remedy(
                fixed(
                    "确实没有的，在主体备注中写明“已是最详细地址”",
                    "If there is none, say in the sponsor's remark 已是最详细地址",
                ),
                RemedyAction::Edit { pointer: "/sponsor/remark".into() },
            ),
    );
}

/// How many numbers stand in an address, in digits or in Chinese.
fn numbers(address: &str) -> usize {
    let is_digit = |c: char| {
        c.is_ascii_digit() || ('０'..='９').contains(&c) || "一二三四五六七八九十百零〇".contains(c)
    };
    let mut after_digit = false;
    address
        .chars()
        .filter(|c| {
            let begins = is_digit(*c) && !after_digit;
            after_digit = is_digit(*c);
            begins
        })
        .count()
}

/// Whether the remark says that there is nothing more exact.
fn says_so(cx: &Context<'_>) -> bool {
    cx.case.sponsor.remark.as_ref().is_some_and(|remark| remark.expose().contains("最详细"))
}

#[cfg(test)]
mod tests {
    use super::numbers;
    use crate::example::{p, said};

    #[test]
    fn numbers_are_counted_in_every_spelling() {
        for (address, count) in
            [("习作路", 0), ("习作路1号", 1), ("习作路十二号三〇一室", 2), ("习作路１号A座301", 2)]
        {
            assert_eq!(numbers(address), count, "{address}");
        }
    }

    #[test]
    fn shanghai_wants_a_room_and_beijing_a_door_unless_there_is_none() {
        let judged = |county: &str, address: &str, remark: Option<&str>| {
            said("PRV018", |e| {
                e.settle(county);
                e.case.sponsor.address = p(address);
                e.case.sponsor.remark = remark.and_then(p);
            })
            .is_some()
        };
        let (shanghai, beijing, none) = ("310115", "110108", Some("已是最详细地址"));
        assert!(judged(shanghai, "习作大道3号", None) && !judged(shanghai, "习作大道3号303室", None));
        assert!(!judged(shanghai, "习作大道3号", none));
        assert!(judged(beijing, "习作街", None) && !judged(beijing, "习作街2号", None));
        assert!(!judged(beijing, "习作街", none));
    }
}
