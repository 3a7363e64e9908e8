//! Certificates of practice identities, drawn, and photographed: what a machine reads is in the picture alone.

use beian_domain::practice::{Organisation, Person};
use image::{GrayImage, Luma};
use ttf_parser::{Face, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../../../beian-paper/font/NotoSansCJKsc-subset.otf");
/// Each pixel is looked at in so many places along each side.
const FINE: usize = 4;

/// A line of text: where it begins, the height of its letters in pixels, and what it says.
type Line<'a> = (f32, f32, f32, &'a str);

/// The front of an identity card, 1000 by 630.
pub(crate) fn identity_card(person: &Person) -> GrayImage {
    let born = &person.resident_id[6..14];
    let born = format!("出生 {}年{}月{}日", &born[..4], &born[4..6], &born[6..]);
    let mut card = paper(1_000, 630);
    // Where the portrait is.
    for (x, y, pixel) in card.enumerate_pixels_mut() {
        if (700..920).contains(&x) && (90..400).contains(&y) {
            *pixel = Luma([120 + ((x + y) % 40) as u8]);
        }
    }
    let name = format!("姓名 {}", person.name);
    write(
        &mut card,
        &[
            (60.0, 110.0, 44.0, &name),
            (60.0, 190.0, 36.0, "性别 女  民族 汉"),
            (60.0, 270.0, 36.0, &born),
            (60.0, 350.0, 36.0, "住址 习作省练习市作业区"),
            (60.0, 540.0, 40.0, "公民身份号码"),
            (350.0, 540.0, 48.0, person.resident_id),
        ],
    );
    card
}

/// A business licence, 1400 by 1000.
pub(crate) fn licence(organisation: &Organisation) -> GrayImage {
    let mut sheet = paper(1_400, 1_000);
    for (x, y, pixel) in sheet.enumerate_pixels_mut() {
        let edge = x.min(1_399 - x).min(y.min(999 - y));
        if (24..32).contains(&edge) {
            *pixel = Luma([150]);
        }
    }
    let name = format!("名    称  {}", organisation.name);
    let address = format!("住    所  {}", organisation.address);
    write(
        &mut sheet,
        &[
            (500.0, 160.0, 96.0, "营业执照"),
            (90.0, 250.0, 32.0, "统一社会信用代码"),
            (90.0, 300.0, 40.0, organisation.uscc),
            (90.0, 420.0, 36.0, &name),
            (90.0, 500.0, 36.0, "类    型  有限责任公司"),
            (90.0, 580.0, 36.0, "法定代表人  习小明"),
            (90.0, 660.0, 36.0, &address),
            (900.0, 880.0, 36.0, "登记机关"),
            (900.0, 940.0, 32.0, "2026年1月1日"),
        ],
    );
    sheet
}

/// A document on a desk, as a telephone shows it: uneven light, noise, a little out of focus.
pub(crate) fn photograph(document: &GrayImage) -> Vec<u8> {
    let (width, height) = document.dimensions();
    let (margin_x, margin_y) = (width / 12, height / 10);
    let mut seed = 5_u32;
    let taken = GrayImage::from_fn(width + 2 * margin_x, height + 2 * margin_y, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = i32::try_from(seed >> 28).unwrap() - 8;
        let on = x.checked_sub(margin_x).zip(y.checked_sub(margin_y));
        let tone = match on.and_then(|(x, y)| document.get_pixel_checked(x, y)) {
            Some(pixel) => i32::from(pixel.0[0]) - i32::try_from(x / 40).unwrap(),
            None => 85,
        };
        Luma([(tone + noise).clamp(0, 255) as u8])
    });
    jpeg(&image::imageops::blur(&taken, 0.8))
}

pub(crate) fn jpeg(picture: &GrayImage) -> Vec<u8> {
    beian_picture::draw(picture.dimensions(), &|x, y| [picture.get_pixel(x, y).0[0]; 3])
}

