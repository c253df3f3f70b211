"""The story of a user: enrol, log in, guess, lose the phone, trust a browser, remove an authenticator."""

import time

from conftest import number


def test_story(browser):
    phone, codes = enrol(browser)
    log_in(browser, phone)
    guess(browser, phone)
    phone = lose_phone(browser, codes)
    trust(browser, phone)


def enrol(browser):
    browser.open("/")
    assert browser.heading() == "Log in"
    browser.look("log-in")
    browser.press("Sign up")
    browser.type(name="alice smith", password="correct horse battery")
    browser.press("Sign up")
    browser.refused("name")
    browser.look("sign-up-refused")
    browser.type(name="alice", password="correct horse battery")
    browser.press("Sign up")

    assert browser.heading() == "Set up an authenticator"
    browser.look("new-authenticator")
    browser.type(name="Phone")
    browser.press("Continue")
    assert browser.heading() == "Scan the QR code"
    browser.look("scan")
    browser.guide("scan")
    phone = browser.scan()
    browser.type(code=phone.wrong())
    browser.press("Confirm")
    browser.refused()
    browser.look("scan-refused")
    assert browser.scan().totp.secret == phone.totp.secret, "the QR code is shown again"
    browser.driver.find_element("tag name", "summary").click()
    browser.look("key")
    key = browser.driver.find_element("class name", "key").text
    assert key.replace(" ", "") == phone.totp.secret and len(key.split()[0]) == 4
    browser.type(code=phone.code())
    browser.press("Confirm")

    assert browser.heading() == "Your recovery codes"
    browser.look("recovery-codes")
    codes = browser.recovery_codes()
    assert len(set(codes)) == 10
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert "recovery codes of alice" in browser.text() and "on paper" not in browser.text()
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.press("I have them on paper")
    assert "You have 10 of 10 left" in browser.text()
    assert "The authenticator is ready" in browser.text()
    return phone, codes


def log_in(browser, phone):
    browser.log_in()
    assert browser.heading() == "Enter a code"
    browser.look("code")
    browser.guide("code")
    browser.open("/security")
    assert browser.heading() == "Log in", "the password alone is not enough"
    browser.log_in()
    browser.type(code=phone.code())
    browser.press("Log in")
    assert browser.heading() == "Security"
    browser.look("security")
    browser.guide("security")


def guess(browser, phone):
    browser.log_in()
    browser.type(code=phone.last())
    browser.press("Log in")
    browser.refused()
    browser.look("code-refused")
    tries = 1
    while browser.heading() == "Enter a code":
        browser.type(code=phone.wrong())
        browser.press("Log in")
        tries += 1
    assert tries == 4 and browser.heading() == "Too many wrong codes"
    browser.look("locked")
    wait = number(browser.text().split("Try again in")[1])
    assert 25 <= wait <= 30
    browser.press("Go back")
    browser.type(code=phone.code())
    browser.press("Log in")
    assert browser.heading() == "Too many wrong codes", "not even a right one"
    time.sleep(wait)


def lose_phone(browser, codes):
    browser.log_in()
    browser.press("I have lost my phone")
    browser.look("lost")
    browser.type(code=codes[0].lower().replace("-", " "))
    browser.press("Log in with this code")
    assert "You have 9 of 10 left" in browser.text()

    browser.log_in()
    browser.press("I have lost my phone")
    browser.type(code=codes[0])
    browser.press("Log in with this code")
    browser.refused()
    browser.look("lost-refused")
    browser.type(code=codes[1])
    browser.press("Log in with this code")
    browser.look("recovered")

    browser.press("Remove Phone")
    browser.press("Remove")
    browser.press("Add an authenticator")
    browser.type(name="New phone")
    browser.press("Continue")
    phone = browser.scan()
    browser.type(code=phone.code())
    browser.press("Confirm")
    new = browser.recovery_codes()
    assert len(new) == 10 and not set(new) & set(codes)
    browser.press("I have them on paper")
    return phone


def trust(browser, phone):
    browser.press("Add an authenticator")
    browser.look("add-authenticator")
    browser.type(name="Tablet", code=phone.wrong())
    browser.press("Continue")
    browser.refused()
    browser.type(code=phone.code())
    browser.press("Continue")
    tablet = browser.scan()
    browser.type(code=tablet.code())
    browser.press("Confirm")
    assert "The authenticator is ready" in browser.text()
    browser.press("Make new codes")
    browser.look("new-codes")
    browser.type(code=tablet.code())
    browser.press("Make new codes")
    assert len(browser.recovery_codes()) == 10
    browser.press("I have them on paper")

    browser.log_in()
    browser.type(code=tablet.code())
    browser.driver.find_element("name", "trust").click()
    browser.press("Log in")
    browser.log_in()
    assert browser.heading() == "Security", "a trusted browser is asked for no code"
    assert "Logged in from a trusted browser" in browser.text()

    browser.press("Remove Tablet")
    browser.look("remove")
    browser.type(code=phone.code())
    browser.press("Remove")
    assert "The authenticator is removed" in browser.text()
    browser.look("security-removed")
    browser.log_in()
    assert browser.heading() == "Enter a code", "the trust has ended"


def test_axe_finds_faults(browser):
    """A control: an input without a label, and text that is too pale."""
    browser.open("/login")
    browser.driver.execute_script(
        "document.querySelector('label').remove(); document.querySelector('h1').style.color = '#eee'")
    assert {"label", "color-contrast"} <= {it[0] for it in browser.faults()}
