//! The only door to the terminal: stdout is data, stderr is talk.
//!
//! Views write ANSI styles without asking; this door takes them out unless the stream is a terminal that wants them (`NO_COLOR`,
//! `--no-color`). When the reader of a pipe has gone, what follows goes nowhere and the command ends as it would have: an apply is not
//! broken off because somebody closed `less`.

use std::io::{self, BufRead as _, BufWriter, IsTerminal as _, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::CliError;
use crate::mask::{Masked, Personal};

/// Bold red: errors and removals.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Bold yellow: warnings.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Bold cyan: hints and notes.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// Green: what comes.
pub const ADD: Style = AnsiColor::Green.on_default();
/// Yellow: what changes.
pub const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Red: what goes.
pub const REMOVE: Style = AnsiColor::Red.on_default();
/// Dim: places, ids, unchanged lines.
pub const FAINT: Style = Style::new().dimmed();
/// Bold: headings.
pub const STRONG: Style = Style::new().bold();

/// How much is said beside the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loudness {
    /// Errors only (`--quiet`).
    Quiet,
    /// The usual.
    #[default]
    Normal,
    /// Remote ids, origins and details as well (`--verbose`).
    Verbose,
}

/// The room that a reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns of a line.
    pub columns: usize,
    /// Lines; nothing where the text does not go to a terminal and its length does not matter.
    pub rows: Option<usize>,
}

impl Screen {
    /// Columns where nobody knows better.
    const COLUMNS: usize = 80;

    /// A file, a pipe, a log: always the same, whatever the terminal that the command was typed in.
    pub const PAPER: Self = Self { columns: Self::COLUMNS, rows: None };

    /// What stdout is: `COLUMNS` counts more than the terminal's own size.
    fn of_stdout() -> Self {
        let size = terminal_size::terminal_size_of(io::stdout());
        let wanted = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok()).filter(|columns| *columns > 0);
        let columns = wanted.or(size.map(|(terminal_size::Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0));
        let rows = size.map(|(_, terminal_size::Height(rows))| usize::from(rows)).filter(|rows| *rows > 0);
        Self { columns: columns.unwrap_or(Self::COLUMNS), rows }
    }
}

/// The terminal, or what stands in its place.
pub struct Ui {
    stdout: Door,
    stderr: Door,
    screen: Screen,
    loudness: Loudness,
    /// Whether somebody sits there who can answer a question.
    interactive: bool,
    /// Whether a progress bar can be drawn.
    bars: bool,
    /// The bar or spinner that is drawn at the moment.
    bar: Option<ProgressBar>,
    /// Whether a question stands at the end of stderr, without an answer so far.
    asking: bool,
}

impl Ui {
    /// The process's own streams.
    pub fn new(color: bool, loudness: Loudness) -> Self {
        let choice = if color { ColorChoice::Auto } else { ColorChoice::Never };
        let stderr_is_terminal = io::stderr().is_terminal();
        Self {
            stdout: Door::new(AutoStream::new(in_one_piece(io::stdout()), choose(choice, &io::stdout()))),
            stderr: Door::new(AutoStream::new(in_one_piece(io::stderr()), choose(choice, &io::stderr()))),
            screen: Screen::of_stdout(),
            loudness,
            interactive: io::stdin().is_terminal() && stderr_is_terminal,
            // A terminal that cannot move its cursor would show every state of the bar.
            bars: stderr_is_terminal && loudness != Loudness::Quiet && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            bar: None,
            asking: false,
        }
    }

    /// Writes to `stdout` and `stderr` instead, without colour, with nobody there to answer.
    pub fn to_writers(stdout: impl Write + Send + 'static, stderr: impl Write + Send + 'static, loudness: Loudness) -> Self {
        Self {
            stdout: Door::new(anstream::StripStream::new(Box::new(stdout) as Box<dyn Write + Send>)),
            stderr: Door::new(anstream::StripStream::new(Box::new(stderr) as Box<dyn Write + Send>)),
            screen: Screen::PAPER,
            loudness,
            interactive: false,
            bars: false,
            bar: None,
            asking: false,
        }
    }

