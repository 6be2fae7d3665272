//! Is this a CI configuration?
//!
//! A modest judge: what it complains of, GitLab complains of in these words; much of what GitLab
//! complains of, it lets pass. What is included from elsewhere is not fetched, so a configuration
//! with an `include` need not have a job of its own.
//!
//! Sources: GitLab "CI/CD YAML syntax reference", `doc/api/lint.md`.

use saphyr::{Mapping, Yaml};
use serde_json::{Value, json};

use super::tree::{self, extended, get};

/// Words at the top that name no job.
const RESERVED: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// What a job may say.
const JOB_KEYS: &[&str] = &[
    "after_script",
    "allow_failure",
    "artifacts",
    "before_script",
    "cache",
    "coverage",
    "dast_configuration",
    "dependencies",
    "environment",
    "except",
    "extends",
    "hooks",
    "id_tokens",
    "identity",
    "image",
    "inherit",
    "inputs",
    "interruptible",
    "manual_confirmation",
    "needs",
    "only",
    "pages",
    "parallel",
    "publish",
    "release",
    "resource_group",
    "retry",
    "rules",
    "run",
    "script",
    "secrets",
    "services",
    "stage",
    "start_in",
    "tags",
    "timeout",
    "trigger",
    "type",
    "variables",
    "when",
];

/// What is thought of a configuration.
#[derive(Debug, Default)]
pub(in crate::gitlab) struct Verdict {
    pub errors: Vec<String>,
    pub warnings: Vec<String>,
    /// Empty where it could not be read.
    pub merged_yaml: Option<String>,
    pub includes: Vec<Value>,
    pub jobs: Vec<JobSeen>,
}

impl Verdict {
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn refused(error: impl Into<String>) -> Self {
        Self { errors: vec![error.into()], ..Self::default() }
    }
}

/// A job that would run.
#[derive(Debug)]
pub(in crate::gitlab) struct JobSeen {
    pub name: String,
    pub stage: String,
    /// As the linter shows it.
    pub shown: Value,
}

/// Judges a configuration.
pub(in crate::gitlab) fn judge(text: &str) -> Verdict {
    if text.trim().is_empty() {
        return Verdict::refused("Please provide content of .gitlab-ci.yml");
    }
    let root = match tree::read(text) {
        Err(error) => return Verdict::refused(error),
        Ok(Yaml::Mapping(root)) => root,
        Ok(_) => return Verdict::refused("Invalid configuration format"),
    };
    let mut verdict = Verdict { includes: includes(&root), ..Verdict::default() };
    let stages = stages(&root, &mut verdict);
    let mut whole = Mapping::new();
    let mut visible = Vec::new();
    for (key, value) in &root {
        let name = key.as_str().unwrap_or_default();
        if RESERVED.contains(&name) {
            whole.insert(key.clone(), value.clone());
            continue;
        }
        if !matches!(value, Yaml::Mapping(_)) {
            if !name.starts_with('.') {
                verdict.errors.push(format!("root config contains unknown keys: {name}"));
            }
            continue;
        }
        match extended(&root, name, 0) {
            Err(error) => verdict.errors.push(error),
            Ok(job) => {
                if !name.starts_with('.') {
                    visible.push((name.to_owned(), job.clone()));
                }
                whole.insert(key.clone(), Yaml::Mapping(job));
            }
        }
    }
    if visible.is_empty() && verdict.includes.is_empty() && verdict.errors.is_empty() {
        verdict.errors.push("jobs config should contain at least one visible job".to_owned());
    }
    let workflow = get(&root, "workflow").is_some();
    let names: Vec<String> = visible.iter().map(|(name, _)| name.clone()).collect();
    for (name, job) in &visible {
        look_at(name, job, &stages, &names, workflow, &mut verdict);
    }
    verdict.merged_yaml = Some(tree::written(&Yaml::Mapping(whole)));
    verdict
}

