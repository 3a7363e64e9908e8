use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO004",
    slug: "text-too-long",
    family: Family::Procedure,
    title: fixed("内容超过接口的长度上限", "The text is longer than the interface takes"),
    what: fixed("每个文字项的字数", "The length of every text"),
    why: fixed("超长的文件会按格式校验失败整份退回", "A file with a longer text fails validation as a whole"),
    how: fixed("缩短内容", "Shorten the text"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.remark = Some("习".repeat(1025)),
        silent: |e| e.case.service.remark = Some("习".repeat(1024)),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for field in text_fields(cx) {
        // There are no more characters than bytes.
        if field.value.len() <= field.limit {
            continue;
        }
        let (got, limit) = (field.value.chars().count(), field.limit);
        if got > limit {
            let cause =
                text!("共 {got} 个字符，上限 {limit} 个", "It has {got} characters, {limit} are allowed");
            out.push(Finding::error(field.pointer, cause));
        }
    }
}
