//! Secrets as wallets of the Substrate world write them: `<phrase or seed>//hard/soft///password`.
//!
//! The phrase is one of BIP39's, in English, of 12 to 24 words; the seed is 32 bytes as hex behind `0x`; without either
//! it is Substrate's public development phrase, so `//Alice` is the well-known Alice.

use crate::{
    Keypair,
    keys::{DEVELOPMENT, Junction},
};
use bip39::{Language, Mnemonic};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Why a text or a file is no secret. None of it shows what the secret is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// A phrase has too many words or too few.
    #[error("a secret phrase has 12, 15, 18, 21 or 24 words, this one has {0}")]
    WordCount(usize),
    /// A word is not in BIP39's English list.
    #[error("word {0} of the secret phrase is not in the list of BIP39")]
    UnknownWord(usize),
    /// The words do not belong together.
    #[error("the secret phrase has a wrong checksum: a word is another, or in another place")]
    WrongChecksum,
    /// A seed is not 32 bytes of hex.
    #[error("a seed is 32 bytes: 64 hex digits behind 0x")]
    BadSeed,
    /// A seed has no password.
    #[error("a seed takes no password: only phrases do")]
    SeedWithPassword,
    /// A derivation has no name.
    #[error("a derivation has no name: // and / are followed by one")]
    NamelessDerivation,
    /// Nothing there.
    #[error("the secret is empty")]
    Empty,
    /// The file cannot be read.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Others may read the file.
    #[error("{} has mode {mode:04o}: others than its owner may use it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A secret stands on the command line, which every process of the machine can read.
    #[error("a secret on the command line is known to every process of the machine")]
    OnCommandLine,
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path and its permissions",
            Self::Exposed { .. } => "chmod 600 the file",
            Self::OnCommandLine => "write it to a file of mode 0600 and name that; treat this one as known to others",
            _ => {
                "a secret is `<phrase of BIP39 words>`, `0x<seed>` or nothing, then //hard and /soft derivations, then ///password"
            }
        }
    }
}

impl Keypair {
    /// The key of a secret URI. Errors: those of a text that is no secret.
    pub fn from_uri(uri: &str) -> Result<Self, SecretError> {
        let uri = uri.trim();
        if uri.is_empty() {
            return Err(SecretError::Empty);
        }
        let (rest, password) = uri.split_once("///").map_or((uri, None), |(rest, password)| (rest, Some(password)));
        let (root, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let key = root_key(root, password)?;
        Ok(junctions(path)?.iter().fold(key, |key, junction| key.derive(junction)))
    }

    /// The key of a file that holds a secret URI and nothing else. Only its owner may have access to it. Errors:
    /// `Unreadable`, `Exposed`, those of a text that is no secret.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let unreadable =
            |error: std::io::Error| SecretError::Unreadable { path: path.to_owned(), reason: error.to_string() };
        check_private(path).map_err(unreadable)?.map_or(Ok(()), Err)?;
        Self::from_uri(&fs::read_to_string(path).map_err(unreadable)?)
    }

    /// The key that an argument of a command names: a development key (`//Alice`), which everybody has, or a file. Errors:
    /// `OnCommandLine` for any other secret, those of [`Keypair::from_file`].
    pub fn from_argument(argument: &str) -> Result<Self, SecretError> {
        if argument.starts_with("//") && !argument.contains("///") {
            return Self::from_uri(argument);
        }
        let path = Path::new(argument);
        let words = argument.split_whitespace().count();
        let is_secret = argument.starts_with("0x") || argument.contains("///") || words >= 12;
        if is_secret && !path.exists() {
            return Err(SecretError::OnCommandLine);
        }
        Self::from_file(path)
    }
}

fn root_key(root: &str, password: Option<&str>) -> Result<Keypair, SecretError> {
    if let Some(digits) = root.strip_prefix("0x") {
        let mut seed = [0; 32];
        hex::decode_to_slice(digits, &mut seed).map_err(|_| SecretError::BadSeed)?;
        return if password.is_some() { Err(SecretError::SeedWithPassword) } else { Ok(Keypair::from_seed(seed)) };
    }
    let phrase = if root.is_empty() { DEVELOPMENT } else { root };
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, phrase).map_err(of_phrase)?;
    let secret = substrate_bip39::mini_secret_from_entropy(&mnemonic.to_entropy(), password.unwrap_or(""));
    // A checked phrase has as many bytes of entropy as that takes.
    secret.map(Keypair::expand).map_err(|_| SecretError::WordCount(mnemonic.word_count()))
}

fn of_phrase(error: bip39::Error) -> SecretError {
    match error {
        bip39::Error::BadWordCount(words) => SecretError::WordCount(words),
        bip39::Error::UnknownWord(index) => SecretError::UnknownWord(index + 1),
        _ => SecretError::WrongChecksum,
    }
}

