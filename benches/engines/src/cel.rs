//! The Common Expression Language: a program for each check.

use std::collections::HashMap;
use std::sync::Arc;

use beian_rules::Rulebook;
use cel::common::types::{CelBool, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value, extensions};

use crate::cases::{self, Input, Rules};
use crate::{Contestant, FROM_JSON, Fired, PREPARED, bit};

const NAME: &str = "cel 0.15";
const RULES: &str = include_str!("../rules/cel.toml");

type Values = HashMap<String, Box<dyn Val>>;

/// What the rulebook says, lent to every evaluation.
struct Book(Values);

impl VariableResolver for Book {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        self.0.get(name).map(|value| CowVal::Borrowed(value.as_ref()))
    }
}

struct Engine {
    env: Arc<Env>,
    programs: Vec<(Fired, Program)>,
    book: &'static Book,
}

pub(crate) fn contestants(rules: &Rules, inputs: &[Input]) -> Vec<Contestant> {
    let engine = Arc::new(Engine::new(rules));
    let contexts: Vec<_> = inputs.iter().map(|input| engine.context(&input.shaped)).collect();
    let lines: Vec<String> = inputs.iter().map(|input| input.shaped.clone()).collect();
    let other = engine.clone();
    vec![
        Contestant {
            engine: NAME,
            way: PREPARED,
            judge: Box::new(move |index| engine.judge(&contexts[index])),
        },
        Contestant {
            engine: NAME,
            way: FROM_JSON,
            judge: Box::new(move |index| other.judge(&other.context(&lines[index]))),
        },
    ]
}

impl Engine {
    fn new(rules: &Rules) -> Self {
        let mut env = Env::stdlib();
        for extension in [extensions::strings, extensions::lists] {
            env.add_extension(extension).expect("an extension");
        }
        let sources: HashMap<String, String> = toml::from_str(RULES).expect("the rules");
        let programs = rules
            .codes
            .iter()
            .map(|code| {
                let source = &sources[*code];
                (bit(code), env.compile(source).unwrap_or_else(|error| panic!("{code}: {error}")))
            })
            .collect();
        let rulebook = Rulebook::bundled().expect("the bundled rulebook");
        let book = Box::leak(Box::new(Book(values(&cases::book(&rulebook)))));
        Self { env: Arc::new(env), programs, book }
    }

    fn context(&self, line: &str) -> Context<'static, 'static> {
        let mut context = Context::with_env(self.env.clone());
        context.set_variable_resolver(self.book);
        let line: serde_json::Value = serde_json::from_str(line).expect("a line");
        for (name, value) in values(&line) {
            context.add_variable_as_val(name, value);
        }
        context
    }

    /// A rule that cannot be evaluated, a number that is none say, is broken.
    fn judge(&self, context: &Context<'_, '_>) -> Fired {
        self.programs.iter().fold(0, |fired, (bit, program)| {
            let fires = match Value::resolve_val(program.expression(), context) {
                Ok(value) => value.downcast_ref::<CelBool>().is_none_or(|fires| *fires.inner()),
                Err(_) => true,
            };
            if fires { fired | bit } else { fired }
        })
    }
}

fn values(object: &serde_json::Value) -> Values {
    let object = object.as_object().expect("an object");
    object.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

/// Straight into the values that programs run on. The crate's own `to_value`
/// makes positive numbers unsigned, which CEL does not mix with signed ones.
fn value_of(value: &serde_json::Value) -> Box<dyn Val> {
    use serde_json::Value as V;
    match value {
        V::Null => Box::new(CelNull),
        V::Bool(value) => Box::new(CelBool::from(*value)),
        V::Number(number) => Box::new(CelInt::from(number.as_i64().expect("a whole number"))),
        V::String(text) => Box::new(CelString::from(text.clone())),
        V::Array(list) => Box::new(CelList::from(list.iter().map(value_of).collect::<Vec<_>>())),
        V::Object(map) => {
            let entries: HashMap<CelMapKey<'_>, Box<dyn Val>> =
                map.iter().map(|(key, value)| (key.clone().into(), value_of(value))).collect();
            Box::new(CelMap::from(entries))
        }
    }
}
