// Calls every message of every contract on a dev node: node messages.mjs URL BUNDLES [--json]
//
// Each is dry-run with the values that a form begins with and with values that mean something on a living subnet, by
// everybody who might have a right to it. It must answer by name, and a reading message must answer what it was asked.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { initial } from './form.mjs';
import { run } from './run.mjs';
import { Subnet } from './subnet.mjs';
import { CONTRACTS } from './suite.mjs';

const TAO = 10n ** 9n;
const HOUR = 3_600_000;

await run(async (suite) => {
    const subnet = new Subnet(suite);
    await subnet.open();
    await subnet.staff();
    await subnet.earn();
    await subnet.propose('registry', 'dissolve', subnet.netuid);
    // The proposer's stake is locked until the vote ends.
    await suite.chain.advance(HOUR);
    const rows = await callAll(subnet);
    await subnet.govern();
    await subnet.close();
    await subnet.reconcile();

    const events = suite.steps.flatMap(({ events }) => events);
    const kinds = new Set(events.map(({ name }) => name));
    assert(kinds.has('WeightsCommitted'), 'an event without a signature is decoded too');
    const answers = (row) => row.answers.split(' ');
    const errors = new Set(rows.flatMap(answers).filter((name) => name !== 'Ok'));
    const sent = new Set(suite.steps.map(({ contract, message }) => `${contract} ${message}`));
    const done = (row) => answers(row).includes('Ok') || sent.has(`${row.contract} ${row.message}`);
    const summary = {
        messages: rows.length,
        'dry runs': rows.reduce((sum, row) => sum + row['dry runs'], 0),
        'messages that were done': rows.filter(done).length,
        'errors by name': errors.size,
        'events decoded': events.length,
        'kinds of events': kinds.size,
    };
    return { rows, summary };
});

// A row for each message: how often it was called and what it answered.
async function callAll(subnet) {
    const { suite } = subnet;
    const callers = await endow(subnet);
    const rows = [];
    for (const contract of CONTRACTS) {
        const abi = suite.abis[contract];
        for (const message of [...abi.constructors, ...abi.messages]) describe(contract, message);
        for (const message of abi.messages) rows.push(await callOne(subnet, callers, contract, message));
    }
    for (const contract of CONTRACTS) {
        for (const { label, selector } of suite.bundle(contract).spec.messages) {
            assert(suite.asked.has(`${contract} ${selector}`), `${contract} ${label} was not called`);
        }
    }
    return rows;
}

// What a form shows of a message: what it does, and what to fill in.
function describe(contract, { identifier, docs, args }) {
    assert(docs.join('').trim(), `${contract} ${identifier} has no docs`);
    for (const { name, type } of args) {
        assert(name, `${contract} ${identifier} has an argument without a name`);
        // Contracts UI takes a type of such a name for an Ethereum address, whatever it is.
        assert(!/Address/.test(type.displayName ?? ''), `${contract} ${identifier}: the type of ${name}`);
    }
}

async function callOne(subnet, callers, contract, message) {
    const { suite } = subnet;
    const { registry } = suite.abis[contract];
    const known = filled(subnet);
    const empty = message.args.map(({ type }) => initial(registry, type, subnet.owner.address));
    const value = ({ name, type }, at) => known[`${name}: ${type.type}`] ?? known[name] ?? empty[at];
    const full = message.args.map(value);
    const answers = new Set();
    for (const args of [empty, full]) {
        for (const caller of callers) {
            const { error } = await suite.ask(contract, message.identifier, args, caller);
            answers.add(error ?? 'Ok');
        }
    }
    const what = `${contract} ${message.identifier}`;
    assert(message.isMutating || answers.has('Ok'), `${what} only reads and answers only ${[...answers]}`);
    const calls = 2 * callers.length;
    return { contract, message: message.identifier, 'dry runs': calls, answers: [...answers].sort().join(' ') };
}

// Everybody who may have a right: people and, since some messages are for peers, contracts, with funds for deposits.
async function endow({ suite, owner, validator, stranger }) {
    const peers = ['governance', 'emission', 'incentive'].map((name) => suite.address(name));
    for (const peer of peers) {
        await suite.chain.submit(suite.chain.api.tx.balances.transferKeepAlive(peer, 10n ** 13n), owner);
    }
    return [owner.address, validator.address, stranger.address, ...peers];
}

// Arguments by name, or by name and type where a name has several types.
function filled({ suite, netuid, owner, validator, miner, stranger }) {
    const hash = `0x${randomBytes(32).toString('hex')}`;
    return {
        netuid,
        netuids: [netuid],
        hotkey: validator.address,
        'hotkey: u32': 1,
        coldkey: owner.address,
        'owner: AccountId': owner.address,
        new: suite.chain.account('Ferdie').address,
        newColdkey: stranger.address,
        newOwner: stranger.address,
        old: miner.address,
        from: owner.address,
        to: miner.address,
        spender: suite.address('registry'),
        target: suite.address('registry'),
        input: suite.call('registry', 'dissolve', [netuid]),
        amount: TAO,
        value: 1,
        'value: u64': 2 * HOUR,
        deltaValue: 1,
        emissions: [0, 0],
        children: [miner.address],
        proportions: [1],
        commits: [[netuid, hash]],
        codeHash: suite.abis.token.info.source.wasmHash,
        maxBurn: 100n * TAO,
        maxLock: 10_000n * TAO,
        hash,
        digest: hash,
        size: 1_024,
        axon: '0x01',
        name: 'letters',
        uri: 'https://letters.example',
        id: 1,
        proposal: 1,
        registrationId: 1,
        'weights: Vec<u16>': [65_535],
        untilMs: 1,
        subnetLimit: 128,
        votingPeriodMs: 3_600_000,
        quorumBps: 1_000,
        miners: 5_000,
        validators: 2_500,
        reserve: 2_500,
    };
}
