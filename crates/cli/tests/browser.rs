//! The HTML page in a real browser: its policy permits its own script, filters work, values do nothing, and it fits a phone.
//!
//! Skipped with a message where no Chromium is installed, unless `DESKFORM_REQUIRE_CHROMIUM=1`, which CI sets.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod plans;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deskform_cli::mask::Mask;
use deskform_cli::view::plan_html::PlanHtml;
use deskform_model::{Kind, Value};
use deskform_planner::brake::{Brake, Protected, Verdict};
use deskform_planner::plan::{Before, FieldReason, Reason};
use deskform_planner::{Action, Plan};
use plans::{address, change, changed, id, plan, report, shift, values};

/// So long a browser may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A value that tries to become a script.
const EVIL: &str =
    "<img src=x onerror=\"document.documentElement.dataset.harmed=1\"><script>document.documentElement.dataset.harmed=1</script>";

#[test]
fn the_page_filters_itself_harms_nobody_and_fits_a_phone() {
    let Some(browser) = Browser::find() else { return };
    let page = browser.folder.path().join("plan.html");
    let markup = html();
    fs::write(&page, &markup).unwrap();

    let dom = browser.dump(&url(&page, ""));
    assert!(dom.contains("all 7 changes"), "{dom}");
    assert_eq!(
        shown(&dom),
        ["agent add", "agent change", "permission remove", "shift add", "shift change", "shift remove", "support change"]
    );
    assert!(!dom.contains("data-harmed"), "a value became a script");

    let dom = browser.dump(&url(&page, "#kind=shift"));
    assert_eq!(shown(&dom), ["shift add", "shift change", "shift remove"]);
    let dom = browser.dump(&url(&page, "#kind=shift,agent&action=remove,add"));
    assert_eq!(shown(&dom), ["agent add", "shift add", "shift remove"]);
    let dom = browser.dump(&url(&page, "#person=zhang"));
    assert_eq!(shown(&dom), ["shift remove", "support change"]);
    assert!(dom.contains("2 of 7 changes") && dom.contains("value=\"shift\""), "{dom}");

    // Where scripts are off, the page stays as it was written.
    assert_eq!(shown(&markup).len(), 7, "{markup}");
    assert!(markup.contains("<form class=\"filters\" hidden"), "filters that can do nothing are not shown");

    let width = browser.width_of(&markup, 390);
    assert_eq!(width, "390 of 390, 0 errors");
}

/// A plan with everything that a page shows, long words and evil values included.
fn html() -> String {
    let edit = |at: &str, field: &str, before: &str, after: &str| {
        let fields = vec![changed(address(at).kind, field, Before::Live(Value::text(before)), Value::text(after), FieldReason::YourChange)];
        let saw = deskform_model::Values::new();
        let action = Action::Update { remotes: vec![Some(id("7"))], values: saw.clone(), fields, saw, secret: None };
        change(at, EVIL, action, Reason::YourChange)
    };
    let removal = Action::Delete { remotes: vec![id("8")], last: deskform_model::Values::new(), successor: None };
    let seat = values(Kind::Agent, &[("name", Value::text(EVIL)), ("callerId", Value::text("0".repeat(200)))]);
    let changes = vec![
        edit("support/zhang-san", "name", EVIL, &"长".repeat(200)),
        change("permission/li-si/callCenter", "", removal, Reason::EnsureAbsent),
        shift("li-si", "2026-12-01", "06:00", "14:00", "早班", "create"),
        shift("li-si", "2026-12-06", "06:00", "14:00", "早班", "update"),
        shift("zhang-san-with-a-name-that-is-longer-than-a-phone-is-wide", "2026-12-07", "22:00", "06:00", EVIL, "delete"),
        edit("agent/8001", "ttsContent", "a\n", &format!("{EVIL}\n{}", "x".repeat(400))),
        change("agent/8002", "", Action::Create { values: seat, secret: None }, Reason::New),
    ];
    let brake = Brake::Protected(Protected { kind: Kind::Agent, count: 9, first: vec![address(&format!("agent/{}", "8".repeat(90)))] });
    let verdict = Verdict { refused: vec![brake], ..Verdict::default() };
    let plan: Plan = plan(changes);
    let mut out = Vec::new();
    let today = deskform_model::time::parse_date("2026-11-30");
    PlanHtml { report: &report(&plan, &verdict), documents_from: today, mask: Some(&Mask::default()) }.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Kind and action of every change that is not hidden, sorted.
fn shown(dom: &str) -> Vec<String> {
    let tags = dom.split('<').filter(|tag| tag.contains(" data-kind=\"")).map(|tag| tag.split('>').next().unwrap_or_default());
    let value = |tag: &str, name: &str| tag.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut shown: Vec<String> = tags
        .filter(|tag| !tag.contains(" hidden"))
        .map(|tag| format!("{} {}", value(tag, "data-kind"), value(tag, "data-action")))
        .collect();
    shown.sort();
    shown
}

fn url(page: &Path, fragment: &str) -> String {
    format!("file://{}{fragment}", page.display())
}

struct Browser {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Browser {
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let program = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|program| program.is_file());
        let required = std::env::var("DESKFORM_REQUIRE_CHROMIUM").is_ok_and(|value| value == "1");
        assert!(program.is_some() || !required, "no Chromium is installed, and DESKFORM_REQUIRE_CHROMIUM asks for one");
        if program.is_none() {
            eprintln!("skipped: no Chromium is installed (chromium, chromium-browser or google-chrome)");
        }
        program.map(|program| Self { program, folder: tempfile::tempdir().unwrap() })
    }

    /// The page's elements after its scripts have run. A message on the console, which a refused or broken script leaves, fails the test.
    fn dump(&self, url: &str) -> String {
        let (out, log) = (self.folder.path().join("dom.html"), self.folder.path().join("log.txt"));
        let profile = tempfile::tempdir_in(self.folder.path()).unwrap();
        let mut child = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--enable-logging=stderr"])
            .args(["--virtual-time-budget=2000", "--window-size=1280,900", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if began.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("the browser did not end within {PATIENCE:?}: {}", fs::read_to_string(&log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
        assert!(!log.contains(":CONSOLE"), "{log}");
        fs::read_to_string(&out).unwrap()
    }

    /// How wide the page becomes on a screen of that width, and how many of its scripts fail.
    ///
    /// No window of a browser is as narrow as a phone, hence a frame. The page tells its width to the page around it; its policy would not
    /// permit that, and is taken out.
    fn width_of(&self, markup: &str, width: usize) -> String {
        let policy = markup.find("<meta http-equiv").unwrap()..markup.find("<meta name=\"viewport\"").unwrap();
        let report = "<script>let errors = 0; addEventListener('error', () => { errors += 1; });\
            addEventListener('load', () => parent.postMessage(`${document.documentElement.scrollWidth} of ${innerWidth}, ${errors} errors`, '*'));\
            </script><style>::-webkit-scrollbar { display: none; }</style>";
        let inner = self.folder.path().join("inner.html");
        fs::write(&inner, format!("{}{report}{}", &markup[..policy.start], &markup[policy.end..])).unwrap();
        let outer = self.folder.path().join("outer.html");
        let frame = format!(
            "<!doctype html><script>addEventListener('message', (event) => {{ document.title = event.data; }});</script>\
             <iframe src=\"inner.html\" width=\"{width}\" height=\"800\" style=\"border:0\"></iframe>"
        );
        fs::write(&outer, frame).unwrap();
        let dom = self.dump(&url(&outer, ""));
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        title.unwrap_or_else(|| panic!("the page told nothing: {dom}")).to_owned()
    }
}
