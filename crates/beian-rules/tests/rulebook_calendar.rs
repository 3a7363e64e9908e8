//! Working days against the notices, read by eye.
#![cfg(test)]

use beian_rules::{Reckoned, Rulebook, WorkingDay};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn days_are_as_the_notices_say() {
    let rulebook = Rulebook::bundled().unwrap();
    let working_days = rulebook.working_days();
    use WorkingDay::{No, Unpublished, Yes};
    for (text, expected) in [
        ("2003-12-31", Unpublished),
        ("2004-01-01", No),
        ("2005-12-30", Yes),
        ("2005-12-31", Yes), // a Saturday that the notice of 2006 makes a working day
        ("2007-12-29", Yes), // likewise
        ("2007-12-31", No),  // a Monday that the notice of 2008 gives off
        ("2011-12-31", Yes), // a Saturday
        ("2014-04-07", No),  // a Monday in place of a Saturday
        ("2015-09-03", No),  // the anniversary, by a notice of its own
        ("2015-09-06", Yes), // the Sunday that pays for it
        ("2018-12-31", No),  // a Monday
        ("2019-05-03", No),  // Labour Day, lengthened in March
        ("2019-05-05", Yes), // the Sunday that pays for it
        ("2020-01-31", No),  // Spring Festival, lengthened in January
        ("2020-02-01", No),  // a Saturday that the first notice wanted worked
        ("2020-02-03", Yes),
        ("2024-02-04", Yes), // a Sunday
        ("2024-02-09", Yes), // New Year's Eve was worked that year
        ("2024-10-01", No),
        ("2024-10-12", Yes), // a Saturday
        ("2024-10-13", No),  // an ordinary Sunday
        ("2024-10-14", Yes), // an ordinary Monday
        ("2026-02-23", No),  // a Monday
        ("2026-02-28", Yes), // a Saturday
        ("2026-12-28", Yes),
        ("2026-12-29", Unpublished), // the notice of 2027 may move it
        ("2027-01-04", Unpublished),
    ] {
        assert_eq!(working_days.is_working_day(day(text)), expected, "{text}");
    }
}

#[test]
fn terms_are_reckoned_in_working_days() {
    let rulebook = Rulebook::bundled().unwrap();
    let working_days = rulebook.working_days();
    for (from, count, to, is_certain) in [
        ("2024-06-03", 0, "2024-06-03", true),
        ("2024-06-03", 1, "2024-06-04", true),
        ("2024-06-07", 1, "2024-06-11", true), // Friday; Monday is the Dragon Boat Festival
        ("2024-09-30", 1, "2024-10-08", true), // over National Day
        ("2024-09-30", 5, "2024-10-12", true), // and its worked Saturday
        ("2024-02-02", 1, "2024-02-04", true), // a worked Sunday
        ("2026-11-22", 20, "2026-12-18", true), // the regulator's longest time
        ("2026-12-24", 2, "2026-12-28", true),
        ("2026-12-24", 3, "2026-12-29", false), // into days that are not published
        ("2026-12-24", 6, "2027-01-01", false), // weekdays stand in for the notice
        ("2003-12-26", 1, "2003-12-29", false),
    ] {
        let expected = Reckoned { day: day(to), is_certain };
        assert_eq!(working_days.after(day(from), count), expected, "{count} after {from}");
    }
    assert!(!working_days.after(NaiveDate::MAX, 1).is_certain);
}

#[test]
fn a_span_from_a_typing_error_is_estimated_at_once() {
    let rulebook = Rulebook::bundled().unwrap();
    let count = rulebook.working_days().between(NaiveDate::MIN, NaiveDate::MAX);
    assert!(!count.is_certain && count.days > 130_000_000, "{count:?}");
    let far: NaiveDate = "2075-01-01".parse().unwrap();
    let near: NaiveDate = "2026-11-24".parse().unwrap();
    let counted = rulebook.working_days().between(near, far);
    assert!((12_000..13_000).contains(&counted.days), "{counted:?}");
}

#[test]
fn counting_is_the_inverse_of_reckoning() {
    let rulebook = Rulebook::bundled().unwrap();
    let working_days = rulebook.working_days();
    for start in day("2023-12-25").iter_days().take(400).step_by(3) {
        for count in [1, 2, 5, 10, 20] {
            let end = working_days.after(start, count);
            let counted = working_days.between(start, end.day);
            assert_eq!((counted.days, counted.is_certain), (u32::from(count), end.is_certain), "{start}");
            let before = working_days.between(start, end.day.pred_opt().unwrap());
            assert_eq!(before.days, u32::from(count) - 1, "{start}: no earlier day will do");
        }
    }
    let none = working_days.between(day("2024-06-04"), day("2024-06-03"));
    assert_eq!((none.days, none.is_certain), (0, true));
    assert_eq!(working_days.between(day("2023-12-31"), day("2024-12-31")).days, 251, "the year 2024");
}
