use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT006",
    slug: "material-very-long",
    family: Family::Material,
    title: fixed("图片过于狭长", "The picture is very long and narrow"),
    what: fixed("原图长边与短边之比", "The longer side of the original against the shorter one"),
    why: fixed(
        "证件、核验单和照片都不狭长；狭长的多为截屏、拼图或只拍到一部分",
        "Certificates, forms and portraits are not; what is so long is a screen shot, several pictures or a part of one",
    ),
    how: fixed(
        "完整拍摄或扫描原件，四边齐全，正反面分开的按证件版式排列",
        "Photograph or scan the whole original with all its borders",
    ),
    sources: &[MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.materials[0].width = Some(2404);
            e.case.materials[0].height = Some(801)
        },
        silent: |e| {
            e.case.materials[0].width = Some(2403);
            e.case.materials[0].height = Some(801)
        },
    },
};

/// A licence or a form has about 1.4, an identity card 1.6; both sides of a card
/// in one row, cut to the edge, have 3.2 and are hard to read.
const MOST: u32 = 3;

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for material in &cx.case.materials {
        let purpose = material.purpose;
        let (Some(width), Some(height)) = (material.width, material.height) else {
            out.undetermined(material_at(purpose), fixed("图片尚未测量", "The picture was not measured"));
            continue;
        };
        let (long, short) = (width.max(height), width.min(height));
        if long > short.saturating_mul(MOST) {
            let cause = text!(
                "原图 {width}×{height} 像素，长边超过短边的 {MOST} 倍",
                "The original is {width} by {height} pixels, its longer side more than {MOST} times the shorter"
            );
            out.push(
                Finding::warning(material_at(purpose), cause)
                    .remedy(out.how(), RemedyAction::Upload { purpose }),
            );
        }
    }
}
