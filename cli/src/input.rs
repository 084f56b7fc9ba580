//! The file that is read: opened, looked at, and held against the recipe.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use tidemill_core::detect::{self, Detected, WINDOW};
use tidemill_core::recipe::{Read, Recipe};
use tidemill_core::sniff::Finding;
use tidemill_core::sniff::charset::charset;
use tidemill_core::sniff::magic::{self, Container};
use tidemill_core::source::Source;
use tidemill_core::{Failure, Fault, FaultKind, RecipeError};
use tidemill_io::{File, Stream, Transcoded, unpack, unzip};

use crate::end::End;

/// An input with its first MiB.
pub struct Input {
    /// As it was typed.
    pub path: PathBuf,
    name: String,
    source: Kind,
    window: Vec<u8>,
    container: Option<Container>,
}

enum Kind {
    File(File),
    Stream(Stream),
}

/// Whether the argument means standard input or output.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl Input {
    pub fn open(path: &Path) -> Result<Input, End> {
        let name = || {
            path.file_name().map_or_else(
                || "-".to_string(),
                |name| name.to_string_lossy().into_owned(),
            )
        };
        let special =
            std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        let source = if is_dash(path) {
            Kind::Stream(Stream::stdin())
        } else if special {
            let file = std::fs::File::open(path)
                .map_err(|error| Fault::io(path.display().to_string(), &error))?;
            Kind::Stream(Stream::new(name(), file))
        } else {
            Kind::File(File::open(path)?)
        };
        let window = match &source {
            Kind::File(file) => file.head(WINDOW)?,
            Kind::Stream(stream) => stream.head()?,
        };
        let container = magic::container(&window);
        let input = Input {
            path: path.to_path_buf(),
            name: name(),
            source,
            window,
            container,
        };
        match container {
            None => Ok(input),
            Some(container) => input.unpacked(container),
        }
    }

    /// The text that a container holds.
    fn unpacked(self, container: Container) -> Result<Input, End> {
        let shown = self.shown();
        let text = match self.source {
            Kind::File(file) if container == Container::Zip => unzip(&shown, file.reader()?),
            Kind::File(file) => unpack(container, file.reader()?),
            Kind::Stream(stream) => unpack(container, stream.into_reader()),
        };
        let text = text.map_err(|mut fault| {
            fault.place.clone_from(&shown);
            fault.hint = fault
                .hint
                .map(|hint| hint.replace("FILE", &self.path.display().to_string()));
            fault
        })?;
        let stream = Stream::new(self.name.clone(), text);
        Ok(Input {
            window: stream.head()?,
            source: Kind::Stream(stream),
            ..self
        })
    }

    /// Makes UTF-8 of what it holds, which is in an encoding with tables.
    fn transcode(&mut self, encoding: &str) -> Result<(), End> {
        let empty = Kind::Stream(Stream::new("", std::io::empty()));
        let reader: Box<dyn std::io::Read + Send> = match std::mem::replace(&mut self.source, empty)
        {
            Kind::File(file) => Box::new(file.reader()?),
            Kind::Stream(stream) => stream.into_reader(),
        };
        let stream = Stream::new(self.name.clone(), Transcoded::new(reader, encoding)?);
        self.window = stream.head()?;
        self.source = Kind::Stream(stream);
        Ok(())
    }

    pub fn shown(&self) -> String {
        if is_dash(&self.path) {
            "standard input".to_string()
        } else {
            self.path.display().to_string()
        }
    }

    pub fn source(&self) -> &dyn Source {
        match &self.source {
            Kind::File(file) => file,
            Kind::Stream(stream) => stream,
        }
    }

    /// Makes sure that several passes can be made.
    pub fn passes(&self, passes: u32) -> Result<(), End> {
        match &self.source {
            Kind::Stream(stream) if passes > 1 => Ok(stream.spool()?),
            _ => Ok(()),
        }
    }

    /// Finds what the recipe does not state. `place` says where an error of the recipe stands.
    pub fn detect(
        &mut self,
        read: &Read,
        place: &dyn Fn(RecipeError) -> End,
    ) -> Result<Detected, End> {
        let charset = charset(&self.window, read.encoding);
        // What is no text is refused as it is.
        if charset.unicode.is_none() && magic::refuse(&self.window).is_ok() {
            self.transcode(charset.name)?;
        }
        let detected = detect::named_as(&self.shown(), &self.window, read, &charset);
        let mut detected = detected.map_err(|failure| match failure {
            Failure::Fault(mut fault) => {
                fault.hint = fault
                    .hint
                    .map(|hint| hint.replace("FILE", &self.path.display().to_string()));
                fault.into()
            }
            Failure::Recipe(error) => place(error),
        })?;
        if let Some(container) = self.container {
            detected.findings.insert(
                0,
                Finding {
                    what: "container",
                    value: container.word().to_string(),
                    sure: 100,
                    why: "its first bytes".to_string(),
                },
            );
        }
        Ok(detected)
    }
}

