//! Agents (seats): api-spec.md section 5.1.

use crate::codec::{Choices, Codec};
use crate::field::{CLEARABLE, CREATE, EDIT, Field, Flags, INITIAL, KEY, READ, REQUIRED, RESET};

const ALL: Flags = CREATE.with(EDIT).with(READ);
const TEXT: Flags = ALL.with(CLEARABLE);
/// Readable, but edits do not take it (api-spec.md A6).
const FIXED: Flags = CREATE.with(READ);

/// The fields of an agent.
pub const FIELDS: &[Field] = &[
    Field::new(
        "operatorId",
        "operatorId",
        Codec::text(255),
        CREATE.with(READ).with(KEY).with(REQUIRED),
        "The seat's number; its identity.",
        "\"8001\"",
    ),
    Field::new("name", "name", Codec::text(255), TEXT, "Name of the seat.", "张三"),
    Field::new("type", "operatorType", Codec::Choice(TYPES), ALL, "Ordinary agent or team leader.", "agent"),
    Field::new(
        "afterCallSeconds",
        "afterInterval",
        Codec::Number { min: 0, max: 86_400 },
        ALL,
        "Seconds after a call before the next one; once above 0 it cannot go back to 0.",
        "10",
    )
    .edit_min(1),
    Field::new("boundPhone", "bindcode", Codec::text(255), TEXT, "The real phone number behind the seat.", "\"13200000000\""),
    Field::new("callerId", "showcaller", Codec::text(255), TEXT, "The number that callees see.", "\"01000000000\""),
    Field::new("outboundCalls", "outcallflag", Codec::Choice(OUTBOUND), ALL, "Which calls the seat may make.", "allowed"),
    Field::new("hideNumber", "isHidePhone", Codec::FLAG, ALL, "Whether customers' numbers are hidden from the agent.", "false"),
    Field::new("recordCalls", "isrecord", Codec::FLAG, ALL, "Whether calls are recorded.", "true"),
    Field::new("ttsContent", "ttscontent", Codec::lines(), TEXT, "Text that is read to callers.", "您好,欢迎致电。"),
    Field::new(
        "role",
        "roleName",
        Codec::text(255),
        CREATE.with(EDIT),
        "Role by name; write-only. Without one the platform picks a role at random.",
        "客服",
    ),
    Field::new(
        "skillGroup",
        "mainGroupName",
        Codec::text(255),
        EDIT.with(READ),
        "Main skill group; set by an edit after creation.",
        "售后",
    ),
    Field::new("enabled", "status", Codec::FLAG, EDIT.with(READ), "Whether the seat is open; set by an edit after creation.", "true"),
    Field::new(
        "sipNumber",
        "sipNumber",
        Codec::Sip,
        EDIT.with(READ).with(CLEARABLE),
        "SIP number bound to the seat; null unbinds. Set by an edit after creation.",
        "\"870001\"",
    )
    .edited_as("sipnumber"),
    Field::new(
        "initialSkill.name",
        "bindSkillName",
        Codec::text(255),
        CREATE.with(INITIAL),
        "Skill group that a new seat joins; the main skill group by default.",
        "售后",
    )
    .falling_back_to("skillGroup"),
    Field::new(
        "initialSkill.level",
        "bindSkillLevel",
        Codec::Number { min: 0, max: 1_000_000 },
        CREATE.with(INITIAL),
        "Level of a new seat in that skill group; larger goes first.",
        "5",
    ),
    Field::new("email", "email", Codec::email(), FIXED.with(CLEARABLE), "E-mail address; fixed once created.", "seat-8001@example.com"),
    Field::new("audio", "isaudio", Codec::FLAG, FIXED, "Whether the seat takes voice calls; fixed once created.", "true"),
    Field::new("video", "isvideo", Codec::FLAG, FIXED, "Whether the seat takes video calls; fixed once created.", "false"),
    Field::new("message", "ismessage", Codec::FLAG, FIXED, "Whether the seat takes instant messages; fixed once created.", "true"),
    Field::new(
        "satisfactionSurvey",
        "judge",
        Codec::FLAG,
        FIXED,
        "Whether callers are asked to rate the service; fixed once created.",
        "true",
    ),
    // Plain on create, MD5 through editPwd afterwards; never part of an edit (api-spec.md A9).
    Field::new(
        "password",
        "password",
        Codec::Secret { min: 6, max: 31 },
        CREATE.with(RESET),
        "Password, 6 to 31 characters; set again when its version changes.",
        "{env: SEAT_8001, version: 1}",
    ),
];

const TYPES: Choices = &[("agent", 0), ("leader", 1)];
const OUTBOUND: Choices = &[("allowed", 0), ("noLongDistance", 1), ("forbidden", 2), ("noInternational", 3)];
