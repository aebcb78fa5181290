//! Every choice that the documents leave open, in one place.
//!
//! The numbers in brackets are those of `api-spec.md` section 6. Where the real platforms turn out to be different, the
//! entry here, the code and its test change together.
//!
//! # Helpdesk
//!
//! ## Who may call, and how refusals look
//!
//! - Wrong or missing credentials, and those of a support in the recycle bin, are HTTP 401 with `WWW-Authenticate`; a
//!   call that needs an administrator is 403; validation is 400; unknown things are 404; a taken account is 409.
//! - Tokens are given by `POST /api/token.php`, as public pages say (section 8), and last as long as the reply says; they
//!   speak for the administrator that always exists. A wrong key pair is HTTP 401, other refusals are 400, in the words of
//!   OAuth2. A token that was not given, has ended or was taken back is HTTP 401 like a wrong password.
//! - `supports`, `servicers` and `permissions` refuse with `{"status": <int>, "message": ...}`, which is the form of the
//!   one documented body (section 4). An unknown sId of `permissions` is HTTP 403, as its body says (H27).
//! - `plate_service_state`, `schedules` and `GET signin` refuse with `{"code": "<string>", "message": ...}`; `POST signin`
//!   with the same inside `signIn`. `code` is 10011, 10012 or 10013 where the documents have one, else the HTTP status
//!   as a string (H44). An unknown `sid` of a duty is 10011 too.
//! - Unknown paths are `{"errcode": "100047", "errmsg": "Invalid resource URI"}`, taken from newer public documentation;
//!   a wrong method is 405.
//! - Restoring needs an administrator (H22). Any support may change any support, `isAdmin` included, because the
//!   documents say "all supports" (H18).
//! - Bodies are read as JSON whatever `Content-Type` says, because the example of a restore sends none (H22).
//! - A parameter that is empty in the query counts as absent. Bare dates are taken as whole days by the time filters;
//!   both bounds are inclusive.
//!
//! ## Supports
//!
//! - `sId` is a number in the replies of list, show_many, create and update, and a string elsewhere, as the examples
//!   show (H1). All other scalars are strings. `url` and `updateDT` are in no reply (H11).
//! - List items show everything but `custom_fields`; `isStat` is shown only by a single read of a recycled support (H10,
//!   H14, H20). The default order is by `sId` (H15).
//! - `per_page` above 100 is cut to 100 (H4). Links are on the vendor's host, with the filters of the request (H3).
//! - `show_many` leaves out unknown and recycled ones, answers in the order asked, and refuses more than 100 ids.
//! - Read-only fields in a create or an update are ignored silently: `sId`, `url`, `isStat`, `createDT`, and in an update
//!   also `sPassportName` and `password` (H7, H8). `groupId` and `custom_fields` are marked read-only but are written (H6,
//!   H9). Unknown fields are ignored.
//! - `gnder` is 1 or 2 and `isAdmin` 0 or 1, as numbers or strings; anything else is refused. An update cannot empty
//!   `sNum`. An update changes only what it sends; null clears.
//! - Custom fields are merged by key; cleared ones stay as an empty string. Any key is accepted. `field_1` is a drop-down,
//!   as in the example: a label is read back as an id, unknown labels get new ids, an id is itself. The label of the
//!   example, `下拉选项内容`, has the id of the example, 4464896. Other values are read back as they were sent.
//! - A create without a password sets the configured initial one (H7).
//! - `sPassportName` is unique, and stays taken while its support is in the recycle bin (H17, H21). `sNum` and `mobile` are
//!   not unique.
//! - Deleting moves to the recycle bin. A second deletion, an update, a permission, a presence or a new duty of a recycled
//!   support is refused as if it did not exist; its duties, sign-ins, permissions and presence are kept (H20). The
//!   calling account cannot be recycled. `isStat` 0 in `servicers` is the same as a deletion (H22). There is no purge.
//! - The default account is a support with staff number 000; at each start it is made active, an administrator, and given
//!   the configured password.
//! - Search compares parts of the text in any case of ASCII letters. Without `sort_by` it is ascending by `sId`; with it
//!   `sort_order` defaults to descending (H23). A search by mobile takes `page`; others are not paged (H24).
//!
//! ## Permissions and presence
//!
//! - `mType` other than 4 and `state` other than 0 and 1 are refused.
//! - The configured names of presence are 离线, 在线, 忙碌 and 小休; 离线 is where everybody starts (H30). The support is
//!   checked first, then the plate, then the name. The plate asked for is the plate in the reply (H29).
//!
//! ## Sign-ins
//!
//! - A sign-in belongs to the calling account (H48) and shows its present name and staff number.
//! - The time filters are about the moment of recording (H47); the default order is that of recording.
//! - `remark` and `attachments` that were not sent are absent from replies, `tags` are an empty array. `attachments` are
//!   read back as the addresses joined by commas, and `clockingPoint` as address, landmark, longitude and latitude (H45).
//!
//! ## Schedules
//!
//! - A list holds one object when exactly one person has duties on exactly one day, else an array, also when empty (H31).
//!   An absent bound leaves that side open, and no range is too long (H42). The order is by date, sid and start.
//! - `name` and `remark` that were never sent are empty strings in lists.
//! - A create is all or nothing, with no bound on the number of duties, no uniqueness, and no rule about the past (H37,
//!   H40). Only a duty whose start is before the server's time cannot be deleted; it can be changed (H40).
//! - An end that is not after its start is refused, unless [`crate::Overnight::Accept`] is chosen, which still refuses
//!   equal times; 24:00 is refused (H38). Times are kept to the minute. Names are at most 30 characters of any kind
//!   (H43).
//! - An update keeps the texts that it does not send; both times are required (H39).
//! - A suffix in a `dutyId` is a counter in hexadecimal digits, and is never used twice (H33). A known `dutyId` must be
//!   given exactly.
//!
//! # Call centre
//!
//! - The success `code` is 0 unless configured (A1). A missing or wrong `token` is HTTP 401 with code 401; all other
//!   refusals are HTTP 200 with code 400 (validation), 403 (`abbreviate` of another company), 404 (unknown agent) or 409
//!   (taken `operatorId` or SIP number), and no `data` (A2, A17).
//! - `Content-Type` must be `application/json`. JSON types are strict (A28); null counts as absent. Unknown fields are
//!   ignored, and so are fields of a create in an edit (A6).
//! - `companyId` is not checked; agents keep the one they were created with, or 1 (A20).
//! - Texts that were never set are null in replies, as are the SIP fields of an agent without a SIP number (A19).
//!   `priority` and `ismemory` are 0 (A26). `ctime` and `utime` are milliseconds since 1970 (A24).
//! - Roles of agents are 客服 and 坐席, of leaders 班长; without `roleName` one of them at random, with it any name (A8).
//! - `password` is plain text of 6 to 32 characters on create and on edit, and is stored as MD5; `editPwd` stores the digest
//!   that it is given (A9).
//! - An `operatorId` is unique. A generated one is one above the greatest numeric one, at least 8001 (A10). A batch counts
//!   up from its first id, keeping the width; the id must be digits; all agents have the same name and, when one is
//!   given, the same password; one taken id refuses the whole batch (A11). `batchSize` without `batchFlag` is ignored.
//! - `bindSkillName` becomes the main group (A15). Groups come into being when they are named; an empty
//!   `mainGroupName` is no group. `mainGroupName` in `one` is ignored (A16).
//! - SIP numbers begin with 87. An edit binds a free or unknown number, which then exists; one that another agent has is
//!   refused; a deleted or unbound agent frees its number (A13).
//! - New agents have `status` 1 (A14).
//! - `del` with one unknown id deletes nothing (A18).
//! - `page` refuses sizes outside 10 to 100 (A22), filters for equality, and is ordered by creation (A23).
