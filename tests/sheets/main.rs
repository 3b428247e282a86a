//! Files as tables: every format, files that were made to do harm, and files with bytes flipped. All of them are made in code.
//!
//! Memory is counted by an allocator of its own, so that a file that fills it is found.

mod files;
mod formats;
mod fuzz;
mod hostile;
