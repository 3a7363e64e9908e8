//! Whether all of a document is in its photograph, and how much of the photograph it fills.
//!
//! The ground that a document lies on is what can be reached from the picture's frame, where it is as in its corners,
//! without crossing an edge; the document is the one large, solid thing that is left. A scan whose paper fills the
//! frame has no such thing: its frame is paper, and what is left are letters. Whatever is not clear is not told.

use beian_domain::PictureDoubt;
use image::GrayImage;

/// The long side at which edges are looked for, in pixels: noise is averaged away, letters become grey.
const SIDE: u32 = 240;
/// Two neighbours on the same ground differ by less, in steps of luma.
const STEP: i16 = 14;
/// A side along which this share looks like the ground is nothing but ground.
const BARE: f64 = 0.9;
/// The four corners lie on the same ground if they differ by less.
const GROUND: u8 = 70;
/// Less than this share of the picture is no document.
const LEAST: f64 = 0.02;
/// Below this share a document is far away: less than half of either side.
const FAR: f64 = 0.18;
/// A document fills this share of the hull around it; a person or a heap of letters does not.
const SOLID: f64 = 0.88;
/// What is neither ground nor document is at most this share of the document.
const REST: f64 = 0.15;
/// A document that touches this share of a side is cut off there.
const TOUCHES: f64 = 0.25;

/// What is wrong with where the document lies; nothing if it is whole and large enough, or cannot be told.
pub(super) fn doubt(luma: &GrayImage) -> Option<PictureDoubt> {
    let (width, height) = luma.dimensions();
    let longest = width.max(height);
    if longest < SIDE || width.min(height) * SIDE < 16 * longest {
        return None;
    }
    let small = image::imageops::thumbnail(luma, width * SIDE / longest, height * SIDE / longest);
    let field = Field::new(&small);
    let document = field.document()?;
    let sides = field.touched(&document);
    let touched = sides.iter().filter(|touched| **touched).count();
    // Paper in the corner of a scanner touches two sides that meet, and is whole.
    let is_cut = touched == 1 || touched == 2 && (sides[0] && sides[1] || sides[2] && sides[3]);
    if is_cut {
        return Some(PictureDoubt::CutOff);
    }
    (touched == 0 && document.hull < FAR * field.tones.len() as f64).then_some(PictureDoubt::FarAway)
}

/// The tones of a picture, row by row.
struct Field {
    width: usize,
    height: usize,
    tones: Vec<u8>,
}

/// The largest thing that lies on the ground.
struct Document {
    /// Which pixels it has.
    pixels: Vec<usize>,
    /// The area of the hull around it, in pixels.
    hull: f64,
}

impl Field {
    fn new(picture: &GrayImage) -> Self {
        let (width, height) = picture.dimensions();
        Self { width: width as usize, height: height as usize, tones: picture.as_raw().clone() }
    }

    /// The one solid thing on the ground, if there is one.
    fn document(&self) -> Option<Document> {
        let (right, below) = (self.width - 1, (self.height - 1) * self.width);
        let corners = [0, right, below, below + right];
        let mut tones = corners.map(|corner| self.tones[corner]);
        tones.sort_unstable();
        if tones[3] - tones[0] > GROUND {
            return None;
        }
        // The ground may be of boards: then not all of it is reached from the corners. Along a side that the
        // document touches, what looks like ground may be a portrait.
        let ground = tones[1].midpoint(tones[2]);
        let is_ground = |at: &usize| self.tones[*at].abs_diff(ground) <= GROUND / 2;
        let sides: [Vec<usize>; 4] = [
            (0..self.width).collect(),
            (0..self.width).map(|x| below + x).collect(),
            (0..self.height).map(|y| y * self.width).collect(),
            (0..self.height).map(|y| y * self.width + right).collect(),
        ];
        let mut seeds = corners.to_vec();
        for side in sides {
            let found: Vec<usize> = side.iter().copied().filter(is_ground).collect();
            if found.len() as f64 > BARE * side.len() as f64 {
                seeds.extend(found);
            }
        }
        let mut seen = vec![false; self.tones.len()];
        self.spread(&seeds, &mut seen, |from, to| {
            (i16::from(self.tones[from]) - i16::from(self.tones[to])).abs() < STEP
        });
        let (mut largest, mut all) = (Vec::new(), 0);
        for start in 0..self.tones.len() {
            if seen[start] {
                continue;
            }
            let thing = self.spread(&[start], &mut seen, |_, _| true);
            all += thing.len();
            if thing.len() > largest.len() {
                largest = thing;
            }
        }
        let area = largest.len() as f64;
        let rest = (all - largest.len()) as f64;
        let hull = self.hull(&largest);
        let is_one = area > LEAST * self.tones.len() as f64 && area > SOLID * hull && rest < REST * area;
        is_one.then_some(Document { pixels: largest, hull })
    }

