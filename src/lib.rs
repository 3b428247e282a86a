//! dpia365 turns a description of how an organisation runs Microsoft 365 into a data protection impact assessment.
//!
//! The layers, each with one verb, in order; a layer uses those above it, never those below:
//! [`diagnostic`], [`model`], [`source`], [`sheets`], [`catalog`], [`input`], [`assessment`], [`report`], [`render`], [`cli`].

pub mod assessment;
pub mod catalog;
pub mod cli;
pub mod diagnostic;
pub mod input;
pub mod model;
pub mod render;
pub mod report;
pub mod sheets;
pub mod source;
