//! What a component is made of, looked at before it is compiled, so that compiling it takes bounded time and memory.
//!
//! Whether it is valid is for the engine to say. This is a single pass in constant memory, which counts.

use component_parser::{
    BinaryReaderError, ComponentImport, ComponentTypeRef, Encoding, FunctionBody, Instance, Operator, Parser, Payload,
    TypeBounds,
};

use crate::bindings::{INTERFACES, PACKAGE, VERSION};
use crate::fault::EvaluatorFault;
use crate::limits::Limits;

/// Bytes of a page of memory.
const PAGE: u64 = 1 << 16;

/// Fails with the first thing about a component for which it is not compiled.
pub(crate) fn check(component: &[u8], limits: &Limits) -> Result<(), EvaluatorFault> {
    if component.len() > limits.component {
        return Err(EvaluatorFault::Oversized { bytes: component.len(), limit: limits.component });
    }
    if !Parser::is_component(component) {
        return Err(EvaluatorFault::NotComponent);
    }
    let mut counts = Counts { limits, functions: 0, code: 0, modules: 0, instances: 0, declarations: 0 };
    // The parser goes into modules by itself.
    Parser::new(0).parse_all(component).try_for_each(|payload| counts.add(payload.map_err(invalid)?))
}

fn invalid(error: BinaryReaderError) -> EvaluatorFault {
    EvaluatorFault::Invalid { reason: error.to_string() }
}

struct Counts<'a> {
    limits: &'a Limits,
    functions: u64,
    code: u64,
    modules: u64,
    instances: u64,
    declarations: u64,
}

impl Counts<'_> {
    fn add(&mut self, payload: Payload<'_>) -> Result<(), EvaluatorFault> {
        let limits = self.limits;
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } => {
                self.modules += 1;
                within("core modules", self.modules, limits.modules)
            }
            Payload::ComponentSection { .. } => Err(EvaluatorFault::Nested),
            Payload::InstanceSection(section) => {
                let given =
                    section.clone().into_iter().filter(|instance| matches!(instance, Ok(Instance::Instantiate { .. })));
                self.instances += given.count() as u64;
                within("instances of core modules", self.instances, limits.modules)?;
                self.declare(section.count())
            }
            Payload::CodeSectionStart { count, .. } => {
                self.functions += u64::from(count);
                within("functions", self.functions, limits.functions)
            }
            Payload::CodeSectionEntry(body) => {
                self.code += body.range().len() as u64;
                within("bytes of code", self.code, limits.code)?;
                function(&body, limits)
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let bytes = memory.map_err(invalid)?.initial.saturating_mul(PAGE);
                    within("bytes of memory from the start", bytes, limits.memory as u64)?;
                }
                Ok(())
            }
            Payload::TableSection(section) => {
                for table in section {
                    let elements = table.map_err(invalid)?.ty.initial;
                    within("elements of a table from the start", elements, limits.table as u64)?;
                }
                Ok(())
            }
            Payload::ComponentImportSection(section) => {
                self.declare(section.count())?;
                section.into_iter().try_for_each(|import| match import.map_err(invalid)? {
                    // The name of a type that is known gives nothing to anybody.
                    ComponentImport { ty: ComponentTypeRef::Type(TypeBounds::Eq(_)), .. } => Ok(()),
                    import => imported(import.name.name),
                })
            }
            Payload::TypeSection(section) => {
                self.declare(section.count())?;
                for signature in section.into_iter_err_on_gc_types() {
                    let parameters = signature.map_err(invalid)?.params().len() as u64;
                    within("parameters of one function", parameters, limits.parameters)?;
                }
                Ok(())
            }
            Payload::ImportSection(section) => self.declare(section.count()),
            Payload::GlobalSection(section) => self.declare(section.count()),
            Payload::ExportSection(section) => self.declare(section.count()),
            Payload::ElementSection(section) => self.declare(section.count()),
            Payload::DataSection(section) => self.declare(section.count()),
            Payload::CoreTypeSection(section) => self.declare(section.count()),
            Payload::ComponentTypeSection(section) => self.declare(section.count()),
            Payload::ComponentInstanceSection(section) => self.declare(section.count()),
            Payload::ComponentAliasSection(section) => self.declare(section.count()),
            Payload::ComponentCanonicalSection(section) => self.declare(section.count()),
            Payload::ComponentExportSection(section) => self.declare(section.count()),
            // What is left has no size of its own, or the engine refuses it.
            _ => Ok(()),
        }
    }

    fn declare(&mut self, count: u32) -> Result<(), EvaluatorFault> {
        self.declarations += u64::from(count);
        within("declarations", self.declarations, self.limits.declarations)
    }
}

