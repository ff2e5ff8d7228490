//! A real browser, driven by its DevTools protocol: Debian's `chromium`, as it
//! is installed. Only what a person could press is pressed; scripts are run to
//! look, never to act.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// A browser that says nothing for so long is stuck.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// What a page is loaded with, so that it keeps what its policy has refused.
const WATCH: &str = "window.refused = []; addEventListener('securitypolicyviolation', \
                     (event) => refused.push(event.violatedDirective));";

/// Whether pages run their scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// The browser with one page open.
pub struct Browser {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    sent: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser with an empty page.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder for the test");
        let mut command = Command::new("chromium");
        command.args(["--headless", "--remote-debugging-port=0", "--no-first-run"]);
        command.args([
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        // Its own sandbox does not work for root.
        if nix::unistd::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = command
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot run chromium: {error}; install it, or unset KIT_TESTS")
            });
        let stderr = process.stderr.take().expect("it is piped");
        let mut lines = BufReader::new(stderr).lines();
        let told = lines.find_map(|line| {
            let line = line.expect("it is text");
            let (_, address) = line.split_once("DevTools listening on ")?;
            Some(address.to_owned())
        });
        let address = told.expect("chromium says where it listens");
        // Or it would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let (mut socket, _) = tungstenite::connect(address.trim()).expect("it listens");
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream
                .set_read_timeout(Some(SILENCE_MAX))
                .expect("it is a socket");
        }
        let mut browser = Self {
            process,
            socket,
            session: None,
            sent: 0,
            events: Vec::new(),
            _profile: profile,
        };
        browser.open();
        browser
    }

    fn open(&mut self) {
        let page = self.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        let watch = json!({ "source": WATCH });
        self.call("Page.addScriptToEvaluateOnNewDocument", watch);
    }

    /// Sends a command and waits for its result; what happens meanwhile is
    /// kept.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let id = self.sent;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let text = Message::text(message.to_string());
        self.socket.send(text).expect("the browser listens");
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        loop {
            let message = self.socket.read().expect("the browser answers");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("it is JSON");
            }
        }
    }

    /// Loads a file, and forgets what happened before.
    pub fn load(&mut self, file: &Path) {
        self.events.clear();
        let url = format!("file://{}", file.display());
        self.call("Page.navigate", json!({ "url": url }));
        let loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(loaded) {
            let event = self.receive();
            self.events.push(event);
        }
        // A page has the keyboard only when it is in front.
        self.call("Page.bringToFront", json!({}));
    }

    /// What has happened of one kind since the page was loaded.
    pub fn happened(&self, method: &str) -> Vec<&Value> {
        let events = self.events.iter();
        let of_kind = events.filter(|event| event["method"] == method);
        of_kind.map(|event| &event["params"]).collect()
    }

    /// Sets the window's size and the colours that its user prefers.
    pub fn look(&mut self, width: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [scheme] }),
        );
    }

    /// Lets pages run their scripts, or not.
    pub fn scripts(&mut self, scripts: Scripts) {
        let disabled = json!({ "value": scripts == Scripts::Off });
        self.call("Emulation.setScriptExecutionDisabled", disabled);
    }

    /// Presses a key by its name: `ArrowRight`, `Tab`, `Enter`, `a`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        let text = match key {
            "Enter" => Some("\r"),
            _ => (code == 0).then_some(key),
        };
        let mut event = json!({ "key": key, "code": key, "windowsVirtualKeyCode": code });
        event["type"] = "keyDown".into();
        if let Some(text) = text {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        event["text"] = "".into();
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Presses Tab until what has the focus is what `selector` selects.
    pub fn tab_to(&mut self, selector: &str) {
        let there = format!("document.activeElement === document.querySelector({selector:?})");
        for _ in 0..100 {
            if self.see(&there) == true {
                return;
            }
            self.press("Tab");
        }
        panic!("{selector} cannot be reached with Tab");
    }

    /// The value of an expression in the page.
    pub fn see(&mut self, expression: &str) -> Value {
        let look = json!({ "expression": expression, "returnByValue": true });
        let seen = self.call("Runtime.evaluate", look);
        assert!(
            seen.get("exceptionDetails").is_none(),
            "{expression}: {seen}"
        );
        seen["result"]["value"].clone()
    }

    /// The text of what `selector` selects first.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.see(&format!("document.querySelector({selector:?}).textContent"));
        text.as_str().expect("it has a text").to_owned()
    }

    /// A picture of the window, if `HTML_PICTURES` names a folder for it.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("HTML_PICTURES") else {
            return;
        };
        let whole = json!({ "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", whole);
        let data = picture["data"].as_str().expect("it is a text");
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(data);
        let path = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(path, bytes.expect("it is Base64")).expect("the folder is there");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
