//! The sandbox's GitHub delivers: its own headers, its own redeliveries.

