//! Stylesheet, script and pictures, under addresses that change with their
//! contents, so that browsers keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

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

/// The address of an asset.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *FINGERPRINT)
}

/// Serves an asset. An old fingerprint gets the new contents, for pages that
/// were open during an update, but is not kept.
pub(crate) async fn serve(Path((fingerprint, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or(Problem::NotFound)?;
    let caching =
        if fingerprint == *FINGERPRINT { "public, max-age=31536000, immutable" } else { "no-store" };
    Ok(([(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, caching)], asset.content)
        .into_response())
}
