//! `connect import`: stories of people who bring a repository from GitHub to GitLab, told to the built program, against
//! forges between which git really moves.

mod drift;
mod left;
mod list;
mod pipeline;
mod standing;
mod status;
mod undo;
