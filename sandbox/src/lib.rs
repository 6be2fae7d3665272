//! A GitHub and a GitLab in memory.
