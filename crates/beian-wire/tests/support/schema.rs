//! Documents that a schema allows, made from the schema itself: what the reader and the
//! writer know of the interface plays no part in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One kind of file: its root, and the elements below it that make it that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) root: &'static str,
    pub(crate) path: &'static [&'static str],
}

const fn upload(path: &'static [&'static str]) -> Kind {
    Kind { root: "UploadData", path }
}

const fn download(path: &'static [&'static str]) -> Kind {
    Kind { root: "DownloadData", path }
}

/// Every kind of file of the interface.
pub(crate) const KINDS: [Kind; 32] = [
    upload(&["ICP", "XZBA"]),
    upload(&["ICP", "XZWZ"]),
    upload(&["ICP", "XZJR"]),
    upload(&["ICP", "BGBA"]),
    upload(&["ICP", "ZXBA"]),
    upload(&["ICP", "XZHYD"]),
    upload(&["ICP", "HSJG"]),
    upload(&["ICP", "WBACLJG"]),
    upload(&["IP", "XZBA"]),
    upload(&["IP", "XGBA"]),
    upload(&["IP", "SCBA"]),
    upload(&["YM", "XZBA"]),
    upload(&["YM", "XGBA"]),
    upload(&["YM", "SCBA"]),
    download(&["ICP", "BASJ"]),
    download(&["ICP", "BAJG"]),
    download(&["ICP", "ZXSJ"]),
    download(&["ICP", "HMDLB"]),
    download(&["ICP", "FFJRHMD"]),
    download(&["ICP", "WBAWZLB"]),
    download(&["ICP", "HSRW"]),
    download(&["ICP", "HCJG"]),
    download(&["ICP", "XGTZ"]),
    download(&["IP", "BAJG"]),
    download(&["IP", "HCJG"]),
    download(&["YM", "BAJG"]),
    download(&["JCDM"]),
    download(&["SJTB", "ICP"]),
    download(&["SJTB", "IP"]),
    download(&["SJTB", "YM"]),
    download(&["SJTB", "JCDM", "Bbdwlb"]),
    download(&["SJTB", "JCDM", "Jcdm_xx"]),
];

impl Kind {
    pub(crate) fn name(self) -> String {
        let direction = if self.root == "UploadData" { "upload" } else { "download" };
        format!("{direction}-{}", self.path.join("-").to_lowercase())
    }
}

/// How much a document holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// What must stand.
    Least,
    /// Everything, once.
    All,
    /// As the chances are.
    Random,
}

/// A source of chance that repeats itself.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// An element of a schema file, or of a document.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Node>,
    pub(crate) text: String,
}

impl Node {
    /// The root of a file in UTF-8 or GBK.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let declared = bytes.iter().take(60).map(|byte| char::from(*byte)).collect::<String>();
        let text = match declared.contains("\"GBK\"") {
            true => encoding_rs::GBK.decode(bytes).0.into_owned(),
            false => String::from_utf8(bytes.to_vec()).unwrap(),
        };
        let mut reader = Reader::from_str(&text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self::start(&start)),
                Event::Empty(start) => open.last_mut().unwrap().children.push(Self::start(&start)),
                Event::End(_) => {
                    let node = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(node);
                }
                Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().unwrap() {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&reference).unwrap().to_owned(),
                    };
                    open.last_mut().unwrap().text.push_str(&character);
                }
                Event::Eof => return open.pop().unwrap().children.pop().unwrap(),
                _ => {}
            }
        }
    }

    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap();
                (attribute.key.as_ref().to_owned(), attribute.value.to_string())
            })
            .collect();
        let name = start.local_name().as_ref().to_owned();
        Self { name, attributes, ..Self::default() }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every text with the names of the elements that it stands in, sorted. An element without
    /// any is a list without items, and may as well not stand.
    pub(crate) fn leaves(&self) -> Vec<(String, String)> {
        let mut list = Vec::new();
        self.collect(String::new(), &mut list);
        list.sort();
        list
    }

    fn collect(&self, above: String, list: &mut Vec<(String, String)>) {
        let path = format!("{above}/{}", self.name);
        if self.children.is_empty() {
            list.extend((!self.text.is_empty()).then(|| (path, self.text.clone())));
        } else {
            self.children.iter().for_each(|child| child.collect(path.clone(), list));
        }
    }
}

/// A schema with what it includes.
pub(crate) struct Schema {
    parts: Vec<Node>,
}

