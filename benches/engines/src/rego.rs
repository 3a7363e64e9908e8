//! Rego, by regorus: one set with a body for each check, evaluated by its
//! interpreter and by its virtual machine.

use std::rc::Rc;

use beian_rules::Rulebook;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{CompiledPolicy, PolicyModule, Value, compile_policy_with_entrypoint};

use crate::cases::{self, Input, Rules};
use crate::{Contestant, FROM_JSON, Fired, PREPARED, bit};

const NAME: &str = "regorus 0.14";
const POLICY: &str = include_str!("../rules/beian.rego");
const ENTRY_POINT: &str = "data.beian.fires";

pub(crate) fn contestants(rules: &Rules, inputs: &[Input]) -> Vec<Contestant> {
    let rulebook = Rulebook::bundled().expect("the bundled rulebook");
    let data = Value::from_json_str(&cases::book(&rulebook).to_string()).expect("data");
    let module = PolicyModule { id: "beian.rego".into(), content: policy(rules).into() };
    let compiled =
        compile_policy_with_entrypoint(data.clone(), &[module], ENTRY_POINT.into()).expect("a policy");

    let lines: Rc<Vec<String>> = Rc::new(inputs.iter().map(|input| input.shaped.clone()).collect());
    let values: Rc<Vec<Value>> = Rc::new(lines.iter().map(|line| read(line)).collect());
    let interpret = |values: Rc<Vec<Value>>, compiled: CompiledPolicy| {
        move |index: usize| fired(&compiled.eval_with_input(values[index].clone()).expect("an answer"))
    };
    let interpret_json = |lines: Rc<Vec<String>>, compiled: CompiledPolicy| {
        move |index: usize| fired(&compiled.eval_with_input(read(&lines[index])).expect("an answer"))
    };
    let run = {
        let (mut vm, values) = (machine(&compiled, &data), values.clone());
        move |index: usize| {
            vm.set_input(values[index].clone());
            fired(&vm.execute().expect("an answer"))
        }
    };
    let run_json = {
        let (mut vm, lines) = (machine(&compiled, &data), lines.clone());
        move |index: usize| {
            vm.set_input(read(&lines[index]));
            fired(&vm.execute().expect("an answer"))
        }
    };
    vec![
        Contestant { engine: NAME, way: PREPARED, judge: Box::new(interpret(values, compiled.clone())) },
        Contestant { engine: NAME, way: FROM_JSON, judge: Box::new(interpret_json(lines, compiled)) },
        Contestant { engine: NAME, way: "prepared input, virtual machine", judge: Box::new(run) },
        Contestant { engine: NAME, way: "from JSON, virtual machine", judge: Box::new(run_json) },
    ]
}

/// The policy with the bodies of the asked checks alone; an empty line ends a body.
fn policy(rules: &Rules) -> String {
    let asked = |body: &&str| {
        let code = body.split_once("fires contains \"").map(|(_, rest)| &rest[..6]);
        code.is_none_or(|code| rules.codes.contains(&code))
    };
    POLICY.split("\n\n").filter(asked).collect::<Vec<_>>().join("\n\n")
}

fn machine(compiled: &CompiledPolicy, data: &Value) -> RegoVM {
    let program = Compiler::compile_from_policy(compiled, &[ENTRY_POINT]).expect("a program");
    let mut vm = RegoVM::new();
    vm.load_program(program);
    vm.set_data(data.clone()).expect("data");
    vm.set_max_instructions(usize::MAX);
    vm
}

fn read(line: &str) -> Value {
    Value::from_json_str(line).expect("a line")
}

fn fired(answer: &Value) -> Fired {
    let codes = answer.as_set().expect("a set of codes");
    codes.iter().fold(0, |fired, code| fired | bit(code.as_string().expect("a code")))
}
