//! The window.

use otp_core::Window;

#[test]
fn sizes() {
    assert_eq!(Window::ZERO.size(), 1);
    assert_eq!(Window::ONE.size(), 3);
    assert_eq!(Window::new(2, 5).size(), 8);
    assert_eq!(Window::new(255, 255).size(), 511);
    assert_eq!(Window::default(), Window::ONE);
    assert_eq!(Window::ONE, Window { behind: 1, ahead: 1 });
}
