// What contracts answer and tell, by their metadata alone. What does not decode to names, to the last byte, is thrown.

import { TypeDefInfo } from '@polkadot/types/types';

// What a message answered: { value }, or { error } by name. The library has compared the output with its bytes.
export function answer(message, output) {
    if (output.isErr) throw new Error(`${message.identifier} is not known to the contract: ${output.asErr.type}`);
    const type = message.returnType.sub[0];
    const value = output.asOk;
    if (type.info !== TypeDefInfo.Result || value.isOk) {
        return { value: type.info === TypeDefInfo.Result ? value.asOk : value };
    }
    return { error: nameOf(value.asErr) };
}

// An event of a contract: its name and its fields by name.
export function event(abi, record) {
    const data = record.event.data[1];
    const { event, args } = abi.decodeEvent(record);
    const length = args.reduce((sum, arg) => sum + arg.encodedLength, 0);
    if (length !== data.length) throw new Error(`${event.identifier} decodes to ${length} bytes of ${data.length}`);
    const fields = Object.fromEntries(event.args.map(({ name }, at) => [name, args[at].toHuman()]));
    return { name: event.identifier.split('::').at(-1), fields };
}

// The name of an error, with that of an error which it carries: `Transfer(InsufficientAllowance)`.
function nameOf(error) {
    // The library has names of its own for numbers that the metadata leaves out.
    if (!error.type || error.type.startsWith('__')) throw new Error(`an error without a name: ${error.toHex()}`);
    return error.isBasic || error.isNone ? error.type : `${error.type}(${nameOf(error.inner)})`;
}
