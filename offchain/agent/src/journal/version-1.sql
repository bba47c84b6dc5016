-- A journal as version 1 of its schema left it: one scope, the commit of epoch 7, a figure and a fault.
CREATE TABLE scopes (
    id       INTEGER PRIMARY KEY,
    contract BLOB    NOT NULL,
    netuid   INTEGER NOT NULL,
    hotkey   BLOB    NOT NULL, -- the validator's
    UNIQUE (contract, netuid, hotkey)
) STRICT;
CREATE TABLE commits (
    scope       INTEGER NOT NULL REFERENCES scopes,
    epoch       INTEGER NOT NULL,
    weights     BLOB    NOT NULL, -- SCALE: Vec<(uid, registration id, weight)>
    version_key INTEGER NOT NULL,
    transcript  BLOB    NOT NULL,
    salt        BLOB    NOT NULL,
    hash        BLOB    NOT NULL,
    state       TEXT    NOT NULL,
    PRIMARY KEY (scope, epoch)
) STRICT;
CREATE TABLE averages (
    scope           INTEGER NOT NULL REFERENCES scopes,
    miner           BLOB    NOT NULL,
    registration_id INTEGER NOT NULL,
    loss            INTEGER NOT NULL,
    PRIMARY KEY (scope, miner, registration_id)
) STRICT;
CREATE TABLE verdicts (
    scope           INTEGER NOT NULL REFERENCES scopes,
    epoch           INTEGER NOT NULL,
    uid             INTEGER NOT NULL,
    miner           BLOB    NOT NULL,
    registration_id INTEGER NOT NULL,
    loss            INTEGER,          -- Q32.32 bits per byte on this epoch's windows; null with a fault
    average         INTEGER,          -- moving average after this epoch; null with a fault
    fault           TEXT,
    weight          INTEGER NOT NULL,
    PRIMARY KEY (scope, epoch, uid)
) STRICT;
INSERT INTO scopes VALUES (1, x'0909090909090909090909090909090909090909090909090909090909090909', 1,
    x'0101010101010101010101010101010101010101010101010101010101010101');
INSERT INTO commits VALUES (1, 7, x'08000001000000ffff0300090000000700', -1,
    x'0000000000000000000000000000000000000000000000000000000000000000',
    x'0505050505050505050505050505050505050505050505050505050505050505',
    x'647643deaa51b12e59b36b86379ac364de2931e154dac170cefd822165b756c1', 'planned');
INSERT INTO averages VALUES (1, x'0000000000000000000000000000000000000000000000000000000000000000', 4, 2000000);
INSERT INTO verdicts VALUES
    (1, 7, 0, x'0000000000000000000000000000000000000000000000000000000000000000', 4, 2000001, 2000000, NULL, 3),
    (1, 7, 3, x'0303030303030303030303030303030303030303030303030303030303030303', 4, NULL, NULL, 'no model', 3);
PRAGMA user_version = 1;
