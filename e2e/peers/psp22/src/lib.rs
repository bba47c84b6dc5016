//! The contract of the package `psp22`, linked as it is: a package from a registry cannot be compiled to a contract by
//! itself, because others in the workspace want other features of it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

extern crate published;
