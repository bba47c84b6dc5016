//! A runtime's calls and transactions as bytes, by the names in its metadata.

use ink::primitives::AccountId;
use inktensor_chain::Keypair;
use scale::{Compact, Decode, Encode};
use subxt::metadata::{ArcMetadata, Metadata};

/// Computing and bytes of proof, as calls and answers of a runtime hold them.
#[derive(Clone, Copy, Debug, Encode, Decode)]
pub struct Gas {
    /// In ps of the reference machine.
    #[codec(compact)]
    pub ref_time: u64,
    /// In bytes.
    #[codec(compact)]
    pub proof_size: u64,
}

/// What has to be known of a runtime to speak to it.
pub struct Runtime {
    /// Names and types.
    pub metadata: ArcMetadata,
    /// Whether balances have 128 bits, and not 64.
    pub wide: bool,
    /// Hash of the first block.
    pub genesis: [u8; 32],
    /// Version of its code.
    pub spec: u32,
    /// Version of its transactions.
    pub transaction: u32,
}

impl Runtime {
    /// A call with its encoded arguments.
    pub fn call(&self, pallet: &str, call: &str, arguments: &[u8]) -> Vec<u8> {
        let pallet = self.metadata.pallet_by_name(pallet).expect("the runtime has the pallet");
        let variant = pallet.call_variant_by_name(call).expect("the pallet has the call");
        [&[pallet.call_index(), variant.index][..], arguments].concat()
    }

    /// A transaction that never expires.
    pub fn signed(&self, key: &Keypair, nonce: u32, call: &[u8]) -> Vec<u8> {
        let extra = (0_u8, Compact(nonce), Compact(0_u128)).encode();
        let implied = (self.spec, self.transaction, self.genesis, self.genesis).encode();
        let payload = [call, &extra, &implied].concat();
        let signature =
            if payload.len() > 256 { key.sign(&sp_io::hashing::blake2_256(&payload)) } else { key.sign(&payload) };
        let signed = (0x84_u8, address(key.account()), 1_u8, signature).encode();
        [&signed[..], &extra, call].concat().encode()
    }

    /// Reads a balance.
    pub fn amount(&self, input: &mut &[u8]) -> u128 {
        let amount = if self.wide { u128::decode(input) } else { u64::decode(input).map(Into::into) };
        amount.expect("a balance has the width of the chain's")
    }

    /// A balance of nothing, as an argument of a runtime's function.
    pub fn zero(&self) -> Vec<u8> {
        vec![0; if self.wide { 16 } else { 8 }]
    }

    /// The most that a transaction may consume.
    pub fn most_gas(&self) -> Gas {
        let system = self.metadata.pallet_by_name("System").expect("every runtime has it");
        let weights = system.constant_by_name("BlockWeights").expect("every runtime has limits").value();
        // The block's base and whole, then of transactions of everyone their base and the most of one.
        let (_base, _block, _each, one) =
            <(Gas, Gas, Gas, Option<Gas>)>::decode(&mut &weights[..]).expect("limits have their type");
        one.expect("a transaction is limited")
    }
}

/// The metadata of a node's answer.
pub fn metadata(bytes: &[u8]) -> ArcMetadata {
    Metadata::decode_from(bytes).expect("the node's metadata is metadata").arc()
}

/// An account as transactions name it.
pub fn address(account: AccountId) -> (u8, AccountId) {
    (0, account)
}

/// Bytes as JSON-RPC has them.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)] as char);
    "0x".chars().chain(digits).collect()
}

/// Bytes from JSON-RPC.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").expect("bytes begin with 0x").as_bytes();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(value(pair[0])? << 4 | value(pair[1])?);
    digits.chunks_exact(2).map(|pair| byte(pair).expect("bytes are hexadecimal")).collect()
}
