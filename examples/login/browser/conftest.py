"""The login, in a real browser. Each test gets a service of its own, on each of the two databases."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pyotp
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / "target/browser"
PAGES = TOOLS / "pages"
GUIDE = ROOT / "docs/guide"
AXE = (TOOLS / "node_modules/axe-core/axe.min.js").read_text()
WIDTHS = {1280: 900, 320: 640}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A server of PostgreSQL, which ends with the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda it: int(it.parent.name))
    # PostgreSQL refuses to run as root.
    user = "setpriv --reuid=postgres --regid=postgres --clear-groups".split() if os.geteuid() == 0 else []
    if user:
        for it in (folder, folder.parent, folder.parent.parent):
            it.chmod(0o755)
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", free_port()
    subprocess.run([*user, programs / "initdb", "-U", "otp", "--auth=trust", "--encoding=UTF8", "-D", data],
                   check=True, stdout=subprocess.DEVNULL, cwd="/")
    server = subprocess.Popen(
        [*user, programs / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=localhost",
         "-c", "unix_socket_directories="], cwd="/", stderr=subprocess.DEVNULL)
    url = f"postgres://otp@localhost:{port}/postgres?sslmode=disable"
    wait_for(lambda: subprocess.run([programs / "pg_isready", "-q", "-h", "localhost", "-p", str(port)]).returncode == 0)
    yield url
    server.send_signal(signal.SIGINT)
    server.wait(30)


@pytest.fixture(params=["sqlite", "postgres"])
def site(request, tmp_path):
    """The URL of a service that starts for the first time."""
    environment = {**os.environ, "LOGIN_DATA": str(tmp_path / "login-data"), "PORT": "0"}
    environment.pop("DATABASE_URL", None)
    if request.param == "postgres":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres")
    with subprocess.Popen([ROOT / "target/debug/login"], env=environment, stdout=subprocess.PIPE, text=True) as service:
        said = []
        for line in service.stdout:
            said.append(line)
            if line.startswith("http://"):
                break
        assert "otp.wallet" in said[0] and said[-1].startswith("http://"), said
        yield said[-1].strip()
        service.send_signal(signal.SIGINT)
        service.wait(30)


@pytest.fixture
def browser(site, request):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for it in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "hide-scrollbars", "force-color-profile=srgb"):
        options.add_argument(f"--{it}")
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield Browser(driver, site, request.node.callspec.params["site"])
    finally:
        driver.quit()


class Browser:
    """What a user sees and does."""

    def __init__(self, driver, site, name):
        self.driver, self.site, self.name = driver, site, name
        self.size(1280)

    def size(self, width, scheme="light", height=None):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height or WIDTHS[width], "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, path):
        self.driver.get(self.site + path)

    def look(self, page):
        """Checks the page, wide and narrow, light and dark, and keeps pictures of it."""
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                self.size(width, scheme)
                length = self.driver.execute_script("return document.documentElement.scrollHeight")
                self.size(width, scheme, length)
                self.picture(PAGES / f"{self.name}-{page}-{width}-{scheme}.png")
                wide = self.driver.execute_script("return document.documentElement.scrollWidth")
                assert wide <= width, f"{page} is {wide} pixels wide"
                faults = self.faults()
                assert not faults, (page, width, scheme, faults)
        self.size(1280)

    def faults(self):
        """Returns what axe-core finds wrong for users of assistive technology."""
        self.driver.execute_script(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(it => done(it.violations), it => done([String(it)]))")
        return [(it["id"], [node["html"] for node in it["nodes"]]) if isinstance(it, dict) else it for it in found]

    def picture(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        assert self.driver.save_screenshot(str(path))
        return path

    def guide(self, name):
        """Makes a picture of the guide, if asked to."""
        if os.environ.get("SCREENSHOTS") == "overwrite" and self.name == "sqlite":
            self.size(560, height=1)
            length = self.driver.execute_script("return document.documentElement.scrollHeight")
            self.size(560, height=min(length, 860))
            self.picture(GUIDE / f"login-{name}.png")
            self.size(1280)

    def type(self, **fields):
        for name, text in fields.items():
            field = self.driver.find_element(By.NAME, name)
            field.clear()
            field.send_keys(text)

    def press(self, text):
        """Presses a button or a link, and waits for the next page."""
        for it in self.driver.find_elements(By.CSS_SELECTOR, "button, a"):
            if " ".join(it.text.split()) == text:
                return self.follow(it)
        raise AssertionError(f"{text!r} is not on the page: {self.text()}")

    def follow(self, element):
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.driver, 20).until(
            lambda it: it.find_element(By.TAG_NAME, "html") != page
            and it.execute_script("return document.readyState") == "complete")

    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def refused(self, field="code"):
        """The form says what is wrong, in a summary that has the focus, and beside the field."""
        focus = self.driver.switch_to.active_element
        assert focus.get_attribute("class") == "summary", focus.get_attribute("outerHTML")
        assert focus.find_element(By.TAG_NAME, "a").get_attribute("href").endswith(f"#{field}")
        described = self.driver.find_element(By.ID, field).get_attribute("aria-describedby").split()
        assert self.driver.find_element(By.ID, described[0]).text in focus.text

    def log_in(self, name="alice"):
        if self.driver.find_elements(By.XPATH, "//button[.='Log out']"):
            self.press("Log out")
        self.open("/login")
        self.type(name=name, password="correct horse battery")
        self.press("Log in")

    def scan(self):
        """Returns a phone that has scanned the QR code in a picture of the page."""
        picture = self.picture(PAGES / f"{self.name}-scan.png")
        read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=True)
        return Phone(read.stdout.strip())

    def recovery_codes(self):
        return [it.text for it in self.driver.find_elements(By.TAG_NAME, "code")]


class Phone:
    """An authenticator app. Like its owner it never shows a code twice, and waits for the next one instead."""

    def __init__(self, uri):
        self.totp, self.spent = pyotp.parse_uri(uri), 0

    def code(self):
        # The server takes the code of the next period, too.
        step = max(self.spent + 1, int(time.time()) // 30)
        wait_for(lambda: step <= int(time.time()) // 30 + 1)
        self.spent = step
        return self.last()

    def last(self):
        return self.totp.at(self.spent * 30)

    def wrong(self):
        """A code that is none of this hour."""
        codes = {self.totp.at(int(time.time()) + 30 * it) for it in range(-120, 120)}
        return next(code for code in map("{:06}".format, range(1000)) if code not in codes)


def free_port():
    with socket.socket() as it:
        it.bind(("localhost", 0))
        return it.getsockname()[1]


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.2)


def number(text):
    return int(re.search(r"\d+", text).group())
