//! Whether a photograph of a document can be read: what is told at once, before a reviewer
//! returns it days later. It is advice; nothing is refused for it.

mod edges;

use beian_domain::{MaterialUse, PictureDoubt};
use image::DynamicImage;
use image::imageops::FilterType;

/// The long side at which a picture is judged, in pixels: what is sharp there can be read.
const SIDE: u32 = 1_000;
/// Squares into which each side is cut.
const SQUARES: u32 = 16;
/// The sharpest squares hold text and edges. Below this variance of the Laplacian there is none;
/// a page that is in focus has thousands (see the tests).
const SHARP: f64 = 120.0;
/// The luma of most of a picture below which it was taken in the dark.
const DARK: u8 = 70;
/// The luma from which on a pixel says nothing any more.
const BURNT: u8 = 250;
/// Paper is white all over; a lamp's reflection is white in a part of a picture that is not.
const GLARE: std::ops::Range<f64> = 0.015..0.35;
/// Above this luma of the middle pixel the paper itself is white.
const WHITE_PAPER: u8 = 215;

/// What seems wrong with a picture that proves something.
pub(crate) fn doubts(image: &DynamicImage, purpose: MaterialUse) -> Vec<PictureDoubt> {
    let small = if image.width().max(image.height()) > SIDE {
        image.resize(SIDE, SIDE, FilterType::Triangle)
    } else {
        image.clone()
    };
    let luma = small.to_luma8();
    let mut doubts = tones(&luma);
    // A person has no edges.
    if purpose != MaterialUse::ServicePrincipalPhoto {
        doubts.extend(edges::doubt(&luma));
    }
    doubts
}

fn tones(luma: &image::GrayImage) -> Vec<PictureDoubt> {
    let mut tones: Vec<u8> = luma.pixels().map(|pixel| pixel.0[0]).collect();
    tones.sort_unstable();
    let at = |share: f64| tones[((tones.len() - 1) as f64 * share) as usize];
    let burnt = tones.iter().filter(|tone| **tone >= BURNT).count() as f64 / tones.len() as f64;
    let mut doubts = Vec::new();
    if sharpness(luma) < SHARP {
        doubts.push(PictureDoubt::Blurred);
    }
    if at(0.5) < WHITE_PAPER && GLARE.contains(&burnt) {
        doubts.push(PictureDoubt::Glare);
    }
    if at(0.8) < DARK {
        doubts.push(PictureDoubt::Dark);
    }
    doubts
}

/// The variance of the Laplacian in the sharpest tenth of the squares.
fn sharpness(luma: &image::GrayImage) -> f64 {
    let (width, height) = luma.dimensions();
    if width < 3 * SQUARES || height < 3 * SQUARES {
        // Too small to be cut; the rules object to its size.
        return f64::INFINITY;
    }
    let tone = |x: u32, y: u32| f64::from(luma.get_pixel(x, y).0[0]);
    let mut variances = Vec::new();
    for row in 0..SQUARES {
        for column in 0..SQUARES {
            let xs = (column * width / SQUARES).max(1)..((column + 1) * width / SQUARES).min(width - 1);
            let ys = (row * height / SQUARES).max(1)..((row + 1) * height / SQUARES).min(height - 1);
            let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
            for y in ys {
                for x in xs.clone() {
                    let value =
                        4.0 * tone(x, y) - tone(x - 1, y) - tone(x + 1, y) - tone(x, y - 1) - tone(x, y + 1);
                    sum += value;
                    squares += value * value;
                    count += 1.0;
                }
            }
            let mean: f64 = sum / count;
            variances.push(squares / count - mean * mean);
        }
    }
    variances.sort_unstable_by(f64::total_cmp);
    variances[variances.len() - variances.len().div_ceil(10)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn doubts(image: &DynamicImage) -> Vec<PictureDoubt> {
        super::doubts(image, MaterialUse::SponsorCertificate)
    }

    /// A page with lines of strokes as thick as letters of a certificate, on paper of a tone.
    fn page(paper: u8, ink: u8) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(1_600, 1_200, |x, y| {
            let line = (y / 30) % 3 == 1 && (200..1_400).contains(&x);
            let stroke = line && (x / 6 + y / 9) % 3 == 0;
            let tone = if stroke { ink } else { paper };
            Rgb([tone, tone, tone])
        }))
    }

    #[test]
    fn a_scan_in_focus_is_not_doubted() {
        assert_eq!(doubts(&page(255, 20)), [], "white paper is no glare");
        assert_eq!(doubts(&page(190, 60)), [], "nor is grey paper dark");
    }

    #[test]
    fn a_blurred_page_is_told_from_one_that_was_sharpened_by_shrinking() {
        assert_eq!(doubts(&page(230, 30).blur(1.0)), [], "a little softness can be read");
        assert_eq!(doubts(&page(230, 30).blur(8.0)), [PictureDoubt::Blurred]);
        assert_eq!(doubts(&page(230, 225)), [PictureDoubt::Blurred], "pale as if nothing were there");
    }

    #[test]
    fn a_lamp_on_the_paper_is_glare() {
        let mut lit = page(180, 40).to_rgb8();
        for (x, y, pixel) in lit.enumerate_pixels_mut() {
            if (i64::from(x) - 800).pow(2) + (i64::from(y) - 600).pow(2) < 180_i64.pow(2) {
                *pixel = Rgb([255; 3]);
            }
        }
        assert_eq!(doubts(&DynamicImage::ImageRgb8(lit)), [PictureDoubt::Glare]);
    }

    #[test]
    fn a_page_in_the_dark_is_dark() {
        assert_eq!(doubts(&page(60, 5)), [PictureDoubt::Dark]);
    }

    #[test]
    fn a_document_that_is_cut_off_is_told_and_a_person_is_not() {
        let cut = |x: u32, y: u32| x < 1_000 && (150..1_050).contains(&y);
        let photograph = DynamicImage::ImageRgb8(RgbImage::from_fn(1_600, 1_200, |x, y| {
            let is_text = (y / 30) % 3 == 1 && x < 900 && (x / 6 + y / 9) % 3 == 0;
            let tone = if !cut(x, y) {
                70
            } else if is_text {
                30
            } else {
                210
            };
            Rgb([tone, tone, tone])
        }));
        assert_eq!(doubts(&photograph), [PictureDoubt::CutOff]);
        assert_eq!(super::doubts(&photograph, MaterialUse::ServicePrincipalPhoto), []);
    }

    #[test]
    fn the_smallest_pictures_are_no_trouble() {
        assert_eq!(doubts(&page(255, 20).resize_exact(1, 1, FilterType::Nearest)), []);
    }
}
