//! The wizard as data: which answers there are ([`Answer`]), on which pages
//! they are asked for ([`Step`]), and how each is asked ([`question`]).

mod answer;
mod question;
mod steps;

pub(crate) use answer::{Answer, AnswerError};
pub(crate) use question::{Asking, display, field, label, nature_choices, read};
pub(crate) use steps::{Scope, Section, Step, StepState};
