// The six contracts on a chain, known by their bundles alone.

import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Abi, CodePromise, ContractPromise } from '@polkadot/api-contract';
import * as decode from './decode.mjs';

// In the order in which they are deployed.
export const CONTRACTS = ['governance', 'token', 'registry', 'staking', 'emission', 'incentive'];

// A contract's own refusal.
export class Refused extends Error {
    constructor(contract, message, error) {
        super(`${contract} ${message} refused: ${error}`);
        this.name = 'Refused';
    }
}

export class Suite {
    constructor(chain, folder) {
        this.chain = chain;
        this.folder = folder;
        this.abis = Object.fromEntries(CONTRACTS.map((name) => [name, this.load(name)]));
        this.contracts = {};
        // Messages and constructors that were sent, with their events.
        this.steps = [];
        // Contract and selector of each message that was dry-run.
        this.asked = new Set();
    }

    bundle(name) {
        return JSON.parse(readFileSync(join(this.folder, `${name}.contract`), 'utf8'));
    }

    // What the library makes of a bundle.
    load(name) {
        return new Abi(this.bundle(name), this.chain.api.registry.getChainProperties());
    }

    address(name) {
        return this.contracts[name].address.toString();
    }

    // A contract at an address that is not, or no longer, one of the six.
    handle(abi, address) {
        return new ContractPromise(this.chain.api, abi, address);
    }

    // Selector and arguments of a message, as a proposal holds them.
    call(name, identifier, args) {
        const abi = this.abis[name];
        return abi.registry.createType('Bytes', abi.findMessage(identifier).toU8a(args)).toHex();
    }

    // Uploads a contract and instantiates it by its constructor `new`.
    async deploy(name, signer, ...args) {
        const { api } = this.chain;
        const abi = this.abis[name];
        const salt = `0x${randomBytes(8).toString('hex')}`;
        const code = new CodePromise(api, abi);
        const call = abi.findConstructor('new').toU8a(args);
        const upload = { Upload: code.code.toHex() };
        const dry = await api.call.contractsApi.instantiate(signer.address, 0, null, null, upload, call, salt);
        if (dry.result.isErr) throw new Error(`${name} is not deployed: ${this.chain.nameOf(dry.result.asErr)}`);
        const options = { gasLimit: dry.gasRequired, storageDepositLimit: null, salt };
        const result = await this.chain.submit(code.tx.new(options, ...args), signer);
        this.contracts[name] = result.contract;
        return this.tell(name, 'new', dry.gasConsumed, result);
    }

    // Uploads code without instantiating it: its hash.
    async upload(abi, signer) {
        const { wasm, wasmHash } = abi.info.source;
        await this.chain.submit(this.chain.api.tx.contracts.uploadCode(wasm.toHex(), null, 'Enforced'), signer);
        return wasmHash.toHex();
    }

    // Dry-runs a message: { value } or { error }, and { gas }. What the chain could not run at all is thrown.
    async ask(name, identifier, args, origin, contract = this.contracts[name]) {
        const message = contract.abi.findMessage(identifier);
        const gasLimit = this.chain.api.consts.system.blockWeights.maxBlock;
        const options = { gasLimit, storageDepositLimit: null };
        const query = contract.query[message.method];
        this.asked.add(`${name} ${query.meta.selector}`);
        const dry = await query(origin, options, ...args);
        const failure = dry.result.isErr && this.chain.nameOf(dry.result.asErr);
        if (failure) throw new Error(`${name} ${identifier} was not run: ${failure}`);
        const answer = decode.answer(message, dry.output);
        return { ...answer, gas: dry.gasRequired, consumed: dry.gasConsumed };
    }

    // What a message answers to anybody.
    async read(name, identifier, ...args) {
        const { value, error } = await this.ask(name, identifier, args, this.address(name));
        if (error) throw new Refused(name, identifier, error);
        return value;
    }

    // Sends a message: what it answers, and the step with its events.
    async send(signer, name, identifier, ...args) {
        const { value, error, gas, consumed } = await this.ask(name, identifier, args, signer.address);
        if (error) throw new Refused(name, identifier, error);
        const contract = this.contracts[name];
        const call = contract.tx[contract.abi.findMessage(identifier).method];
        const result = await this.chain.submit(call({ gasLimit: gas, storageDepositLimit: null }, ...args), signer);
        return { value, ...this.tell(name, identifier, consumed, result) };
    }

    // Records a step: events of all contracts of the suite are decoded by the metadata of the one that emitted them.
    tell(contract, message, consumed, result) {
        const events = result.filterRecords('contracts', 'ContractEmitted').map((record) => {
            const emitter = CONTRACTS.find((name) => this.contracts[name]?.address.eq(record.event.data[0]));
            if (!emitter) throw new Error(`${contract} ${message}: an event of a contract that is not of the suite`);
            return { contract: emitter, ...decode.event(this.abis[emitter], record) };
        });
        const step = { contract, message, refTime: consumed.refTime.toBigInt(), events };
        this.steps.push(step);
        return step;
    }
}
