//! The contracts and evaluators of the workspace, and what each contract is made from.

use crate::{
    error::{Error, at},
    evaluators::{PREFIX, Source},
};
use blake2::{Blake2b, Digest, digest::consts::U32};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The feature that ink! contracts have so that other contracts can depend on them: it marks a contract.
const CONTRACT_FEATURE: &str = "ink-as-dependency";

/// A workspace, its contracts and its evaluators.
pub struct Workspace {
    /// Folder of the workspace's manifest.
    pub root: PathBuf,
    /// Folder of build outputs.
    pub target: PathBuf,
    /// Folders that hold unpacked packages of registries: what differs between machines in a file's path.
    pub registries: BTreeSet<PathBuf>,
    /// The contracts, by name.
    pub contracts: Vec<Contract>,
    /// The evaluators, by name.
    pub evaluators: Vec<Source>,
}

/// One contract of the workspace.
pub struct Contract {
    /// Cargo's description of its package.
    pub package: Package,
    /// Version of ink! that it is compiled with.
    pub ink: cargo_metadata::semver::Version,
    /// Digest of all that it is compiled from: own sources, path dependencies' sources, versions of the rest.
    pub sources: [u8; 32],
}

impl Workspace {
    /// Reads the workspace around the current folder.
    ///
    /// # Errors
    /// [`Error::Workspace`] where cargo cannot read it, [`Error::NoContracts`] where it has no contract.
    pub fn load() -> Result<Self, Error> {
        let metadata = MetadataCommand::new().exec()?;
        let packages: BTreeMap<&PackageId, &Package> = metadata.packages.iter().map(|p| (&p.id, p)).collect();
        let mut contracts = metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| package.features.contains_key(CONTRACT_FEATURE))
            .map(|package| Contract::new(package, &metadata, &packages))
            .collect::<Result<Vec<_>, _>>()?;
        contracts.sort_by(|a, b| a.name().cmp(b.name()));
        let evaluator = |package: &Package| {
            let name = package.name.strip_prefix(PREFIX)?.to_string();
            Some(Source { name, manifest: package.manifest_path.clone().into_std_path_buf() })
        };
        let mut evaluators: Vec<_> = metadata.workspace_packages().into_iter().filter_map(evaluator).collect();
        evaluators.sort_by(|a, b| a.name.cmp(&b.name));
        let root = metadata.workspace_root.clone().into_std_path_buf();
        if contracts.is_empty() {
            return Err(Error::NoContracts(root));
        }
        let registries = metadata
            .packages
            .iter()
            .filter(|package| package.source.is_some())
            .filter_map(|package| package.manifest_path.ancestors().nth(2).map(|folder| folder.into()))
            .collect();
        Ok(Self { root, target: metadata.target_directory.into_std_path_buf(), registries, contracts, evaluators })
    }
}

impl Contract {
    /// Describes one member.
    fn new(package: &Package, metadata: &Metadata, packages: &BTreeMap<&PackageId, &Package>) -> Result<Self, Error> {
        let problem = |problem: &str| Error::Manifest { contract: package.name.to_string(), problem: problem.into() };
        if package.authors.is_empty() {
            return Err(problem("name an author in `authors`: a bundle must state one"));
        }
        let used = dependencies(package, metadata);
        let ink = used.iter().filter_map(|id| packages.get(id)).find(|used| used.name.as_str() == "ink");
        let ink = ink.ok_or_else(|| problem("does not depend on the crate `ink`"))?.version.clone();
        let mut hash = Blake2b::<U32>::new();
        for id in used {
            match packages.get(id) {
                Some(package) if package.source.is_none() => add_local(&mut hash, package)?,
                _ => add(&mut hash, id.repr.as_bytes()),
            }
        }
        Ok(Self { package: package.clone(), ink, sources: hash.finalize().into() })
    }

    /// Name of the package.
    pub fn name(&self) -> &str {
        self.package.name.as_str()
    }

    /// File name, without extension, that the compiler gives to its output.
    pub fn library(&self) -> String {
        self.name().replace('-', "_")
    }
}

/// Every package that goes into the contract: itself and what it needs, however far, to be built (not to be tested).
fn dependencies<'a>(package: &'a Package, metadata: &'a Metadata) -> BTreeSet<&'a PackageId> {
    let nodes: BTreeMap<_, _> = metadata.resolve.iter().flat_map(|r| &r.nodes).map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![&package.id];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let needed = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            let needed = needed.filter(|d| d.dep_kinds.iter().any(|k| k.kind != DependencyKind::Development));
            open.extend(needed.map(|dependency| &dependency.pkg));
        }
    }
    seen
}

/// Adds a package of this machine: its files, and its dependencies as inherited from the workspace's manifest.
/// Nothing in it depends on where the package lies.
fn add_local(hash: &mut Blake2b<U32>, package: &Package) -> Result<(), Error> {
    let mut needs = package.dependencies.clone();
    needs.retain(|dependency| dependency.kind != DependencyKind::Development);
    needs.iter_mut().for_each(|dependency| dependency.path = None);
    add(hash, format!("{} {} {needs:?}", package.name, package.version).as_bytes());

    let folder = package.manifest_path.parent().map(|folder| folder.as_std_path()).unwrap_or(Path::new("."));
    let mut files = vec![folder.join("Cargo.toml"), folder.join("build.rs")];
    files.retain(|file| file.exists());
    collect(&folder.join("src"), &mut files)?;
    files.sort();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        add(hash, name.to_string_lossy().as_bytes());
        add(hash, &fs::read(&file).map_err(at(&file))?);
    }
    Ok(())
}

/// Adds one item so that no two lists of items give the same input.
fn add(hash: &mut Blake2b<U32>, item: &[u8]) {
    hash.update((item.len() as u64).to_le_bytes());
    hash.update(item);
}

/// All files below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
