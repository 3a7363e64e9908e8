//! Writes every form, for a unit, for an individual and with nothing filled in, to
//! the directory that is named: `cargo run -p beian-paper --example all -- DIRECTORY`

#![expect(clippy::unwrap_used, reason = "an example may stop on the first surprise")]

#[path = "../tests/support/mod.rs"]
mod support;

use beian_domain::Case;
use beian_paper::{FontSource, Form, Matter};

fn main() {
    let directory = std::path::PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| ".".into()));
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, form: Form, bytes: Vec<u8>| {
        std::fs::write(directory.join(format!("{}-{name}.pdf", form.slug())), bytes).unwrap();
    };
    let empty = Case::default();
    for (name, case) in [("unit", support::unit()), ("individual", support::individual())] {
        let known = support::Known::new(case);
        for form in Form::ALL {
            write(name, *form, known.render(*form).unwrap());
        }
    }
    for form in Form::ALL {
        let matter = Matter::new(&empty, support::day());
        let bytes = beian_paper::render(*form, &matter, &support::provider(), &FontSource::embedded());
        write("blank", *form, bytes.unwrap());
    }
}
