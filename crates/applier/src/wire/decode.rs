//! Supports and seats in replies.
