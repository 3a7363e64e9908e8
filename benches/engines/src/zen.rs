//! GoRules' ZEN: the checks as expressions, once in the engine's decision
//! graph and once by its evaluator alone.

use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use beian_rules::Rulebook;
use serde_json::json;
use zen_engine::Decision;
use zen_engine::model::GraphContent;
use zen_expression::compiler::Opcode;
use zen_expression::vm::VM;
use zen_expression::{Isolate, Scope, Variable};

use crate::cases::{self, Input, Rules};
use crate::{Contestant, FROM_JSON, Fired, PREPARED, bit};

const NAME: &str = "zen-engine 2.1";
const RULES: &str = include_str!("../rules/zen.toml");
const INPUTS: [&str; 4] = ["case", "facts", "people", "phones"];

pub(crate) fn contestants(rules: &Rules, inputs: &[Input]) -> Vec<Contestant> {
    let sources: HashMap<String, String> = toml::from_str(RULES).expect("the rules");
    let rulebook = Rulebook::bundled().expect("the bundled rulebook");
    let book = Variable::from(&cases::book(&rulebook));
    let lines: Rc<Vec<String>> = Rc::new(inputs.iter().map(|input| input.shaped.clone()).collect());

    let evaluator = Rc::new(Evaluator::new(rules, &sources, book.shallow_clone()));
    let scopes: Vec<Scope> = lines.iter().map(|line| evaluator.scope(line)).collect();
    let mut vm = VM::new();
    let prepared_evaluator = {
        let evaluator = evaluator.clone();
        move |index: usize| evaluator.judge(&scopes[index], &mut vm)
    };
    let mut vm = VM::new();
    let read_evaluator = {
        let lines = lines.clone();
        move |index: usize| evaluator.judge(&evaluator.scope(&lines[index]), &mut vm)
    };

    let graph = Rc::new(Graph::new(rules, &sources, book));
    let contexts: Vec<Variable> = lines.iter().map(|line| graph.context(line)).collect();
    let prepared_graph = {
        let graph = graph.clone();
        move |index: usize| graph.judge(contexts[index].shallow_clone())
    };
    let read_graph = move |index: usize| graph.judge(graph.context(&lines[index]));
    vec![
        Contestant { engine: NAME, way: PREPARED, judge: Box::new(prepared_graph) },
        Contestant { engine: NAME, way: FROM_JSON, judge: Box::new(read_graph) },
        Contestant {
            engine: NAME,
            way: "prepared input, evaluator without the graph",
            judge: Box::new(prepared_evaluator),
        },
        Contestant {
            engine: NAME,
            way: "from JSON, evaluator without the graph",
            judge: Box::new(read_evaluator),
        },
    ]
}

/// The engine's evaluator, with every expression as the code it compiled to.
struct Evaluator {
    programs: Vec<(Fired, Rc<[Opcode]>)>,
    book: Variable,
}

impl Evaluator {
    fn new(rules: &Rules, sources: &HashMap<String, String>, book: Variable) -> Self {
        let mut isolate = Isolate::new();
        let programs = rules
            .codes
            .iter()
            .map(|code| {
                let compiled = isolate
                    .compile_standard(&sources[*code])
                    .unwrap_or_else(|error| panic!("{code}: {error}"));
                (bit(code), Rc::from(compiled.bytecode().to_vec()))
            })
            .collect();
        Self { programs, book }
    }

    fn scope(&self, line: &str) -> Scope {
        let line: Variable = serde_json::from_str(line).expect("a line");
        let mut scope = Scope::new(self.book.shallow_clone());
        for name in INPUTS {
            scope.set_local(Variable::key(name), line.dot(name).expect("an input"));
        }
        scope
    }

    fn judge(&self, scope: &Scope, vm: &mut VM) -> Fired {
        self.programs.iter().fold(0, |fired, (bit, program)| {
            let value = vm.run(program, scope).unwrap_or_else(|error| panic!("{bit:b}: {error}"));
            if value.as_bool().expect("true or false") { fired | bit } else { fired }
        })
    }
}

/// The engine as its manual shows it: input, one node of expressions, output.
struct Graph {
    decision: Decision,
    book: Variable,
    codes: Vec<(&'static str, Fired)>,
}

impl Graph {
    fn new(rules: &Rules, sources: &HashMap<String, String>, book: Variable) -> Self {
        let expressions: Vec<_> = rules
            .codes
            .iter()
            .map(|code| json!({ "id": code, "key": code, "value": sources[*code] }))
            .collect();
        let content = json!({
            "nodes": [
                { "id": "in", "name": "in", "type": "inputNode", "content": {} },
                { "id": "checks", "name": "checks", "type": "expressionNode",
                  "content": { "expressions": expressions } },
                { "id": "out", "name": "out", "type": "outputNode", "content": {} },
            ],
            "edges": [
                { "id": "1", "type": "edge", "sourceId": "in", "targetId": "checks" },
                { "id": "2", "type": "edge", "sourceId": "checks", "targetId": "out" },
            ],
        });
        let content: GraphContent = serde_json::from_value(content).expect("a graph");
        let mut decision = Decision::from(content);
        decision.compile();
        Self { decision, book, codes: rules.codes.iter().map(|code| (*code, bit(code))).collect() }
    }

    fn context(&self, line: &str) -> Variable {
        let line: Variable = serde_json::from_str(line).expect("a line");
        let context = self.book.depth_clone(1);
        for name in INPUTS {
            context.dot_insert(name, line.dot(name).expect("an input"));
        }
        context
    }

    fn judge(&self, context: Variable) -> Fired {
        let mut evaluation = pin!(self.decision.evaluate(context));
        // Nothing in this graph waits, so it is ready at the first question.
        let answer = match evaluation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.unwrap_or_else(|error| panic!("{error}")),
            Poll::Pending => panic!("expected an answer at once"),
        };
        self.codes.iter().fold(0, |fired, (code, bit)| {
            let value = answer.result.dot(code).and_then(|value| value.as_bool());
            if value.expect("true or false") { fired | bit } else { fired }
        })
    }
}
