//! The documents that people write, and how they become resources.