/// Bounds what makes a compiler slow: many branches, and many variables that live across branches and loops.
fn function(body: &FunctionBody<'_>, limits: &Limits) -> Result<(), EvaluatorFault> {
    within("bytes of code in one function", body.range().len() as u64, limits.function)?;
    let mut locals = 0;
    for group in body.get_locals_reader().map_err(invalid)? {
        locals += u64::from(group.map_err(invalid)?.0);
        within("locals in one function", locals, limits.locals)?;
    }
    // Of each block that is open, whether it is a loop.
    let mut open = Vec::new();
    let (mut loops, mut branches) = (0, 0);
    for operator in body.get_operators_reader().map_err(invalid)? {
        match operator.map_err(invalid)? {
            Operator::Loop { .. } => {
                open.push(true);
                loops += 1;
                branches += 1;
                within("loops in one another", loops, limits.loops)?;
            }
            Operator::If { .. } => {
                open.push(false);
                branches += 1;
            }
            Operator::Block { .. } => open.push(false),
            Operator::BrIf { .. } | Operator::BrTable { .. } => branches += 1,
            Operator::End => loops -= u64::from(open.pop().unwrap_or(false)),
            _ => {}
        }
    }
    // Parameters are variables too. How many there are stands elsewhere: all that there may be.
    let crossings = (locals + limits.parameters) * branches;
    within("variables times branches in one function", crossings, limits.crossings)
}

fn within(what: &'static str, count: u64, limit: u64) -> Result<(), EvaluatorFault> {
    if count <= limit { Ok(()) } else { Err(EvaluatorFault::TooMuch { what, count, limit }) }
}

/// Fails unless a name is that of an interface which this host offers, in its version or an earlier one that fits.
fn imported(name: &str) -> Result<(), EvaluatorFault> {
    let foreign = || EvaluatorFault::Import { name: name.to_owned() };
    let (interface, version) = name.strip_prefix(PACKAGE).and_then(|name| name.split_once('@')).ok_or_else(foreign)?;
    if !INTERFACES.contains(&interface) {
        return Err(foreign());
    }
    let number = |part: Option<&str>| part.and_then(|digits| digits.parse::<u32>().ok());
    let parse = |version: &str| {
        let mut parts = version.split('.');
        let numbers = (number(parts.next())?, number(parts.next())?, number(parts.next())?);
        parts.next().is_none().then_some((numbers.0, numbers.1))
    };
    match (parse(version), parse(VERSION)) {
        (Some((major, minor)), Some(offered)) if major == offered.0 && minor <= offered.1 => Ok(()),
        _ => Err(EvaluatorFault::Version { name: name.to_owned(), offered: VERSION }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_fit_are_offered() {
        for name in ["inktensor:evaluator/types@1.0.0", "inktensor:evaluator/journal@1.0.7"] {
            assert_eq!(imported(name), Ok(()), "{name}");
        }
        for name in
            ["wasi:cli/environment@0.2.0", "inktensor:evaluator/clock@1.0.0", "inktensor:evaluator/types", "log", ""]
        {
            assert_eq!(imported(name), Err(EvaluatorFault::Import { name: name.to_owned() }));
        }
        for version in ["0.9.0", "1.1.0", "2.0.0", "1", "1.0", "1.0.0.0", "1.0.0-rc", "-1.0.0", ""] {
            let name = format!("inktensor:evaluator/types@{version}");
            assert_eq!(imported(&name), Err(EvaluatorFault::Version { name, offered: VERSION }));
        }
    }
}
