//! Duties in replies.
