//! Pictures from outside (上传图片): what people hand in, and the copy that the regulator takes.
//!
//! All bytes that come in here are hostile, and none of them go out: a picture is decoded within bounds, and its pixels
//! are written anew. No other room decodes pictures.

mod legibility;

use std::io::Cursor;

use beian_domain::{ImageFormat, MaterialUse, PictureDoubt};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageReader, Limits};

use legibility::doubts;

/// Most bytes that are taken for one picture: 9 MB, as people know it from the
/// large providers.
pub const MAXIMUM_BYTES: usize = 9 * 1024 * 1024;
/// Most pixels on a side.
const MAXIMUM_SIDE: u32 = 12_000;
/// Most pixels in all: 50 million, more than a telephone takes.
const MAXIMUM_PIXELS: u64 = 50_000_000;

/// A picture that was decoded and written anew.
#[derive(Debug)]
pub struct Picture {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: ImageFormat,
    /// Width and height, in pixels.
    pub size: (u32, u32),
}

/// What becomes of one picture.
#[derive(Debug)]
pub struct Prepared {
    /// As handed in, upright and without metadata or anything else that is not
    /// picture.
    pub original: Picture,
    /// Legible and within the interface's limit.
    pub copy: Picture,
    /// What seems wrong with it.
    pub doubts: Vec<PictureDoubt>,
}

/// Why a file is not taken as a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// No bytes at all.
    #[error("expected a picture, got an empty file")]
    Empty,
    /// Larger than is taken.
    #[error("expected at most {MAXIMUM_BYTES} bytes, got {got}")]
    TooManyBytes {
        /// Its size; a lower bound if reading was stopped.
        got: usize,
    },
    /// Neither JPEG nor PNG by its contents, whatever its name says.
    #[error("expected JPEG or PNG, got another kind of file")]
    Format,
    /// More pixels than are taken, by its own header: perhaps made to exhaust us.
    #[error(
        "expected at most {MAXIMUM_SIDE} pixels on a side and 50 million in all, got {width} by {height}"
    )]
    TooManyPixels {
        /// Width it claims.
        width: u32,
        /// Height it claims.
        height: u32,
    },
    /// It begins like a picture but cannot be read to its end.
    #[error("expected a whole picture, got one that is damaged")]
    Damaged,
    /// No legible copy fits the interface.
    #[error("expected a picture of which a copy fits {limit} bytes of base64")]
    NoCopy {
        /// The limit.
        limit: usize,
    },
}

/// Decodes a picture and makes what is kept of it. Takes up to a second of
/// computing: not for the thread that serves.
///
/// # Errors
/// What the file is instead of a picture that is taken.
pub fn prepare(bytes: &[u8], purpose: MaterialUse) -> Result<Prepared, PictureError> {
    let (image, format) = decode(bytes)?;
    let size = image.dimensions();
    let original = Picture { bytes: encode(&image, format)?, format, size };
    let copy = legible_copy(&image, purpose.interface_limit())?;
    Ok(Prepared { original, copy, doubts: doubts(&image, purpose) })
}

/// A picture from elsewhere, written anew as PNG, at most `width` pixels wide.
///
/// # Errors
/// What the file is instead of a picture that is taken.
pub fn shrink_to_png(bytes: &[u8], width: u32) -> Result<Picture, PictureError> {
    let (mut image, _) = decode(bytes)?;
    if image.width() > width {
        image = image.resize(width, u32::MAX, FilterType::Triangle);
    }
    let size = image.dimensions();
    Ok(Picture { bytes: encode(&image, ImageFormat::Png)?, format: ImageFormat::Png, size })
}

/// What a picture says without its colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// One byte a pixel, black 0, row by row from the top.
    pub pixels: Vec<u8>,
}

/// The luma of a picture, its long side at most `side` pixels.
///
/// # Errors
/// What the file is instead of a picture that is taken.
pub fn luma(bytes: &[u8], side: u32) -> Result<Luma, PictureError> {
    let (image, _) = decode(bytes)?;
    let mut luma = flatten(&image).to_luma8();
    if luma.width().max(luma.height()) > side {
        luma = DynamicImage::ImageLuma8(luma).resize(side, side, FilterType::Triangle).to_luma8();
    }
    Ok(Luma { size: luma.dimensions(), pixels: luma.into_raw() })
}

