// The frame of a script: arguments, a connection, a table or JSON, and an exit status that says whether all held.

import { Chain } from './chain.mjs';
import { Suite } from './suite.mjs';

// Runs `play` with the suite of the arguments, not deployed yet, and prints the { rows, summary } that it returns.
export async function run(play) {
    const json = process.argv.includes('--json');
    const [url, bundles] = process.argv.slice(2).filter((argument) => argument !== '--json');
    if (!bundles) {
        console.error(`usage: node ${process.argv[1]} URL BUNDLES [--json]`);
        process.exit(2);
    }
    let chain;
    try {
        chain = await Chain.connect(url);
        const { rows, summary } = await play(new Suite(chain, bundles));
        if (json) console.log(JSON.stringify({ rows, summary }, null, 2));
        else {
            console.table(rows);
            console.table(summary);
        }
    } catch (error) {
        console.error(error);
        process.exitCode = 1;
    } finally {
        await chain?.close();
    }
}