    /// Marks what is reached from some pixels, and answers with it.
    fn spread(
        &self,
        from: &[usize],
        seen: &mut [bool],
        allowed: impl Fn(usize, usize) -> bool,
    ) -> Vec<usize> {
        let mut found = from.to_vec();
        for start in from {
            seen[*start] = true;
        }
        let mut next = 0;
        // A queue whose head moves on: what was found stays, and is the answer.
        while let Some(&at) = found.get(next) {
            next += 1;
            let (x, y) = (at % self.width, at / self.width);
            let neighbours = [
                (x > 0).then(|| at - 1),
                (x + 1 < self.width).then(|| at + 1),
                (y > 0).then(|| at - self.width),
                (y + 1 < self.height).then(|| at + self.width),
            ];
            for to in neighbours.into_iter().flatten() {
                if !seen[to] && allowed(at, to) {
                    seen[to] = true;
                    found.push(to);
                }
            }
        }
        found
    }

    /// Whether a document touches the left, right, upper and lower side along a good part of it.
    fn touched(&self, document: &Document) -> [bool; 4] {
        let mut counts = [0_usize; 4];
        for at in &document.pixels {
            let (x, y) = (at % self.width, at / self.width);
            for (count, is_there) in
                counts.iter_mut().zip([x == 0, x + 1 == self.width, y == 0, y + 1 == self.height])
            {
                *count += usize::from(is_there);
            }
        }
        let [left, right, upper, lower] = counts.map(|count| count as f64);
        let (across, down) = (TOUCHES * self.width as f64, TOUCHES * self.height as f64);
        [left >= down, right >= down, upper >= across, lower >= across]
    }

    /// The area of the convex hull of some pixels (Andrew's monotone chain), each a square of one.
    fn hull(&self, pixels: &[usize]) -> f64 {
        // The outermost of each row are enough.
        let mut rows = vec![None; self.height];
        for at in pixels {
            let (x, y) = (at % self.width, at / self.width);
            let row: &mut Option<(usize, usize)> = &mut rows[y];
            *row = Some(row.map_or((x, x), |(from, to)| (from.min(x), to.max(x))));
        }
        let mut points: Vec<(i64, i64)> = Vec::new();
        for (y, (from, to)) in rows.iter().enumerate().filter_map(|(y, row)| Some((y as i64, (*row)?))) {
            let (from, to) = (from as i64, to as i64 + 1);
            points.extend([(from, y), (from, y + 1), (to, y), (to, y + 1)]);
        }
        points.sort_unstable();
        points.dedup();
        let half = |points: &mut dyn Iterator<Item = (i64, i64)>| {
            let mut chain: Vec<(i64, i64)> = Vec::new();
            for point in points {
                while let [.., before, last] = chain[..] {
                    let turn = (last.0 - before.0) * (point.1 - before.1)
                        - (last.1 - before.1) * (point.0 - before.0);
                    if turn > 0 {
                        break;
                    }
                    chain.pop();
                }
                chain.push(point);
            }
            chain.pop();
            chain
        };
        let mut around = half(&mut points.iter().copied());
        around.extend(half(&mut points.iter().rev().copied()));
        let next = around.iter().cycle().skip(1);
        let twice: i64 = around.iter().zip(next).map(|(a, b)| a.0 * b.1 - a.1 * b.0).sum();
        twice.abs() as f64 / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Left, upper, right and lower side, in a picture of 1000 by 750.
    type Box = (i64, i64, i64, i64);
    /// The tone of what a card lies on, by place.
    type Ground = fn(i64, i64) -> i64;

    /// Noise that is the same each time, as many steps of luma to either side.
    struct Noise(u32);

    impl Noise {
        fn next(&mut self, most: i64) -> i64 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i64::from(self.0 >> 8) % (2 * most + 1) - most
        }
    }

    /// A card with lines of strokes, a portrait and a frame, on a ground; turned by a few degrees.
    fn photograph(card: Box, turned: f64, ground: impl Fn(i64, i64) -> i64, noise: i64) -> GrayImage {
        let (left, top, right, bottom) = card;
        let (middle_x, middle_y) = ((left + right) as f64 / 2.0, (top + bottom) as f64 / 2.0);
        let (sine, cosine) = turned.to_radians().sin_cos();
        let mut chance = Noise(7);
        GrayImage::from_fn(1_000, 750, |x, y| {
            let (dx, dy) = (f64::from(x) - middle_x, f64::from(y) - middle_y);
            let (x_on, y_on) =
                ((dx * cosine + dy * sine + middle_x) as i64, (dy * cosine - dx * sine + middle_y) as i64);
            let is_card = (left..right).contains(&x_on) && (top..bottom).contains(&y_on);
            let tone = if is_card {
                on_card((x_on - left, y_on - top), (right - left, bottom - top))
            } else {
                ground(i64::from(x), i64::from(y))
            };
            image::Luma([(tone + chance.next(noise)).clamp(0, 255) as u8])
        })
    }

    fn on_card((x, y): (i64, i64), (width, height): (i64, i64)) -> i64 {
        let is_text = x > width / 12 && x < width * 6 / 10 && (y * 24 / height) % 3 == 1;
        let is_portrait =
            x > width * 7 / 10 && x < width * 9 / 10 && (height / 6..height * 4 / 6).contains(&y);
        match (is_text && (x / 7 + y / 5) % 3 == 0, is_portrait) {
            (true, _) => 60,
            (_, true) => 120,
            _ => 225,
        }
    }