    /// The same with personal data masked in everything that is written, where somebody collects what is.
    #[must_use]
    pub fn masking(mut self, personal: Option<Personal>) -> Self {
        (self.stdout.masks, self.stderr.masks) = (personal.clone(), personal);
        self
    }

    /// Whether ids, origins and details are wanted.
    pub fn verbose(&self) -> bool {
        self.loudness == Loudness::Verbose
    }

    /// The room that readers of stdout have.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Whether a question can be asked: somebody sees it and can type.
    pub fn can_ask(&self) -> bool {
        self.interactive
    }

    /// Whether progress is drawn on stderr; where it cannot be, plain lines tell it.
    pub fn draws(&self) -> bool {
        self.bars
    }

    /// Begins a spinner with these words, where one can be drawn.
    pub fn start_spinner(&mut self, words: &str) {
        if self.bars {
            let spinner = ProgressBar::new_spinner().with_message(words.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(100));
            self.bar = Some(spinner);
        }
    }

    /// Begins a bar of this length, where one can be drawn.
    pub fn start_bar(&mut self, length: usize) {
        if self.bars {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar = Some(ProgressBar::new(length as u64).with_style(style));
        }
    }

    /// New words beside the bar or spinner.
    pub fn spin(&mut self, words: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(match &self.stderr.masks {
                Some(personal) => personal.mask().apply(words).into_owned(),
                None => words.to_owned(),
            });
        }
    }

    /// What goes on: beside the bar or spinner, or a line on stderr where none can be drawn, unless quiet.
    pub fn progress(&mut self, words: &str) {
        if self.bars { self.spin(words) } else { self.say(words) }
    }

    /// The bar goes on by so much.
    pub fn advance(&mut self, by: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(by as u64);
        }
    }

    /// Takes the bar or spinner away.
    pub fn end_progress(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Writes data to stdout, whatever the loudness.
    ///
    /// # Errors
    /// When stdout cannot be written; a reader that has gone is no error.
    pub fn data(&mut self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        self.stdout.write(view).map_err(CliError::output)
    }

    /// Writes a view of something worth knowing to stderr, unless quiet.
    pub fn talk(&mut self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.loudness != Loudness::Quiet {
            self.must_say(view);
        }
    }

    /// One line on stderr, unless quiet.
    pub fn say(&mut self, line: &str) {
        self.talk(|out| writeln!(out, "{line}"));
    }

    /// One of many lines on stderr that follow each other fast, unless quiet. It may wait for [`Ui::flush`], or for whatever is said next.
    pub fn say_soon(&mut self, line: &str) {
        if self.loudness != Loudness::Quiet {
            // There is nobody left to tell when stderr fails.
            let _ = self.stderr.write_soon(|out| writeln!(out, "{line}"));
        }
    }

    /// Says what has waited.
    pub fn flush(&mut self) {
        let _ = self.stderr.write(|_| Ok(()));
    }

    /// `note: ...` on stderr, unless quiet.
    pub fn note(&mut self, line: &str) {
        self.talk(|out| writeln!(out, "{HINT}note{HINT:#}: {line}"));
    }

    /// `warning: ...` on stderr, unless quiet.
    pub fn warn(&mut self, line: &str) {
        self.talk(|out| writeln!(out, "{WARNING}warning{WARNING:#}: {line}"));
    }

    /// Writes to stderr even when quiet: errors and their diagnostics.
    pub fn must_say(&mut self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let stderr = &mut self.stderr;
        let interrupted = std::mem::take(&mut self.asking);
        let view = |out: &mut dyn Write| {
            if interrupted {
                writeln!(out)?;
            }
            view(out)
        };
        // There is nobody left to tell when stderr fails.
        let _ = match &self.bar {
            Some(bar) => bar.suspend(|| stderr.write(view)),
            None => stderr.write(view),
        };
    }

    /// The error with its causes and hints.
    pub fn error(&mut self, error: &CliError) {
        self.must_say(|out| error.write(out));
    }

    /// Asks and reads one line; `None` at the end of the input. Only after [`Ui::can_ask`]. Dropped, it leaves a thread that waits for
    /// the line and does not hold up the end of the process.
    pub async fn ask(&mut self, question: &str) -> Option<String> {
        self.must_say(|out| write!(out, "{question} "));
        self.asking = true;
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            let read = io::stdin().lock().read_line(&mut line).ok()?;
            (read > 0).then(|| line.trim().to_owned())
        });
        let answer = answer.await.ok();
        self.asking = false;
        answer?
    }
}

