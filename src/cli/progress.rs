//! A line that says what is being done, on a terminal, when it lasts longer than a second.

use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::IsTerminal;
use std::sync::mpsc;
use std::time::Duration;

/// Runs `work`; after a second, a spinner with `what` appears until it is done.
pub fn while_doing<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let (done, waiting) = mpsc::channel::<()>();
    let line = std::thread::spawn(move || {
        if waiting.recv_timeout(Duration::from_secs(1)) != Err(mpsc::RecvTimeoutError::Timeout) {
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(120));
        let _ = waiting.recv();
        bar.finish_and_clear();
    });
    let result = work();
    drop(done);
    let _ = line.join();
    result
}
