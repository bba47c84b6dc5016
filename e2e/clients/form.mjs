// Values for arguments by their types alone, as a form of Contracts UI holds them before anybody has typed: zeros,
// empty texts, the first variant, one element, the first account.

import { TypeDefInfo } from '@polkadot/types/types';

const NUMBER = /^u(8|16|32|64|128)$|^Balance$/;

// What an argument of `type` is at first. A type for which the form has no field is thrown.
export function initial(registry, type, account) {
    const of = (type) => initial(registry, type, account);
    switch (type.info) {
        case TypeDefInfo.Si:
            return of(registry.lookup.getTypeDef(type.lookupIndex));
        case TypeDefInfo.Option:
            return null;
        case TypeDefInfo.Vec:
            return [of(type.sub)];
        case TypeDefInfo.VecFixed:
            return Array.from({ length: type.length }, () => of(type.sub));
        case TypeDefInfo.Tuple:
            return type.sub.map(of);
        case TypeDefInfo.Struct:
            return Object.fromEntries(type.sub.map((field) => [field.name, of(field)]));
        case TypeDefInfo.Enum:
            return { [type.sub[0].name]: of(type.sub[0]) };
    }
    if (NUMBER.test(type.type)) return 0;
    const hash = registry.createType('Hash');
    const plain = { AccountId: account, Hash: hash, bool: false, Text: '', Bytes: '0x', Null: null };
    if (!(type.type in plain)) throw new Error(`a form has no field for ${type.type}`);
    return plain[type.type];
}
