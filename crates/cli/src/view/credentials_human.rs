//! What became of generated credentials, as text. Never a credential itself.

use std::io::{self, Write};

use deskform_applier::{Credentials, CredentialsOut, SeatOutcome, Whereabouts};

use super::plural::{Noun, count};
use crate::ui::ERROR;

/// Most seats that are named in a line.
const SHOWN: usize = 5;

/// Writes a line for what was handed over and one for each way in which the rest went.
///
/// # Errors
/// When the writer fails.
pub fn write(credentials: &Credentials, out: &mut dyn Write) -> io::Result<()> {
    if let Some(error) = &credentials.error {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        writeln!(out, "{ERROR}{error}{ERROR:#}{cause}; nothing was sent after that")?;
    }
    let of = |whereabouts, password: bool| credentials.seats(whereabouts).filter(move |seat| seat.password == password).collect::<Vec<_>>();
    let handed_over = credentials.seats(Whereabouts::HandedOver).count();
    if let Some(file) = credentials.out.as_ref().filter(|_| handed_over > 0) {
        writeln!(out, "Credentials of {} are in {}. Hand them on, then delete the file.", count(handed_over, Noun::Seat), place(file))?;
    }
    let discarded = of(Whereabouts::Discarded, true);
    if let [first, ..] = discarded[..] {
        writeln!(
            out,
            "Generated passwords were discarded: {}. Set new ones with `{}`; --credentials-out FILE keeps them next time.",
            names(&discarded),
            rotate(first)
        )?;
    }
    let phones = of(Whereabouts::Discarded, false);
    if !phones.is_empty() {
        let names = names(&phones);
        writeln!(
            out,
            "Generated SIP passwords were discarded: {names}. The call centre shows them; --credentials-out FILE hands them over."
        )?;
    }
    let lost = of(Whereabouts::Lost, true);
    if let [first, ..] = lost[..] {
        writeln!(out, "Generated passwords were lost: {}. Set new ones with `{}`.", names(&lost), rotate(first))?;
    }
    Ok(())
}

/// The file, and for whom it is.
pub fn place(out: &CredentialsOut) -> String {
    let path = out.path.display();
    match out.recipients.len() {
        0 => path.to_string(),
        recipients => format!("{path}, encrypted for {}", count(recipients, Noun::Recipient)),
    }
}

/// The command that gives a seat a password which somebody knows.
pub fn rotate_command(address: &str) -> String {
    format!("deskform rotate-password {address} --generate --credentials-out FILE")
}

fn rotate(seat: &SeatOutcome) -> String {
    rotate_command(&seat.address.to_string())
}

fn names(seats: &[&SeatOutcome]) -> String {
    let mut names: Vec<String> = seats.iter().take(SHOWN).map(|seat| seat.address.to_string()).collect();
    if seats.len() > SHOWN {
        names.push(format!("{} more", seats.len() - SHOWN));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use deskform_applier::CredentialsError;
    use deskform_model::Address;

    use super::*;

    fn seat(number: usize, password: bool, whereabouts: Whereabouts) -> SeatOutcome {
        SeatOutcome { address: Address::agent(&number.to_string()), password, whereabouts }
    }

    fn text(credentials: &Credentials) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write(credentials, &mut out).expect("written");
        String::from_utf8(out.into_inner()).expect("text")
    }

    #[test]
    fn nothing_generated_is_not_worth_a_word() {
        assert_eq!(text(&Credentials::default()), "");
    }

    #[test]
    fn what_was_handed_over_is_counted_and_its_place_named() {
        let mut out = CredentialsOut { path: "seats.age".into(), recipients: Vec::new() };
        let seats = vec![seat(1, true, Whereabouts::HandedOver), seat(2, false, Whereabouts::HandedOver)];
        let said = text(&Credentials { out: Some(out.clone()), seats: seats.clone(), error: None });
        assert_eq!(said, "Credentials of 2 seats are in seats.age. Hand them on, then delete the file.\n");
        out.recipients.push("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".parse().expect("a key"));
        assert!(text(&Credentials { out: Some(out), seats, error: None }).contains("in seats.age, encrypted for 1 recipient."));
    }

    #[test]
    fn what_is_gone_is_told_with_the_way_to_new_ones() {
        let mut seats: Vec<_> = (1..=7).map(|number| seat(number, true, Whereabouts::Discarded)).collect();
        seats.push(seat(8, false, Whereabouts::Discarded));
        seats.push(seat(9, true, Whereabouts::Lost));
        let said = text(&Credentials { out: None, seats, error: None });
        assert_eq!(
            said.lines().collect::<Vec<_>>(),
            [
                "Generated passwords were discarded: agent/1, agent/2, agent/3, agent/4, agent/5, 2 more. Set new ones with `deskform \
                 rotate-password agent/1 --generate --credentials-out FILE`; --credentials-out FILE keeps them next time.",
                "Generated SIP passwords were discarded: agent/8. The call centre shows them; --credentials-out FILE hands them over.",
                "Generated passwords were lost: agent/9. Set new ones with `deskform rotate-password agent/9 --generate --credentials-out FILE`.",
            ]
        );
    }

    #[test]
    fn a_full_disk_is_told_with_its_cause() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let error = Some(CredentialsError::Write { path: "seats".into(), source });
        let said = text(&Credentials { error, ..Credentials::default() });
        assert_eq!(said, "the credentials file seats cannot be written: no storage space; nothing was sent after that\n");
    }
}
