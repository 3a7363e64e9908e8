use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT005",
    slug: "material-twice",
    family: Family::Material,
    title: fixed("同一种材料有两份", "There are two materials of one use"),
    what: fixed("每种材料的份数", "How many materials there are of each use"),
    why: fixed(
        "每种用途报送一份；有两份时不知道以哪份为准",
        "One is sent of each use, and with two it is not known which",
    ),
    how: fixed("重新上传一份，替换原有的", "Upload one that replaces both"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            let again = e.case.materials[0].clone();
            e.case.materials.push(again);
        },
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for purpose in beian_domain::MaterialUse::ALL {
        let count = cx.case.materials.iter().filter(|material| material.purpose == purpose).count();
        if count > 1 {
            let label = purpose.label();
            let cause = text!("{}有 {count} 份", "{}: {count} of them", (label.zh), (label.en));
            out.push(
                Finding::warning(material_at(purpose), cause)
                    .remedy(out.how(), RemedyAction::Upload { purpose }),
            );
        }
    }
}