/// The files of a command, which are one input in the order they were typed in.
pub struct Inputs(Vec<Input>);

impl Inputs {
    pub fn open(paths: &[PathBuf]) -> Result<Inputs, End> {
        let streams = paths.iter().filter(|path| is_dash(path)).count();
        if streams > 1 {
            return Err(Fault::new(
                FaultKind::Input,
                "FILE",
                format!("- {streams} times"),
                "standard input once, since it can be read only once",
            )
            .into());
        }
        let inputs = paths.iter().map(|path| Input::open(path));
        Ok(Inputs(inputs.collect::<Result<_, End>>()?))
    }

    /// Finds in each file what the recipe does not state.
    pub fn detect(
        &mut self,
        read: &Read,
        place: &dyn Fn(RecipeError) -> End,
    ) -> Result<Vec<(String, Detected)>, End> {
        let found = |input: &mut Input| Ok((input.name.clone(), input.detect(read, place)?));
        self.0.iter_mut().map(found).collect()
    }

    pub fn sources(&self) -> Vec<&dyn Source> {
        self.0.iter().map(Input::source).collect()
    }

    /// Goes back to the beginning of all of them.
    pub fn rewind(&self) -> Result<(), End> {
        for input in &self.0 {
            input.source().rewind()?;
        }
        Ok(())
    }

    /// Makes sure that several passes can be made.
    pub fn passes(&self, passes: u32) -> Result<(), End> {
        self.0.iter().try_for_each(|input| input.passes(passes))
    }
}

/// Reads a recipe's text from a file.
pub fn recipe(path: &Path, data: &Path) -> Result<Recipe, End> {
    let shown = path.display().to_string();
    // A source says best what is wrong with a path, but a recipe may be a pipe, which is opened
    // only once.
    if std::fs::metadata(path).map_or(true, |metadata| metadata.is_dir()) {
        File::open(path)?;
    }
    let limit = WINDOW * 16;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Fault::io(shown.clone(), &error))?;
    if bytes.len() > limit {
        return Err(swapped(
            Fault::limit(shown, "a recipe", bytes.len() as u64, limit as u64),
            path,
            data,
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        swapped(
            Fault::new(
                FaultKind::Input,
                shown.clone(),
                format!("byte {at} is not UTF-8"),
                "a recipe, which is TOML or JSON in UTF-8",
            ),
            path,
            data,
        )
    })?;
    Recipe::parse(&text).map_err(|mut error| {
        if looks_swapped(path, data) {
            error.hint = Some("the recipe comes first: tidemill run RECIPE FILE".to_string());
        }
        in_recipe(path, error)
    })
}

/// An error of a recipe, with the recipe's path before its place.
pub fn in_recipe(path: &Path, mut error: RecipeError) -> End {
    error.place = match error.place.strip_prefix("recipe") {
        Some(rest) => format!("{}{rest}", path.display()),
        None => format!("{}, {}", path.display(), error.place),
    };
    error.into()
}

fn looks_swapped(recipe: &Path, data: &Path) -> bool {
    let is_recipe = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "toml" || extension == "json")
    };
    !is_recipe(recipe) && is_recipe(data)
}

fn swapped(fault: Fault, recipe: &Path, data: &Path) -> End {
    if looks_swapped(recipe, data) {
        return fault
            .hint("the recipe comes first: tidemill run RECIPE FILE")
            .into();
    }
    fault.into()
}
