//! What is written comes back, and nothing else does.