/// The derivations of a path such as `//hard/soft`.
fn junctions(path: &str) -> Result<Vec<Junction>, SecretError> {
    let mut junctions = Vec::new();
    let mut rest = path;
    while let Some(after) = rest.strip_prefix('/') {
        let (hard, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
        let (name, next) = after.split_at(after.find('/').unwrap_or(after.len()));
        if name.is_empty() {
            return Err(SecretError::NamelessDerivation);
        }
        junctions.push(if hard { Junction::hard(name) } else { Junction::soft(name) });
        rest = next;
    }
    Ok(junctions)
}

/// What is wrong with the permissions of a file, if anything.
#[cfg(unix)]
fn check_private(path: &Path) -> std::io::Result<Option<SecretError>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then(|| SecretError::Exposed { path: path.to_owned(), mode }))
}

/// Permissions of other systems are not ones to be checked by a mode.
#[cfg(not(unix))]
fn check_private(path: &Path) -> std::io::Result<Option<SecretError>> {
    fs::metadata(path).map(|_| None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use crate::ss58;
    use proptest::proptest;

    const PHRASE: &str = "caution juice atom organ advance problem want pledge someone senior holiday very";

    fn address(uri: &str) -> Result<String, SecretError> {
        Keypair::from_uri(uri).map(|key| ss58(&key.account()))
    }

    #[test]
    fn secrets_give_the_accounts_that_wallets_give() {
        // What polkadot-js and Substrate's `subkey` answer for these.
        let abandon = "abandon ".repeat(23) + "art//a name of a key that is much longer than 32 bytes";
        for (uri, expected) in [
            ("//Alice", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
            ("//Alice//stash", "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY"),
            ("//0", "5D34dL5prEUaGNQtPPZ3yN5Y6BnkfXunKXXz6fo7ZJbLwRRH"),
            ("//Alice/soft//2", "5FRcv8UfFPfNUoP5oh1DqS5Pa6szH5TAEdRcTdaE87SKmruC"),
            ("///password", "5GC6LfpV352HtJPySfAecb5JdePtf4R9Vq49NUU8RhzgBqgq"),
            ("//Alice///password", "5DDZ925gBq5PjNFM8yKTKWVoq1mf9veLGFHvpC6sHWXk6Wpe"),
            (PHRASE, "5Gv8YYFu8H1btvmrJy9FjjAWfb99wrhV3uhPFoNEr918utyR"),
            (&format!("{PHRASE}//polkadot//0"), "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX"),
            (&format!("{PHRASE}//hard/soft/7///pass word"), "5FKbWARMZPB15i5qCM1TmAUhJxk21Y6kscqD6tdACLox7TUo"),
            (
                "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//Alice",
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
            ),
            (&abandon, "5EyYEZLXQu8SnoedXK5KoG6NkS16ybZaZcrFhSChEj6evELC"),
        ] {
            assert_eq!(address(uri).as_deref(), Ok(expected), "{uri}");
        }
        let soft = Keypair::from_uri("/Alice").unwrap().account();
        assert_eq!(hex::encode(soft), "d6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e");
    }

    #[test]
    fn what_is_no_secret_is_named_without_showing_it() {
        let twelve = PHRASE.replace("juice", "jucie");
        let swapped = PHRASE.replace("caution juice", "juice caution");
        for (uri, error) in [
            ("", SecretError::Empty),
            ("  \n", SecretError::Empty),
            ("caution juice", SecretError::WordCount(2)),
            (&twelve, SecretError::UnknownWord(2)),
            (&swapped, SecretError::WrongChecksum),
            ("0x12", SecretError::BadSeed),
            (&format!("0x{}zz", "00".repeat(31)), SecretError::BadSeed),
            (&format!("0x{}///secret", "00".repeat(32)), SecretError::SeedWithPassword),
            ("//Alice/", SecretError::NamelessDerivation),
        ] {
            assert_eq!(Keypair::from_uri(uri).map(|key| key.account()), Err(error.clone()), "{uri}");
            assert!(!error.to_string().contains("jucie"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hotkey");
        fs::write(&path, format!("{PHRASE}//polkadot//0\n")).unwrap();
        let with_mode = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            Keypair::from_argument(path.to_str().unwrap()).map(|key| ss58(&key.account()))
        };
        assert_eq!(with_mode(0o600).as_deref(), Ok("5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX"));
        assert!(with_mode(0o400).is_ok());
        for mode in [0o640, 0o604, 0o660] {
            assert_eq!(with_mode(mode), Err(SecretError::Exposed { path: path.clone(), mode }));
        }
        let missing = Keypair::from_argument("/nowhere/key").unwrap_err();
        assert!(matches!(missing, SecretError::Unreadable { .. }), "{missing}");
    }

    #[test]
    fn only_development_keys_are_taken_from_the_command_line() {
        assert!(Keypair::from_argument("//Alice//stash").is_ok());
        let seed = format!("0x{}", "11".repeat(32));
        let mistyped = PHRASE.replace("juice", "jucie");
        for secret in [PHRASE, &seed, &mistyped, &format!("{PHRASE}///password"), "//Alice///password"] {
            assert_eq!(Keypair::from_argument(secret).map(|key| key.account()), Err(SecretError::OnCommandLine));
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(uri in "(0x)?[a-z/ ]{0,40}\\PC{0,20}") {
            let _ = Keypair::from_uri(&uri);
        }
    }
}
