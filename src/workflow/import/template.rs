//! The `.gitlab-ci.yml` that connect brings along: by its digest an import is known to have asked for it.

/// The least `.gitlab-ci.yml` that runs.
pub const MINIMAL: &str = "\
# The least that runs; https://docs.gitlab.com/ci/yaml/ says what else there is.
stages:
  - test

hello:
  stage: test
  script:
    - echo \"GitLab CI/CD runs for $CI_PROJECT_PATH at $CI_COMMIT_SHORT_SHA\"
";
