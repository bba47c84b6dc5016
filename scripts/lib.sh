# Common parts of the scripts, to be sourced: . "$(dirname "$0")/lib.sh"
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/inktensor

# One target folder for everything, outside the checkout: a fresh clone finds the dependencies compiled.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}

# The Rust for contracts that set-up makes where rustup cannot add the target (see scripts/wasm-toolchain).
WASM_TARGET=wasm32v1-none
export INKTENSOR_WASM_TOOLCHAIN=$CACHE/wasm-toolchain/current

# Graphics drivers complain on stderr where this is not set.
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}}

# Binaries of the development chain's node, each in a folder named after what it was built from; see scripts/node.
# shellcheck disable=SC2034
NODES=$CACHE/node

say() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The oldest Rust that builds the workspace, as its manifest states it.
needed_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml"; }

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Whether the rustc named $1 can compile contracts: it has the target's core library, not just the target's name.
has_wasm_target() {
    local folder
    folder=$("$1" --print target-libdir --target "$WASM_TARGET" 2>/dev/null) && compgen -G "$folder/libcore-*" >/dev/null
}

# Version of Debian's rustc; nothing where there is none.
debian_rust() { /usr/bin/rustc --version 2>/dev/null | cut -d ' ' -f 2 || true; }

# Whether set-up's Rust for contracts is there and belongs to the present version of Debian's rustc.
has_own_wasm_toolchain() {
    [ "$(basename "$(readlink "$INKTENSOR_WASM_TOOLCHAIN")")" = "$(debian_rust)" ] && has_wasm_target "$INKTENSOR_WASM_TOOLCHAIN/bin/rustc"
}

# What the node of the development chain is built with, beside Rust.
has_node_tools() { have protoc && have pkg-config && pkg-config --exists openssl; }

# What the tests with the clients of wallets run on.
has_javascript() { have npm && have node && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'; }

has_cxx() { have c++ || have g++ || have clang++; }

# Vulkan: the loader, and at least one driver for it. Elsewhere than on Linux the system brings its own graphics API.
has_vulkan_loader() {
    local folder
    for folder in /usr/lib /usr/lib64 /usr/local/lib "/usr/lib/$(uname -m)-linux-gnu"; do
        [ ! -e "$folder/libvulkan.so.1" ] || return 0
    done
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -c 'libvulkan\.so\.1' >/dev/null
}
has_vulkan_driver() {
    [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
    local folder
    for folder in /usr/share /usr/local/share /etc "$HOME/.local/share"; do
        ! compgen -G "$folder/vulkan/icd.d/*.json" >/dev/null || return 0
    done
    return 1
}

# Builds the programs named in $@ (of `inktensor` and `inktensor-bundle`), all in one run of cargo.
# Cargo compiles a dependency anew whenever its features differ, and they do with every choice of packages and with or
# without dev-dependencies. `--workspace` and one test target make them those of a build of everything, so that nothing
# is compiled twice; the test is the bundler's own, which needs no more than the bundler does.
build_programs() {
    local program arguments=()
    for program in "$@"; do arguments+=(--bin "$program"); done
    (cd "$ROOT" && cargo build --workspace "${arguments[@]}" --test bundler)
}

# Brings all bundles and components up to date; arguments go to the bundler.
# shellcheck disable=SC2120
build_bundles() { (cd "$ROOT" && "$CARGO_TARGET_DIR/debug/inktensor-bundle" "$@"); }
