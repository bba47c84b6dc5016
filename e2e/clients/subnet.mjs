// The life of a subnet, as somebody lives it who has nothing but the bundles: opened, staffed, weighed, governed,
// dissolved.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CONTRACTS } from './suite.mjs';

const TAO = 10n ** 9n;
const HOUR = 3_600_000;
const TEMPO = 360 * 12_000;
const NO_LIMIT = 2n ** 128n - 1n;
const GENESIS = 1_000_000n * TAO;
const NO_HASH = `0x${'00'.repeat(32)}`;
// A commitment in SCALE: contract, netuid, epoch, hotkey, weights, version key, transcript, salt.
const COMMITMENT = '(AccountId, u16, u64, AccountId, Vec<(u16, u32, u16)>, u64, Hash, [u8; 32])';

export class Subnet {
    constructor(suite) {
        const person = (name) => suite.chain.account(name);
        this.suite = suite;
        // Who deploys, owns and votes; the hotkeys; and somebody who has no right to anything.
        this.owner = person('Alice');
        this.validator = person('Bob');
        this.miner = person('Charlie');
        this.stranger = person('Dave');
    }

    // Deploys and wires the suite, and opens the first subnet of it.
    async open() {
        const { suite, owner } = this;
        const at = (name) => suite.address(name);
        await suite.deploy('governance', owner, HOUR, HOUR, 1_000, 100n * TAO);
        await suite.deploy('token', owner, at('governance'), owner.address, GENESIS);
        await suite.deploy('registry', owner, at('governance'), at('token'));
        await suite.deploy('staking', owner, at('governance'), at('token'), at('registry'));
        await suite.deploy('emission', owner, ...['governance', 'token', 'registry', 'staking'].map(at));
        await suite.deploy('incentive', owner, ...['governance', 'token', 'registry', 'staking', 'emission'].map(at));
        await suite.send(owner, 'token', 'wire', at('emission'));
        await suite.send(owner, 'registry', 'wire', at('incentive'));
        await suite.send(owner, 'staking', 'wire', at('emission'));
        await suite.send(owner, 'emission', 'wire', at('incentive'));
        await suite.send(owner, 'governance', 'wire', at('token'), at('staking'));

        for (const spender of ['registry', 'staking', 'incentive']) {
            await suite.send(owner, 'token', 'PSP22::approve', at(spender), NO_LIMIT);
        }
        const { value } = await suite.send(owner, 'registry', 'create_subnet', NO_LIMIT);
        this.netuid = value.toNumber();
        await suite.send(owner, 'registry', 'set_identity', this.netuid, 'letters', 'https://letters.example');
        await suite.send(owner, 'registry', 'set_evaluator', this.netuid, 'LanguageModel', NO_HASH, 'corpus.txt', '');
        await suite.send(owner, 'registry', 'start', this.netuid);
        await suite.send(this.stranger, 'incentive', 'activate', this.netuid);
    }

    // A validator with stake and a miner with a model join; after an epoch the validator has its permit.
    async staff() {
        const { suite, owner, netuid, validator, miner } = this;
        for (const hotkey of [validator, miner]) {
            await suite.send(owner, 'registry', 'register', netuid, hotkey.address, NO_LIMIT);
        }
        await suite.send(owner, 'staking', 'stake', validator.address, 10_000n * TAO);
        const [digest, uri] = [`0x${'11'.repeat(32)}`, 'https://miner.example/model'];
        await suite.send(miner, 'registry', 'commit_model', netuid, digest, 1_024, 'Llama', uri);
        await suite.send(miner, 'registry', 'serve_axon', netuid, 'http://miner.example');
        await this.turn();
    }

    // The owner announces a component as evaluator, as an author's page tells it to; it takes over with the next epoch.
    async changeEvaluator() {
        const { suite, owner, netuid } = this;
        const chosen = ['Component', `0x${'22'.repeat(32)}`, 'http://owner.example/evaluator.wasm', 'windows=64'];
        const { events } = await suite.send(owner, 'registry', 'set_evaluator', netuid, ...chosen);
        assert.deepEqual(events.map(({ name }) => name), ['EvaluatorSet'], 'it is announced');
        const shown = async () => (await suite.read('registry', 'subnet', netuid)).unwrap();
        const fields = ({ kind, codeHash, uri, parameters }) => [kind.type, ...[codeHash, uri, parameters].map(String)];
        const announced = await shown();
        assert.equal(announced.evaluator.kind.type, 'LanguageModel', 'the running epoch keeps its evaluator');
        assert.deepEqual(fields(announced.nextEvaluator.unwrap()), chosen, 'everybody sees the next one');
        await this.turn();
        const changed = await shown();
        assert.deepEqual(fields(changed.evaluator), chosen, 'it takes over with the epoch');
        assert(changed.nextEvaluator.isNone, 'and nothing else is announced');
    }

    // The validator commits to weights, reveals them an epoch later, and the miner is paid what they earned it.
    async earn() {
        const { suite, owner, netuid, validator, miner } = this;
        const [, seat] = await suite.read('registry', 'SubnetRegistry::neurons', netuid, 0);
        const weights = [[1, seat.registrationId, 65_535]];
        const { epoch } = (await suite.read('incentive', 'clock', netuid)).unwrap();
        const salt = randomBytes(32);
        await suite.send(validator, 'incentive', 'commit_weights', netuid, this.commitment(epoch, weights, salt));
        await this.turn();
        await suite.send(validator, 'incentive', 'reveal_weights', netuid, epoch, weights, 0, NO_HASH, salt);
        await this.turn();
        const owed = (await suite.read('emission', 'owed', netuid, miner.address)).toBigInt();
        const before = await this.balance(owner.address);
        const { value } = await suite.send(this.stranger, 'emission', 'claim', netuid, miner.address);
        assert(owed > 0n, 'the miner earned something');
        assert.equal(value.toBigInt(), owed, 'a claim pays what is owed');
        assert.equal(await this.balance(owner.address), before + owed, 'to the coldkey');
    }