/// Taking colours out leaves a text in as many pieces as it had colours; they reach the stream together.
fn in_one_piece(stream: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(BufWriter::with_capacity(64 * 1024, stream))
}

/// `Auto` is decided here, because the stream is boxed afterwards.
fn choose(choice: ColorChoice, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    if choice == ColorChoice::Never { choice } else { AutoStream::choice(stream) }
}

/// One stream and whether its reader is still there.
struct Door {
    stream: BufWriter<Box<dyn Write + Send>>,
    reader_gone: bool,
    /// What is masked (`--mask-personal`).
    masks: Option<Personal>,
}

impl Door {
    fn new(stream: impl Write + Send + 'static) -> Self {
        Self { stream: BufWriter::with_capacity(64 * 1024, Box::new(stream)), reader_gone: false, masks: None }
    }

    fn write(&mut self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        self.write_soon(view)?;
        let flushed = self.stream.flush();
        self.unless_gone(flushed)
    }

    /// The same without passing it on at once.
    fn write_soon(&mut self, view: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if self.reader_gone {
            return Ok(());
        }
        let written = match &self.masks {
            Some(personal) => {
                let mut masked = Masked::new(&mut self.stream, personal.mask());
                view(&mut masked).and_then(|()| masked.finish())
            }
            None => view(&mut self.stream),
        };
        self.unless_gone(written)
    }

    fn unless_gone(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(())
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn there_is_no_colour_off_a_terminal() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut ui = Ui::to_writers(out.clone(), err.clone(), Loudness::Normal);
        ui.data(|out| writeln!(out, "{ERROR}data{ERROR:#}")).expect("written");
        ui.warn("look here");
        assert_eq!((out.text().as_str(), err.text().as_str()), ("data\n", "warning: look here\n"));
    }

    #[test]
    fn quiet_keeps_data_and_errors_and_drops_talk() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut ui = Ui::to_writers(out.clone(), err.clone(), Loudness::Quiet);
        ui.data(|out| writeln!(out, "data")).expect("written");
        ui.warn("look here");
        ui.must_say(|out| writeln!(out, "broken"));
        assert_eq!((out.text().as_str(), err.text().as_str()), ("data\n", "broken\n"));
    }

    #[test]
    fn lines_that_may_wait_stand_before_what_is_said_after_them() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut ui = Ui::to_writers(out, err.clone(), Loudness::Normal);
        ui.say_soon("one");
        ui.say_soon("two");
        assert_eq!(err.text(), "");
        ui.say("three");
        assert_eq!(err.text(), "one\ntwo\nthree\n");
        ui.say_soon("four");
        ui.flush();
        assert_eq!(err.text(), "one\ntwo\nthree\nfour\n");
    }

    #[test]
    fn a_reader_that_has_gone_is_no_error() {
        let mut ui = Ui::to_writers(Closed, Shared::default(), Loudness::Normal);
        ui.data(|out| writeln!(out, "one")).expect("quietly");
        ui.data(|out| writeln!(out, "two")).expect("still quietly");
    }
}
