//! `connect import`: stories of people who bring a repository from GitHub to GitLab, told to the built program, against
//! forges between which git really moves.

mod by_hand;
mod drift;
mod killed;
mod left;
mod list;
mod lost;
mod pipeline;
mod refused;
mod remembered;
mod site;
mod standing;
mod status;
mod undo;