/// A picture that is drawn for practice, as JPEG: `colour` tells red, green and blue of a place, from the left and from
/// the top.
pub fn draw((width, height): (u32, u32), colour: &dyn Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let image = image::RgbImage::from_fn(width, height, |x, y| image::Rgb(colour(x, y)));
    // Writing into memory cannot fail.
    jpeg(&DynamicImage::ImageRgb8(image), 75).unwrap_or_default()
}

fn decode(bytes: &[u8]) -> Result<(DynamicImage, ImageFormat), PictureError> {
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    if bytes.len() > MAXIMUM_BYTES {
        return Err(PictureError::TooManyBytes { got: bytes.len() });
    }
    let format = match image::guess_format(bytes) {
        Ok(image::ImageFormat::Jpeg) => ImageFormat::Jpeg,
        Ok(image::ImageFormat::Png) => ImageFormat::Png,
        _ => return Err(PictureError::Format),
    };
    let reader = || {
        let mut reader = ImageReader::with_format(
            Cursor::new(bytes),
            match format {
                ImageFormat::Jpeg => image::ImageFormat::Jpeg,
                ImageFormat::Png => image::ImageFormat::Png,
            },
        );
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAXIMUM_SIDE);
        limits.max_image_height = Some(MAXIMUM_SIDE);
        limits.max_alloc = Some(MAXIMUM_PIXELS * 8);
        reader.limits(limits);
        reader
    };
    // The header's claim is judged before a single row is inflated.
    let (width, height) = {
        let mut unlimited = reader();
        unlimited.no_limits();
        unlimited.into_dimensions().map_err(|_| PictureError::Damaged)?
    };
    if width > MAXIMUM_SIDE || height > MAXIMUM_SIDE || u64::from(width) * u64::from(height) > MAXIMUM_PIXELS
    {
        return Err(PictureError::TooManyPixels { width, height });
    }
    let mut decoder = reader().into_decoder().map_err(|_| PictureError::Damaged)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Damaged)?;
    image.apply_orientation(orientation);
    Ok((image, format))
}

/// Writing the pixels anew leaves every other part of the file behind: place
/// and device of the photograph, thumbnails, appended archives.
fn encode(image: &DynamicImage, format: ImageFormat) -> Result<Vec<u8>, PictureError> {
    match format {
        ImageFormat::Jpeg => jpeg(image, 92),
        ImageFormat::Png => {
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|_| PictureError::Damaged)?;
            Ok(bytes.into_inner())
        }
    }
}

/// The largest copy whose base64 fits `limit`: long sides from large to small,
/// and for each the best quality that fits, if it is at least legible.
fn legible_copy(image: &DynamicImage, limit: usize) -> Result<Picture, PictureError> {
    const SIDES: [u32; 9] = [2_000, 1_700, 1_450, 1_250, 1_100, 960, 840, 720, 600];
    const LEGIBLE: u8 = 45;
    let budget = limit / 4 * 3;
    let on_white = flatten(image);
    let long_side = on_white.width().max(on_white.height());
    let mut smaller: Option<DynamicImage> = None;
    for side in SIDES.into_iter().map(|side| side.min(long_side)) {
        // Each step shrinks the last one: the first is the only large one.
        let source = smaller.as_ref().unwrap_or(&on_white);
        let scaled = if source.width().max(source.height()) > side {
            source.resize(side, side, FilterType::Triangle)
        } else {
            source.clone()
        };
        if let Some(bytes) = best_quality(&scaled, budget, LEGIBLE)? {
            let size = scaled.dimensions();
            return Ok(Picture { bytes, format: ImageFormat::Jpeg, size });
        }
        smaller = Some(scaled);
    }
    Err(PictureError::NoCopy { limit })
}