impl Schema {
    pub(crate) fn load(path: &Path) -> Self {
        let mut schema = Self { parts: Vec::new() };
        let mut names = vec![path.file_name().unwrap().to_str().unwrap().to_owned()];
        let mut next = 0;
        while let Some(name) = names.get(next).cloned() {
            let part = Node::read(&fs::read(path.with_file_name(&name)).unwrap());
            for include in part.children.iter().filter(|child| child.name == "include") {
                let location = include.attribute("schemaLocation").unwrap().to_owned();
                if !names.contains(&location) {
                    names.push(location);
                }
            }
            schema.parts.push(part);
            next += 1;
        }
        schema
    }

    fn named(&self, what: &str, name: &str) -> &Node {
        self.parts
            .iter()
            .flat_map(|part| &part.children)
            .find(|child| child.name == what && child.attribute("name") == Some(name))
            .unwrap_or_else(|| panic!("no {what} {name}"))
    }

    /// A document of a kind, in UTF-8.
    pub(crate) fn document(&self, kind: Kind, amount: Amount, seed: u64) -> String {
        let mut writer = Writer {
            schema: self,
            kind,
            amount,
            chance: Chance::new(seed),
            out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
        };
        writer.element(self.named("element", kind.root), Some(0));
        writer.out.push('\n');
        writer.out
    }
}

struct Writer<'s> {
    schema: &'s Schema,
    kind: Kind,
    amount: Amount,
    chance: Chance,
    out: String,
}

impl<'s> Writer<'s> {
    /// An element; `along` is how much of the kind's path leads to it, if it is on the path.
    fn element(&mut self, declaration: &'s Node, along: Option<usize>) {
        let name = declaration.attribute("name").unwrap();
        let version = if along == Some(0) { " version=\"V.3.0\"" } else { "" };
        self.out.push_str(&format!("<{name}{version}>"));
        let complex = match declaration.attribute("type") {
            Some(type_name) if self.is_complex(type_name) => {
                Some(self.schema.named("complexType", type_name))
            }
            _ => declaration.child("complexType"),
        };
        match complex {
            // Above the kind's own elements, only what leads to them.
            Some(complex) => {
                let along = along.filter(|along| *along < self.kind.path.len());
                complex.children.iter().for_each(|part| self.particle(part, along));
            }
            None => self.simple(name, declaration),
        }
        self.out.push_str(&format!("</{name}>"));
    }

    fn is_complex(&self, name: &str) -> bool {
        self.schema
            .parts
            .iter()
            .flat_map(|part| &part.children)
            .any(|child| child.name == "complexType" && child.attribute("name") == Some(name))
    }

    /// What stands in an element that `along` of the kind's path leads to.
    fn particle(&mut self, node: &'s Node, along: Option<usize>) {
        let awaited = along.map(|along| self.kind.path[along]);
        match node.name.as_str() {
            "sequence" | "all" => node.children.iter().for_each(|child| self.particle(child, along)),
            "group" => {
                let group = self.schema.named("group", node.attribute("ref").unwrap());
                group.children.iter().for_each(|child| self.particle(child, along));
            }
            "choice" => {
                let branches: Vec<&Node> =
                    node.children.iter().filter(|child| child.name != "annotation").collect();
                let leading: Vec<&Node> = match awaited {
                    Some(name) => {
                        branches.iter().copied().filter(|branch| self.leads_to(branch, name)).collect()
                    }
                    None => branches,
                };
                let branch = self.chance.pick(&leading);
                self.particle(branch, along);
            }
            "element" => {
                let leads = awaited.is_some() && node.attribute("name") == awaited;
                for _ in 0..self.times(node, awaited) {
                    self.element(node, along.filter(|_| leads).map(|along| along + 1));
                }
            }
            _ => {}
        }
    }

    fn leads_to(&self, node: &Node, name: &str) -> bool {
        match node.name.as_str() {
            "element" => node.attribute("name") == Some(name),
            "group" => {
                let group = self.schema.named("group", node.attribute("ref").unwrap());
                group.children.iter().any(|child| self.leads_to(child, name))
            }
            _ => node.children.iter().any(|child| self.leads_to(child, name)),
        }
    }

