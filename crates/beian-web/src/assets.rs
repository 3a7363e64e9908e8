//! Stylesheet, script and pictures, under addresses that change with their
//! contents, so that browsers keep them for ever.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::Problem;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

const ASSETS: [Asset; 6] = [
    Asset {
        name: "app.css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("../assets/app.css"),
    },
    Asset {
        name: "app.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../assets/app.js"),
    },
    Asset {
        name: "desk.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../assets/desk.js"),
    },
    Asset {
        name: "order.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../assets/order.js"),
    },
    Asset {
        name: "passkey.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../assets/passkey.js"),
    },
    Asset { name: "seal.svg", media_type: "image/svg+xml", content: include_bytes!("../assets/seal.svg") },
];

/// One fingerprint for all: they change together, with a release.
static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
    // FNV-1a: this names a version, nothing depends on it being hard to forge.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in ASSETS.iter().flat_map(|asset| asset.content) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
});

/// Each asset compressed, where that is smaller. Pages are not: beside what somebody types stands a token, and
/// their length would tell of it.
static COMPRESSED: LazyLock<[Option<Vec<u8>>; ASSETS.len()]> = LazyLock::new(|| {
    std::array::from_fn(|at| {
        let content = ASSETS[at].content;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).ok()?;
        encoder.finish().ok().filter(|compressed| compressed.len() < content.len())
    })
});

/// The address of an asset.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *FINGERPRINT)
}

/// Serves an asset. An old fingerprint gets the new contents, for pages that
/// were open during an update, but is not kept.
pub(crate) async fn serve(
    Path((fingerprint, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let at = ASSETS.iter().position(|asset| asset.name == name).ok_or(Problem::NotFound)?;
    let asset = &ASSETS[at];
    let caching =
        if fingerprint == *FINGERPRINT { "public, max-age=31536000, immutable" } else { "no-store" };
    let about = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, caching),
        (header::VARY, "accept-encoding"),
    ];
    Ok(match COMPRESSED[at].as_deref().filter(|_| takes_gzip(&headers)) {
        Some(compressed) => (about, [(header::CONTENT_ENCODING, "gzip")], compressed).into_response(),
        None => (about, asset.content).into_response(),
    })
}

/// Whether who asks can read gzip (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_goes_to_who_takes_it_alone() {
        let takes = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
            takes_gzip(&headers)
        };
        for yes in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.5"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "x-gzipped", "gzip;q=much"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_is_the_same_and_the_stylesheet_less_than_a_third() {
        use std::io::Read as _;
        for (asset, compressed) in ASSETS.iter().zip(COMPRESSED.iter()) {
            let Some(compressed) = compressed else { continue };
            let mut content = Vec::new();
            flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut content).unwrap();
            assert!(content == asset.content, "{}", asset.name);
        }
        let sheet = COMPRESSED[0].as_ref().unwrap();
        assert!(sheet.len() * 3 < ASSETS[0].content.len(), "{}", sheet.len());
    }
}
