//! Rules across documents, one file per rule, listed once.
