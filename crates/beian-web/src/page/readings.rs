//! What a machine read on photographs of certificates, for who files and for who reviews.

use beian_app::{CertificateReading, Difference, FieldReading, ReadingOutcome};

use crate::visit::Visit;

/// How a photograph stands to what was typed.
#[derive(Default)]
pub(crate) struct ReadingView {
    /// What is to be looked at again.
    pub(crate) doubts: Vec<String>,
    /// What is good to know.
    pub(crate) notes: Vec<String>,
}

impl ReadingView {
    pub(crate) fn new(visit: &Visit, reading: &CertificateReading) -> Self {
        let note = |key: &str| Self { doubts: Vec::new(), notes: vec![visit.t(key)] };
        match &reading.outcome {
            // That is told once, where it is set.
            ReadingOutcome::NotInstalled => Self::default(),
            ReadingOutcome::Waiting => note("reading-waiting"),
            ReadingOutcome::Unread => note("reading-unread"),
            ReadingOutcome::Read { number, name } => Self::compared(visit, number, name),
        }
    }

    fn compared(visit: &Visit, number: &FieldReading, name: &FieldReading) -> Self {
        let mut view = Self::default();
        match number {
            FieldReading::Differs(difference) => view.doubts.push(number_differs(visit, difference)),
            FieldReading::NotFound => view.notes.push(visit.t("reading-number-not-found")),
            FieldReading::Agrees => view.notes.push(visit.t("reading-number-agrees")),
            FieldReading::NotStated => {}
        }
        match name {
            FieldReading::Differs(difference) => {
                view.doubts.push(visit.language.filled("reading-name-differs", &both(difference)));
            }
            FieldReading::Agrees => view.notes.push(visit.t("reading-name-agrees")),
            // Names are misread too often for that to mean something.
            FieldReading::NotFound | FieldReading::NotStated => {}
        }
        view
    }
}

fn both(difference: &Difference) -> Vec<(&'static str, String)> {
    vec![("read", difference.read_masked()), ("typed", difference.typed_masked())]
}

fn number_differs(visit: &Visit, difference: &Difference) -> String {
    let mut things = both(difference);
    let places: Vec<String> = difference.places().iter().map(ToString::to_string).collect();
    if places.is_empty() {
        return visit.language.filled("reading-number-lacks", &things);
    }
    things.push(("places", places.join(", ")));
    visit.language.filled("reading-number-differs", &things)
}
