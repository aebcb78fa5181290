BEGIN;

CREATE TABLE supports (
    sId           INTEGER PRIMARY KEY AUTOINCREMENT,
    sPassportName TEXT NOT NULL UNIQUE, -- also of those in the recycle bin
    passwordMd5   TEXT NOT NULL,
    groupId       TEXT NOT NULL DEFAULT '',
    sNum          TEXT NOT NULL DEFAULT '',
    name          TEXT NOT NULL DEFAULT '',
    gnder         TEXT NOT NULL DEFAULT '1',
    email         TEXT NOT NULL DEFAULT '',
    fixnumber     TEXT NOT NULL DEFAULT '',
    mobile        TEXT NOT NULL DEFAULT '',
    QQ            TEXT NOT NULL DEFAULT '',
    isAdmin       TEXT NOT NULL DEFAULT '0',
    isStat        INTEGER NOT NULL DEFAULT 1,
    createDT      TEXT NOT NULL,
    updateDT      TEXT NOT NULL,
    custom_fields TEXT NOT NULL DEFAULT '[]' -- [{"key", "value"}] as they are read back
);
CREATE INDEX supports_listed ON supports (isStat, sId);
CREATE INDEX supports_created ON supports (isStat, createDT, sId);

-- Options of drop-down fields: a label is written, its id is read.
CREATE TABLE drop_down_options (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    key   TEXT NOT NULL,
    label TEXT NOT NULL,
    UNIQUE (key, label)
);
INSERT INTO drop_down_options (id, key, label) VALUES (4464896, 'field_1', '下拉选项内容');

CREATE TABLE permissions (
    sId   INTEGER NOT NULL REFERENCES supports,
    mType TEXT NOT NULL,
    "on"  INTEGER NOT NULL, -- 1 is on, unlike the state of the API
    PRIMARY KEY (sId, mType)
) WITHOUT ROWID;

CREATE TABLE presence (
    sId   INTEGER NOT NULL REFERENCES supports,
    plate TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (sId, plate)
) WITHOUT ROWID;

CREATE TABLE sign_ins (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sId         INTEGER NOT NULL REFERENCES supports,
    remark      TEXT,
    attachments TEXT,
    tags        TEXT NOT NULL, -- a JSON array
    checkinTime TEXT NOT NULL,
    address     TEXT NOT NULL,
    landmark    TEXT NOT NULL,
    latitude    TEXT NOT NULL,
    longitude   TEXT NOT NULL,
    createDT    TEXT NOT NULL
);
CREATE INDEX sign_ins_created ON sign_ins (createDT, id);
CREATE INDEX sign_ins_of_support ON sign_ins (sId, id);

-- A dutyId is made of sid, date and number, and is not stored.
CREATE TABLE duties (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    sid        INTEGER NOT NULL REFERENCES supports,
    date       TEXT NOT NULL,
    name       TEXT,
    remark     TEXT,
    start_time TEXT NOT NULL,
    end_time   TEXT NOT NULL,
    url        TEXT
);
CREATE INDEX duties_by_day ON duties (date, sid, start_time, number);

CREATE TABLE agents (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    companyId      INTEGER NOT NULL,
    operatorId     TEXT NOT NULL UNIQUE,
    passwordMd5    TEXT NOT NULL,
    roleName       TEXT NOT NULL,
    bindSkillName  TEXT,
    bindSkillLevel INTEGER NOT NULL,
    name           TEXT,
    operatorType   INTEGER NOT NULL,
    showcaller     TEXT,
    priority       INTEGER NOT NULL DEFAULT 0,
    bindcode       TEXT,
    ismemory       INTEGER NOT NULL DEFAULT 0,
    isaudio        INTEGER NOT NULL,
    isvideo        INTEGER NOT NULL,
    ismessage      INTEGER NOT NULL,
    isHidePhone    INTEGER NOT NULL,
    outcallflag    INTEGER NOT NULL,
    email          TEXT,
    ctime          INTEGER NOT NULL,
    utime          INTEGER NOT NULL,
    ttscontent     TEXT,
    status         INTEGER NOT NULL DEFAULT 1,
    isrecord       INTEGER NOT NULL,
    maingroupid    INTEGER REFERENCES skill_groups,
    judge          INTEGER NOT NULL,
    afterInterval  INTEGER NOT NULL
);
CREATE INDEX agents_of_group ON agents (maingroupid, id);

CREATE TABLE skill_groups (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE sip_numbers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sipNumber   TEXT NOT NULL UNIQUE,
    sipPassword TEXT NOT NULL,
    agent       INTEGER UNIQUE REFERENCES agents ON DELETE SET NULL
);

PRAGMA user_version = 1;

COMMIT;