fn best_quality(image: &DynamicImage, budget: usize, lowest: u8) -> Result<Option<Vec<u8>>, PictureError> {
    let (mut low, mut high) = (lowest, 88);
    let mut best = jpeg(image, low)?;
    if best.len() > budget {
        return Ok(None);
    }
    while low < high {
        let middle = (low + high).div_ceil(2);
        let bytes = jpeg(image, middle)?;
        if bytes.len() <= budget {
            low = middle;
            best = bytes;
        } else {
            high = middle - 1;
        }
    }
    Ok(Some(best))
}

fn jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(&image.to_rgb8())
        .map_err(|_| PictureError::Damaged)?;
    Ok(bytes)
}

/// JPEG has no transparency; transparent paper is white.
fn flatten(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.clone();
    }
    let mut paper = image::RgbaImage::from_pixel(image.width(), image.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut paper, &image.to_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(paper)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper with lines of "text" and a little noise: compresses like a photograph.
    fn page(width: u32, height: u32) -> DynamicImage {
        let mut seed = 1_u32;
        DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as u8;
            let ink = (y / 12) % 3 == 1 && (x / 5 + y / 7) % 4 != 0;
            let value = if ink { 40 + noise } else { 225 + noise };
            image::Rgb([value, value, value.saturating_sub(12)])
        }))
    }

    #[test]
    fn a_large_photograph_gets_a_copy_within_the_limit() {
        let bytes = jpeg(&page(3_000, 2_200), 90).unwrap();
        let prepared = prepare(&bytes, MaterialUse::SponsorCertificate).unwrap();
        assert_eq!(prepared.original.size, (3_000, 2_200));
        let base64 = prepared.copy.bytes.len().div_ceil(3) * 4;
        assert!(base64 <= 100_000, "{base64}");
        assert!(prepared.copy.size.0 >= 600, "{:?}", prepared.copy.size);
        assert!(image::load_from_memory(&prepared.copy.bytes).is_ok());
    }

    #[test]
    fn what_is_not_picture_is_left_behind() {
        let mut bytes = jpeg(&page(400, 300), 90).unwrap();
        // An Exif segment (orientation 6: turn right) after the start marker.
        let tiff = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS-SECRET";
        let mut segment = vec![0xFF, 0xE1];
        segment.extend_from_slice(&((tiff.len() + 2) as u16).to_be_bytes());
        segment.extend_from_slice(tiff);
        bytes.splice(2..2, segment);
        bytes.extend_from_slice(b"PK\x03\x04 appended archive");
        let prepared = prepare(&bytes, MaterialUse::SponsorCertificate).unwrap();
        for kept in [&prepared.original.bytes, &prepared.copy.bytes] {
            let holds = |needle: &[u8]| kept.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(b"GPS-SECRET") && !holds(b"Exif") && !holds(b"appended"));
        }
        assert_eq!(prepared.original.size, (300, 400), "the orientation is applied before it is dropped");
    }

    #[test]
    fn bombs_and_other_files_are_refused_by_name() {
        assert_eq!(prepare(b"", MaterialUse::VerificationForm).unwrap_err(), PictureError::Empty);
        assert_eq!(prepare(b"%PDF-1.7", MaterialUse::VerificationForm).unwrap_err(), PictureError::Format);
        let large = vec![0xFF; MAXIMUM_BYTES + 1];
        assert!(matches!(
            prepare(&large, MaterialUse::VerificationForm).unwrap_err(),
            PictureError::TooManyBytes { .. }
        ));
        let mut png = Cursor::new(Vec::new());
        page(8, 8).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let mut bomb = png.into_inner();
        // The header claims 60000 by 60000; its checksum is made to agree.
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(
            prepare(&bomb, MaterialUse::VerificationForm).unwrap_err(),
            PictureError::TooManyPixels { width: 60_000, height: 60_000 }
        );
        let half = jpeg(&page(400, 300), 90).unwrap();
        let result = prepare(&half[..40], MaterialUse::VerificationForm);
        assert_eq!(result.unwrap_err(), PictureError::Damaged);
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |mut crc, &byte| {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            }
            crc
        })
    }
}
