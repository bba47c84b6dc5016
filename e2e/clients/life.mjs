// Lives the life of a subnet on a dev node: node life.mjs URL BUNDLES [--json]

import { run } from './run.mjs';
import { Subnet } from './subnet.mjs';

await run(async (suite) => {
    const subnet = new Subnet(suite);
    await subnet.open();
    await subnet.staff();
    await subnet.changeEvaluator();
    await subnet.earn();
    await subnet.govern();
    await subnet.close();
    const supply = await subnet.reconcile();
    const rows = suite.steps.map(({ contract, message, refTime, events }) => ({
        contract,
        message,
        'ref_time in M': Number(refTime / 1_000_000n),
        events: events.map(({ name }) => name).join(' '),
    }));
    return { rows, summary: { steps: rows.length, supply: `${supply} rao` } };
});