    fn times(&mut self, declaration: &Node, awaited: Option<&str>) -> u64 {
        // Ours alone, under another version; documents of the published one do without.
        if matches!(declaration.attribute("name"), Some("Fwlx" | "Yy_xx")) {
            return 0;
        }
        let least: u64 = declaration.attribute("minOccurs").unwrap_or("1").parse().unwrap();
        let most = match declaration.attribute("maxOccurs") {
            Some("unbounded") => u64::MAX,
            Some(most) => most.parse().unwrap(),
            None => 1,
        };
        if let Some(name) = awaited {
            let leads = declaration.attribute("name") == Some(name);
            return if leads { 1 } else { least };
        }
        match self.amount {
            Amount::Least => least,
            Amount::All => 1,
            Amount::Random => least + self.chance.below((most - least).min(2) + 1),
        }
    }

    fn simple(&mut self, name: &str, declaration: &Node) {
        let restriction = match declaration.attribute("type") {
            Some("xs:string") => None,
            Some(type_name) => self.schema.named("simpleType", type_name).child("restriction"),
            None => declaration.child("simpleType").and_then(|simple| simple.child("restriction")),
        };
        let facet = |facet: &str| {
            restriction
                .and_then(|restriction| restriction.child(facet)?.attribute("value")?.parse::<u64>().ok())
        };
        let is_number = restriction.is_some_and(|node| node.attribute("base") == Some("xs:long"));
        if is_number {
            let listed: Vec<u64> = restriction
                .into_iter()
                .flat_map(|node| &node.children)
                .filter(|child| child.name == "enumeration")
                .map(|child| child.attribute("value").unwrap().parse().unwrap())
                .collect();
            let number = if listed.is_empty() {
                let least = facet("minInclusive").unwrap_or(1);
                self.number(name, least, facet("maxInclusive"))
            } else {
                if self.amount == Amount::Random { self.chance.pick(&listed) } else { listed[0] }
            };
            self.out.push_str(&number.to_string());
        } else {
            let least = facet("minLength").or(facet("length")).unwrap_or(0);
            let most = facet("maxLength").or(facet("length")).unwrap_or(u64::MAX);
            let text = self.text(name, least, most);
            let escaped = quick_xml::escape::escape(&text).replace('\r', "&#13;");
            self.out.push_str(&escaped);
        }
    }

    fn number(&mut self, name: &str, least: u64, most: Option<u64>) -> u64 {
        // The types of what is read are narrower here than the schemas; see the deviations.
        let most = match (name, most) {
            ("Ssdxlx", Some(_)) => 2,
            ("Jgdm", _) => 65_535,
            ("Fjwjgs" | "Fjyt", None) => u64::from(u32::MAX),
            (_, None) if least == 100_000 => u64::from(u32::MAX),
            (_, Some(most)) => most,
            (_, None) => i64::MAX.unsigned_abs(),
        };
        match self.chance.below(8) {
            _ if self.amount != Amount::Random => least.max(1).min(most),
            0 => least,
            1 => most,
            2 => least + self.chance.below(most - least + 1),
            _ => least + self.chance.below((most - least + 1).min(1000)),
        }
    }

    fn text(&mut self, name: &str, least: u64, most: u64) -> String {
        const CHARACTERS: &str = "abcxyzABC0189 .-_/:;@'<>&\"甲乙丙备案网站·—（）０ＡⅠ㈠丂\t\n\r]";
        if least == 10 && most == 10 {
            return self.day();
        }
        if least == 10 && most == 22 {
            let seconds = self.chance.below(60);
            return match self.chance.below(3) {
                0 => self.day(),
                1 => format!("{} 14:58:{seconds:02}", self.day()),
                _ => format!("{} 14:58:{seconds:02}.0", self.day()),
            };
        }
        if matches!(name, "Spwj" | "Fjnr") {
            return "iVBORw0KGgo=".to_owned();
        }
        if self.amount != Amount::Random {
            let digits = (2..least).map(|place| char::from(b'0' + u8::try_from(place % 10).unwrap()));
            return "样本".chars().take(usize::try_from(most.min(2)).unwrap()).chain(digits).collect();
        }
        // Longer texts are left to the tests of limits, but for some that are just short enough.
        let length = match self.chance.below(10) {
            0 if most <= 4000 => most,
            1 => least.max(1),
            _ => (least.max(1) + self.chance.below(20)).min(most),
        };
        let characters: Vec<char> = CHARACTERS.chars().collect();
        // What is blank counts as absent where it may be.
        let first = self.chance.pick(&['a', '甲', '0']);
        std::iter::once(first).chain((1..length).map(|_| self.chance.pick(&characters))).collect()
    }

    fn day(&mut self) -> String {
        format!("20{:02}-0{}-1{}", self.chance.below(99), 1 + self.chance.below(9), self.chance.below(9))
    }
}
