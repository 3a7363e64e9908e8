//! Pictures that pages draw as SVG. Text is beside a picture, so that nobody needs to see it.

/// A province on the map of equal squares.
pub(crate) struct Tile {
    /// Column and row, in squares.
    pub(crate) column: u32,
    pub(crate) row: u32,
    /// The character of its filing numbers.
    pub(crate) sign: char,
    /// What is told of it.
    pub(crate) text: String,
    /// What stands in the square.
    pub(crate) number: String,
    /// How dark it is, from 0 to 4.
    pub(crate) shade: u64,
}

impl Tile {
    /// Its left edge, in units of the drawing.
    pub(crate) fn left(&self) -> u32 {
        self.column * TILE
    }

    /// Its upper edge.
    pub(crate) fn top(&self) -> u32 {
        self.row * TILE
    }
}

/// The side of a square with the gap beside it, in units of the drawing.
const TILE: u32 = 50;

/// Where each province stands, roughly as on a map: a row of squares is a line.
const MAP: [&str; 8] = [
    "........黑",
    "新...蒙..吉",
    "..宁晋冀京辽.",
    "藏青陇陕豫鲁津",
    "..蜀渝鄂皖苏沪",
    "...黔湘赣浙..",
    "...滇桂粤闽台",
    "....琼.澳港",
];

/// The map, of provinces with sign, text, number and shade. A province without a square is left out.
pub(crate) fn tiles(provinces: impl IntoIterator<Item = (char, String, String, u64)>) -> Vec<Tile> {
    let place = |sign: char| {
        (0u32..).zip(MAP).find_map(|(row, line)| {
            let column = (0u32..).zip(line.chars()).find(|(_, at)| *at == sign)?.0;
            Some((column, row))
        })
    };
    provinces
        .into_iter()
        .filter_map(|(sign, text, number, shade)| {
            let (column, row) = place(sign)?;
            Some(Tile { column, row, sign, text, number, shade })
        })
        .collect()
}

/// A QR code, as the path of a drawing: a module is one unit.
pub(crate) struct QrDrawing {
    /// The length of a side, with the quiet zone around it.
    pub(crate) side: usize,
    /// The dark modules.
    pub(crate) path: String,
}

/// The white border that readers need (ISO/IEC 18004), in modules.
const QUIET_ZONE: usize = 4;

/// The QR code of a text; none if the text is longer than any code holds.
pub(crate) fn qr_code(text: &str) -> Option<QrDrawing> {
    let code = qrcode::QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, module) in code.to_colors().into_iter().enumerate() {
        if module == qrcode::Color::Dark {
            let (x, y) = (place % width + QUIET_ZONE, place / width + QUIET_ZONE);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some(QrDrawing { side: width + 2 * QUIET_ZONE, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_province_has_a_square_of_its_own() {
        let rulebook = beian_rules::Rulebook::bundled().unwrap();
        let signs: Vec<char> = rulebook.provinces().map(|province| province.icp_abbreviation).collect();
        let tiles = tiles(signs.iter().map(|sign| (*sign, String::new(), String::new(), 0)));
        assert_eq!(tiles.len(), signs.len(), "a province without a square");
        let mut places: Vec<_> = tiles.iter().map(|tile| (tile.left(), tile.top())).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), signs.len(), "two provinces in a square");
    }
}