fn includes(root: &Mapping<'_>) -> Vec<Value> {
    let one = |include: &Yaml<'_>| match include {
        Yaml::Mapping(map) => {
            let kinds = ["local", "remote", "template", "project", "component"];
            let (kind, place) = kinds.iter().find_map(|kind| Some((*kind, get(map, kind)?)))?;
            Some(json!({ "type": kind, "location": tree::json(place), "blob": null, "raw": null, "extra": {} }))
        }
        other => other.as_str().map(|place| {
            let kind = if place.contains("://") { "remote" } else { "local" };
            json!({ "type": kind, "location": place, "blob": null, "raw": null, "extra": {} })
        }),
    };
    match get(root, "include") {
        None => Vec::new(),
        Some(Yaml::Sequence(all)) => all.iter().filter_map(one).collect(),
        Some(include) => one(include).into_iter().collect(),
    }
}

/// The stages in their order, with the two that are always there.
fn stages(root: &Mapping<'_>, verdict: &mut Verdict) -> Vec<String> {
    let named = match get(root, "stages").or_else(|| get(root, "types")) {
        None => ["build", "test", "deploy"].map(str::to_owned).into(),
        Some(Yaml::Sequence(stages)) if stages.iter().all(|stage| stage.as_str().is_some()) => {
            stages.iter().filter_map(|stage| stage.as_str().map(str::to_owned)).collect()
        }
        Some(_) => {
            verdict.errors.push("stages config should be an array of strings".to_owned());
            Vec::new()
        }
    };
    [vec![".pre".to_owned()], named, vec![".post".to_owned()]].concat()
}

/// A text, or texts within texts.
fn is_script(yaml: &Yaml<'_>) -> bool {
    match yaml {
        Yaml::Sequence(lines) => !lines.is_empty() && lines.iter().all(is_script),
        Yaml::Tagged(..) => true,
        other => other.as_str().is_some(),
    }
}

fn look_at(name: &str, job: &Mapping<'_>, stages: &[String], jobs: &[String], workflow: bool, verdict: &mut Verdict) {
    let errors = &mut verdict.errors;
    let unknown: Vec<&str> = job.keys().filter_map(|key| key.as_str()).filter(|key| !JOB_KEYS.contains(key)).collect();
    if !unknown.is_empty() {
        errors.push(format!("jobs:{name} config contains unknown keys: {}", unknown.join(", ")));
    }
    if ["script", "run", "trigger"].iter().all(|key| get(job, key).is_none()) {
        errors.push(format!("jobs:{name} config should implement the script:, run:, or trigger: keyword"));
    }
    for key in ["script", "before_script", "after_script"] {
        if get(job, key).is_some_and(|script| !is_script(script)) {
            errors.push(format!(
                "jobs:{name}:{key} config should be a string or a nested array of strings up to 10 levels deep"
            ));
        }
    }
    let stage = get(job, "stage").or_else(|| get(job, "type")).and_then(|stage| stage.as_str()).unwrap_or("test");
    if !stages.iter().any(|known| known == stage) {
        let known = stages.join(", ");
        errors.push(format!("{name} job: chosen stage {stage} does not exist; available stages are {known}"));
    }
    for need in needs(job) {
        if !jobs.contains(&need) && verdict.includes.is_empty() {
            errors.push(format!("{name} job: undefined need: {need}"));
        }
    }
    if !workflow && starts_whatever_happens(job) {
        verdict.warnings.push(format!(
            "jobs:{name} may allow multiple pipelines to run for a single action due to `rules:when` clause with no \
             `workflow:rules` - read more: https://docs.gitlab.com/ci/debugging/#pipeline-warnings"
        ));
    }
    let shown = shown(name, stage, job);
    verdict.jobs.push(JobSeen { name: name.to_owned(), stage: stage.to_owned(), shown });
}

/// Jobs of the same pipeline that this one waits for and cannot do without.
fn needs(job: &Mapping<'_>) -> Vec<String> {
    let one = |need: &Yaml<'_>| match need {
        Yaml::Mapping(map) if get(map, "pipeline").is_some() || get(map, "project").is_some() => None,
        Yaml::Mapping(map) if get(map, "optional").and_then(|it| it.as_bool()) == Some(true) => None,
        Yaml::Mapping(map) => get(map, "job").and_then(|job| job.as_str()).map(str::to_owned),
        other => other.as_str().map(str::to_owned),
    };
    match get(job, "needs") {
        Some(Yaml::Sequence(needs)) => needs.iter().filter_map(one).collect(),
        _ => Vec::new(),
    }
}