    const WHOLE: Box = (150, 120, 850, 620);
    const DESK: Ground = |x, y| 90 + x / 40 + y / 50;
    const LIGHT: Ground = |_, _| 225;

    #[test]
    fn a_whole_card_is_not_doubted_on_whatever_ground_it_lies() {
        let grounds: [(&str, Ground); 4] = [
            ("a desk in uneven light", DESK),
            ("dark cloth", |_, _| 25),
            ("boards", |x, _| 110 + if x % 200 < 6 { -50 } else { 0 }),
            ("a chequered cloth", |x, y| if (x / 60 + y / 60) % 2 == 0 { 60 } else { 140 }),
        ];
        for (name, ground) in grounds {
            for turned in [-8.0, 0.0, 5.0] {
                for noise in [0, 12, 40] {
                    let picture = photograph(WHOLE, turned, ground, noise);
                    assert_eq!(doubt(&picture), None, "{name}, turned by {turned}, noise {noise}");
                }
            }
        }
    }

    #[test]
    fn a_card_that_is_cut_at_any_side_is_told() {
        for (name, card) in [
            ("left", (-120, 120, 700, 620)),
            ("right", (300, 120, 1_120, 620)),
            ("above", (150, -90, 850, 480)),
            ("below", (150, 270, 850, 860)),
            ("left and right", (-60, 150, 1_060, 600)),
            ("above and below", (200, -40, 800, 800)),
        ] {
            for turned in [-3.0, 0.0, 3.0] {
                for noise in [0, 12, 40] {
                    let found = doubt(&photograph(card, turned, DESK, noise));
                    assert_eq!(
                        found,
                        Some(PictureDoubt::CutOff),
                        "{name}, turned by {turned}, noise {noise}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_card_that_is_far_away_is_told() {
        for noise in [0, 12, 40] {
            for turned in [0.0, 12.0] {
                let found = doubt(&photograph((380, 300, 660, 480), turned, DESK, noise));
                assert_eq!(found, Some(PictureDoubt::FarAway), "turned by {turned}, noise {noise}");
            }
        }
        // On white paper, too: a copy of a card in the middle of a sheet.
        let sheet = photograph((380, 300, 660, 480), 0.0, |_, _| 180, 4);
        assert_eq!(doubt(&sheet), Some(PictureDoubt::FarAway));
    }

    #[test]
    fn a_scan_whose_paper_fills_the_frame_is_not_doubted() {
        // The card itself fills it: with a portrait and text, and the corners are paper.
        for noise in [0, 8, 20] {
            assert_eq!(doubt(&photograph((0, 0, 1_000, 750), 0.0, LIGHT, noise)), None, "noise {noise}");
        }
        let page = |is_ink: &dyn Fn(u32, u32) -> bool| {
            GrayImage::from_fn(707, 1_000, |x, y| image::Luma([if is_ink(x, y) { 40 } else { 245 }]))
        };
        let letters = |x: u32, y: u32| {
            (90..620).contains(&x)
                && (80..900).contains(&y)
                && (y / 14).is_multiple_of(3)
                && (x / 6 + y / 4).is_multiple_of(3)
        };
        let table = |x: u32, y: u32| {
            let inside = (60..650).contains(&x) && (120..800).contains(&y);
            inside && ((x - 60) % 147 < 2 || (y - 120) % 68 < 2)
        };
        let seal = |x: u32, y: u32| {
            let from = (i64::from(x) - 500).pow(2) + (i64::from(y) - 780).pow(2);
            (70_i64.pow(2)..80_i64.pow(2)).contains(&from)
        };
        assert_eq!(doubt(&page(&|_, _| false)), None, "nothing on it");
        assert_eq!(doubt(&page(&letters)), None, "a letter");
        assert_eq!(doubt(&page(&|x, y| letters(x, y) || seal(x, y))), None, "a letter with a seal");
        assert_eq!(doubt(&page(&|x, y| table(x, y) || seal(x, y))), None, "a form");
        // A licence has a printed frame around everything.
        let frame = |x: u32, y: u32| {
            let edge = x.min(706 - x).min(y.min(999 - y));
            (24..32).contains(&edge)
        };
        assert_eq!(doubt(&page(&|x, y| frame(x, y) || letters(x, y))), None, "a licence");
        // Paper in the corner of a scanner, or across all of it.
        assert_eq!(doubt(&photograph((0, 0, 700, 500), 0.0, |_, _| 40, 4)), None, "in the corner");
        assert_eq!(doubt(&photograph((0, 0, 1_000, 500), 0.0, |_, _| 40, 4)), None, "as broad as the glass");
    }

    #[test]
    fn the_smallest_and_the_longest_pictures_are_no_trouble() {
        for (width, height) in [(1, 1), (3, 1_000), (1_000, 5), (240, 16)] {
            assert_eq!(doubt(&GrayImage::from_pixel(width, height, image::Luma([128]))), None);
        }
    }
}
