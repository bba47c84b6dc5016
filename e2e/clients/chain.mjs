// A dev node by polkadot-js: transactions that are waited for, and its clock.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

export class Chain {
    // Connects once: a node that is not there is an error, not something to wait for.
    static async connect(url) {
        const provider = new WsProvider(url);
        try {
            const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
            return new Chain(api, provider);
        } catch (error) {
            await provider.disconnect();
            throw new Error(`no node answers at ${url}: ${error.message}`);
        }
    }

    constructor(api, provider) {
        this.api = api;
        this.provider = provider;
        this.keys = new Keyring({ type: 'sr25519' });
    }

    // The dev account of a name: `Alice` to `Ferdie` have funds.
    account(name) {
        return this.keys.addFromUri(`//${name}`);
    }

    // Signs and submits a call and waits for its block: the result, with events. What the runtime refuses is thrown.
    submit(call, signer) {
        return new Promise((resolve, reject) => {
            const follow = (result) => {
                if (result.dispatchError) reject(new Error(this.nameOf(result.dispatchError)));
                else if (result.isError) reject(new Error(`the transaction is ${result.status.type}`));
                // A block that is finalised at once may be told of as finalised alone.
                else if (result.isInBlock || result.isFinalized) resolve(result);
            };
            call.signAndSend(signer, { nonce: -1 }, follow).catch(reject);
        });
    }

    // The name of a runtime error, as `contracts.OutOfGas` or `Token.FundsUnavailable`.
    nameOf(error) {
        if (!error.isModule) return [error.type, error.inner?.type].filter(Boolean).join('.');
        const { section, name } = this.api.registry.findMetaError(error.asModule);
        return `${section}.${name}`;
    }

    // Moves chain time by so many ms.
    advance(ms) {
        return this.provider.send('dev_advanceTime', [ms]);
    }

    close() {
        return this.api.disconnect();
    }
}
