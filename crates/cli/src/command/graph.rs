//! `deskform graph`: draws a plan and its order. Takes no lock, writes nothing but the files it is asked for.

use std::time::Duration;

use crate::args::{Format, Global, GraphArgs};
use crate::error::{CliError, Trouble};
use crate::exit::Exit;
use crate::output::Outputs;
use crate::pipeline::{self, Prepared, Purpose};
use crate::saved;
use crate::settings::under;
use crate::ui::Ui;
use crate::view::graph::{Graph, TooLarge};

/// Runs the command.
///
/// # Errors
/// When there can be no plan, when it is too large for a picture, or when something cannot be written.
pub async fn run(global: &Global, args: GraphArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let outputs = Outputs::open(global, &args.output.output, None)?;
    let graph = match &args.plan {
        Some(path) => {
            let report = saved::open(&under(&global.chdir, path))?;
            global.personal.learn_plan(&report.plan);
            Graph::of(&report, None)
        }
        None => {
            let mut workspace = pipeline::read(global, ui)?;
            workspace.show_warnings(ui);
            workspace.narrowing = args.narrow.narrowing();
            let Prepared { report, ledger, .. } = workspace.prepare(Purpose::Look, &[], Duration::ZERO, ui).await?;
            let policy = workspace.settings.policy(&workspace.desired, false);
            let selection = workspace.narrowing.choose(&workspace.desired, ledger.ledger(), &policy).map_err(Trouble::from)?;
            Graph::of(&report, (!args.changes).then_some((&workspace.desired, &selection)))
        }
    };
    // A picture may be refused, so that everything is drawn before anything is written.
    let mut drawn = Vec::new();
    for format in outputs.formats() {
        drawn.push((format, draw(&graph, format)?));
    }
    let of = |wanted| drawn.iter().find(|(format, _)| *format == wanted).map_or(&[][..], |(_, text)| text);
    ui.data(|out| out.write_all(of(outputs.stdout)))?;
    outputs.write_files(|format, out| out.write_all(of(format)))?;
    Ok(Exit::Done)
}

fn draw(graph: &Graph, format: Format) -> Result<Vec<u8>, CliError> {
    let mut text = Vec::new();
    match format {
        Format::Mermaid => graph.write_mermaid(&mut text).map_err(CliError::output)?,
        Format::Svg => graph.write_svg(&mut text).map_err(|error| match error {
            TooLarge::Output(source) => CliError::output(source),
            TooLarge::Nodes { .. } => Trouble::Picture { source: error }.into(),
        })?,
        // DOT is what such commands write where nothing is said.
        _ => graph.write_dot(&mut text).map_err(CliError::output)?,
    }
    Ok(text)
}