    // A vote of stake changes a hyperparameter, and exchanges the registry's code for another and back.
    async govern() {
        const { suite, owner, netuid } = this;
        const bond = 5n * TAO;
        await this.execute(await this.pass('registry', 'set_hyperparameter', netuid, 'CommitBond', bond));
        const parameters = (await suite.read('registry', 'hyperparameters', netuid)).unwrap();
        assert.equal(parameters.commitBond.toBigInt(), bond, 'the vote was carried out');

        const [abi, old] = [suite.load('registry_migration'), suite.abis.registry];
        const [there, back] = [await suite.upload(abi, owner), await suite.upload(old, owner)];
        // Votes need the registry, so the way back is voted on before the way there is gone.
        const proposals = [];
        for (const code of [there, back]) proposals.push(await this.pass('registry', 'Upgradable::set_code', code));
        await this.execute(proposals[0]);
        const migrated = suite.handle(abi, suite.address('registry'));
        const { value } = await suite.ask('registry', 'owner_of', [netuid], owner.address, migrated);
        assert.equal(value.unwrap().toString(), owner.address, 'the new code reads what the old one wrote');
        await this.execute(proposals[1]);
        assert((await suite.read('registry', 'subnet', netuid)).isSome, 'and the old code is back');
    }

    // A vote dissolves the subnet; the owner has the lock back and takes the stake home.
    async close() {
        const { suite, owner, netuid, validator } = this;
        const { locked } = (await suite.read('registry', 'subnet', netuid)).unwrap();
        const dissolve = await this.pass('registry', 'dissolve', netuid);
        const before = await this.balance(owner.address);
        await this.execute(dissolve);
        assert.equal(await this.balance(owner.address), before + locked.toBigInt(), 'the lock comes back');
        assert((await suite.read('registry', 'subnet', netuid)).isNone, 'the subnet is gone');
        await suite.send(this.stranger, 'emission', 'retire', netuid);
        await suite.send(owner, 'staking', 'unstake_all', validator.address);
        await suite.chain.advance((await suite.read('staking', 'unbonding_ms')).unwrap().toNumber());
        await suite.send(owner, 'staking', 'withdraw');
    }

    // All TAO is somebody's, and emission's books say where what was issued went.
    async reconcile() {
        const { suite } = this;
        const people = [this.owner, this.validator, this.miner, this.stranger].map(({ address }) => address);
        const balances = {};
        for (const holder of [...people, ...CONTRACTS.map((name) => suite.address(name))]) {
            balances[holder] = await this.balance(holder);
        }
        const sum = Object.values(balances).reduce((sum, balance) => sum + balance, 0n);
        const supply = (await suite.read('token', 'PSP22::total_supply')).toBigInt();
        assert.equal(sum, supply, 'the supply is the sum of all balances');
        const books = await suite.read('emission', 'books');
        const carry = (await suite.read('emission', 'network_carry')).toBigInt();
        const paid = ['miners', 'validators', 'reserve', 'owners'].reduce((sum, to) => sum + books[to].toBigInt(), 0n);
        assert.equal(books.issued.toBigInt(), paid + carry, 'issued = paid + carried');
        assert.equal(balances[suite.address('governance')], books.reserve.toBigInt(), 'the reserve is in the treasury');
        assert.equal(balances[suite.address('emission')], carry, 'and emission holds what nobody has yet');
        return supply;
    }

    // Lets the epoch's time pass and has a stranger turn it.
    async turn() {
        await this.suite.chain.advance(TEMPO);
        await this.suite.send(this.stranger, 'incentive', 'run_epoch', this.netuid);
    }

    // Has a proposal to call a message pass its vote and its timelock: its number.
    async pass(contract, identifier, ...args) {
        const { suite, owner, validator } = this;
        const proposal = await this.propose(contract, identifier, ...args);
        await suite.send(owner, 'governance', 'vote', proposal, validator.address, true);
        await suite.chain.advance(2 * HOUR);
        return proposal;
    }

    // Proposes to call a message: the proposal's number.
    async propose(contract, identifier, ...args) {
        const { suite, owner, validator } = this;
        const call = suite.call(contract, identifier, args);
        const target = suite.address(contract);
        return (await suite.send(owner, 'governance', 'propose', NO_HASH, target, call, validator.address)).value;
    }

    // Anyone executes what passed.
    execute(proposal) {
        return this.suite.send(this.stranger, 'governance', 'execute', proposal);
    }

    async balance(holder) {
        return (await this.suite.read('token', 'PSP22::balance_of', holder)).toBigInt();
    }

    // The hash that the validator commits.
    commitment(epoch, weights, salt) {
        const { registry } = this.suite.chain.api;
        const [contract, hotkey] = [this.suite.address('incentive'), this.validator.address];
        const fields = [contract, this.netuid, epoch, hotkey, weights, 0, NO_HASH, salt];
        return registry.hash(registry.createType(COMMITMENT, fields).toU8a());
    }
}
