//! A CI configuration as a tree: read, with `<<` and `extends` worked in.

use saphyr::{LoadableYamlNode as _, Mapping, Scalar, Yaml, YamlEmitter};
use serde_json::{Map, Value};

/// So deep may templates extend each other; GitLab allows ten.
const DEPTH: usize = 10;

/// Reads a text; `Yaml::BadValue` is what an empty one gives.
///
/// # Errors
///
/// Why it is not YAML, in GitLab's manner.
pub(super) fn read(text: &str) -> Result<Yaml<'_>, String> {
    let mut documents = Yaml::load_from_str(text).map_err(|error| format!("(<unknown>): {error}"))?;
    // What stands before a second `---` is the `spec` of a component; the configuration is the last.
    Ok(documents.pop().map_or(Yaml::BadValue, merged))
}

/// A key's value.
pub(super) fn get<'a, 'b>(map: &'a Mapping<'b>, key: &str) -> Option<&'a Yaml<'b>> {
    map.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
}

/// The same with every `<<` worked in: what stands beside it wins.
fn merged(yaml: Yaml<'_>) -> Yaml<'_> {
    match yaml {
        Yaml::Sequence(items) => Yaml::Sequence(items.into_iter().map(merged).collect()),
        Yaml::Mapping(map) => {
            let mut whole = Mapping::new();
            let mut own = Vec::new();
            for (key, value) in map {
                if key.as_str() != Some("<<") {
                    own.push((key, merged(value)));
                    continue;
                }
                let bases = match merged(value) {
                    Yaml::Sequence(bases) => bases,
                    base => vec![base],
                };
                // The first of them wins.
                for base in bases.into_iter().rev() {
                    if let Yaml::Mapping(base) = base {
                        whole.extend(base);
                    }
                }
            }
            whole.extend(own);
            Yaml::Mapping(whole)
        }
        other => other,
    }
}

/// The names that a job extends.
fn bases(job: &Mapping<'_>) -> Vec<String> {
    match get(job, "extends") {
        Some(Yaml::Sequence(names)) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        Some(name) => name.as_str().map(str::to_owned).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Puts `over` on `under`: maps are joined, everything else is replaced.
fn laid_over<'a>(under: &Mapping<'a>, over: &Mapping<'a>) -> Mapping<'a> {
    let mut whole = under.clone();
    for (key, value) in over {
        let joined = match (whole.get(key), value) {
            (Some(Yaml::Mapping(under)), Yaml::Mapping(over)) => Yaml::Mapping(laid_over(under, over)),
            _ => value.clone(),
        };
        whole.insert(key.clone(), joined);
    }
    whole
}

/// A job with all that it extends.
///
/// # Errors
///
/// What GitLab says of a template that is not there, or of templates that go round in a circle.
pub(super) fn extended<'a>(root: &Mapping<'a>, name: &str, depth: usize) -> Result<Mapping<'a>, String> {
    let Some(Yaml::Mapping(job)) = get(root, name) else {
        return Ok(Mapping::new());
    };
    if depth > DEPTH {
        return Err(format!("{name}: circular dependency detected in `extends`"));
    }
    let mut whole = Mapping::new();
    for base in bases(job) {
        if get(root, &base).is_none() {
            return Err(format!("{name}: unknown keys in `extends` ({base})"));
        }
        whole = laid_over(&whole, &extended(root, &base, depth + 1)?);
    }
    let mut whole = laid_over(&whole, job);
    whole.remove(&Yaml::value_from_str("extends"));
    Ok(whole)
}

/// A tree in YAML again.
pub(super) fn written(yaml: &Yaml<'_>) -> String {
    let mut text = String::new();
    // Writing into a text does not fail.
    let _ = YamlEmitter::new(&mut text).dump(yaml);
    text.push('\n');
    text
}

/// A tree in JSON.
pub(super) fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => Value::from(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => Value::String(text.to_string()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json).collect()),
        Yaml::Mapping(map) => {
            let pairs = map.iter().map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), json(value)));
            Value::Object(pairs.collect::<Map<String, Value>>())
        }
        Yaml::Tagged(_, inner) => json(inner),
        _ => Value::Null,
    }
}