/// Is there a rule that lets the job run without a condition?
fn starts_whatever_happens(job: &Mapping<'_>) -> bool {
    let Some(Yaml::Sequence(rules)) = get(job, "rules") else {
        return false;
    };
    rules.iter().filter_map(|rule| rule.as_mapping()).any(|rule| {
        let when = get(rule, "when").and_then(|when| when.as_str());
        get(rule, "if").is_none() && when.is_some_and(|when| when != "never")
    })
}

fn shown(name: &str, stage: &str, job: &Mapping<'_>) -> Value {
    let script = |key: &str| match get(job, key).map(tree::json) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(lines)) => lines,
        Some(line) => vec![line],
    };
    let other = |key: &str| get(job, key).map_or(Value::Null, tree::json);
    let or = |value: Value, default: Value| if value.is_null() { default } else { value };
    json!({
        "name": name,
        "stage": stage,
        "before_script": script("before_script"),
        "script": script("script"),
        "after_script": script("after_script"),
        "tag_list": script("tags"),
        "environment": other("environment"),
        "when": or(other("when"), json!("on_success")),
        "allow_failure": or(other("allow_failure"), json!(false)),
        "only": or(other("only"), json!({ "refs": ["branches", "tags"] })),
        "except": other("except"),
        "needs": other("needs"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        judge(text).errors
    }

    #[test]
    fn a_configuration_with_a_job_is_valid() {
        let verdict = judge("stages: [check]\ntest:\n  stage: check\n  script: [echo 1, echo 2]\n");
        assert_eq!(verdict.errors, Vec::<String>::new());
        assert_eq!((verdict.jobs[0].name.as_str(), verdict.jobs[0].stage.as_str()), ("test", "check"));
        assert_eq!(verdict.jobs[0].shown["script"], json!(["echo 1", "echo 2"]));
        assert!(verdict.merged_yaml.unwrap().starts_with("---\nstages:"));
    }

    #[test]
    fn what_is_no_configuration_is_told_why() {
        for (text, why) in [
            ("", "Please provide content"),
            ("a: [1", "(<unknown>): "),
            ("just a text", "Invalid configuration format"),
            ("image: ruby", "at least one visible job"),
            (".hidden: {script: x}", "at least one visible job"),
            ("a: 1", "root config contains unknown keys: a"),
            ("a: {stage: test}", "jobs:a config should implement the script:"),
            ("a: {script: x, stage: fly}", "a job: chosen stage fly does not exist; available stages are .pre, build"),
            ("a: {script: x, colour: red}", "jobs:a config contains unknown keys: colour"),
            ("a: {script: {b: c}}", "jobs:a:script config should be a string"),
            ("a: {extends: .b, script: x}", "a: unknown keys in `extends` (.b)"),
            ("a: {extends: b, script: x}\nb: {extends: a}", "circular"),
            ("a: {script: x, needs: [b]}", "a job: undefined need: b"),
            ("stages: 3\na: {script: x, stage: .pre}", "stages config should be an array of strings"),
        ] {
            let errors = errors(text);
            assert!(errors.iter().any(|error| error.contains(why)), "{text}: {errors:?}");
        }
    }

    #[test]
    fn templates_anchors_and_references_are_worked_in() {
        assert_eq!(errors(".a: &a {script: x}\nb: {<<: *a}"), Vec::<String>::new());
        assert_eq!(errors(".a: {script: x}\nb: {extends: .a}"), Vec::<String>::new());
        assert_eq!(errors(".a: {script: [x]}\nb: {script: !reference [.a, script]}"), Vec::<String>::new());
        let verdict = judge(".a: {variables: {A: 1}, script: x}\nb: {extends: .a, variables: {B: 2}}");
        let merged = verdict.merged_yaml.unwrap();
        assert!(merged.contains("A: 1\n    B: 2"), "{merged}");
        assert_eq!(judge("include: https://example.com/ci.yml").includes[0]["type"], "remote");
    }

    #[test]
    fn a_job_that_may_run_twice_is_warned_of() {
        let rules = "a:\n  script: x\n  rules:\n    - when: manual\n";
        assert_eq!(judge(rules).warnings.len(), 1);
        assert!(judge(&format!("workflow: {{rules: [{{when: always}}]}}\n{rules}")).warnings.is_empty());
    }
}
