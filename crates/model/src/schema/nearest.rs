//! "Did you mean".

/// Two of three letters in common: one wrong letter in a name of three still counts, `role` is not taken for `mobile`.
const CUTOFF: f32 = 0.65;

/// The candidate that is most like `word`, when one is like enough; upper and lower case are alike.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let lower: Vec<String> = candidates.iter().map(|candidate| candidate.to_lowercase()).collect();
    let views: Vec<&str> = lower.iter().map(String::as_str).collect();
    let best = *similar::get_close_matches(&*word.to_lowercase(), &views, 1, CUTOFF).first()?;
    let at = lower.iter().position(|candidate| candidate == best)?;
    Some(candidates[at])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_likest_candidate_wins_and_strangers_do_not() {
        let nearest = |word, candidates: &[&'static str]| super::nearest(word, candidates.iter().copied());
        assert_eq!(nearest("moblie", &["email", "mobile", "name"]), Some("mobile"));
        assert_eq!(nearest("Staffnumber", &["staffNumber"]), Some("staffNumber"));
        assert_eq!(nearest("张二", &["李四", "张三丰"]), None);
        assert_eq!(nearest("zhang-sna", &["zhang-san", "li-si"]), Some("zhang-san"));
        assert_eq!(nearest("x", &[]), None);
    }
}