/// Paper with a pale pattern, as certificates have.
fn paper(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let wave = (f64::from(x) / 17.0).sin() + (f64::from(y) / 13.0 + f64::from(x) / 60.0).sin();
        Luma([(226.0 + 5.0 * wave) as u8])
    })
}

fn write(picture: &mut GrayImage, lines: &[Line<'_>]) {
    let face = Face::parse(FONT, 0).unwrap();
    let units = f32::from(face.units_per_em());
    for (left, baseline, size, text) in lines {
        let scale = size / units;
        let mut x = *left;
        for character in text.chars() {
            let glyph = face.glyph_index(character).unwrap_or_else(|| panic!("no glyph of {character}"));
            let mut outline = Outline { at: (0.0, 0.0), begun: (0.0, 0.0), edges: Vec::new() };
            face.outline_glyph(glyph, &mut outline);
            let placed = |(px, py): (f32, f32)| (x + px * scale, baseline - py * scale);
            let edges: Vec<Edge> =
                outline.edges.iter().map(|(from, to)| (placed(*from), placed(*to))).collect();
            fill(picture, &edges);
            x += f32::from(face.glyph_hor_advance(glyph).unwrap_or_default()) * scale;
        }
    }
}

type Edge = ((f32, f32), (f32, f32));

/// Darkens what lies within edges, by the rule of windings.
fn fill(picture: &mut GrayImage, edges: &[Edge]) {
    let (mut top, mut bottom) = (f32::MAX, 0.0_f32);
    for (from, to) in edges {
        top = top.min(from.1.min(to.1));
        bottom = bottom.max(from.1.max(to.1));
    }
    if edges.is_empty() {
        return;
    }
    for y in top as u32..=bottom as u32 {
        let mut covered = vec![0_usize; picture.width() as usize];
        for part in 0..FINE {
            let at = y as f32 + (part as f32 + 0.5) / FINE as f32;
            let mut crossings: Vec<(f32, i32)> = edges
                .iter()
                .filter(|(from, to)| (from.1 <= at) != (to.1 <= at))
                .map(|(from, to)| {
                    let x = from.0 + (at - from.1) / (to.1 - from.1) * (to.0 - from.0);
                    (x, if from.1 < to.1 { 1 } else { -1 })
                })
                .collect();
            crossings.sort_by(|left, right| left.0.total_cmp(&right.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                winding += pair[0].1;
                if winding != 0 {
                    let fine = |x: f32| (x * FINE as f32) as usize;
                    for spot in fine(pair[0].0)..fine(pair[1].0) {
                        if let Some(count) = covered.get_mut(spot / FINE) {
                            *count += 1;
                        }
                    }
                }
            }
        }
        for (x, count) in covered.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let pixel = picture.get_pixel_mut(x as u32, y);
            let share = count as f32 / (FINE * FINE) as f32;
            pixel.0[0] = (f32::from(pixel.0[0]) * (1.0 - share) + 35.0 * share) as u8;
        }
    }
}

/// Collects an outline as straight pieces.
struct Outline {
    at: (f32, f32),
    begun: (f32, f32),
    edges: Vec<Edge>,
}

impl Outline {
    /// Pieces of a curve, whose point at `t` is given.
    fn curve(&mut self, point: impl Fn(f32) -> (f32, f32)) {
        for step in 1..=8_u8 {
            let (x, y) = point(f32::from(step) / 8.0);
            self.line_to(x, y);
        }
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        (self.at, self.begun) = ((x, y), (x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.edges.push((self.at, (x, y)));
        self.at = (x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        self.curve(|t| {
            let along =
                |a: f32, b: f32, c: f32| (1.0 - t) * ((1.0 - t) * a + t * b) + t * ((1.0 - t) * b + t * c);
            (along(x0, x1, x), along(y0, y1, y))
        });
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        self.curve(|t| {
            let u = 1.0 - t;
            let along = |a: f32, b: f32, c: f32, d: f32| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            (along(x0, x1, x2, x), along(y0, y1, y2, y))
        });
    }

    fn close(&mut self) {
        let (x, y) = self.begun;
        self.line_to(x, y);
    }
}
