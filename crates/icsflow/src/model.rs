//! The model as authored.
