//! `deskform show`: a saved plan again, in any format. Reads that file and nothing else.

use crate::args::{Global, ShowPlanArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Outputs;
use crate::settings::under;
use crate::ui::Ui;
use crate::view::plan_view::PlanView;
use crate::{repository, saved};

/// Runs the command.
///
/// # Errors
/// When the file is no plan of this deskform, or something cannot be written.
pub fn run(global: &Global, args: &ShowPlanArgs, ui: &mut Ui) -> Result<Exit, CliError> {
    let outputs = Outputs::open(global, &args.output.output, None)?;
    let report = saved::open(&under(&global.chdir, &args.plan))?;
    let folder = repository::folder(global);
    global.personal.learn_plan(&report.plan);
    let mask = (!args.mask.no_mask).then(|| global.personal.mask());
    let view = PlanView {
        report: &report,
        verbose: ui.verbose(),
        documents_from: None,
        folder: &folder,
        screen: ui.screen(),
        mask: mask.as_ref(),
    };
    ui.data(|out| view.write(outputs.stdout, out))?;
    outputs.write_files(|format, out| view.on_paper().write(format, out))?;
    Ok(Exit::Done)
}
